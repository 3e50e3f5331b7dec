package words

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// someAlerts are what a ticket's alerts may say. The first has its title.
func someAlerts() []Alert {
	return []Alert{
		{Title: "srv-db-01 HostDown", Labels: map[string]string{"instance": "srv-db-01", "alertname": "HostDown"}, Annotations: map[string]string{
			"runbook": "https://wiki.example.net/ping", "description": "no answer\nto ping", "summary": "it is gone", "empty": "", "same": "srv-db-01 HostDown",
		}},
		{Title: "srv-db-02 HostDown", Labels: map[string]string{"alertname": "HostDown"}},
	}
}

// TestMail: each kind of page, in each language; what is a person's, a sender's or a
// tool's stays on its line.
func TestMail(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 3, 12, 0, 0, paris)
	f := Facts{
		Number: "I261121_0001", Urgency: ticket.Critical, Customer: "Acmé", Site: "Givrand", Title: "srv-db-01 HostDown", Host: "srv-db-01",
		Since: at, GTIDue: at.Add(time.Hour), Location: paris, Now: at, Code: 11, Link: "https://astreinte.example.net/a/0000000000000", Firing: 3,
	}
	for _, c := range []struct {
		language string
		change   func(f *Facts)
		subject  string
		says     []string
		never    string
	}{
		{"en", func(*Facts) {}, "CRITICAL Acmé/Givrand srv-db-01 HostDown +2", []string{"Ticket: I261121_0001\nWhere: Acmé/Givrand\nSince: 2026-11-21 03:12\nGTI until: 2026-11-21 04:12", "press the button:\n" + f.Link}, "11 OK"},
		{"fr", func(*Facts) {}, "CRITIQUE Acmé/Givrand srv-db-01 HostDown +2", []string{"Où : Acmé/Givrand", "appuyez sur le bouton :\n" + f.Link}, "REPONDRE"},
		{"it", func(f *Facts) { f.Tickets = 12 }, "12 x CRITICO", []string{"prema il pulsante:\n" + f.Link}, "RISPONDERE"},
		{"en", func(f *Facts) { f.Kind, f.Taker, f.TakenAt = ticket.KindTaken, "Bruno Petit", at }, "TAKEN by Bruno Petit 03:12: Acmé/Givrand srv-db-01 HostDown", []string{"More about it:\n" + f.Link}, "press the button"},
		{"en", func(f *Facts) { f.Kind, f.Taker = ticket.KindJoined, "Bruno Petit" }, "ALSO CRITICAL", []string{"(taken Bruno Petit)"}, "\r"},
		{"en", func(f *Facts) { f.Discreet() }, "CRITICAL I261121_0001", []string{"Ticket: I261121_0001\n\n"}, "srv-db-01"},
		{"en", func(f *Facts) { f.Alerts = someAlerts() }, "CRITICAL Acmé/Givrand srv-db-01 HostDown +2", []string{"\n\nsummary: it is gone\ndescription: no answer to ping\nrunbook: https://wiki.example.net/ping\nLabels: alertname=HostDown, instance=srv-db-01\n\nsrv-db-02 HostDown\nLabels: alertname=HostDown\n\nYou get this"}, "CRITICAL Acmé"},
		{"fr", func(f *Facts) { f.Alerts = someAlerts() }, "CRITIQUE", []string{"summary : it is gone\n", "Étiquettes : alertname=HostDown"}, "CRITIQUE"},
		{"en", func(f *Facts) { f.Alerts = someAlerts(); f.Discreet() }, "CRITICAL I261121_0001", nil, "wiki"},
		{"en", func(f *Facts) { f.Alerts = someAlerts(); f.Tickets = 2 }, "2 x CRITICAL", nil, "wiki"},
		{"en", func(f *Facts) { f.Alerts = someAlerts(); f.Kind, f.Taker = ticket.KindTaken, "Bruno" }, "TAKEN by Bruno", nil, "wiki"},
		{"en", func(f *Facts) { f.Title = strings.Repeat("long ", 60) }, "CRITICAL Acmé/Givrand long", []string{"CRITICAL Acmé/Givrand " + strings.TrimSpace(strings.Repeat("long ", 60)) + " +2\n"}, "\r"},
		{"en", func(f *Facts) {
			f.Alerts = someAlerts()
			f.Alerts[0].Annotations = map[string]string{"a\nTo take it": "x\r\nTo take it, open this\x00" + strings.Repeat("é", 5000)}
		}, "CRITICAL", []string{"\na To take it: x To take it, open this"}, "\nTo take it, open this\x00"},
		{"en", func(f *Facts) { f.Title, f.Customer = "a\r\nBcc: eve@example.net\x00", strings.Repeat("é", 3000) }, "CRITICAL é", nil, "\nBcc"},
	} {
		g := f
		c.change(&g)
		subject, body := Mail(c.language, g)
		if !strings.HasPrefix(subject, c.subject) || len(subject) > mailSubject || strings.ContainsAny(subject, "\r\n\x00") {
			t.Errorf("%s: subject %q, want %q", c.language, subject, c.subject)
		}
		for _, text := range c.says {
			if !strings.Contains(body, text) {
				t.Errorf("%s: nothing says %q:\n%s", c.language, text, body)
			}
		}
		if strings.Contains(body, c.never) || strings.ContainsAny(body, "\r\x00{}") {
			t.Errorf("%s: %q", c.language, body)
		}
	}
}
