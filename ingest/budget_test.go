package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// waiter takes alerts when it is let, and says that it has some.
type waiter struct{ has, let chan struct{} }

func (w *waiter) Take(_ context.Context, b ticket.Batch) (Taken, error) {
	w.has <- struct{}{}
	<-w.let
	return Taken{Accepted: len(b.Alerts)}, nil
}

// TestBodiesInFlightShareABudget: a body that does not fit gets 503, whoever
// sends it. It fits again when the others are done.
func TestBodiesInFlightShareABudget(t *testing.T) {
	wait := &waiter{has: make(chan struct{}), let: make(chan struct{})}
	h := newHandler(nil, func(o *Options) {
		o.Taker, o.Memory = wait, 100<<10*becomes
		for _, name := range []string{"prometheus", "second", "third"} {
			o.Sources = append(o.Sources, Source{Name: name, Type: TypeAlertmanager, Token: "s3cr3t", MaxBody: 1 << 20})
		}
	})
	body := func(size int) string {
		b := `{"status":"firing","alerts":[{"labels":{"a":"b"}}]`
		return b + strings.Repeat(" ", size-len(b)-1) + "}"
	}
	var sent sync.WaitGroup
	send := func(source string, size int) {
		sent.Go(func() {
			if w := post(t, h, "/ingest/"+source, body(size)); w.Code != http.StatusAccepted {
				t.Errorf("%s: %d %s", source, w.Code, w.Body)
			}
		})
		<-wait.has
	}
	busy := func(source string, size int) {
		t.Helper()
		w := post(t, h, "/ingest/"+source, body(size))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", source, w.Code, w.Body)
		}
	}
	if w := post(t, h, "/ingest/prometheus", body(80<<10)); w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "more memory") {
		t.Errorf("a body that never fits: %d %s", w.Code, w.Body)
	}
	send("prometheus", 60<<10)
	busy("prometheus", 20<<10) // a source leaves a quarter to the others
	send("second", 30<<10)
	busy("third", 20<<10)
	send("third", 5<<10)
	close(wait.let)
	sent.Wait()
	if h.budget.taken != 0 || len(h.budget.by) != 0 {
		t.Errorf("when all is answered %d bytes are taken, by %v", h.budget.taken, h.budget.by)
	}
	go func() { <-wait.has }()
	if w := post(t, h, "/ingest/prometheus", body(60<<10)); w.Code != http.StatusAccepted {
		t.Errorf("after the others: %d %s", w.Code, w.Body)
	}
}

// TestMaxAlerts: of too many alerts the first are taken, and the answer names
// the limit. After a hundred wrong ones, reading ends.
func TestMaxAlerts(t *testing.T) {
	many := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, ",")
	}
	good, bad := `{"labels":{"a":"%d"}}`, `{"labels":{"a":%d}}`
	tests := []struct {
		name, list string
		most       int
		taken      int
		says       string
	}{
		{"as many as may be", many(5, good), 5, 5, ""},
		{"one more", many(6, good), 5, 5, "5 alerts are taken of a request at most, and 1 were left out: raise sources.prometheus.max_alerts, or send less at once (the other 5 were taken)"},
		{"many more", many(80, good), 5, 5, "75 were left out"},
		{"wrong ones do not count", many(2, bad) + "," + many(5, good), 5, 5, "alerts[1]: labels.a: number where string is wanted, at line 1, column "},
		{"the hundredth", many(99, bad) + "," + many(9, good), 50, 9, "and 89 more (the other 9 were taken)"},
		{"enough", many(9, good) + "," + many(100, bad) + "," + many(7, good), 50, 9, "and 90 more; the 7 after the first 100 that are wrong were not read (the other 9 were taken)"},
	}
	for _, tt := range tests {
		for path, body := range map[string]string{
			"/ingest/prometheus":               `{"alerts":[` + tt.list + `],"status":"firing","groupKey":"g"}`,
			"/ingest/prometheus/api/v2/alerts": `[` + tt.list + `]`,
		} {
			tk := &taker{}
			w := post(t, newHandler(tk, func(o *Options) { o.Sources[0].MaxBody, o.Sources[0].MaxAlerts = 1<<20, tt.most }), path, body)
			if (w.Code == http.StatusBadRequest) != (tt.says != "") || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%s: %s: %d %s", tt.name, path, w.Code, w.Body)
			}
			if len(tk.batches) != 1 || len(tk.batches[0].Alerts) != tt.taken || tk.batches[0].Alerts[0].Labels["a"] != "0" {
				t.Errorf("%s: %s: took %+v", tt.name, path, tk.batches)
			}
		}
	}
}

// TestAlertsAreHandedOn: a thousand alerts at once, until all of a request are
// taken. If one of these steps fails, the sender must send again. If the body
// is not JSON to its end, nothing is handed on.
func TestAlertsAreHandedOn(t *testing.T) {
	alerts := make([]string, 2*atOnce+500)
	for i := range alerts {
		alerts[i] = fmt.Sprintf(`{"labels":{"a":"%d"}}`, i)
	}
	good := `[` + strings.Join(alerts, ",") + `]`
	hook := func(list string) string {
		return `{"alerts":` + list + `,"truncatedAlerts":1,"status":"resolved","groupKey":"g"}`
	}
	for path, body := range map[string]string{"/ingest/prometheus/api/v2/alerts": good, "/ingest/prometheus": hook(good)} {
		large := func(o *Options) { o.Sources[0].MaxBody = 1 << 20 }
		tk := &taker{}
		w := post(t, newHandler(tk, large), path, body)
		if w.Code >= http.StatusBadRequest || len(tk.batches) != 3 || len(tk.batches[0].Alerts) != atOnce || len(tk.batches[2].Alerts) != 500 || tk.batches[2].Alerts[499].Labels["a"] != "2499" {
			t.Errorf("%s: %d %s, %d batches", path, w.Code, w.Body, len(tk.batches))
		}
		if last := tk.batches[2]; last.Source != "prometheus" || strings.HasPrefix(body, "{") != (len(last.ResolveGroups) == 1) || tk.batches[0].ResolveGroups != nil {
			t.Errorf("%s: groups %v, then %v", path, tk.batches[0].ResolveGroups, last.ResolveGroups)
		}
		if strings.HasPrefix(body, "{") && strings.TrimSpace(w.Body.String()) != `{"accepted":2500,"tickets":["I261121_0001"]}` {
			t.Errorf("%s: answered %s", path, w.Body)
		}
		for _, broken := range []string{strings.TrimSuffix(body, "]"), body + "]", strings.Replace(body, "2400", "24\n00", 1)} {
			if tk := (&taker{}); broken != body {
				if w := post(t, newHandler(tk, large), path, broken); w.Code != http.StatusBadRequest || len(tk.batches) > 0 {
					t.Errorf("%s: a body that is broken: %d, %d batches", path, w.Code, len(tk.batches))
				}
			}
		}
		if w := post(t, newHandler(&taker{err: errors.New("full")}, large), path, body); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: not taken: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestAlertsGivenTwice: both lists of a body with two lists are read.
func TestAlertsGivenTwice(t *testing.T) {
	tk := &taker{}
	w := post(t, newHandler(tk), "/ingest/prometheus", `{"alerts":[{"labels":{"a":"1"}}],"status":"firing","alerts":[{"labels":{"a":"2"}},{"labels":7}],"Alerts":[]}`)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "alerts[2]: labels: number where object is wanted") || len(tk.batches[0].Alerts) != 2 {
		t.Errorf("%d %s, took %+v", w.Code, w.Body, tk.batches)
	}
}
