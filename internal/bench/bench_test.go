package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestItStillRuns builds the daemon and measures two experiments end to end,
// with small numbers: it says that the program works, and nothing of speed.
func TestItStillRuns(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	file := filepath.Join(t.TempDir(), "figures.json")
	var table, log strings.Builder
	if err := run(t.Context(), []string{"-quick", "-runs", "1", "-only", "idle,kill", "-json", file}, &table, &log); err != nil {
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
	for _, args := range [][]string{{"-only", "speed"}, {"-subjects", "goalert"}, {"-runs", "0"}, {"fast"}} {
		if _, err := parseFlags(args, &strings.Builder{}); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
