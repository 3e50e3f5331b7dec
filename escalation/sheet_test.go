package escalation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// withSheets runs f with an engine that has the store's records.
func withSheets(t *testing.T, f func(h *house, asked func(op string) int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		var mu sync.Mutex
		counts := map[string]int{}
		store.Fail(func(op string) storetest.Fault {
			mu.Lock()
			defer mu.Unlock()
			counts[op]++
			return storetest.NoFault
		})
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(t), Reach: reachable,
			Log: zaptest.NewLogger(t), Records: store.Records(), Effects: true,
		})
		h := &house{Engine: engine, t: t, store: store, start: time.Now()}
		stop := h.run()
		defer stop()
		f(h, func(op string) int {
			mu.Lock()
			defer mu.Unlock()
			return counts[op]
		})
	})
}

func qualify(person, tag string, edits ...string) escalation.Acted {
	a := escalation.Acted{Action: escalation.ActQualify, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "api", Tag: tag}
	for i := 0; i+1 < len(edits); i += 2 {
		a.Edits = append(a.Edits, ticket.Edit{Field: edits[i], Text: edits[i+1]})
	}
	return a
}

// TestPagesReadNoSheet: from an alert to its pages, an acknowledgement and the end,
// no record is asked for, and no sheet is written.
func TestPagesReadNoSheet(t *testing.T) {
	withSheets(t, func(h *house, asked func(string) int) {
		h.duty()
		number := h.post(alert("a", ticket.Firing))[0]
		h.at(20 * time.Minute)
		act(t, h, number, escalation.ActAcknowledge, "alice")
		act(t, h, number, escalation.ActResolve, "alice")
		if n := asked("RecordGet"); n != 0 {
			t.Errorf("%d records were read", n)
		}
		if h.view(number).Sheet != nil {
			t.Error("it has a sheet")
		}
		if _, err := h.Act(context.Background(), number, qualify("alice", "0-critical", "impact", "several")); err != nil {
			t.Fatal(err)
		}
		if n := asked("RecordGet"); n != 1 || h.view(number).Sheet.Impact != "several" {
			t.Errorf("%d records were read, %+v", n, h.view(number).Sheet)
		}
	})
}

// TestNobodyOverwrites: of many who change what they saw, at once, by several
// engines, one is done for each state, and the sheet has what those who were told
// "done" wrote, with a line of the timeline each.
func TestNobodyOverwrites(t *testing.T) {
	withSheets(t, func(h *house, _ func(string) int) {
		h.duty()
		number := h.post(alert("a", ticket.Firing))[0]
		other := escalation.NewEngine(escalation.Options{
			Store: h.store, Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(t), Reach: reachable, Records: h.store.Records(),
		})
		defer func() { _ = other.Stop(context.Background()) }()
		done := map[string]string{}
		for round := range 20 {
			var all sync.WaitGroup
			var mu sync.Mutex
			v := h.view(number)
			tag, won := ticket.Tag(&v.Ticket, v.Sheet), 0
			for i, e := range []*escalation.Engine{h.Engine, other, h.Engine, other} {
				all.Go(func() {
					field, text := ticket.CustomField+fmt.Sprint("f", i), fmt.Sprint(round, " ", i)
					_, err := e.Act(context.Background(), number, qualify("alice", tag, field, text))
					mu.Lock()
					defer mu.Unlock()
					var lost *escalation.ConflictError
					switch {
					case err == nil:
						won++
						done[field] = text
					case !errors.As(err, &lost) || len(lost.Fields) == 0:
						t.Errorf("%v", err)
					}
				})
			}
			all.Wait()
			if won != 1 {
				t.Fatalf("%d of four were done", won)
			}
		}
		v := h.view(number)
		if v.Sheet.Qualified.Version != 20 {
			t.Errorf("version %d", v.Sheet.Qualified.Version)
		}
		for field, text := range done {
			if v.Sheet.Text(field) != text {
				t.Errorf("%s is %q, want %q", field, v.Sheet.Text(field), text)
			}
		}
		lines := 0
		for i := range v.Timeline {
			if v.Timeline[i].Kind == ticket.EntryQualified {
				lines++
			}
		}
		if lines != 20 {
			t.Errorf("%d lines", lines)
		}
	})
}

// TestAnOpeningHasItsSheet from its first moment on, and a commit that failed, but
// landed, has it once.
func TestAnOpeningHasItsSheet(t *testing.T) {
	withSheets(t, func(h *house, _ func(string) int) {
		h.duty()
		sheet := &ticket.Sheet{Qualification: ticket.Qualification{Origin: ticket.OriginCall, Contact: &ticket.Party{Name: "Marc Doe"}}}
		tk, err := h.OpenByHand(context.Background(), escalation.Draft{
			Kind: ticket.Incident, Title: "No mail", Customer: "acme", Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "console", Sheet: sheet,
		})
		if err != nil {
			t.Fatal(err)
		}
		if v := h.view(tk.Number); v.Sheet == nil || v.Sheet.Contact.Name != "Marc Doe" || v.Sheet.Origin != ticket.OriginCall {
			t.Errorf("%+v", v.Sheet)
		}
		h.store.Fail(storetest.On(storetest.FailAfter, "Commit"))
		_, err = h.Act(context.Background(), tk.Number, qualify("alice", "0-major", "impact", "several"))
		h.store.Fail(nil)
		if err == nil {
			t.Fatal("no error")
		}
		if _, err = h.Act(context.Background(), tk.Number, qualify("alice", "0-major", "impact", "several")); err == nil {
			t.Error("done twice")
		}
		if v := h.view(tk.Number); v.Sheet.Qualified.Version != 1 || v.Sheet.Contact == nil {
			t.Errorf("%+v", v.Sheet)
		}
	})
}
