package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

// TestHowLongASnoozeIsAskedFor says until when, and what is no time.
func TestHowLongASnoozeIsAskedFor(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"snooze", `{"for": "0s"}`, http.StatusBadRequest},
		{"snooze", `{"for": "5h"}`, http.StatusBadRequest},
		{"snooze", `{"for": "soon"}`, http.StatusBadRequest},
		{"acknowledge", `{"for": "30m"}`, http.StatusBadRequest},
		{"snooze", `{"for": "45m"}`, http.StatusOK},
	} {
		w := d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/"+c.path, c.body)
		if w.Code != c.want {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
		if c.want == http.StatusOK {
			body := decode[ticketBody](t, w)
			if want := d.clock.Now().Add(45 * time.Minute); body.State != "acknowledged" || !body.SnoozedUntil.Equal(want) {
				t.Errorf("%s until %s, want %s", body.State, body.SnoozedUntil, want)
			}
		}
	}
}

// TestABundleIsSnoozed: the button of a bundle is for the tickets that are open or
// one's own, by one answer for all surfaces; while another button asks it is not there.
func TestABundleIsSnoozed(t *testing.T) {
	came := map[string]string{}
	for surface, act := range map[string]func(d *office, numbers []string, token string){
		"link": func(d *office, _ []string, token string) { d.press(token, "action=snooze") },
		"sms": func(d *office, _ []string, _ string) {
			said, err := answer.NewConversation(d.store, d.store, d.engine, nil, nil, d.clock, nil, nil).Answer(t.Context(), paging.Text{From: technicianBruno.phone, Body: "11 Z"})
			if err != nil || !strings.Contains(said, "30 min") {
				t.Errorf("%q, %v", said, err)
			}
		},
		"api": func(d *office, numbers []string, _ string) {
			for _, number := range numbers {
				d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/snooze", `{"person": "bruno"}`)
			}
		},
	} {
		d := newDesk(t)
		numbers := []string{d.alert("A"), d.alert("B"), d.alert("Mine"), d.alert("Begun"), d.alert("Theirs"), d.alert("Over")}
		d.as("bruno", numbers[2], escalation.ActAcknowledge)
		d.as("bruno", numbers[3], escalation.ActPickUp)
		d.as("alice", numbers[4], escalation.ActAcknowledge)
		d.as("alice", numbers[5], escalation.ActResolve)
		token := d.bundleOf("bruno", numbers...)
		link, err := d.store.Link(t.Context(), paging.LinkHash(token))
		if err != nil {
			t.Fatal(err)
		}
		if code, err := d.store.Reserve(t.Context(), paging.Reservation{Phone: technicianBruno.phone, Hash: paging.LinkHash(token), Link: link}); err != nil || code != 11 {
			t.Fatal(code, err)
		}
		has(t, d.look(token), `<button form="act" name="action" value="snooze">Wake me again in 30 min (3)</button>`)
		lacks(t, d.look(token+"?sure=resolve"), `value="snooze"`)
		act(d, numbers, token)
		for _, number := range numbers {
			tk := d.ticket(number)
			came[surface] += fmt.Sprintf("%s by %s %t; ", tk.State, tk.AcknowledgedBy.Person(), tk.Progress.Snooze.Equal(d.clock.Now().Add(30*time.Minute)))
		}
	}
	for surface, got := range came {
		if want := "acknowledged by bruno true; acknowledged by bruno true; acknowledged by bruno true; in_progress by bruno false; acknowledged by alice false; resolved by  false; "; got != want {
			t.Errorf("%s:\n%s, want\n%s", surface, got, want)
		}
	}
	d := newDesk(t)
	one := d.alert("A")
	for person, label := range map[string]string{"alice": "Me réveiller dans 30 min (1)", "bruno": "Wake me again in 30 min (1)", "carla": "Svegliami tra 30 min (1)"} {
		has(t, d.look(d.bundleOf(person, one)), label)
	}
	token := d.bundleOf("alice", one)
	has(t, d.press(token, "action=snooze"), "Ils sont à vous : 1. Vous serez réveillé dans 30 minutes au plus")
	has(t, d.press(token+"?ticket="+one, "action=snooze"), "Il est à vous, et vous serez réveillé à 03:42 sauf si le travail commence.")
}

// TestAPressIsAnsweredByThePage: without a second request, with the address at which
// the same can be read again, which a script that the policy lets run puts in
// the place of the form's.
func TestAPressIsAnsweredByThePage(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	lacks(t, d.look(token), "<script data-at")
	w := d.press(token, "action=acknowledge")
	here := "/desk/a/" + token + "?done=acknowledge"
	if w.Code != http.StatusOK || w.Header().Get("Content-Location") != here {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	has(t, w, `<script data-at="`+here+`">`+hereJS+`</script>`, "C&#39;est à vous.")
	sum := sha256.Sum256([]byte(hereJS))
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"' ") {
		t.Errorf("policy %q", policy)
	}
	if before, after := strings.Replace(w.Body.String(), `<script data-at="`+here+`">`+hereJS+"</script>\n", "", 1), d.look(token+"?done=acknowledge").Body.String(); before != after {
		t.Errorf("the page at its address is another one:\n%s\n%s", before, after)
	}
	// What was done and cannot be shown is led to.
	shown := d.ticket(number)
	d.store.Fail(storetest.On(storetest.FailBefore, "View"))
	if w := d.post(token, "action=pickup&seen="+look.Seal(&shown)); w.Code != http.StatusSeeOther || w.Header().Get("Location") == "" || w.Header().Get("Content-Location") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
