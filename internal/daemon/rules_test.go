package daemon

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/ingest/mailin"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/twilio"
)

const docs = "../../docs"

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAlertRulesPassPromtool: Prometheus itself reads docs/alerts.yml, and
// runs each rule on invented series.
func TestAlertRulesPassPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is not installed: apt-get install prometheus (bash .ci/test does it)")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = docs
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

// TestEveryAlertRuleIsTestedAndExplained: each rule is in alerts_test.yml and
// has a line in docs/OPERATIONS.md, and no line is about a rule that does not
// exist.
func TestEveryAlertRuleIsTestedAndExplained(t *testing.T) {
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)- alert: (\w+)$`).FindAllStringSubmatch(readDoc(t, "alerts.yml"), -1) {
		named[m[1]] = true
	}
	if len(named) == 0 {
		t.Fatal("no rules in alerts.yml")
	}
	tests, explained := readDoc(t, "alerts_test.yml"), map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(Astreinte\\w+)` \\|").FindAllStringSubmatch(readDoc(t, "OPERATIONS.md"), -1) {
		explained[m[1]] = true
	}
	for alert := range named {
		if !regexp.MustCompile(`alertname: ` + alert + `\n +exp_alerts:\n`).MatchString(tests) {
			t.Errorf("alerts_test.yml never sees %s fire", alert)
		}
	}
	if !maps.Equal(named, explained) {
		t.Errorf("rules %v\nexplained in OPERATIONS.md %v", slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(explained)))
	}
}

// metricsOf are the daemon's own metrics with the labels of each.
func metricsOf(t *testing.T, r *prometheus.Registry) map[string][]string {
	t.Helper()
	descs := make(chan *prometheus.Desc)
	go func() {
		r.Describe(descs)
		close(descs)
	}()
	shape := regexp.MustCompile(`fqName: "(\w+)".*constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)
	quoted := regexp.MustCompile(`="(?:[^"\\]|\\.)*"`)
	found := map[string][]string{}
	for d := range descs {
		m := shape.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("a metric's description has another form: %s", d)
		}
		if strings.HasPrefix(m[1], "astreinte_") {
			labels := strings.FieldsFunc(quoted.ReplaceAllString(m[2], "")+","+m[3], func(c rune) bool { return c == ',' || c == ' ' })
			slices.Sort(labels)
			found[m[1]] = labels
		}
	}
	return found
}

// TestEveryMetricIsListed compares the list in docs/OPERATIONS.md with what a
// daemon registers, both ways, labels too.
func TestEveryMetricIsListed(t *testing.T) {
	listed := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(astreinte_\\w+)` \\| \\w+ \\|([^|]*)\\|").FindAllStringSubmatch(readDoc(t, "OPERATIONS.md"), -1) {
		labels := strings.FieldsFunc(m[2], func(c rune) bool { return c == ' ' || c == '`' || c == ',' })
		slices.Sort(labels)
		listed[m[1]] = labels
	}
	inTown(t, func(t *testing.T, w *town) {
		registered := metricsOf(t, w.daemon.Load().metrics.registry)
		others := prometheus.NewRegistry() // of a daemon with mail_in and an archive, which this one is not
		mailin.New(mailin.Options{Registerer: others, Log: zap.NewNop()})
		archive.NewFollower(archive.FollowerOptions{Registerer: others})
		maps.Copy(registered, metricsOf(t, others))
		for name, labels := range registered {
			if has, ok := listed[name]; !ok || !slices.Equal(has, labels) {
				t.Errorf("OPERATIONS.md lists %s with %q (%t), the daemon registers it with %q", name, has, ok, labels)
			}
		}
		for name := range listed {
			if _, ok := registered[name]; !ok {
				t.Errorf("OPERATIONS.md lists %s, which the daemon does not register", name)
			}
		}
	})
}

// valuesOf are the values that a label can have, if a rule asks for one.
var valuesOf = map[string][]string{
	"astreinte_webhook_events_total.event": {twilio.EventWrongURL, twilio.EventForged, twilio.EventOptOut, twilio.EventRetry},
	"astreinte_ticket_events_total.event":  {string(ticket.EntryUnreachable)},
	"astreinte_receipts_total.state":       {string(ticket.PageUndelivered), string(ticket.PageFailed)},
	"astreinte_texts_total.outcome":        {"failed"},
	"astreinte_provider_errors_total.class": {
		paging.DeadAccount.String(), paging.Filtered.String(), paging.Transient.String(), paging.OutcomeUnknown.String(),
	},
}

// TestAlertRulesAskForWhatThereIs: a daemon registers each metric of the
// rules, the metric has each label, and the code counts each value.
func TestAlertRulesAskForWhatThereIs(t *testing.T) {
	selectors := regexp.MustCompile(`(astreinte_\w+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(rulesOnly(readDoc(t, "alerts.yml")), -1)
	matchers := regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	inTown(t, func(t *testing.T, w *town) {
		registered := metricsOf(t, w.daemon.Load().metrics.registry)
		for _, s := range selectors {
			name := s[1]
			if _, ok := registered[name]; !ok {
				name = strings.TrimSuffix(name, "_bucket")
			}
			labels, ok := registered[name]
			if !ok {
				t.Errorf("alerts.yml asks for %s, which the daemon does not register", s[1])
			}
			for _, m := range matchers.FindAllStringSubmatch(s[2], -1) {
				if !slices.Contains(labels, m[1]) {
					t.Errorf("alerts.yml asks for label %s of %s, which has %q", m[1], name, labels)
				}
				known, closed := valuesOf[name+"."+m[1]]
				for _, value := range strings.Split(m[2], "|") {
					if closed && !slices.Contains(known, value) {
						t.Errorf("alerts.yml asks for %s{%s=%q}: %q are known", name, m[1], value, known)
					}
				}
			}
		}
	})
}

// rulesOnly is the file without its comments.
func rulesOnly(text string) string {
	return regexp.MustCompile(`(?m)^\s*#.*$`).ReplaceAllString(text, "")
}

// TestTheUnitHasItsWalls: the unit of docs/OPERATIONS.md bounds descriptors
// and memory, because the daemon shares out what they leave it.
func TestTheUnitHasItsWalls(t *testing.T) {
	unit := regexp.MustCompile(`(?s)\n\[Service\]\n(.*?)\n(?:\[|` + "```" + `)`).FindStringSubmatch(readDoc(t, "OPERATIONS.md"))
	if unit == nil {
		t.Fatal("no unit in OPERATIONS.md")
	}
	for _, wall := range []string{`LimitNOFILE=[1-9]\d{3,}`, `MemoryMax=[1-9]\d*[MG]`} {
		if !regexp.MustCompile("(?m)^" + wall + "$").MatchString(unit[1]) {
			t.Errorf("the unit has no %s", wall)
		}
	}
}
