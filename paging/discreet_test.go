package paging

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// TestADiscreetCustomer: messages about its tickets have only number and
// urgency, by SMS and by push. Those of others say what is wrong.
func TestADiscreetCustomer(t *testing.T) {
	now := time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)
	for _, discreet := range []bool{false, true} {
		rules := &escalation.Rules{Location: time.UTC, Customers: []escalation.Customer{{Key: "acme", Name: "Acme", Discreet: discreet}}}
		tk := &ticket.Ticket{
			Number: "I261121_0007", Urgency: ticket.Critical, Customer: "acme", Site: "Givrand", Title: "srv-db-01 HostDown", Host: "srv-db-01",
			Firing: 3, OpenedAt: now, GTI: ticket.GTI{DueAt: now.Add(time.Hour)},
		}
		f := TicketFacts(tk, rules, now)
		f.Code, f.Link = 12, "https://astreinte.example.net/a/k3J9x2QpLm7T"
		title, body, data := words.Push("en", f)
		texts := map[string]string{"sms": words.SMS("en", f), "push": title + "\n" + body}
		for key, value := range data {
			texts["data "+key] = value
		}
		for by, text := range texts {
			for _, told := range []string{"Acme", "Givrand", "srv-db", "HostDown", "+2", "04:12", "03:12"} {
				if discreet && strings.Contains(text, told) {
					t.Errorf("%s tells %q: %s", by, told, text)
				}
			}
			if by != "sms" && by != "push" {
				continue
			}
			if says := strings.Contains(text, "Acme") && strings.Contains(text, "HostDown"); says == discreet {
				t.Errorf("%s, discreet %t: %s", by, discreet, text)
			}
			if discreet && (!strings.Contains(text, "I261121_0007") || !strings.Contains(text, "CRITICAL") || !strings.Contains(text, "12 OK")) {
				t.Errorf("%s lacks number, urgency or how to answer: %s", by, text)
			}
		}
	}
}
