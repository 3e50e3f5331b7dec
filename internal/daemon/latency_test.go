package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// between is how long nothing happens before the next page.
const between = 20 * time.Millisecond

// BenchmarkFirstPage measures an idle page from outside: from the POST of a
// new critical alert until the SMS provider receives the request. Everything
// goes over loopback HTTP and is durable on disk; pacing and bundling are off.
// Besides the mean it reports p50 and p99.
func BenchmarkFirstPage(b *testing.B) {
	b.Run("bolt", func(b *testing.B) { firstPage(b, "bolt:"+b.TempDir()+"/astreinte.db") })
	b.Run("redis", func(b *testing.B) { firstPage(b, redistest.Single(b).URL()) })
}

func firstPage(b *testing.B, store string) {
	arrived := make(chan time.Time, 1)
	var orders atomic.Int64
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- time.Now()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"sid":"SM%032d","status":"queued"}`, orders.Add(1))
	}))
	defer provider.Close()
	world := phonetest.New(phonetest.Options{})
	defer world.Close()
	c := exampleConfig(b, world,
		replaced("bolt:/nowhere/astreinte.db", store), replaced(`listen: ":8080"`, `listen: "127.0.0.1:0"`),
		replaced("by: [push, sms]", "by: [sms]"), replaced("# base_url: http://127.0.0.1:4010", "rate: 0\n    base_url: "+provider.URL), replaced("provider: twilio\n", "provider: twilio\n  bundle_over: 0\n"),
		replaced("public_url: "+publicURL, "public_url: http://127.0.0.1:9"), always("alice"))
	d, err := New(b.Context(), Options{Config: c})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := d.Stop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	}()
	if err := d.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		time.Sleep(between)
		body, err := json.Marshal(map[string]any{"status": "firing", "alerts": []any{map[string]any{
			"labels": map[string]string{"alertname": fmt.Sprint("A", i), "instance": "srv-db-01", "customer": "acme", "severity": "critical"},
		}}})
		if err != nil {
			b.Fatal(err)
		}
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+d.Addr()+"/ingest/prometheus", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+postToken)
		b.StartTimer()
		sent := time.Now()
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			b.Fatal(resp.Status)
		}
		took = append(took, (<-arrived).Sub(sent))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// always puts a person on call at any time.
func always(person string) func([]byte) []byte {
	return func(text []byte) []byte {
		before, rest, _ := strings.Cut(string(text), "  on-call:\n")
		_, after, _ := strings.Cut(rest, "  managers:\n")
		return []byte(before + "  on-call:\n    people: [" + person + "]\n  managers:\n" + after)
	}
}
