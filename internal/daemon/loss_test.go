package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// onRedis is a daemon on a real Redis. Tests call it without a network.
func onRedis(t *testing.T, world *phonetest.World, url string) *Daemon {
	t.Helper()
	c := exampleConfig(t, world, replaced("bolt:/nowhere/astreinte.db", url), replaced("by: [push, sms]", "by: [sms]"), always("alice"))
	d, err := New(t.Context(), Options{Config: c, Log: zaptest.NewLogger(t), Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return d
}

// fire posts an alert and returns its ticket's number.
func fire(t *testing.T, d *Daemon, name string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": []any{map[string]any{
		"status": "firing", "fingerprint": name,
		"labels": map[string]string{"alertname": name, "customer": "acme", "severity": "critical"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ingest/prometheus", bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+postToken)
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(w.Body.Bytes(), &taken); err != nil || len(taken.Tickets) != 1 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return taken.Tickets[0]
}

// until waits for something, and says how long that took.
func until(t *testing.T, what string, so func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		if time.Since(began) > 45*time.Second {
			t.Fatalf("%s: not after %s", what, time.Since(began))
		}
		<-tick.C
	}
	return time.Since(began)
}

func losses(d *Daemon) (all []loss) {
	d.lossMu.Lock()
	defer d.lossMu.Unlock()
	return append(all, d.losses...)
}

// A Redis is emptied under two daemons. Both notice within 10 s and say so.
// The managers are told once in all. What fires again pages again, under
// numbers that were not given before.
func TestARedisThatLostEverything(t *testing.T) {
	server := redistest.Single(t)
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	defer world.Close()
	dominique := world.Phone("dominique", "+33612345699")
	alice := world.Phone("alice", "+33612345601")
	one, two := onRedis(t, world, server.URL()), onRedis(t, world, server.URL())
	before := fire(t, one, "srv-1")
	fire(t, one, "srv-2")
	for _, d := range []*Daemon{one, two} { // as their loops do, without the wait
		of, ok := d.store.(watchful)
		if !ok {
			t.Fatal("Redis is not watched")
		}
		d.watch(t.Context(), of)
		d.watch(t.Context(), of)
	}
	if found := append(losses(one), losses(two)...); len(found) > 0 {
		t.Fatalf("nothing was lost: %+v", found)
	}
	until(t, "the first pages", func() bool { return len(alice.Messages()) > 0 })

	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
	defer client.Close()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	took := until(t, "both notice", func() bool { return len(losses(one)) == 1 && len(losses(two)) == 1 })
	if took > 10*time.Second {
		t.Errorf("it was noticed after %s", took)
	}
	for _, d := range []*Daemon{one, two} {
		if warnings := strings.Join(d.warnings(), "\n"); !strings.Contains(warnings, "the store lost what it had at ") || !strings.Contains(warnings, ", and with it 2 open tickets") {
			t.Errorf("/readyz warns: %s", warnings)
		}
	}
	until(t, "the managers are told", func() bool { return losses(one)[0].told && losses(two)[0].told })
	until(t, "the SMS", func() bool { return len(dominique.Messages()) > 0 })

	tickets, _, err := one.store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 10})
	if err != nil || len(tickets) != 1 || tickets[0].Title != "2 tickets ouverts perdus avec la base" {
		t.Errorf("tickets afterwards: %+v, %v", tickets, err)
	}
	if sms := dominique.Messages(); len(sms) != 1 || !strings.Contains(sms[0].Body, "2 tickets ouverts perdus avec la base") {
		t.Errorf("dominique was told: %+v", sms)
	}
	after := fire(t, two, "srv-1")
	if after <= before || !strings.HasSuffix(after[:len(after)-1], "_100") {
		t.Errorf("%s opened after %s", after, before)
	}
	until(t, "it pages", func() bool {
		pages, err := two.store.Pages(t.Context(), "prometheus", after)
		return err == nil && len(pages) > 0 && pages[0].State == ticket.PageSent
	})
}
