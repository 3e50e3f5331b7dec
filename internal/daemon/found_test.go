package daemon

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// These are cases that the simulation found.

func TestAnSMSForSeveralThatWasRefusedCarriesNobody(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 503, Times: 4}) // three alone and the bundle, or less
		tickets := w.storm("high", 0, 8)
		w.at(1500 * time.Millisecond)
		for _, n := range tickets[1:] {
			if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+n+"/acknowledge", apiToken, map[string]string{"person": "bruno"}); code != http.StatusOK {
				t.Fatalf("%d %s", code, answer)
			}
		}
		w.at(time.Minute)
		for _, n := range tickets[1:] {
			if p := w.ticket(n).Pages[0]; p.State != "cancelled" {
				t.Errorf("%s, which no provider took, stands as %s", n, p.State)
			}
		}
	}, aliceAlone)
}

func TestTheTimeIsKnownBeforeAnythingIsJudgedByIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL})
		defer world.Close()
		store := storetest.New()
		store.Fail(storetest.Once(storetest.FailBefore, "Clock"))
		var set atomic.Int64
		set.Store(int64(time.Hour))
		d, err := New(context.Background(), Options{
			Config: exampleConfig(t, world), Store: keptOpen{store}, Transport: world.RoundTripper(),
			Machine: func() time.Time { return time.Now().Add(time.Duration(set.Load())) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Until(d.clock.Now()); off.Abs() > time.Second {
			t.Errorf("the daemon began %s off, because the store was asked for its time once", off)
		}
		set.Store(-int64(time.Hour)) // somebody sets the machine's clock
		if off := time.Until(d.clock.Now()); off.Abs() > time.Second {
			t.Errorf("the machine's clock was set, and the daemon went %s", off)
		}
		time.Sleep(time.Minute)
		if off := time.Until(d.clock.Now()); off.Abs() > time.Second {
			t.Errorf("a minute later it is %s off", off)
		}
		if err := d.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestNothingIsTakenBeforeTheTimeIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL})
		defer world.Close()
		w := &town{t: t, store: storetest.New(), world: world, start: time.Now()}
		w.client = &http.Client{Transport: w.door()}
		w.store.Fail(storetest.On(storetest.FailBefore, "Clock"))
		d, err := New(context.Background(), Options{
			Config: exampleConfig(t, world), Store: keptOpen{w.store}, Transport: world.RoundTripper(),
			Machine: func() time.Time { return time.Now().Add(time.Hour) },
		})
		if err != nil {
			t.Fatal(err)
		}
		w.daemon.Store(d)
		post := map[string]any{"version": "4", "status": "firing", "alerts": []any{map[string]any{
			"status": "firing", "labels": map[string]string{"alertname": "HostDown", "customer": "acme"}, "startsAt": time.Now(),
		}}}
		if code, answer := w.call(http.MethodPost, "/ingest/prometheus", postToken, post); code != http.StatusServiceUnavailable {
			t.Errorf("an hour off, and not knowing: %d %s", code, answer)
		}
		w.store.Fail(nil)
		time.Sleep(time.Second)
		if code, answer := w.call(http.MethodPost, "/ingest/prometheus", postToken, post); code != http.StatusAccepted {
			t.Errorf("%d %s", code, answer)
		}
		if err := d.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
