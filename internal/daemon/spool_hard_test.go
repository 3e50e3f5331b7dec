package daemon

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
)

func TestTheSpoolIsFull(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.at(2 * time.Second)
		if err := w.daemon.Load().spool.Close(); err != nil { // as a disk that takes nothing
			t.Fatal(err)
		}
		code, _ := w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{
			"version": "4", "status": "firing", "alerts": []any{map[string]any{"status": "firing", "labels": map[string]string{"alertname": "A"}, "startsAt": time.Now()}},
		})
		if code != http.StatusServiceUnavailable {
			t.Errorf("%d", code)
		}
	})
}

// TestAStoreThatHangs uses a Redis that takes a request and never answers.
func TestAStoreThatHangs(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.at(500 * time.Millisecond)
		w.store.Fail(storetest.On(storetest.Block))
		began := time.Now()
		w.alert("firing", "srv-db-01")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("its sender waited %s", took)
		}
		began = time.Now()
		w.alert("firing", "srv-db-02")
		if took := time.Since(began); took > 10*time.Millisecond {
			t.Errorf("the next one waited %s", took)
		}
		w.at(40 * time.Second)
		w.alice.ExpectSMS(t, "srv-db-01 HostDown")
		w.store.Fail(nil)
		w.store.Unblock()
		w.at(time.Minute)
		if s := w.onlyOne("open"); s.Alerts.Firing != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// TestNothingOvertakesTheSpool posts while a merge is held up in its middle.
func TestNothingOvertakesTheSpool(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		w.store.Fail(storetest.On(storetest.Block, "Commit"))
		w.at(8 * time.Second) // merging, and waiting
		var overtook atomic.Int32
		w.store.Fail(func(op string) storetest.Fault {
			if op == "Observe" {
				overtook.Add(1)
			}
			return storetest.On(storetest.Block, "Commit")(op)
		})
		w.alert("resolved", "srv-db-01")
		synctest.Wait()
		if n := overtook.Load(); n > 0 {
			t.Errorf("the store was asked about alerts that wait behind others: %d times", n)
		}
		w.store.Fail(nil)
		w.store.Unblock()
		w.at(20 * time.Second)
		s := w.onlyOne("resolved")
		if s.Alerts.Resolved != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestAStoreThatAnswersAndTakesNothing: probes of the store succeed, but
// nothing can be merged into it. The spool pages all the same.
func TestAStoreThatAnswersAndTakesNothing(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.store.Fail(storetest.On(storetest.FailBefore, "Commit"))
		w.alert("firing", "srv-db-01")
		w.at(25 * time.Second)
		w.expectCount(w.alice, 0)
		w.at(45 * time.Second)
		w.expectCount(w.alice, 1)
		w.at(16 * time.Minute)
		w.dominique.ExpectSMS(t, "srv-db-01 HostDown")
		if code := w.button(w.dominique.Messages()[0].Link(), "acknowledge"); code != http.StatusOK && code != http.StatusServiceUnavailable {
			t.Errorf("%d", code)
		}
		w.store.Fail(nil)
		w.at(17 * time.Minute)
		w.onlyOne("acknowledged")
	})
}

// TestTwoDaemonsHeardTheSame merges two spools into one store.
func TestTwoDaemonsHeardTheSame(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		first := w.daemon.Load()
		w.spool += "-of-the-other"
		stop := w.run(exampleConfig(t, w.world))
		defer stop()
		second := w.daemon.Load()
		w.storeGoes()
		for _, d := range []*Daemon{first, second} {
			w.daemon.Store(d)
			w.alert("firing", "srv-db-01")
			w.alert("firing", "srv-db-02")
		}
		w.alert("firing", "srv-web-01", "alertname", "DiskFull") // to the second alone
		w.at(40 * time.Second)
		w.expectCount(w.alice, 3)
		pressed := 0
		for _, m := range w.alice.Messages() {
			if w.button(m.Link(), "acknowledge") == http.StatusOK && strings.Contains(m.Body, "HostDown") { // those of the second
				pressed++
			}
		}
		if pressed != 1 {
			t.Fatalf("%d links of the second", pressed)
		}
		w.storeComesBack()
		w.at(time.Minute)
		list := w.tickets()
		states := map[string]int{}
		for _, s := range list {
			states[s.State]++
		}
		if len(list) != 3 || states["acknowledged"] != 2 || states["resolved"] != 1 { // one stands for what both heard
			t.Fatalf("%+v", list)
		}
		firing := 0
		for _, s := range list {
			firing += w.ticket(s.Number).Alerts.Firing
		}
		if firing != 3 {
			t.Errorf("%d alerts", firing)
		}
		for _, m := range w.alice.Messages() { // each daemon answers for all links by now
			if m.Link() == "" {
				continue
			}
			if code := w.button(m.Link(), "pickup"); code != http.StatusOK {
				t.Errorf("the link of %q: %d", m.Body, code)
			}
		}
	})
}
