package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestItStillRuns builds the daemon and measures two experiments end to end,
// with small numbers. It shows that the program works, and says nothing of
// speed.
func TestItStillRuns(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	file := filepath.Join(t.TempDir(), "figures.json")
	var table, log strings.Builder
	if err := run(t.Context(), []string{"-quick", "-runs", "1", "-only", stillRuns, "-json", file}, &table, &log); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var said report
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	found := map[string]row{}
	for _, r := range said.Rows {
		found[r.Key] = r
		if !strings.Contains(table.String(), r.Title) {
			t.Errorf("the table lacks %q:\n%s", r.Title, table.String())
		}
	}
	for _, subject := range subjectNames() {
		if v := found["idle_p50"].Medians[subject]; v <= 0 {
			t.Errorf("idle page of %s: %v ms", subject, v)
		}
	}
	for _, key := range stillRates {
		for _, subject := range subjectNames() {
			if v := found[key].Medians[subject]; v <= 0 {
				t.Errorf("%s of %s: %v alerts/s", key, subject, v)
			}
		}
	}
	if strings.Contains(stillRuns, "million") && found["million"].Medians[onBolt] <= 0 {
		t.Error("no start with many alerts")
	}
	for _, subject := range []string{onBolt, onRedis} {
		lost, measured := found["lost"].Medians[subject]
		if !measured || lost != 0 {
			t.Errorf("%s lost %v alerts at a kill (measured: %t)", subject, lost, measured)
		}
		if found["idle_p50"].Ratios[subject] <= 0 {
			t.Errorf("no ratio of %s", subject)
		}
	}
	if said.Machine.Alertmanager == "" || said.Machine.Redis == "" || said.Machine.Cores == 0 {
		t.Errorf("machine %+v", said.Machine)
	}
}

func TestArithmetic(t *testing.T) {
	if m := median([]float64{9, 1, 3, 5}); m != 4 {
		t.Errorf("median of four: %v", m)
	}
	if m := median([]float64{9, 1, 3}); m != 3 {
		t.Errorf("median of three: %v", m)
	}
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for q, want := range map[float64]time.Duration{0.5: 50, 0.99: 99, 1: 100, 0: 1} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("quantile %v of 1 to 100: %d, want %d", q, got, want)
		}
	}
}

// TestRatiosAreOfOneRun: a run that was slow for both moves neither ratio.
func TestRatiosAreOfOneRun(t *testing.T) {
	r := newReport(machine{}, options{runs: 3})
	for run, slow := range []float64{1, 10, 1} {
		r.add(run, onBolt, samples{"idle_p50": 2 * slow})
		r.add(run, peer, samples{"idle_p50": 4 * slow})
	}
	r.conclude()
	if len(r.Rows) != 1 || r.Rows[0].Ratios[onBolt] != 0.5 || r.Rows[0].Medians[peer] != 4 {
		t.Errorf("%+v", r.Rows)
	}
}

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-only", "speed"}, {"-subjects", "goalert"}, {"-runs", "0"}, {"fast"}, {"-readme", "README.md", "-only", "idle"}} {
		if _, err := parseFlags(args, &strings.Builder{}); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}

// TestALoadEndsWithItsLastPage: an alert that was taken but not yet handed
// over does not count as done. This pager's pages come an hour after its 2xx.
func TestALoadEndsWithItsLastPage(t *testing.T) {
	p, err := newProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	pager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		at := p.now()
		if !bytes.Contains(body, []byte(fmt.Sprintf("%s%d", marker, warmNames)[:len(marker)+1])) {
			at += time.Hour
		}
		p.note(at, body)
	}))
	defer pager.Close()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	s := &subject{address: pager.Listener.Addr().String(), path: "/", provider: p, process: &process{cmd: &exec.Cmd{Process: self}}}
	b := &bench{size: size{bulk: 3600, single: 360}}
	for each, most := range map[int]float64{bulk: 1, 1: 0.1} {
		found, err := paged("load", each)(t.Context(), b, s)
		if err != nil || found["load"] <= 0 || found["load"] > most {
			t.Errorf("%d a request: %v alerts/s: %v", each, found["load"], err)
		}
		p.first = map[int]time.Duration{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.heardOf(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("of nothing: %v", err)
	}
}

// TestTheTableInReadme: it has the rows that the program measures today, and
// the program finds the table.
func TestTheTableInReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	from, to, err := between(text)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(string(text[from:to]), "\n")[2:]
	for _, e := range experiments() {
		for _, f := range e.figures {
			if e.asked {
				continue
			}
			if want := "| " + f.title + " | " + or(f.target) + " |"; len(rows) == 0 || !strings.HasPrefix(rows[0], want) {
				t.Fatalf("%q is wanted where README has %.200q", want, rows)
			}
			rows = rows[1:]
		}
	}
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	r := newReport(machine{}, options{runs: 1})
	r.add(0, onBolt, samples{"idle_p50": 2})
	if err := r.intoReadme(path); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(now), "| 2.00 ms |") || strings.Contains(string(now), "kill -9 at the last") {
		t.Errorf("%.3000s: %v", now[from:], err)
	}
	if left := string(text[:from]) + string(text[to:]); len(now) <= len(left) || !strings.HasSuffix(string(now), string(text[to:])) {
		t.Error("more than the table was changed")
	}
}
