package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// storm posts the alerts from from to before end in one request, each alone in
// its group. It returns their tickets.
func (w *town) storm(severity string, from, end int) []string {
	w.t.Helper()
	var alerts []any
	for i := from; i < end; i++ {
		name := fmt.Sprintf("%s-%d", severity, i)
		alerts = append(alerts, map[string]any{
			"status": "firing", "startsAt": time.Now(), "fingerprint": name,
			"labels": map[string]string{"alertname": "Alert" + name, "instance": "srv-" + name, "customer": "acme", "site": "Givrand", "severity": severity},
		})
	}
	code, answer := w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{
		"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": alerts,
	})
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(answer, &taken); err != nil || code != http.StatusAccepted || len(taken.Tickets) != end-from {
		w.t.Fatalf("%d %.300s", code, answer)
	}
	return taken.Tickets
}

// texts are the SMS that a phone was sent unasked, oldest first.
func texts(p *phonetest.Phone) (list []phonetest.Message) {
	for _, m := range p.Messages() {
		if m.Kind == phonetest.SMS && m.Link() != "" {
			list = append(list, m)
		}
	}
	return list
}

func aliceAlone(text []byte) []byte { return always("alice")(text) }

func TestAStormIsOneSMSWhoseCodeStandsForAll(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		tickets := w.storm("high", 0, 40)
		w.at(2 * time.Second)
		w.expectCount(w.alice, 1)
		m := w.alice.ExpectSMS(t, "40 x MAJEUR", "dont Acme/Givr. srv-high-0 Alerthigh-0 ", "je prends les 40")
		one := w.ticket(tickets[39])
		if !strings.Contains(timelineOf(one), "sent in one message for 40 tickets") {
			t.Errorf("timeline:\n%s", timelineOf(one))
		}
		states := map[string]int{}
		for _, n := range tickets {
			states[w.ticket(n).Pages[0].State]++
		}
		if states["delivered"] != 40 {
			t.Errorf("pages: %v", states)
		}
		reply := m.Reply(t, m.Code()+" OK")
		if !strings.HasPrefix(reply, m.Code()+": 40 PRIS") {
			t.Errorf("reply %q", reply)
		}
		for _, n := range tickets {
			if s := w.ticket(n); s.State != "acknowledged" || s.AcknowledgedBy != "alice" {
				t.Fatalf("%s is %s by %q", n, s.State, s.AcknowledgedBy)
			}
		}
		w.at(30 * time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(w.dominique, 0)
		w.at(50 * time.Minute) // 45 minutes and nobody has begun: it pages again
		if got := texts(w.alice); len(got) < 2 || !strings.HasPrefix(got[1].Body, "40 x MAJEUR") {
			t.Errorf("after the end of the acknowledgement: %v", got[1:])
		}
		if reply := m.Reply(t, m.Code()+" GO"); !strings.HasPrefix(reply, m.Code()+": 40 EN COURS") {
			t.Errorf("reply %q", reply)
		}
	}, aliceAlone)
}

func TestTheLinkOfABundleByTextTakesAll(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		tickets := w.storm("high", 0, 12)
		w.at(2 * time.Second)
		m := w.alice.ExpectSMS(t, "12 x MAJEUR")
		token := m.Link()[strings.LastIndex(m.Link(), "/")+1:]
		if reply := w.bruno.Text(t, token); !strings.Contains(reply, "PRIS") || !strings.Contains(reply, "12") || !strings.Contains(reply, "Alice") {
			t.Errorf("reply %q", reply)
		}
		for _, n := range tickets {
			w.expectState(n, "acknowledged")
		}
	}, aliceAlone)
}

func TestABundlesCodeLeavesWhatSomebodyElseHas(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		tickets := w.storm("high", 0, 6)
		w.at(2 * time.Second)
		m := w.alice.ExpectSMS(t, "6 x MAJEUR")
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+tickets[2]+"/acknowledge", apiToken, map[string]string{"person": "bruno"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		for _, answer := range []string{" OK", " GO", " FIN"} {
			if reply := m.Reply(t, m.Code()+answer); !strings.Contains(reply, ": 5 ") || !strings.HasSuffix(reply, "(1 inchanges)") {
				t.Errorf("%s: %q", answer, reply)
			}
		}
		if s := w.expectState(tickets[2], "acknowledged"); s.AcknowledgedBy != "bruno" {
			t.Errorf("acknowledged by %s", s.AcknowledgedBy)
		}
		w.expectState(tickets[3], "resolved")
	}, aliceAlone)
}

// Tickets come one by one: the first go out alone, then they are collected.
func TestWhatComesOneByOneIsCollected(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for i := range 30 {
			w.storm("high", i, i+1)
			w.at(time.Duration(i+1) * 500 * time.Millisecond)
		}
		w.at(25 * time.Second)
		got := texts(w.alice)
		if len(got) < 4 || len(got) > 5 {
			t.Fatalf("%d SMS: %v", len(got), got)
		}
		for i, m := range got[:3] {
			if strings.Contains(m.Body, " x MAJEUR") {
				t.Errorf("SMS %d stands for several: %s", i, m)
			}
		}
		if !strings.Contains(got[3].Body, " x MAJEUR") || got[3].Accepted.Sub(w.start) > 11*time.Second {
			t.Errorf("the fourth: %s", got[3])
		}
	}, aliceAlone)
}

func TestCriticalOnesStayAloneUpToTen(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.store.Fail(storetest.On(storetest.FailBefore, "Claim"))
		w.storm("high", 0, 20)
		w.storm("critical", 0, 10)
		w.store.Fail(nil)
		w.at(5 * time.Second)
		got := texts(w.alice)
		if len(got) != 11 {
			t.Fatalf("%d SMS: %v", len(got), got)
		}
		alone := 0
		for _, m := range got {
			if strings.HasPrefix(m.Body, "CRITIQUE") {
				alone++
			}
		}
		if alone != 10 {
			t.Errorf("%d critical ones stand alone: %v", alone, got)
		}
		w.storm("critical", 10, 40)
		w.at(8 * time.Second)
		if got = texts(w.alice); len(got) > 14 || !strings.HasPrefix(got[11].Body, "30 x CRITIQUE") {
			t.Errorf("%d SMS: %v", len(got), got[11:])
		}
	}, aliceAlone)
}

// A number has its pace. Critical SMS go out at once, and the others wait
// longer for that.
func TestTheSendersPace(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.storm("high", 0, 6)
		w.storm("critical", 0, 5)
		w.at(30 * time.Second)
		got := texts(w.alice)
		if len(got) != 11 {
			t.Fatalf("%d SMS: %v", len(got), got)
		}
		var last time.Time
		for _, m := range got {
			if strings.HasPrefix(m.Body, "CRITIQUE") {
				if late := m.Accepted.Sub(w.start); late > 100*time.Millisecond {
					t.Errorf("after %s: %s", late, m)
				}
				continue
			}
			if since := m.Accepted.Sub(last); since < time.Second {
				t.Errorf("%s after the one before: %s", since, m)
			}
			last = m.Accepted
		}
		if took := last.Sub(w.start); took < 9*time.Second || took > 13*time.Second {
			t.Errorf("the last after %s", took)
		}
	}, aliceAlone, replaced("messaging_service_sid: MG00000000000000000000000000000000", `from: "+33639980000"`),
		replaced("  replies: same", "  bundle_over: 0\n  replies: same"))
}

// A receipt for a bundle's SMS counts for all its pages.
func TestAnUndeliveredBundleIsAFailureOfAll(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: w.alice.Number(), Receipt: "undelivered", ReceiptCode: 30005})
		tickets := w.storm("high", 0, 8)
		w.at(30 * time.Second)
		for _, n := range tickets {
			s := w.ticket(n)
			if s.Pages[0].State != "undelivered" {
				t.Errorf("%s: %+v", n, s.Pages[0])
			}
		}
		w.dominique.ExpectSMS(t, "8 x MAJEUR")
	}, aliceAlone)
}

// 10,000 alerts in 10 s, of 1,000 groups: a ticket and a push each, and a
// handful of SMS.
func TestTenThousandAlertsInTenSeconds(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "phone-of-alice", "platform": "ios"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.alice.Register("phone-of-alice")
		for i := range 100 {
			var alerts []any
			for k := range 100 {
				n := i*100 + k
				alerts = append(alerts, map[string]any{
					"status": "firing", "startsAt": time.Now(), "fingerprint": fmt.Sprint("f", n),
					"labels": map[string]string{
						"alertname": fmt.Sprint("A", n%1000), "instance": fmt.Sprint("srv-", n), "customer": "acme", "site": "Givrand",
						"severity": []string{"critical", "high", "high", "high"}[n%4],
					},
				})
			}
			if code, answer := w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{
				"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": alerts,
			}); code != http.StatusAccepted {
				t.Fatalf("%d %s", code, answer)
			}
			w.at(time.Duration(i+1) * 100 * time.Millisecond)
		}
		w.at(40 * time.Second)
		pushed := map[string]int{}
		for _, m := range w.alice.Messages() {
			if m.Kind == phonetest.Push {
				pushed[m.Data["ticket"]]++
			}
		}
		sms := texts(w.alice)
		t.Logf("%d tickets pushed, %d SMS", len(pushed), len(sms))
		if len(pushed) != 1000 {
			t.Errorf("%d tickets were pushed, want 1000", len(pushed))
		}
		if len(sms) > 40 {
			t.Errorf("%d SMS", len(sms))
		}
	}, aliceAlone)
}
