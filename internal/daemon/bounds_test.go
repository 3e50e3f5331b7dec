package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// postedAs posts alerts by a source's token, each of a group of its own, and
// answers with their tickets.
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

// A storm of one customer, and four critical tickets of another in the midst of
// it: each has an SMS of its own within two seconds, by another source and by
// the same.
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

// Customers whose storms come together share a person's pace.
func TestThePhoneIsNotFloodedByManyCustomers(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for i := range 60 {
			customer := []string{"acme", "bellac", "nobody"}[i%3]
			w.postedAs("prometheus", postToken, "high", customer, 10*i, 10*i+10)
			w.at(time.Duration(i+1) * 500 * time.Millisecond)
		}
		w.at(60 * time.Second)
		// Three alone of each at most, then one each 10 s of each.
		if got := texts(w.alice); len(got) > 3*(3+6) || len(got) < 3 {
			t.Errorf("%d SMS in a minute", len(got))
		}
	}, aliceAlone, allHours)
}

// allHours pages for every customer at any hour.
func allHours(text []byte) []byte {
	return replaced("    contract: office", "    contract: full-time")(text)
}
