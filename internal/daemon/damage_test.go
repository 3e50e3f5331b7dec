package daemon

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// A ticket's record is damaged under a daemon. The list still lists. Asking
// for the ticket says what is wrong. Its alert pages again with the next
// repeat. The record is counted and named, and a manager is paged.
func TestADamagedTicket(t *testing.T) {
	server := redistest.Single(t)
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	defer world.Close()
	alice := world.Phone("alice", "+33612345601")
	dominique := world.Phone("dominique", "+33612345699")
	d := onRedis(t, world, server.URL())
	damaged, whole := fire(t, d, "srv-1"), fire(t, d, "srv-2")
	until(t, "the first pages", func() bool { return len(alice.Messages()) == 2 })
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
	defer client.Close()
	if err := client.HSet(t.Context(), "astreinte:{prometheus}:t:"+damaged, "json", "null").Err(); err != nil {
		t.Fatal(err)
	}
	ask := func(path string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+apiToken)
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	code, answer := ask("/api/v1/tickets?state=open")
	var list struct{ Tickets []struct{ Number string } }
	if err := json.Unmarshal([]byte(answer), &list); err != nil || code != http.StatusOK || len(list.Tickets) != 1 || list.Tickets[0].Number != whole {
		t.Errorf("the list: %d %s", code, answer)
	}
	if code, answer := ask("/api/v1/tickets/" + damaged); code != http.StatusInternalServerError || !strings.Contains(answer, `"code":"damaged"`) {
		t.Errorf("the ticket: %d %s", code, answer)
	}
	if _, err := d.store.Load(t.Context(), "prometheus", []string{damaged}); err != nil { // as at its next round
		t.Fatal(err)
	}
	until(t, "the manager is told", func() bool { return len(dominique.Messages()) > 0 })
	if sms := dominique.Messages(); len(sms) != 1 || !strings.Contains(sms[0].Body, "ticket "+damaged+" est illisible") {
		t.Errorf("dominique was told: %+v", sms)
	}
	if again := fire(t, d, "srv-1"); again == damaged || again == whole {
		t.Errorf("its alert belongs to %s", again)
	}
	until(t, "it pages again", func() bool { return len(alice.Messages()) == 3 })
	of, ok := d.store.(damager)
	if !ok {
		t.Fatal("Redis counts no damaged records")
	}
	d.tellDamage(of.Damaged(), map[escalation.DamagedRecord]bool{})
	if _, answer := ask("/metrics"); !strings.Contains(answer, `astreinte_store_damaged_records{kind="ticket"} 1`) {
		t.Errorf("/metrics: %s", answer)
	}
	if _, answer := ask("/readyz"); !strings.Contains(answer, "damaged records of the store are passed over: ticket "+damaged) {
		t.Errorf("/readyz: %s", answer)
	}
}

// The log names each record once, and a few at a time.
func TestDamageIsToldOnce(t *testing.T) {
	d := &Daemon{log: zaptest.NewLogger(t), metrics: newMetrics("test")}
	var all escalation.Damages
	for i := range 30 {
		all.Note(ticket.RecordPage, strings.Repeat("p", i+1), errors.New("cut"))
	}
	told := map[escalation.DamagedRecord]bool{}
	for _, want := range []int{20, 30, 30} {
		if d.tellDamage(all.Damaged(), told); len(told) != want {
			t.Errorf("told of %d, want %d", len(told), want)
		}
	}
	if w := d.damageWarnings(); len(w) != 1 || !strings.HasSuffix(w[0], ", 25 more") {
		t.Errorf("warnings %q", w)
	}
}
