package escalation

import (
	"testing"

	"github.com/prometheus/alertmanager/matcher/parse"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestASourcesUrgency: its own rules come before the general ones, and after
// the alert's own label.
func TestASourcesUrgency(t *testing.T) {
	rules := testRules(t)
	m, err := parse.Matchers(`severity="critical"`)
	if err != nil {
		t.Fatal(err)
	}
	if rules.Sources == nil {
		rules.Sources = map[string]SourceRule{}
	}
	rules.Sources["lab"] = SourceRule{Urgencies: []UrgencyRule{{Matchers: m, Urgency: ticket.Low}}}
	for _, tt := range []struct {
		source string
		labels map[string]string
		want   ticket.Urgency
	}{
		{"lab", map[string]string{"severity": "critical"}, ticket.Low},
		{"lab", map[string]string{"severity": "critical", "urgency": "major"}, ticket.Major},
		{"prometheus", map[string]string{"severity": "critical"}, ticket.Critical},
		{"lab", map[string]string{"severity": "warning"}, rules.Resolve(&ticket.Alert{Labels: map[string]string{"severity": "warning"}}).Urgency},
	} {
		if got := rules.Resolve(&ticket.Alert{Source: tt.source, Status: ticket.Firing, Labels: tt.labels}).Urgency; got != tt.want {
			t.Errorf("%s %v: %s, want %s", tt.source, tt.labels, got, tt.want)
		}
	}
}
