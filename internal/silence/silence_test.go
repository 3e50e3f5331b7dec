package silence

import (
	"errors"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

var morning = time.Date(2026, 3, 28, 8, 0, 0, 0, time.UTC)

func hours(from, until time.Duration) Silence {
	return Silence{ID: "s1", Matchers: []string{`host="a"`}, From: morning.Add(from), Until: morning.Add(until), Why: "x"}
}

// TestSpans: a silence that comes again does so by the clock on the wall, whatever the
// clocks do, and is as long each time.
func TestSpans(t *testing.T) {
	s := hours(0, time.Hour)
	s.Every, s.Zone = "1d", "Europe/Paris" // 09:00; the clocks change in the night to 29 March
	want := []time.Time{morning, morning.Add(23 * time.Hour), morning.Add(47 * time.Hour)}
	spans := s.spans(morning.Add(30 * time.Minute))
	for i, at := range want {
		if len(spans) < len(want) || !spans[i].From.Equal(at) || spans[i].Until.Sub(at) != time.Hour {
			t.Fatalf("%d: %v, want %s", i, spans, at)
		}
	}
	if state, next := s.StateAt(morning.Add(2 * time.Hour)); state != Pending || !next.From.Equal(want[1]) {
		t.Errorf("%s %v", state, next)
	}
	if at := s.turn(morning); !at.Equal(morning.Add(time.Hour)) {
		t.Errorf("its next turn is %s", at)
	}
	s.Ended = morning.Add(10 * time.Minute)
	if state, _ := s.StateAt(morning.Add(20 * time.Minute)); state != Expired || !s.turn(morning.Add(20*time.Minute)).IsZero() {
		t.Errorf("ended, and %s", state)
	}
	yearly := hours(0, time.Hour)
	yearly.Every, yearly.Zone = "FREQ=YEARLY", "Europe/Paris"
	if state, next := yearly.StateAt(morning.AddDate(0, 2, 0)); state != Pending || !next.From.Equal(morning.AddDate(1, 0, 0).Add(-time.Hour)) {
		t.Errorf("%s %v", state, next) // 09:00 in summer by then
	}
}

// firing is a view of a ticket with alerts of these hosts that fire.
func firing(more int, hosts ...string) *ticket.View {
	v := &ticket.View{Ticket: ticket.Ticket{State: ticket.Open, Urgency: ticket.Minor, Firing: len(hosts) + more, UpdatedAt: morning, Group: map[string]string{"site": "Givrand"}}}
	for _, host := range hosts {
		v.Alerts = append(v.Alerts, ticket.AlertRecord{Urgency: ticket.Major, Alert: ticket.Alert{Status: ticket.Firing, Labels: map[string]string{"host": host}}})
	}
	return v
}

func TestJudge(t *testing.T) {
	bySite := hours(0, 3*time.Hour)
	bySite.ID, bySite.Matchers = "s2", []string{`site="Givrand"`}
	follows := hours(time.Hour, 2*time.Hour)
	follows.ID = "s3"
	ofC := hours(0, 30*time.Minute)
	ofC.ID, ofC.Matchers = "s4", []string{`host="c"`}
	now := morning.Add(time.Minute)
	for _, c := range []struct {
		name  string
		of    *ticket.View
		muted string
		list  []Silence
		until time.Duration // of what it is told; zero: nothing holds it back
		tells bool
	}{
		{"all are held back", firing(0, "a", "a"), "", []Silence{hours(0, time.Hour)}, time.Hour, true},
		{"the earlier end counts", firing(0, "a", "c"), "", []Silence{hours(0, time.Hour), ofC}, 30 * time.Minute, true},
		{"one is not", firing(0, "a", "b"), "", []Silence{hours(0, time.Hour)}, 0, true}, // it is worse than the ticket
		{"one is not, and was", firing(0, "a", "b"), "s1", []Silence{hours(0, time.Hour)}, 0, true},
		{"silences that follow each other", firing(0, "a"), "", []Silence{hours(0, time.Hour), follows}, 2 * time.Hour, true},
		{"none any more", firing(0, "a"), "s1", nil, 0, true},
		{"one that has not begun", firing(0, "a"), "", []Silence{hours(time.Hour, 2*time.Hour)}, 0, true},
		{"more than can be seen", firing(30, "a"), "", []Silence{hours(0, time.Hour)}, 0, false},
		{"more than can be seen, by what they share", firing(30, "c"), "", []Silence{bySite}, 0, true},
		{"nothing fires", firing(0), "", []Silence{hours(0, time.Hour)}, 0, false},
	} {
		for i := range c.of.Alerts {
			if c.name == "more than can be seen, by what they share" {
				c.of.Alerts[i].Labels["site"], c.until = "Givrand", 3*time.Hour
			}
		}
		if c.muted != "" {
			c.of.Ticket.Progress.Mute = ticket.Mute{Until: morning.Add(time.Hour), Silence: c.muted}
		}
		rules := &escalation.Rules{Silences: Rules(c.list, now)}
		event, tells := Judge(c.of, rules, now)
		if tells != c.tells || tells && (c.until == 0) != event.Mute.Until.IsZero() || c.until > 0 && !event.Mute.Until.Equal(morning.Add(c.until)) {
			t.Errorf("%s: %+v %v", c.name, event, tells)
		}
	}
}

// TestWhoIsConcerned: only tickets are read that a silence may hold back, or did.
func TestWhoIsConcerned(t *testing.T) {
	s := hours(0, time.Hour)
	s.Matchers = []string{`site="Nantes"`, `host="a"`}
	matchers, err := parseMatchers(s.Matchers)
	if err != nil {
		t.Fatal(err)
	}
	due := []turning{{&s, matchers, Costs(matchers)}}
	of := firing(0, "a").Ticket
	if concerned(&of, due) {
		t.Error("a ticket of another site is read")
	}
	of.Progress.Mute.Silence = "s1"
	if !concerned(&of, due) {
		t.Error("a ticket that it holds back is not read")
	}
	of.Progress.Mute, of.Group = ticket.Mute{}, map[string]string{"site": "Nantes"}
	if !concerned(&of, due) {
		t.Error("a ticket that it may hold back is not read")
	}
	s.Source = "zabbix"
	if concerned(&of, due) {
		t.Error("a ticket of another source is read")
	}
}

// TestWhatIsForgotten: a silence that is over is kept for ninety days.
func TestWhatIsForgotten(t *testing.T) {
	store := storetest.New().Records()
	ctx, book := t.Context(), NewBook(store, nil)
	now := morning
	rules := &escalation.Rules{Location: time.UTC}
	asked := hours(0, time.Hour)
	asked.ID = ""
	made, err := book.Make(ctx, asked, rules, now)
	if err != nil {
		t.Fatal(err)
	}
	turn := func() int {
		t.Helper()
		due, err := book.claim(ctx, "me", now)
		if err != nil {
			t.Fatal(err)
		}
		for i := range due {
			if err := book.done(ctx, store, &due[i], now); err != nil {
				t.Fatal(err)
			}
		}
		return len(due)
	}
	for _, c := range []struct {
		after time.Duration
		due   int
	}{{0, 1}, {30 * time.Minute, 0}, {time.Hour, 1}, {24 * time.Hour, 0}, {89 * 24 * time.Hour, 0}} {
		if now = morning.Add(c.after); turn() != c.due {
			t.Errorf("after %s: not %d due", c.after, c.due)
		}
	}
	living, err := book.Living(ctx)
	if _, kept := book.Get(ctx, made.ID); err != nil || len(living) != 0 || kept != nil {
		t.Errorf("%v %v: what is over is not among those that may hold, and is kept", living, kept)
	}
	if _, err := book.End(ctx, made.ID, "alice", now); !errors.Is(err, ErrOver) {
		t.Errorf("it is ended again: %v", err)
	}
	now = morning.Add(92 * 24 * time.Hour)
	for _, kind := range Expiring() {
		if n, err := records.Expire(ctx, store, kind, "me", now, 10); n != 1 || err != nil {
			t.Errorf("%d are forgotten: %v", n, err)
		}
	}
	if _, err := book.Get(ctx, made.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is kept: %v", err)
	}
}

// TestJudgeOfWhatWaits: an alert that waits for the end of its silence by itself is told
// of that end, and of a later one.
func TestJudgeOfWhatWaits(t *testing.T) {
	now := morning.Add(time.Minute)
	rules := &escalation.Rules{Silences: Rules([]Silence{hours(0, 2*time.Hour)}, now)}
	v := firing(0, "a", "b")
	v.Ticket.Urgency = ticket.Critical
	v.Alerts[0].Fingerprint, v.Alerts[1].Fingerprint = "fa", "fb"
	v.Ticket.Progress.Held = []ticket.Held{{Alert: "fa", Mute: ticket.Mute{Until: morning.Add(time.Hour), Silence: "s1"}}}
	event, tells := Judge(v, rules, now)
	if m := event.Held["fa"]; !tells || !m.Until.Equal(morning.Add(2*time.Hour)) || len(event.Held) != 1 {
		t.Errorf("%+v %v", event, tells)
	}
	v.Ticket.Progress.Held[0].Mute = event.Held["fa"]
	if event, tells = Judge(v, rules, now); tells {
		t.Errorf("again: %+v", event)
	}
	rules.Silences = nil
	if event, tells = Judge(v, rules, now); !tells || event.Held["fa"].Holds(now) || len(event.Held) != 1 {
		t.Errorf("ended: %+v %v", event, tells)
	}
	s := hours(0, time.Hour)
	s.Matchers, s.ID = []string{`site="Nantes"`}, "s1"
	if matchers, _ := parseMatchers(s.Matchers); !concerned(&v.Ticket, []turning{{&s, matchers, Costs(matchers)}}) {
		t.Error("a ticket with an alert that it holds back is not read")
	}
}
