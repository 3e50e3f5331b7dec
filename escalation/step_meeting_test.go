package escalation

import (
	"errors"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAMeeting: the configuration's place or an address, kept with a line, once, paging
// nobody; who asks again gets what is there.
func TestAMeeting(t *testing.T) {
	p := newPlay(t, map[string]string{"alertname": "HostDown", "customer": "acme", "urgency": "critical"})
	meet := func(address, secret string) error {
		return p.work(ActMeet, "alice", ticket.Work{Meeting: &ticket.Meeting{URL: address, Secret: secret}})
	}
	var field *ticket.FieldError
	if err := meet("", "s"); !errors.As(err, &field) || field.Field != "url" || !strings.Contains(field.Problem, "desk.meeting") {
		t.Errorf("without a template: %v", err)
	}
	rules := *p.rules
	rules.Desk.Meeting = "https://meet.example.net/{customer}/{number}-{secret}"
	p.rules = &rules
	pages, deadline := len(p.pages), p.tk.NextDeadline()
	p.lines = nil
	for _, address := range []string{"http://meet.example.net/a", "javascript:alert(1)", "https://a:b@meet.example.net/", "https://x/" + strings.Repeat("x", ticket.MaxMeeting)} {
		if err := meet(address, ""); !errors.As(err, &field) || field.Field != "url" {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, secret := range []string{"first", "second"} {
		if err := meet("", secret); err != nil {
			t.Fatal(err)
		}
	}
	want := "https://meet.example.net/acme/" + p.tk.Number + "-first"
	if p.sheet.Meeting != want || len(p.lines) != 1 || p.lines[0].Kind != ticket.EntryMeeting || p.lines[0].Text != want || p.lines[0].Actor.Name != "alice" {
		t.Fatalf("%+v, %+v", p.sheet, p.lines)
	}
	for range 2 {
		if err := meet(" https://elsewhere.example/x ", ""); err != nil {
			t.Fatal(err)
		}
	}
	if p.sheet.Meeting != "https://elsewhere.example/x" || len(p.lines) != 2 {
		t.Errorf("%s, %+v", p.sheet.Meeting, p.lines)
	}
	if len(p.pages) != pages || p.tk.State != ticket.Open || !p.tk.NextDeadline().Equal(deadline) {
		t.Errorf("it is %s, with %d pages, and the next deadline at %s", p.tk.State, len(p.pages), p.tk.NextDeadline())
	}
	p.tk.State = ticket.Closed
	var state *StateError
	if err := meet("https://late.example/", ""); !errors.As(err, &state) || p.sheet.Meeting != "https://elsewhere.example/x" {
		t.Errorf("of a closed one: %v", err)
	}
}
