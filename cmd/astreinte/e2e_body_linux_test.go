package main_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	bodySize = 8 << 20 // the default of max_body
	// mostGrowth and mostTime are the most that one body may cost the daemon. On
	// a busy machine the time is what the daemon's own work took.
	mostGrowth = 200 << 20
	mostTime   = 5 * time.Second
)

// TestHostileBodies posts bodies that no monitoring tool would send to the
// real program, and looks at the memory that the system reports.
func TestHostileBodies(t *testing.T) {
	program := build(t)
	t.Setenv("GOMEMLIMIT", "") // none
	s := newSiteWith(t, program, "bolt:astreinte.db", onceConfig)
	if usable, limit := s.limits(t); usable <= 0 || limit != usable/5*4 {
		t.Errorf("GOMEMLIMIT is %d of %d usable bytes, want four fifths", limit, usable)
	}
	again := func(begin, with, end string) string {
		return begin + strings.Repeat(with, (bodySize-len(begin)-len(end))/len(with)) + end
	}
	each := numbered
	tests := []struct {
		name, path, body string
		packed           bool
		status           int
		large            bool // of what is taken of it
	}{
		{"zeros, packed", "/api/v2/alerts", again("[0", ",0", "]"), true, 400, false},
		{"zeros", "/api/v2/alerts", again("[0", ",0", "]"), false, 400, false},
		{"empty alerts", "", again(`{"alerts":[{}`, ",{}", "]}"), false, 400, false},
		{"deep", "/api/v2/alerts", strings.Repeat("[", bodySize/2) + strings.Repeat("]", bodySize/2), false, 400, false},
		{"one string", "/api/v2/alerts", again(`[{"labels":{"alertname":"`, "x", `"}}]`), false, 200, false},
		{"escapes", "/api/v2/alerts", again(`[{"labels":{"alertname":"`, `\u00e9`, `"}}]`), false, 200, false},
		{"one label", "/api/v2/alerts", again(`[{"labels":{"a":"b"`, `,"a":"b"`, `}}]`), false, 200, false},
		{"labels", "/api/v2/alerts", each(`[{"labels":{`, `"a%x":"b"`, `}}]`), false, 200, false},
		{"unknown fields", "", each(`{"status":"firing","alerts":[{"labels":{"a":"c"},`, `"x%x":[1]`, `}]}`), false, 202, false},
		{"objects for strings", "", each(`{"status":"firing","alerts":[`, `{"labels":{"a":{"b":"%d"}}}`, `]}`), false, 400, false},
		{"tiny alerts of one group", "/api/v2/alerts", each(`[`, `{"labels":{"a":"%x"}}`, `]`), false, 400, false},
		{"the same again", "/api/v2/alerts", each(`[`, `{"labels":{"a":"%x"}}`, `]`), false, 400, false},
		{"alerts with labels", "/api/v2/alerts", each(`[`, `{"labels":{"z":"%x"`+many(95)+`}}`, `]`), false, 200, true},
		{"alerts with labels and annotations", "/api/v2/alerts", each(`[`, `{"labels":{"y":"%x"`+many(56)+`},"annotations":{"a":"b"`+many(28)+`}}`, `]`), false, 200, true},
		{"a long group", "", each(`{"status":"firing","groupKey":"`+strings.Repeat("g", 4096)+`","alerts":[`, `{"labels":{"x":"%x"}}`, `]}`), false, 400, true},
		{"ten thousand hosts", "/api/v2/alerts", each(`[`, `{"labels":{"alertname":"HostDown","instance":"srv-%x"}}`, `]`), false, 400, true},
	}
	for _, tt := range tests {
		body := []byte(tt.body)
		if tt.packed {
			body = packed(t, tt.body)
		}
		if tt.large { // no earlier body may be in its memory
			s = newSiteWith(t, program, "bolt:astreinte.db", onceConfig)
		}
		before, worked := s.resets(t), s.worked(t)
		status, said, took := s.posts(t, tt.path, body, tt.packed)
		grown := s.peak(t) - before
		took = min(took, s.worked(t)-worked)
		t.Logf("%s: %d bytes, %d, %d MiB, %s: %.200s", tt.name, len(body), status, grown>>20, took.Round(time.Millisecond), said)
		if status != tt.status || grown > mostGrowth || took > mostTime {
			t.Errorf("%s: %d, want %d; %d MiB in %s: %.300s", tt.name, status, tt.status, grown>>20, took, said)
		}
	}
}

// TestManyHostileBodies posts all of them at once to a daemon with little
// memory. Most are told to come again, and everything else goes on.
func TestManyHostileBodies(t *testing.T) {
	const atOnce = 16
	program := build(t)
	t.Setenv("GOMEMLIMIT", "400MiB") // of 500 MiB
	s := newSiteWith(t, program, "bolt:astreinte.db", onceConfig)
	if usable, limit := s.limits(t); limit != 400<<20 {
		t.Errorf("GOMEMLIMIT is %d of %d usable bytes, want 400 MiB as the environment says", limit, usable)
	}
	body := []byte(numbered(`[`, `{"labels":{"z":"%x"`+many(95)+`}}`, `]`))
	before := s.resets(t)
	var statuses [atOnce]int
	var all sync.WaitGroup
	for i := range atOnce {
		all.Go(func() { statuses[i], _, _ = s.posts(t, "/api/v2/alerts", body, false) })
	}
	all.Wait()
	grown := s.peak(t) - before
	t.Logf("%v, %d MiB", statuses, grown>>20)
	if grown > 400<<20 || !slices.Contains(statuses[:], http.StatusOK) || !slices.Contains(statuses[:], http.StatusServiceUnavailable) {
		t.Errorf("%v, %d MiB", statuses, grown>>20)
	}
	if _, err := s.alert("srv-after"); err != nil {
		t.Error(err)
	}
	s.alice.ExpectSMS(t, "srv-after")
}

// limits are the memory that the daemon says it may use, and the runtime's
// limit.
func (s *site) limits(t *testing.T) (usable, limit int64) {
	t.Helper()
	for line := range strings.Lines(s.daemon.said(t)) {
		var entry struct {
			Msg         string
			UsableBytes int64 `json:"usable_bytes"`
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "memory is limited" {
			usable = entry.UsableBytes
		}
	}
	resp, err := http.Get("http://" + s.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, "go_gc_gomemlimit_bytes "); is {
			bytes, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return usable, int64(bytes)
		}
	}
	t.Fatalf("%d, and no limit of memory in the metrics: %.200s", resp.StatusCode, text)
	return 0, 0
}

// numbered is a body of one thing again and again, with a number in each.
func numbered(begin, format, end string) string {
	var b strings.Builder
	b.WriteString(begin)
	for i := 0; b.Len() < bodySize-len(format)-len(end)-8; i++ {
		fmt.Fprintf(&b, format+",", i)
	}
	return strings.TrimSuffix(b.String(), ",") + end
}

// many is n labels.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"l%d":"v"`, i)
	}
	return b.String()
}

func packed(t *testing.T, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// posts posts a body as the source does.
func (s *site) posts(t *testing.T, path string, body []byte, gzipped bool) (status int, said string, took time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/ingest/prometheus"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+ingestToken)
	if gzipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer), time.Since(began)
}

// resets has the system forget the daemon's peak memory. It returns its memory
// now.
func (s *site) resets(t *testing.T) int64 {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.daemon.cmd.Process.Pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	return s.memory(t, "VmRSS:")
}

// peak is the daemon's peak memory since then.
func (s *site) peak(t *testing.T) int64 {
	t.Helper()
	return s.memory(t, "VmHWM:")
}

// worked is how long the daemon has had a processor.
func (s *site) worked(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.daemon.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	ticks := int64(0)
	for _, field := range strings.Fields(rest)[11:13] { // utime and stime, in hundredths
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func (s *site) memory(t *testing.T, which string) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.daemon.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == which {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("the system does not say %s", which)
	return 0
}
