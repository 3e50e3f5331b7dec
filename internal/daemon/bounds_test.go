package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// postedAs posts alerts with a source's token, each alone in its group, and
// returns their tickets.
func (w *town) postedAs(source, token, severity, customer string, from, end int) []string {
	w.t.Helper()
	var alerts []any
	for i := from; i < end; i++ {
		name := fmt.Sprintf("%s%d", customer, i)
		alerts = append(alerts, map[string]any{
			"status": "firing", "startsAt": time.Now(), "fingerprint": name,
			"labels": map[string]string{"alertname": "A" + severity + name, "instance": name, "customer": customer, "severity": severity},
		})
	}
	code, answer := w.call(http.MethodPost, "/ingest/"+source, token, map[string]any{
		"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": alerts,
	})
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(answer, &taken); err != nil || code != http.StatusAccepted {
		w.t.Fatalf("%d %.300s", code, answer)
	}
	return taken.Tickets
}

// In a storm of one customer there are four critical tickets of another one.
// Each of them has an SMS of its own within two seconds, from another source
// and from the same one.
func TestAnotherCustomersCriticalTicketHasALineOfItsOwn(t *testing.T) {
	for _, source := range []struct{ name, token string }{{"bellac-prometheus", "token-of-bellac"}, {"prometheus", postToken}} {
		t.Run(source.name, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				ordered := map[string]time.Time{}
				for i := range 100 {
					w.postedAs("prometheus", postToken, "critical", "acme", 20*i, 20*i+20)
					if i%25 == 10 {
						number := w.postedAs(source.name, source.token, "critical", "bellac", i, i+1)[0]
						ordered["bellac"+fmt.Sprint(i)] = time.Now()
						if number == "" {
							t.Fatal("no ticket")
						}
					}
					w.at(time.Duration(i+1) * 100 * time.Millisecond)
				}
				w.at(20 * time.Second)
				got := texts(w.alice)
				for name, at := range ordered {
					alone := 0
					for _, m := range got {
						if strings.Contains(m.Body, name) && strings.HasPrefix(m.Body, "CRITIQUE") && m.Accepted.Sub(at) <= 2*time.Second {
							alone++
						}
					}
					if alone != 1 {
						t.Errorf("%s has %d SMS of its own in time", name, alone)
					}
				}
				for _, m := range got {
					if strings.Contains(m.Body, " x CRITIQUE") && !strings.Contains(m.Body, "Acme") {
						t.Errorf("a bundle that does not name its customer: %s", m)
					}
				}
				if len(got) > 10+20+4 { // ten alone, then one a second
					t.Errorf("%d SMS in 20 s", len(got))
				}
			}, aliceAlone, allHours)
		})
	}
}

// Customers whose storms come at once share a person's pace.
func TestThePhoneIsNotFloodedByManyCustomers(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for i := range 60 {
			customer := []string{"acme", "bellac", "nobody"}[i%3]
			w.postedAs("prometheus", postToken, "high", customer, 10*i, 10*i+10)
			w.at(time.Duration(i+1) * 500 * time.Millisecond)
		}
		w.at(60 * time.Second)
		// Of each at most three alone, then one each 10 s.
		if got := texts(w.alice); len(got) > 3*(3+6) || len(got) < 3 {
			t.Errorf("%d SMS in a minute", len(got))
		}
	}, aliceAlone, allHours)
}

// A good token opens 14,200 tickets in 25 s. Beyond the bound they have one
// ticket, which pages, and tells the managers once.
func TestASourceThatOpensTicketsWithoutEnd(t *testing.T) {
	for _, row := range []struct {
		bound        string
		alerts, open int
		says         string
	}{
		{"", floodAlerts, 3000, fmt.Sprintf("source prometheus : plus de 3000 nouveaux tickets par minute, %d alertes de plus", floodAlerts-3000)},
		{", max_rate: 100000", floodAlerts, 5000, fmt.Sprintf("source prometheus : plus de 5000 tickets ouverts, %d alertes de plus", floodAlerts-5000)},
		{"", 1000, 1000, ""},
	} {
		t.Run(fmt.Sprint(row.alerts, row.bound), func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				tickets := map[string]bool{}
				for i := range row.alerts / 100 {
					for _, number := range w.postedAs("prometheus", postToken, "critical", "acme", 100*i, 100*i+100) {
						tickets[number] = true
					}
					w.at(time.Duration(i+1) * 25 * time.Second / time.Duration(row.alerts/100))
				}
				over := 0
				if row.says != "" {
					over = 1
				}
				if len(tickets) != row.open+over {
					t.Errorf("%d tickets", len(tickets))
				}
				w.at(time.Minute)
				told := 0
				for _, m := range texts(w.dominique) {
					if strings.Contains(m.Body, "source prometheus : plus de") {
						told++
					}
				}
				if told != over {
					t.Errorf("the manager has %d SMS of it: %v", told, texts(w.dominique))
				}
				beyond := 0
				for number, title := range w.titles() {
					if !strings.HasPrefix(title, "source ") {
						continue
					}
					beyond++
					s := w.ticket(number)
					if s.Title != row.says || s.Urgency != "critical" || len(s.Pages) == 0 || s.Alerts.Firing != row.alerts-row.open {
						t.Errorf("%s, %s, %d pages, %d firing", s.Title, s.Urgency, len(s.Pages), s.Alerts.Firing)
					}
				}
				if beyond != over {
					t.Errorf("%d tickets are of what is beyond the bound", beyond)
				}
			}, aliceAlone, replaced("prometheus: {type: alertmanager, token_file: secrets/prometheus.token}",
				"prometheus: {type: alertmanager, token_file: secrets/prometheus.token"+row.bound+"}"))
		})
	}
}

// titles are those of all tickets, by number.
func (w *town) titles() map[string]string {
	w.t.Helper()
	titles := map[string]string{}
	ask := url.Values{"limit": {"1000"}}
	for {
		code, answer := w.call(http.MethodGet, "/api/v1/tickets?"+ask.Encode(), apiToken, nil)
		var page struct {
			Tickets []struct{ Number, Title string }
			Next    string
		}
		if err := json.Unmarshal(answer, &page); err != nil || code != http.StatusOK {
			w.t.Fatalf("%d %.300s: %v", code, answer, err)
		}
		for _, one := range page.Tickets {
			titles[one.Number] = one.Title
		}
		if page.Next == "" {
			return titles
		}
		ask.Set("cursor", page.Next)
	}
}

// allHours pages for every customer at any hour.
func allHours(text []byte) []byte {
	return replaced("    contract: office", "    contract: full-time")(text)
}

// The provider is slow with the messages of one source's storm. A critical
// page of another source is with the provider at once.
func TestASlowStormOfOneSourceDoesNotHoldUpAnothers(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: w.alice.Number(), Latency: 8 * time.Second})
		for i := range 20 {
			w.postedAs("prometheus", postToken, "critical", "acme", 10*i, 10*i+10)
		}
		w.at(5 * time.Second)
		w.world.ClearFaults()
		w.postedAs("bellac-prometheus", "token-of-bellac", "critical", "bellac", 0, 1)
		w.at(6 * time.Second)
		alone := 0
		for _, m := range texts(w.alice) {
			if strings.Contains(m.Body, "bellac0") {
				alone++
			}
		}
		if alone != 1 {
			t.Errorf("%d SMS for the other's ticket", alone)
		}
	}, aliceAlone, allHours, replaced("  replies: same", "  bundle_over: 0\n  replies: same"))
}
