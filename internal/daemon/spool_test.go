package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// withSpool runs f in a town whose daemon has a spool.
func withSpool(t *testing.T, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	inTownWithSpool(t, filepath.Join(t.TempDir(), "spool"), f, change...)
}

func (w *town) storeGoes()      { w.store.Fail(storetest.On(storetest.FailBefore)) }
func (w *town) storeComesBack() { w.store.Fail(nil) }

// button presses a button of a link's page and returns the status.
func (w *town) button(link, action string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, link, strings.NewReader("action="+action))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

// tickets are all tickets of the store, newest first.
func (w *town) tickets() []shown {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil)
	var list struct{ Tickets []shown }
	if err := json.Unmarshal(answer, &list); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	return list.Tickets
}

// onlyOne is the store's only ticket.
func (w *town) onlyOne(state string) shown {
	w.t.Helper()
	list := w.tickets()
	if len(list) != 1 {
		w.t.Fatalf("%d tickets: %+v", len(list), list)
	}
	return w.expectState(list[0].Number, state)
}

// spooled is what a gauge of the spool says.
func (w *town) spooled(gauge string) int {
	w.t.Helper()
	_, metrics := w.call(http.MethodGet, "/metrics", "", nil)
	_, rest, found := strings.Cut(string(metrics), "\nastreinte_spool_"+gauge+" ")
	value, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(value)
	if !found || err != nil {
		w.t.Fatalf("the gauge %s: %q, %v", gauge, value, err)
	}
	return n
}

func TestShortlyAwayIsKeptAndMerged(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(10 * time.Second)
		w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.alert("resolved", "srv-web-01", "alertname", "DiskFull")
		_, ready := w.call(http.MethodGet, "/readyz", "", nil)
		if !strings.Contains(string(ready), "kept in the spool (3 requests)") {
			t.Errorf("readyz: %s", ready)
		}
		w.at(20 * time.Second)
		w.expectCount(w.alice, 0)
		w.storeComesBack()
		w.at(25 * time.Second)
		w.alice.ExpectSMS(t, "srv-db-01 HostDown 03:12", "GTI 04:12") // as of when it came
		w.expectCount(w.alice, 1)
		list := w.tickets()
		if len(list) != 2 || list[0].State != "resolved" || list[1].State != "open" {
			t.Fatalf("%+v", list)
		}
		w.alert("resolved", "srv-db-01") // goes to the store itself
		w.expectState(list[1].Number, "resolved")
		_, metrics := w.call(http.MethodGet, "/metrics", "", nil)
		for _, line := range []string{"astreinte_spool_records 0", "astreinte_spool_away_seconds 0", "astreinte_spool_paging 0"} {
			if !strings.Contains(string(metrics), line) {
				t.Errorf("no %s", line)
			}
		}
	})
}

func TestWithoutASpoolAlertsAreRefused(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.storeGoes()
		code, _ := w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{
			"version": "4", "status": "firing", "alerts": []any{map[string]any{"status": "firing", "labels": map[string]string{"alertname": "A"}, "startsAt": time.Now()}},
		})
		if code != http.StatusServiceUnavailable {
			t.Errorf("%d", code)
		}
		w.storeComesBack()
	})
}

func TestLongAwayIsPagedFromTheSpool(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.alice.Register("token-1")
		if code, _ := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "token-1", "platform": "android"}); code != http.StatusCreated {
			t.Fatal(code)
		}
		w.at(time.Minute)
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(time.Minute + 28*time.Second)
		w.expectCount(w.alice, 0)
		w.at(time.Minute + 36*time.Second)
		w.expectCount(w.alice, 1)
		sms := w.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 HostDown 03:13", "GTI 04:13")
		push := w.alice.ExpectPush(t, "srv-db-01 HostDown")
		if sms.Code() != "" || !strings.Contains(push.Data["ticket"], "_E") {
			t.Errorf("code %q, push %v", sms.Code(), push.Data)
		}
		// It pages at once now, and the manager when it is time.
		w.at(2 * time.Minute)
		w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(2*time.Minute + 5*time.Second)
		w.alice.ExpectSMS(t, "srv-web-01 DiskFull")
		w.at(16*time.Minute - 2*time.Second)
		w.expectCount(w.dominique, 0)
		w.at(16*time.Minute + 3*time.Second)
		w.dominique.ExpectSMS(t, "srv-db-01 HostDown")
		if code, page := w.call(http.MethodGet, strings.TrimPrefix(sms.Link(), publicURL), "", nil); code != http.StatusOK || !strings.Contains(string(page), "srv-db-01") {
			t.Errorf("the link: %d %s", code, page)
		}
		if code := w.button(sms.Link(), "acknowledge"); code != http.StatusOK {
			t.Fatalf("the button: %d", code)
		}
		w.at(16*time.Minute + 10*time.Second)
		w.dominique.ExpectSMS(t, "PRIS par Alice Martin")
		before := len(w.alice.Messages())
		for _, m := range w.alice.Messages() {
			if m.Kind == phonetest.SMS && strings.Contains(m.Body, "DiskFull") {
				token := m.Link()[strings.LastIndex(m.Link(), "/")+1:]
				if reply := w.alice.Text(t, token); !strings.Contains(reply, "Alice Martin") {
					t.Errorf("the token by text: %q", reply)
				}
				break
			}
		}
		w.at(30 * time.Minute)
		paged := len(w.world.Messages())

		if _, err := os.Stat(filepath.Join(w.spool, "emergency.db")); err != nil {
			t.Error(err)
		}
		w.storeComesBack()
		w.at(40 * time.Minute)
		if now := w.world.Messages(); len(now) > paged {
			t.Errorf("after the store came back: %v", now[paged:])
		}
		_ = before
		list := w.tickets()
		if len(list) != 2 || list[1].Number != push.Data["ticket"] {
			t.Fatalf("%+v, paged as %s", list, push.Data["ticket"])
		}
		for _, s := range list {
			s = w.expectState(s.Number, "acknowledged")
			if !strings.Contains(s.Number, "_E") || s.AcknowledgedBy != "alice" || !strings.Contains(timelineOf(s), "paged from the spool as I261121_E") {
				t.Errorf("%+v\n%s", s, timelineOf(s))
			}
			for _, p := range s.Pages {
				if p.State != "delivered" && p.Channel == "sms" && p.Person != "" && p.State != "sent" {
					t.Errorf("page %+v", p)
				}
			}
		}
		if code := w.button(sms.Link(), "pickup"); code != http.StatusOK {
			t.Errorf("the link, after: %d", code)
		}
		w.expectState(list[1].Number, "in_progress")
		w.alert("resolved", "srv-db-01")
		w.at(40*time.Minute + 5*time.Second)
		w.expectState(list[1].Number, "resolved")
		w.dominique.ExpectSMS(t, "TERMINE")
		if _, err := os.Stat(filepath.Join(w.spool, "emergency.db")); err == nil {
			t.Error("what was merged is still there")
		}
	})
}

func TestAnOpenTicketGoesOnWhereItWas(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(10 * time.Minute)
		count := len(w.alice.Messages())
		if count < 3 {
			t.Fatalf("%v", w.alice.Messages())
		}
		w.storeComesBack()
		w.at(10*time.Minute + 20*time.Second)
		s := w.onlyOne("open")
		w.at(15*time.Minute + 5*time.Second)
		w.dominique.ExpectSMS(t, "srv-db-01 HostDown")
		if now := len(w.alice.Messages()); now < count+1 || now > count+3 {
			t.Errorf("%d pages, then %d\n%s", count, now, timelineOf(w.ticket(s.Number)))
		}
	})
}

func TestATicketThatTheStoreHasIsTaken(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		w.storeGoes()
		w.alert("firing", "srv-db-01") // a repeat, but news to the store
		w.alert("firing", "srv-db-02") // of the same group
		w.at(45 * time.Second)
		var link string
		for _, m := range w.alice.Messages() {
			link = m.Link()
		}
		if code := w.button(link, "acknowledge"); code != http.StatusOK {
			t.Fatal(code)
		}
		w.at(time.Minute)
		w.storeComesBack()
		w.at(time.Minute + 10*time.Second)
		s := w.expectState(number, "acknowledged")
		if s.AcknowledgedBy != "alice" || s.Alerts.Firing != 2 || !strings.Contains(timelineOf(s), "paged from the spool") {
			t.Errorf("%+v\n%s", s, timelineOf(s))
		}
		if code := w.button(link, "pickup"); code != http.StatusOK {
			t.Errorf("the link: %d", code)
		}
		w.expectState(number, "in_progress")
		list := w.tickets()
		if len(list) != 2 || !strings.Contains(list[0].Number, "_E") {
			t.Fatalf("%+v", list)
		}
		twin := w.expectState(list[0].Number, "resolved")
		last := twin.Timeline[len(twin.Timeline)-1]
		if twin.AcknowledgedBy != "alice" || len(twin.Pages) == 0 || last.Kind != string(ticket.EntryResolved) || !strings.Contains(last.Text, number) {
			t.Errorf("%+v\n%s", twin, timelineOf(twin))
		}
		paged := len(w.alice.Messages())
		w.at(20 * time.Minute)
		if now := w.alice.Messages(); len(now) > paged {
			t.Errorf("after the merge: %v", now[paged:])
		}
	})
}

// TestKilledWhileAway starts a daemon without its store on what another daemon
// kept.
func TestKilledWhileAway(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(20 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		w.at(25 * time.Second)
		stop := w.run(exampleConfig(t, w.world))
		w.at(28 * time.Second)
		w.expectCount(w.alice, 0)
		w.at(34 * time.Second)
		w.expectCount(w.alice, 1)
		link := w.alice.ExpectSMS(t).Link()
		stop()
		w.at(50 * time.Second)
		stop = w.run(exampleConfig(t, w.world))
		defer stop()
		w.at(55 * time.Second)
		w.expectCount(w.alice, 1)
		if code := w.button(link, "acknowledge"); code != http.StatusOK {
			t.Fatal(code)
		}
		w.storeComesBack()
		w.at(70 * time.Second)
		w.onlyOne("acknowledged")
		w.expectCount(w.alice, 1)
	})
}

// TestAReplacementIsKnownWithoutTheStore: a daemon that starts while the store is away
// has on call whoever stood in when it was last there.
func TestAReplacementIsKnownWithoutTheStore(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		w.at(5 * time.Second)
		w.storeGoes()
		w.at(10 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		stop := w.run(exampleConfig(t, w.world))
		defer func() { stop() }()
		w.isOnDuty("it has just started", "bruno")
		w.at(2 * time.Minute)
		w.isOnDuty("the store is away still", "bruno")
		w.storeComesBack()
		w.at(4 * time.Minute)
		w.isOnDuty("the store is back", "bruno")
	})
}

// TestMergeThatFailsAnywhere breaks the store at each call of a merge, before
// and after the call happened. The next merge has the same result.
func TestMergeThatFailsAnywhere(t *testing.T) {
	for _, op := range []string{"Observe", "Alerts", "Numbers", "Reserve", "Commit", "Finish", "Receipt", "Load", "Locate"} {
		for name, fault := range map[string]storetest.Fault{"before": storetest.FailBefore, "after": storetest.FailAfter} {
			t.Run(op+" "+name, func(t *testing.T) {
				withSpool(t, func(t *testing.T, w *town) {
					old := w.alert("firing", "srv-old-01")
					w.at(5 * time.Second)
					w.storeGoes()
					w.alert("firing", "srv-old-01")
					w.alert("firing", "srv-db-01", "alertname", "DiskFull")
					w.alert("firing", "srv-db-02", "alertname", "RaidBroken")
					w.alert("resolved", "srv-db-02", "alertname", "RaidBroken")
					w.at(time.Minute)
					for _, m := range w.alice.Messages()[1:] {
						if link := m.Link(); link != "" {
							w.button(link, "acknowledge")
						}
					}
					w.at(70 * time.Second)
					w.store.Fail(storetest.Once(fault, op))
					w.at(2 * time.Minute)
					w.store.Fail(nil)
					w.at(3 * time.Minute)
					w.expectState(old, "acknowledged")
					states := map[string]int{}
					for _, s := range w.tickets() {
						states[s.State]++
						for _, p := range w.ticket(s.Number).Pages {
							if strings.Contains(s.Number, "_E") && p.State == string(ticket.PageQueued) {
								t.Errorf("a page of %s that went out waits: %+v", s.Number, p)
							}
						}
					}
					if states["acknowledged"] != 2 || states["resolved"] != 2 || len(states) != 2 { // one goes on as the old one
						t.Errorf("%v", states)
					}
				})
			})
		}
	}
}
