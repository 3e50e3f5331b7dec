package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// mostGrowth and mostTime are the most that any one body may cost here. The
	// time allows for a busy machine; cmd/astreinte holds the program itself to 5
	// s.
	mostGrowth = 200 << 20
	mostTime   = 30 * time.Second
)

// hostileSize is the length of the bodies: the longest that a source allows by
// default. Under the race detector, which makes everything ten times as slow,
// it is an eighth of that. .ci/test also runs these tests without it.
func hostileSize() int {
	if underRace {
		return DefaultMaxBody / 8
	}
	return DefaultMaxBody
}

// filled makes bodies: begin, each(0), each(1), … with commas between, and end.
func filled(begin, end string, each func(i int) string) func(size int) string {
	return func(size int) string {
		var b strings.Builder
		b.WriteString(begin)
		for i := 0; ; i++ {
			next := each(i)
			if next == "" || b.Len()+len(next)+len(end)+1 > size {
				break
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(next)
		}
		b.WriteString(end)
		return b.String()
	}
}

// long makes bodies of begin, with again and again, and end.
func long(begin, end, with string) func(size int) string {
	return func(size int) string {
		return begin + strings.Repeat(with, (size-len(begin)-len(end))/len(with)) + end
	}
}

func deep(begin, open, middle, shut, end string, most int) func(size int) string {
	return func(size int) string {
		n := min(most, (size-len(begin)-len(middle)-len(end))/len(open+shut))
		return begin + strings.Repeat(open, n) + middle + strings.Repeat(shut, n) + end
	}
}

func always(s string) func(int) string { return func(int) string { return s } }

func each(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

// hostileBody is a body that somebody made, not a monitoring tool.
type hostileBody struct {
	name  string
	body  func(size int) string // of the API; in a webhook it is the list
	taken int                   // alerts; -1: as many as fit
}

func hostileBodies() []hostileBody {
	return []hostileBody{
		{"numbers", filled("[", "]", always("0")), 0},
		{"empty alerts", filled("[", "]", always("{}")), 0},
		{"nulls", filled("[", "]", always("null")), 0},
		{"deep lists", deep("", "[", "", "]", "", math.MaxInt), 0},
		{"deep objects", deep(`[{"labels":{"a":"b"},"x":`, `{"a":`, "1", "}", `}]`, math.MaxInt), 0},
		{"nested as deep as may be", deep(`[{"labels":{"a":"b"},"x":`, "[", "", "]", `}]`, 9000), 1},
		{"one string", long(`[{"labels":{"a":"`, `"}}]`, "x"), 1},
		{"one name", long(`[{"labels":{"`, `":"b"}}]`, "x"), 1},
		{"an escaped string", long(`[{"labels":{"a":"`, `"}}]`, `\u00e9`), 1},
		{"a string that is not UTF-8", long(`[{"labels":{"a":"`, `"}}]`, "\xff"), 1},
		{"half characters", long(`[{"labels":{"a":"`, `"}}]`, `\ud800`), 1},
		{"one label again and again", filled(`[{"labels":{`, `}}]`, always(`"a":"b"`)), 1},
		{"an alert name again and again", filled(`[{"labels":{`, `}}]`, always(`"alertname":"b"`)), 1},
		{"labels without end", filled(`[{"labels":{`, `}}]`, each(`"%x":"b"`)), 1},
		{"annotations without end", filled(`[{"labels":{"a":"b"},"annotations":{`, `}}]`, each(`"%x":"b"`)), 1},
		{"labels that are empty", filled(`[{"labels":{"x":"y",`, `}}]`, each(`"%x":""`)), 1},
		{"objects in place of strings", filled(`[{"labels":{`, `}}]`, each(`"%x":{}`)), 0},
		{"alerts with objects in place of strings", filled(`[`, `]`, each(`{"labels":{"a":{"b":"%d"}}}`)), 0},
		{"unknown fields", filled(`[{"labels":{"a":"b"},`, `}]`, each(`"%x":[{},1,"x"]`)), 1},
		{"an unknown field", long(`[{"labels":{"a":"b"},"x":[""`, `]}]`, `,""`), 1},
		{"labels given twice", filled(`[{`, `}]`, each(`"labels":{"a%d":"b"}`)), 1},
		{"a time that is none", long(`[{"labels":{"a":"b"},"startsAt":"`, `"}]`, "2"), 0},
		{"bad and long", filled(`[`, `]`, always(`{"labels":{"`+strings.Repeat("y", 60<<10)+`":7}}`)), 0},
		{"space", long(`[{"labels":{"a":"b"}`, `}]`, " "), 1},
		{"tiny alerts", filled(`[`, `]`, each(`{"labels":{"a":"%d"}}`)), DefaultMaxAlerts},
		{"alerts with as many labels as may be", filled(`[`, `]`, func(i int) string {
			return `{"labels":{` + manyLabels(i, ticket.MaxLabels) + `}}`
		}), -1},
		{"alerts with more labels than that", filled(`[`, `]`, func(i int) string {
			return `{"labels":{` + manyLabels(i, 4*ticket.MaxLabels) + `}}`
		}), -1},
		{"no end", long(`[{"labels":{"a":"b"}},`, ``, `{"labels":{"a":"b"}},`), 0},
	}
}

func manyLabels(alert, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%x":"%x"`, i, alert)
	}
	return b.String()
}

// peak is how much more memory f had in use than before, and how long it took.
func peak(t *testing.T, f func()) (grown int64, took time.Duration) {
	t.Helper()
	debug.FreeOSMemory()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	used := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before, done, most := used(), make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for highest := int64(0); ; highest = max(highest, used()) {
			select {
			case <-done:
				most <- max(highest, used())
				return
			case <-tick.C:
			}
		}
	}()
	began := time.Now()
	f()
	took = time.Since(began)
	close(done)
	return <-most - before, took
}

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func costs(t *testing.T, b hostileBody, path, body string) {
	t.Helper()
	tk := &taker{}
	h := newHandler(tk, func(o *Options) { o.Sources[0].MaxBody = DefaultMaxBody })
	code, said := 0, 0
	grown, took := peak(t, func() {
		w := post(t, h, path, body)
		code, said = w.Code, w.Body.Len()
	})
	t.Logf("%s: %d, %d MiB, %s", path, code, grown>>20, took.Round(time.Millisecond))
	if grown > mostGrowth || took > mostTime || said > 16<<10 {
		t.Errorf("%s: %d MiB, %s, answered %d with %d bytes", path, grown>>20, took, code, said)
	}
	alerts := 0
	for _, b := range tk.batches {
		alerts += len(b.Alerts)
	}
	if alerts != b.taken && (b.taken >= 0 || alerts == 0) {
		t.Errorf("%s: %d alerts were taken, want %d", path, alerts, b.taken)
	}
}

// TestAReaderWhoseSenderLeavesStops: nothing is read once nobody waits for it.
func TestAReaderWhoseSenderLeavesStops(t *testing.T) {
	for _, path := range []string{"/ingest/prometheus", "/ingest/prometheus/api/v2/alerts"} {
		tk := &taker{}
		list := filled(`[`, `]`, each(`{"labels":{"a":"%d"}}`))(DefaultMaxBody / 2)
		if !strings.HasSuffix(path, "alerts") {
			list = `{"status":"firing","alerts":` + list + `}`
		}
		h := newHandler(tk, func(o *Options) { o.Sources[0].MaxBody = DefaultMaxBody })
		w := post(t, h, path, list, func(r *http.Request) {
			ctx, leave := context.WithCancel(r.Context())
			leave()
			*r = *r.WithContext(ctx)
		})
		if len(tk.batches) > 0 || w.Code != statusGone {
			t.Errorf("%s: %d, %d batches", path, w.Code, len(tk.batches))
		}
	}
}
