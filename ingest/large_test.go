//go:build !race || long

package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestLargeAlertsAreKept: an alert that is too large is cut and taken. Two
// that differ in what was cut stay two.
func TestLargeAlertsAreKept(t *testing.T) {
	labels := func(n int, last string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"a%06d":"x",`, i)
		}
		return `{` + b.String() + `"severity":"critical","alertname":"HostDown","instance":"web-1","zz":"` + last + `"}`
	}
	tests := []struct{ name, one, two string }{
		{"a label of 7 MB", `{"alertname":"HostDown","instance":"web-1","severity":"critical","big":"` + strings.Repeat("x", 7<<20) + `1"}`, `{"alertname":"HostDown","instance":"web-1","severity":"critical","big":"` + strings.Repeat("x", 7<<20) + `2"}`},
		{"a name of 3 MB", `{"instance":"web-1","severity":"critical","alertname":"HostDown` + strings.Repeat("x", 3<<20) + `1"}`, `{"instance":"web-1","severity":"critical","alertname":"HostDown` + strings.Repeat("x", 3<<20) + `2"}`},
		{"1,000 labels", labels(1000, "1"), labels(1000, "2")},
		{"100,000 labels", labels(100000, "1"), labels(100000, "2")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			h := newHandler(tk, func(o *Options) { o.Sources[0].MaxBody = DefaultMaxBody })
			for _, set := range []string{tt.one, tt.two, tt.one} {
				for path, body := range map[string]string{
					"/ingest/prometheus/api/v2/alerts": `[{"labels":` + set + `}]`,
					"/ingest/prometheus":               `{"status":"firing","alerts":[{"labels":` + set + `}]}`,
				} {
					if w := post(t, h, path, body); w.Code >= http.StatusBadRequest {
						t.Fatalf("%s: %d %s", path, w.Code, w.Body)
					}
				}
			}
			prints := map[string]int{}
			for _, b := range tk.batches {
				a := b.Alerts[0]
				prints[a.Fingerprint]++
				bounded(t, &a)
				if a.Labels["instance"] != "web-1" || a.Labels["severity"] != "critical" || !strings.HasPrefix(a.Labels["alertname"], "HostDown") || a.Annotations[ticket.CutNote] == "" {
					t.Errorf("%v %v", a.Labels, a.Annotations)
				}
			}
			if len(prints) != 2 {
				t.Errorf("two alerts became %v", prints)
			}
		})
	}
}

// TestLabelsInAnyOrder: an alert is the same alert in whatever order its
// labels come.
func TestLabelsInAnyOrder(t *testing.T) {
	for _, n := range []int{3, 2 * pairsRead} {
		var up, down []string
		for i := range n {
			up = append(up, fmt.Sprintf(`"a%d":"%d"`, i, i))
			down = append([]string{up[i]}, down...)
		}
		var prints []string
		for _, list := range [][]string{up, down} {
			p, err := parsePosted(t.Context(), []byte(`[{"labels":{"empty":"",`+strings.Join(list, ",")+`}}]`), usual, now, nil)
			if err != nil || len(p.Alerts) != 1 {
				t.Fatalf("%+v %v", p, err)
			}
			prints = append(prints, p.Alerts[0].Fingerprint)
		}
		if prints[0] != prints[1] {
			t.Errorf("%d labels: %v", n, prints)
		}
	}
}
