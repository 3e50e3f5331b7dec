package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

func TestPagedEscalatedAcknowledgedRecovered(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		sms := w.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 HostDown", "GTI 04:12", "REPONDRE 11 OK")
		if sms.Segments != 1 {
			t.Errorf("the page takes %d segments: %s", sms.Segments, sms.Body)
		}
		w.at(15*time.Minute - time.Millisecond)
		w.expectCount(w.alice, 5)
		w.expectCount(w.dominique, 0)
		w.at(15*time.Minute + 2*time.Second)
		w.expectCount(w.dominique, 1)
		first := w.expectState(number, "open")
		if first.Step != 1 || first.Pages[0].State != "delivered" || first.Pages[0].ProviderID == "" {
			t.Errorf("step %d, first page %+v", first.Step, first.Pages[0])
		}

		reply := sms.Reply(t, "11 OK")
		if !strings.HasPrefix(reply, "11 PRIS 03:27. La GTI (04:12) court: 11 GO") {
			t.Errorf("reply %q", reply)
		}
		w.at(15*time.Minute + 5*time.Second)
		w.dominique.ExpectSMS(t, "Alice Martin")
		late := w.dominique.Messages()[0].Reply(t, "ok")
		if !strings.Contains(late, "Alice Martin") {
			t.Errorf("the second one was told %q", late)
		}
		if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "alice" || s.NextPageAt != nil {
			t.Errorf("%+v", s)
		}
		if reply := sms.Reply(t, "11 go"); !strings.Contains(reply, "GTI (04:12)") {
			t.Errorf("reply %q", reply)
		}
		w.at(3 * time.Hour)
		w.expectCount(w.alice, 6)
		w.expectCount(w.dominique, 2)

		w.alert("resolved", "srv-db-01")
		w.at(3*time.Hour + 3*time.Second)
		if s := w.expectState(number, "resolved"); s.GTI.State != "met" || s.Alerts.Resolved != 1 {
			t.Errorf("%+v", s)
		}
		w.expectCount(w.alice, 7)
		w.expectCount(w.dominique, 3)
		if reply := sms.Reply(t, "11 OK"); !strings.Contains(reply, "11") || w.ticket(number).State != "resolved" {
			t.Errorf("after the recovery: %q", reply)
		}
	})
}

func TestPushReachesAllDevicesAndForgetsTheDead(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		register := func(token string) {
			t.Helper()
			if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": token, "platform": "android"}); code != http.StatusCreated {
				t.Fatalf("%d %s", code, answer)
			}
		}
		w.alice.Register("token-1")
		register("token-1")
		register("token-gone")
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		push := w.alice.ExpectPush(t, "srv-db-01 HostDown")
		if push.Data["ticket"] != number || push.Data["code"] == "" || !strings.HasPrefix(push.Data["link"], publicURL+"/a/") {
			t.Errorf("data %v", push.Data)
		}
		devices, err := w.store.Devices(context.Background(), "alice")
		if err != nil || len(devices) != 1 || devices[0].Token != "token-1" {
			t.Errorf("devices %+v, %v", devices, err)
		}
	})
}

func TestAPersonWithoutADeviceHasNoPush(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		s := w.ticket(w.alert("firing", "srv-db-01"))
		if len(s.Pages) != 1 || s.Pages[0].Channel != "sms" {
			t.Errorf("pages %+v", s.Pages)
		}
	})
}

func TestPermanentFailureGoesOnAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault phonetest.Fault
	}{
		{"refused by the provider", phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Status: 400, Code: 21610}},
		{"undelivered, by a receipt", phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Receipt: "undelivered", ReceiptCode: 30005}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				w.world.SetFault(tt.fault)
				number := w.alert("firing", "srv-db-01")
				w.at(10 * time.Second)
				w.dominique.ExpectSMS(t, "srv-db-01")
				s := w.ticket(number)
				if p := s.Pages[0]; (p.State != "failed" && p.State != "undelivered") || p.Error == "" {
					t.Errorf("alice's page: %+v", p)
				}
				if s.Step != 1 {
					t.Errorf("step %d\n%s", s.Step, timelineOf(s))
				}
			})
		})
	}
}

func TestTransientFailureIsSentAgain(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Times: 3, Status: 503})
		number := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.alice, 1)
		if s := w.ticket(number); s.Pages[0].State != "delivered" || s.Step != 0 {
			t.Errorf("%+v", s.Pages[0])
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Times: 1, Status: 429, Code: 20429, RetryAfter: 90 * time.Second})
		w.alert("firing", "srv-db-01")
		w.at(89 * time.Second)
		w.expectCount(w.alice, 0)
		w.at(93 * time.Second)
		w.expectCount(w.alice, 1)
	})
}

func TestUnknownOutcomeIsSentAgainUnlessAReceiptComes(t *testing.T) {
	for _, tt := range []struct {
		name     string
		receipts phonetest.Receipts
		want     int
	}{{"a receipt comes first", phonetest.InOrder, 1}, {"no receipt", phonetest.Withheld, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Times: 1, Cut: true, Taken: true, Receipts: tt.receipts})
				number := w.alert("firing", "srv-db-01")
				w.at(time.Minute)
				w.expectCount(w.alice, tt.want)
				if s := w.ticket(number); !strings.Contains(timelineOf(s), "no answer, perhaps sent") {
					t.Errorf("the timeline does not say so:\n%s", timelineOf(s))
				}
			})
		})
	}
}

func TestNoPageIsClaimedAfterAnAcknowledgement(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 503})
		number := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.world.ClearFaults()
		w.at(time.Hour / 2)
		w.expectCount(w.alice, 0)
		if s := w.ticket(number); s.Pages[0].State != "cancelled" {
			t.Errorf("%+v", s.Pages[0])
		}
	})
}

func TestHandoverPagesTheNewTechnician(t *testing.T) {
	inTownFrom(t, "2026-11-26 08:50", func(t *testing.T, w *town) {
		w.untilParis("2026-11-26 08:58") // a Thursday
		w.alert("firing", "srv-db-01")
		w.untilParis("2026-11-26 09:02")
		w.expectCount(w.alice, 1)
		w.expectCount(w.bruno, 1)
	}, nobodyAsked)
}

func TestTheLink(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		link := w.alice.ExpectSMS(t).Link()
		path := strings.TrimPrefix(link, publicURL)
		if code, page := w.call(http.MethodGet, path, "", nil); code != http.StatusOK || !strings.Contains(string(page), "srv-db-01") {
			t.Fatalf("%d %s", code, page)
		}
		w.expectState(number, "open")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, strings.NewReader("action=acknowledge"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("status %d", resp.StatusCode)
		}
		if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "alice" {
			t.Errorf("by %s", s.AcknowledgedBy)
		}
	})
}

func TestAnswersByText(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(4 * time.Second)
		say := func(text string, want ...string) {
			t.Helper()
			reply := w.alice.Text(t, text)
			for _, word := range want {
				if !strings.Contains(reply, word) {
					t.Errorf("%q was answered %q, want %q in it", text, reply, word)
				}
			}
		}
		say("ok", "11", "12", "TOUT")
		w.expectState(first, "open")
		say("?", "11", "12")
		say("11 je regarde", "11", "PAS")
		say("11 T", "11", "03:1")
		say("13 ok", "13")
		say("TOUT", "11", "12")
		w.expectState(first, "acknowledged")
		w.expectState(second, "acknowledged")
		say("12 N "+strings.Repeat("x", 5000), "12")
		if said := timelineOf(w.ticket(second)); !strings.Contains(said, "xxx…(5000 bytes, ") || len(said) > 5500 {
			t.Errorf("a long note is kept as %d bytes", len(said))
		}
		say("12 FIN", "12 UNDO")
		w.expectState(second, "resolved")
		say("undo", "12")
		w.expectState(second, "acknowledged")
		say("11 E", "Dominique Roy")
		if s := w.expectState(first, "open"); s.Step != 1 {
			t.Errorf("step %d", s.Step)
		}
		stranger := w.world.Phone("stranger", "+33612349999")
		if reply := stranger.Text(t, "11 OK"); reply != "" {
			t.Errorf("a stranger was answered %q", reply)
		}
		w.at(10 * time.Second)
		token := w.dominique.ExpectSMS(t, "srv-db-01").Link()
		if reply := stranger.Text(t, token[strings.LastIndex(token, "/")+1:]); !strings.Contains(reply, "Dominique Roy") {
			t.Errorf("a link's token was answered %q", reply)
		}
		if s := w.expectState(first, "acknowledged"); s.AcknowledgedBy != "dominique" {
			t.Errorf("by %s", s.AcknowledgedBy)
		}
	})
}

func TestAnAnswerThatCannotBeWrittenDownSaysSo(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		sms := w.alice.ExpectSMS(t)
		w.store.Fail(storetest.On(storetest.FailBefore, "Commit"))
		if reply := sms.Reply(t, "11 OK"); !strings.Contains(reply, "PAS ENREGISTRE") {
			t.Errorf("reply %q", reply)
		}
		w.store.Fail(nil)
		w.expectState(number, "open")
	})
}

func TestRestartGoesOn(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		w.at(16 * time.Minute)
		stop := w.run(exampleConfig(t, w.world))
		defer stop()
		w.at(16*time.Minute + 5*time.Second)
		w.expectCount(w.alice, 2)
		w.expectCount(w.dominique, 1)
		w.expectState(number, "open")
	})
}

func TestReloadIsAllOrNothing(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		before := w.daemon.Load().Engine().Rules()
		other := exampleConfig(t, w.world, replaced("bolt:/nowhere/astreinte.db", "bolt:/nowhere/other.db"))
		if err := w.daemon.Load().Reload(t.Context(), other); err == nil || !strings.Contains(err.Error(), "restart") {
			t.Errorf("another store: %v", err)
		}
		if w.daemon.Load().Engine().Rules() != before {
			t.Error("half of a configuration is in force")
		}
		next := exampleConfig(t, w.world, replaced("- after: 15m ", "- after: 5m "), replaced("token_file: secrets/prometheus.token", "token: another-one"))
		if err := w.daemon.Load().Reload(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if code, _ := w.call(http.MethodPost, "/ingest/prometheus", postToken, json.RawMessage(`{"alerts":[]}`)); code != http.StatusUnauthorized {
			t.Errorf("the old token: %d", code)
		}
		w.at(14 * time.Minute)
		w.expectCount(w.dominique, 0) // the ticket keeps its policy
		w.at(15*time.Minute + 2*time.Second)
		w.expectCount(w.dominique, 1)
		w.expectState(number, "open")
	})
}

func TestMetricsAndHealth(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		_, body := w.call(http.MethodGet, "/metrics", "", nil)
		for _, line := range []string{
			`astreinte_alerts_total{outcome="new",source="prometheus"} 1`,
			`astreinte_tickets{state="open",urgency="critical"} 1`,
			`astreinte_pages_total{channel="sms",kind="page",result="sent"} 1`,
			`astreinte_first_page_seconds_count{channel="sms"} 1`,
			`astreinte_receipts_total{channel="sms",state="delivered"} 1`,
			`astreinte_oldest_page_age_seconds 0`,
			`astreinte_store_up 1`,
			`astreinte_build_info{`,
			`astreinte_deadline_lateness_seconds_count`,
			`astreinte_ingest_requests_total{code="202",source="prometheus"} 1`,
		} {
			if !strings.Contains(string(body), line) {
				t.Errorf("no %s in\n%s", line, body)
			}
		}
		if code, _ := w.call(http.MethodGet, "/readyz", "", nil); code != http.StatusOK {
			t.Errorf("readyz %d", code)
		}
		w.store.Fail(func(string) storetest.Fault { return storetest.FailBefore })
		if code, _ := w.call(http.MethodGet, "/readyz", "", nil); code != http.StatusServiceUnavailable {
			t.Errorf("readyz while the store is away: %d", code)
		}
		if code, _ := w.call(http.MethodGet, "/healthz", "", nil); code != http.StatusOK {
			t.Errorf("healthz %d", code)
		}
		w.store.Fail(nil)
	})
}
