package escalation

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatCostsTooMuchHoldsNothingBack: an alert whose long label is dear to hold against
// an expression pages. What costs little holds it back all the same, and so does the
// expression where the label is short.
func TestWhatCostsTooMuchHoldsNothingBack(t *testing.T) {
	now := time.Date(2026, time.November, 21, 3, 0, 0, 0, time.UTC)
	matcher := func(kind labels.MatchType, value string) labels.Matchers {
		m, err := labels.NewMatcher(kind, "text", value)
		if err != nil {
			t.Fatal(err)
		}
		return labels.Matchers{m}
	}
	long, short := strings.Repeat("x", ticket.MaxLabelValue), strings.Repeat("x", 100)
	spans := []Span{{From: now, Until: now.Add(time.Hour)}}
	dear := func(id string, cost int) Silence {
		return Silence{ID: id, Matchers: matcher(labels.MatchRegexp, "x+"), Costs: []int{cost}, Spans: spans}
	}
	misses := Silence{ID: "a", Matchers: matcher(labels.MatchNotRegexp, "x+"), Costs: []int{200}, Spans: spans} // it takes most of the effort
	for name, tt := range map[string]struct {
		value    string
		silences []Silence
		want     string
	}{
		"one that is too dear":           {long, []Silence{dear("b", 1000)}, ""},
		"the same on a short label":      {short, []Silence{dear("b", 1000)}, "b"},
		"one that is not":                {long, []Silence{dear("b", 100)}, "b"},
		"one after another took most":    {long, []Silence{misses, dear("b", 100)}, ""},
		"a cheap one after one too dear": {long, []Silence{dear("b", 1000), {ID: "c", Matchers: matcher(labels.MatchEqual, long), Costs: []int{0}, Spans: spans}}, "c"},
		"a short one after one too dear": {long, []Silence{dear("b", 1000), dear("c", 20)}, "c"},
	} {
		r := &Rules{Silences: tt.silences, Location: time.UTC}
		a := &ticket.Alert{Source: "s", Status: ticket.Firing, Labels: map[string]string{"text": tt.value}}
		if got := r.Mute(a, now); got.Silence != tt.want {
			t.Errorf("%s: %q, want %q", name, got.Silence, tt.want)
		}
		if got := strings.Join(r.MutedBy(a, now), "+"); got != tt.want {
			t.Errorf("%s: by %q, want %q", name, got, tt.want)
		}
		group := &ticket.Ticket{Source: "s", Group: a.Labels}
		if got := r.MuteAll(group, now); got.Silence != tt.want {
			t.Errorf("%s: all by %q, want %q", name, got.Silence, tt.want)
		}
	}
}
