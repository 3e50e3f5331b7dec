package escalation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestSeveralEnginesOnOneStore: three engines take the same alerts at once and
// keep the same deadlines. There is one ticket, each page once, and one
// acknowledgement.
func TestSeveralEnginesOnOneStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // cleanups run inside the bubble
		store := storetest.New()
		houses := make([]*house, 3)
		for i := range houses {
			houses[i] = &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
			houses[i].duty()
			t.Cleanup(houses[i].run())
		}
		var all sync.WaitGroup
		seen := make(chan string, 100)
		for round := range 5 {
			for i, h := range houses {
				all.Go(func() {
					for _, number := range h.post(alert(fmt.Sprint("node", round), ticket.Firing), alert(fmt.Sprint("node", i), ticket.Firing)) {
						seen <- number
					}
				})
			}
		}
		all.Wait()
		close(seen)
		number := ""
		for n := range seen {
			if number != "" && n != number {
				t.Fatalf("two tickets for one group: %s and %s", number, n)
			}
			number = n
		}
		houses[0].at(16 * time.Minute)
		v := houses[0].view(number)
		if v.Ticket.Firing != 5 {
			t.Errorf("firing %d, want 5", v.Ticket.Firing)
		}
		want := 2 * (6 + 1) // alice every 3 minutes to 15:00, dominique at 15:00, by two channels
		if len(v.Pages) != want {
			t.Errorf("%d pages, want %d: %v", len(v.Pages), want, houses[0].pages(number))
		}
		errs := make([]error, len(houses))
		for i, h := range houses {
			all.Go(func() {
				_, errs[i] = h.Act(context.Background(), number, escalation.Acted{
					Action: escalation.ActAcknowledge, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: fmt.Sprint("p", i)},
				})
			})
		}
		all.Wait()
		if won := slices.IndexFunc(errs, func(err error) bool { return err == nil }); won < 0 {
			t.Errorf("nobody won: %v", errs)
		}
		if lost := slices.DeleteFunc(errs, func(err error) bool { return err == nil }); len(lost) != 2 {
			t.Errorf("%d were told that somebody else has it, want 2", len(lost))
		}
	})
}

// beats is an alert that is silent unless it is heard of again within four minutes.
func (h *house) beats() ticket.Alert {
	a := alert("a", ticket.Firing)
	a.SilentAt = h.start.Add(time.Since(h.start) + 4*time.Minute)
	return a
}

// TestHeardByAnotherWhileItsSilenceIsWritten: one engine judges an alert
// silent, and another one hears of it before that is written.
func TestHeardByAnotherWhileItsSilenceIsWritten(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		other := &house{Engine: newEngine(t, h.store), t: t, store: h.store, start: h.start}
		number := h.post(h.beats())[0]
		act(t, h, number, escalation.ActAcknowledge, "alice")
		h.at(4*time.Minute - time.Second)
		h.store.Fail(storetest.On(storetest.Block, "Commit"))
		h.at(4*time.Minute + time.Second)
		other.post(h.beats())
		h.store.Fail(nil)
		h.store.Unblock()
		h.at(8 * time.Minute)
		if v := h.view(number); v.Ticket.State != ticket.Acknowledged || v.Alerts[0].Count != 2 {
			t.Errorf("state %s, heard %d times", v.Ticket.State, v.Alerts[0].Count)
		}
		h.at(8*time.Minute + 2*time.Second)
		if v := h.view(number); v.Ticket.State != ticket.StateResolved {
			t.Errorf("silent at last: state %s", v.Ticket.State)
		}
	})
}

// TestSilenceThatTwoEnginesWrite: one engine reads an alert whose silence is due, another
// one writes that it is silent, and only then the first one reads its ticket.
func TestSilenceThatTwoEnginesWrite(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		other := &house{Engine: newEngine(t, h.store), t: t, store: h.store, start: h.start}
		defer other.run()()
		number := h.post(h.beats())[0]
		h.at(4*time.Minute - time.Second)
		h.store.Fail(storetest.Once(storetest.Block, "Load"))
		h.at(4*time.Minute + 2*time.Second)
		if v := h.view(number); v.Alerts[0].Status != ticket.Silent || v.Ticket.Silent != 1 {
			t.Fatalf("one: the alert is %s, and %d of the ticket's are silent", v.Alerts[0].Status, v.Ticket.Silent)
		}
		h.store.Unblock()
		h.at(4*time.Minute + 3*time.Second)
		if v := h.view(number); v.Alerts[0].Status != ticket.Silent || v.Ticket.Silent != 1 || v.Ticket.Firing != 1 {
			t.Errorf("both: the alert is %s, and %d of the ticket's %d are silent", v.Alerts[0].Status, v.Ticket.Silent, v.Ticket.Firing)
		}
		h.post(h.beats())
		if v := h.view(number); v.Alerts[0].Status != ticket.Firing || v.Ticket.Silent != 0 || v.Ticket.Firing != 1 {
			t.Errorf("heard again: the alert is %s, and %d of the ticket's %d are silent", v.Alerts[0].Status, v.Ticket.Silent, v.Ticket.Firing)
		}
	})
}

func TestOpenedByHand(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		open := func(d escalation.Draft) ticket.Ticket {
			t.Helper()
			d.Actor, d.Via = ticket.Actor{Kind: ticket.ActorToken, Name: "ops"}, "api"
			tk, err := h.OpenByHand(context.Background(), d)
			if err != nil {
				t.Fatal(err)
			}
			return tk
		}
		loud := open(escalation.Draft{Kind: ticket.Incident, Title: "No mail", Customer: "acme", Urgency: ticket.Critical})
		if loud.Number != "I000101_0001" || loud.Source != escalation.ManualSource || loud.GTI.Within != time.Hour || len(h.pages(loud.Number)) != 2 {
			t.Errorf("%+v, pages %v", loud, h.pages(loud.Number))
		}
		request := open(escalation.Draft{Kind: ticket.Request, Title: "A new screen", Customer: "acme", Urgency: ticket.Low, Policy: "silent"})
		if request.Number != "S000101_0001" || request.Policy.Name != "silent" || len(h.pages(request.Number)) != 0 {
			t.Errorf("%+v", request)
		}
		quiet := open(escalation.Draft{Kind: ticket.Incident, Title: "A source is refused", Quiet: true})
		managers := open(escalation.Draft{Kind: ticket.Incident, Title: "The store is empty", Managers: true})
		h.at(time.Hour)
		if pages := h.pages(managers.Number); len(pages) == 0 || slices.ContainsFunc(pages, func(p string) bool { return !strings.Contains(p, "dominique") }) {
			t.Errorf("pages to the managers: %v", pages)
		}
		if len(h.pages(quiet.Number)) != 0 || quiet.Number == loud.Number {
			t.Errorf("%s, pages %v", quiet.Number, h.pages(quiet.Number))
		}
	})
}

func TestWhatIsAskedOfNoTicket(t *testing.T) {
	inHouse(t, func(h *house) {
		_, err := h.Act(context.Background(), "I000101_9999", escalation.Acted{Action: escalation.ActNote})
		if !errors.Is(err, escalation.ErrNotFound) {
			t.Errorf("an action on no ticket: %v", err)
		}
		if err := h.Tell(context.Background(), "prometheus", "I000101_9999", escalation.PageWorked{}); err != nil {
			t.Errorf("a page of a ticket that is gone: %v", err)
		}
	})
}

func TestStopRefusesAndFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		e := newEngine(t, store)
		store.Fail(storetest.On(storetest.Block, "Commit"))
		accepted := make(chan error, 1)
		go func() {
			_, err := e.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("a", ticket.Firing)}})
			accepted <- err
		}()
		synctest.Wait()
		stopped := make(chan error, 1)
		go func() { stopped <- e.Stop(context.Background()) }()
		synctest.Wait()
		if _, err := e.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("b", ticket.Firing)}}); !errors.Is(err, escalation.ErrStopping) {
			t.Errorf("after Stop: %v", err)
		}
		select {
		case err := <-stopped:
			t.Fatalf("Stop did not wait for what was being written: %v", err)
		default:
		}
		store.Fail(nil)
		store.Unblock()
		if err := errors.Join(<-accepted, <-stopped); err != nil {
			t.Error(err)
		}
	})
}
