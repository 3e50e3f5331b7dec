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

// bounded checks an alert against the table of limits.
func bounded(t *testing.T, a *ticket.Alert) {
	t.Helper()
	total := 0
	for k, v := range a.Labels {
		total += len(k) + len(v)
		if len(k) > ticket.MaxLabelName || len(v) > ticket.MaxLabelValue {
			t.Errorf("label of %d bytes with %d", len(k), len(v))
		}
	}
	for k, v := range a.Annotations {
		total += len(k) + len(v)
		if len(k) > ticket.MaxLabelName || len(v) > ticket.MaxAnnotationValue {
			t.Errorf("annotation of %d bytes with %d", len(k), len(v))
		}
	}
	total -= len(ticket.CutNote) + len(a.Annotations[ticket.CutNote])
	if len(a.Labels) > ticket.MaxLabels || len(a.Annotations) > ticket.MaxAnnotations || total > ticket.MaxAlertText ||
		len(a.GeneratorURL) > ticket.MaxURL || len(a.SenderGroup) > ticket.MaxSenderGroup || len(a.Title()) > ticket.MaxTitle {
		t.Errorf("%d labels, %d annotations, %d bytes, an address of %d, a group of %d, a title of %d",
			len(a.Labels), len(a.Annotations), total, len(a.GeneratorURL), len(a.SenderGroup), len(a.Title()))
	}
}
