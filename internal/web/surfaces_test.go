package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

// someone is one of ours who acts: by a phone, a link or an API token.
type someone struct{ key, phone, token string }

var technicianBruno = someone{"bruno", "+33612345602", "technician"}

var managerDominique = someone{"dominique", "+33612345699", "manager"}

// brought are the states that a ticket can be in, with what brings it there.
var brought = map[string]func(d *office, who, other, number string){
	"open":             func(*office, string, string, string) {},
	"taken":            func(d *office, who, _, number string) { d.as(who, number, escalation.ActAcknowledge) },
	"taken by another": func(d *office, _, other, number string) { d.as(other, number, escalation.ActAcknowledge) },
	"begun":            func(d *office, who, _, number string) { d.as(who, number, escalation.ActPickUp) },
	"begun by another": func(d *office, _, other, number string) { d.as(other, number, escalation.ActPickUp) },
	"resolved":         func(d *office, who, _, number string) { d.as(who, number, escalation.ActResolve) },
	"resolved by another": func(d *office, _, other, number string) {
		d.as(other, number, escalation.ActResolve)
	},
	"too late to undo": func(d *office, who, _, number string) {
		d.as(who, number, escalation.ActResolve)
		d.clock.pass(escalation.UndoWithin + 1)
	},
	"closed": func(d *office, who, _, number string) { d.as(who, number, escalation.ActResolve, escalation.ActClose) },
}

// surfaces are the ways in which a person can act.
var surfaces = map[string]func(d *office, who someone, verb escalation.Action, number string){
	"api": func(d *office, who someone, verb escalation.Action, number string) {
		d.call(who.token, http.MethodPost, fmt.Sprintf("/api/v1/tickets/%s/%s", number, verb), fmt.Sprintf(`{"person": %q, "text": %q}`, who.key, words(verb)))
	},
	"command line": func(d *office, who someone, verb escalation.Action, number string) {
		d.call(who.token, http.MethodPost, fmt.Sprintf("/api/v1/tickets/%s/%s", number, verb), fmt.Sprintf(`{"person": %q, "text": %q}`, who.key, words(verb)), viaHeader, "cli")
	},
	"link": func(d *office, who someone, verb escalation.Action, number string) {
		d.press(d.linkOf(who.key, number), "action="+string(verb)+"&text="+words(verb))
	},
	"sms": func(d *office, who someone, verb escalation.Action, number string) {
		said, err := answer.NewConversation(d.store, d.store, d.engine, nil, nil, d.clock, nil, nil).Answer(context.Background(), paging.Text{
			From: who.phone, Body: "11 " + map[escalation.Action]string{
				escalation.ActAcknowledge: "OK", escalation.ActSnooze: "Z", escalation.ActPickUp: "GO", escalation.ActRecheck: "T", escalation.ActEscalate: "E",
				escalation.ActResolve: "DONE", escalation.ActUndo: "UNDO", escalation.ActNote: "N " + words(escalation.ActNote),
			}[verb],
		})
		if err != nil || said == "" {
			d.t.Errorf("%s by SMS: %q, %v", verb, said, err)
		}
	},
}

func words(verb escalation.Action) string {
	if verb == escalation.ActNote {
		return "seen"
	}
	return ""
}

// became says what an order came to: how the ticket is, who has it, and what was
// written of whom.
func (d *office) became(number string, before int) string {
	view, err := d.store.View(d.t.Context(), number)
	if err != nil {
		return err.Error()
	}
	t := &view.Ticket
	out := fmt.Sprintf("%s, %s, %s, episode %d:", t.State, t.AcknowledgedBy.Person(), t.PickedUpBy.Person(), t.Progress.Episode)
	for _, e := range view.Timeline[min(before, len(view.Timeline)):] {
		if e.Kind != ticket.EntryPaged && e.Kind != ticket.EntryPage {
			out += fmt.Sprintf(" %s by %s %s %q", e.Kind, e.Actor.Person(), e.Detail, e.Text)
		}
	}
	return out
}

// TestWhoMay holds each verb to the role that it needs, if a surface offers it.
func TestWhoMay(t *testing.T) {
	for _, verb := range desk.Verbs() {
		for _, role := range []string{"reader", "technician", "desk", "manager", "admin"} {
			d := newDesk(t)
			number := d.alert("HostDown")
			if verb == escalation.ActUndo || verb == escalation.ActReopen || verb == escalation.ActClose {
				d.as("bruno", number, escalation.ActResolve)
			}
			w := d.call(role, http.MethodPost, fmt.Sprintf("/api/v1/tickets/%s/%s", number, verb), `{"person": "`+personFor(verb)+`", "text": "x"}`)
			token := Token{Role: strings.ReplaceAll(role, "desk", "technician")}
			may := token.role() >= desk.Least(verb) && (!arbitrated[verb] || token.role() >= manager)
			if got := w.Code != http.StatusForbidden; got != may {
				t.Errorf("%s by %s: %d", verb, role, w.Code)
			}
		}
	}
}

// arbitrated are the verbs that need a manager, but of whoever has the ticket.
var arbitrated = map[escalation.Action]bool{escalation.ActAssign: true, escalation.ActRelease: true}

func personFor(verb escalation.Action) string {
	if verb == escalation.ActAssign {
		return "alice"
	}
	return ""
}

// paged files a code of the ticket with somebody's phone: 11.
func (d *office) paged(who someone, number string) {
	d.t.Helper()
	if code, err := d.store.Reserve(d.t.Context(), paging.Reservation{
		Phone: who.phone, Hash: paging.LinkHash(number + who.phone), Link: paging.Link{Person: who.key, Source: "prometheus", Ticket: number, At: d.clock.Now()},
	}); err != nil || code != 11 {
		d.t.Fatal(code, err)
	}
}
