//go:build !race || long

package upstream_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// TestNoAnswerCostsMuch: whatever a tool answers, right or wrong, neither memory nor time
// grows beyond its bounds. Sixteen megabytes of {} took 2.9 GB as a list of alerts.
//
// Under the race detector, which makes everything ten times as slow, answers are an
// eighth as long; .ci/test also runs it without.
func TestNoAnswerCostsMuch(t *testing.T) {
	size := ticket.MaxToolAnswer
	if underRace {
		size /= 8
	}
	list := func(of string) string {
		return "[" + strings.Repeat(of+",", (size-100)/(len(of)+1)) + of + "]"
	}
	for name, body := range map[string]string{
		"empty objects": list("{}"), "empty lists": list("[]"), "zeros": list("0"), "nulls": list("null"),
		"lists in each other": strings.Repeat("[", size), "objects in each other": strings.Repeat(`{"a":`, size/5),
		"a list in what it says": `{"status":"success","data":` + list("{}") + `}`, "groups": `{"status":"success","data":{"groups":` + list(`{"rules":[]}`) + `}}`,
		"results": `{"results":` + list("{}") + `}`, "a result": `{"jsonrpc":"2.0","result":` + list("{}") + `,"id":1}`,
		"one long text": `"` + strings.Repeat("x", size-2) + `"`, "names": `{` + strings.Repeat(`"":0,`, (size-100)/5) + `"":0}`,
		"more than is read": strings.Repeat(" ", ticket.MaxToolAnswer+1),
	} {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
			if status != http.StatusOK && name != "names" && name != "empty objects" { // of an error a word is looked for
				continue
			}
			o := at(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}))
			alert := ticket.Alert{Labels: map[string]string{"alertname": "x", "host": "srv"}, GeneratorURL: "http://prometheus.example.net/graph?g0.expr=up"}
			for tool, ask := range map[string]func() error{
				"Alertmanager": func() error { return first(upstream.NewAlertmanager(o).Silences(t.Context())) },
				"Icinga":       func() error { return first(upstream.NewIcinga(o).Comments(t.Context(), "I261127_0001 (")) },
				"Zabbix":       func() error { return first(upstream.NewZabbix(o).Problems(t.Context(), []string{"11"})) },
				"Prometheus": func() error {
					upstream.NewPrometheus(o, func() time.Time { return time.Unix(1_795_000_000, 0) }).Ask(t.Context(), &alert)
					return nil
				},
			} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				err := ask()
				took := time.Since(began)
				runtime.ReadMemStats(&after)
				if all := (after.TotalAlloc - before.TotalAlloc) >> 20; all > 250 || took > 30*time.Second || err != nil && len(err.Error()) > 2*ticket.MaxEffectError {
					t.Errorf("%s, %s, %d: %d MiB in all, %s, %.300v", tool, name, status, all, took, err)
				}
			}
		}
	}
}

func first[T any](_ T, err error) error { return err }
