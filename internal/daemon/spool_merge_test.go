package daemon

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestTheSpoolIsKeptUntilTheStoreConfirms: a store takes all of a merge and
// then does not confirm it, like a Redis whose replicas are away. What was
// kept stays until the store does.
func TestTheSpoolIsKeptUntilTheStoreConfirms(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		var written atomic.Bool
		w.store.Fail(func(op string) storetest.Fault {
			written.CompareAndSwap(false, op == "Commit")
			if op == "Check" && written.Load() {
				return storetest.FailBefore
			}
			return storetest.NoFault
		})
		w.at(25 * time.Second)
		w.onlyOne("open")
		if n := w.spooled("records"); n != 1 {
			t.Fatalf("the spool holds %d requests while nothing was confirmed, want 1", n)
		}
		w.store.Fail(nil)
		w.at(35 * time.Second)
		if n := w.spooled("records"); n != 0 {
			t.Errorf("the spool holds %d requests when all is confirmed", n)
		}
		w.onlyOne("open")
		w.alice.ExpectSMS(t, "srv-db-01 HostDown")
		w.expectCount(w.alice, 1)
	})
}

// TestNothingIsMergedBeforeARequestThatHangsHasLanded: the store delays one
// request and answers all others. Its alert is over by the time it lands. What
// is merged comes after it.
func TestNothingIsMergedBeforeARequestThatHangsHasLanded(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.at(500 * time.Millisecond)
		hang := storetest.Once(storetest.Block, "Observe")
		var hangs atomic.Bool
		var merged atomic.Int32
		w.store.Fail(func(op string) storetest.Fault {
			if hangs.Load() && slices.Contains([]string{"Alerts", "Observe", "Commit", "Numbers"}, op) {
				merged.Add(1)
			}
			fault := hang(op)
			hangs.CompareAndSwap(false, fault == storetest.Block)
			return fault
		})
		w.alert("firing", "srv-db-01") // kept, when its sender has waited long enough
		w.at(7 * time.Second)
		w.alert("resolved", "srv-db-01")
		w.at(9 * time.Second) // the engine has not given it up yet
		if n := merged.Load(); n > 0 || !hangs.Load() {
			t.Errorf("the merge asked the store %d times, before what hangs had landed", n)
		}
		if n := w.spooled("records"); n != 2 {
			t.Errorf("the spool holds %d requests, want 2", n)
		}
		w.store.Unblock()
		w.at(15 * time.Second)
		if n := w.spooled("records"); n != 0 || merged.Load() == 0 {
			t.Errorf("the spool holds %d requests at the end", n)
		}
		s := w.onlyOne("resolved")
		if s.Alerts.Firing != 0 || s.Alerts.Resolved != 1 {
			t.Errorf("%+v\n%s", s, timelineOf(s))
		}
		for _, e := range s.Timeline {
			if e.Kind == string(ticket.EntryReopened) {
				t.Errorf("what was over began again:\n%s", timelineOf(s))
			}
		}
	})
}

// TestAReceiptThatComesAfterTheMerge: the page went out from the spool just
// before. Its ticket still has the same number.
func TestAReceiptThatComesAfterTheMerge(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		at := 29 * time.Second
		for ; len(w.alice.Messages()) == 0 && at < time.Minute; at += 50 * time.Millisecond {
			w.at(at)
		}
		w.storeComesBack()
		w.at(at + 800*time.Millisecond)
		s := w.onlyOne("open")
		if s.Pages[0].State == string(ticket.PageDelivered) {
			t.Fatal("the receipt came first")
		}
		w.at(at + 5*time.Second)
		if s = w.ticket(s.Number); s.Pages[0].State != string(ticket.PageDelivered) {
			t.Errorf("%+v", s.Pages)
		}
		w.expectCount(w.alice, 1)
	})
}
