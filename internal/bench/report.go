package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// report collects the samples of all runs.
type report struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Runs    int       `json:"runs"`
	Quick   bool      `json:"quick,omitempty"`
	Rows    []row     `json:"rows"`

	byRun map[string]map[string]map[int]float64 // figure, subject, run
}

// row is a figure of all subjects.
type row struct {
	Key     string               `json:"key"`
	Title   string               `json:"title"`
	Target  string               `json:"target,omitempty"`
	Unit    string               `json:"unit,omitempty"`
	Medians map[string]float64   `json:"medians"`
	Ratios  map[string]float64   `json:"ratios,omitempty"` // to the peer's, each taken in one run
	Samples map[string][]float64 `json:"samples"`          // in the order of the runs

	unit unit
}

func newReport(m machine, o options) *report {
	return &report{
		At: time.Now().UTC().Truncate(time.Second), Machine: m, Runs: o.runs, Quick: o.quick,
		byRun: map[string]map[string]map[int]float64{},
	}
}

func (r *report) add(run int, subject string, found samples) {
	for key, value := range found {
		if r.byRun[key] == nil {
			r.byRun[key] = map[string]map[int]float64{}
		}
		if r.byRun[key][subject] == nil {
			r.byRun[key][subject] = map[int]float64{}
		}
		r.byRun[key][subject][run] = value
	}
}

// conclude makes the rows from what was measured.
func (r *report) conclude() {
	r.Rows = nil
	for _, e := range experiments() {
		for _, f := range e.figures {
			if len(r.byRun[f.key]) > 0 {
				r.Rows = append(r.Rows, r.row(f))
			}
		}
	}
}

func (r *report) row(f figure) row {
	out := row{
		Key: f.key, Title: f.title, Target: f.target, Unit: string(f.unit), unit: f.unit,
		Medians: map[string]float64{}, Ratios: map[string]float64{}, Samples: map[string][]float64{},
	}
	of := r.byRun[f.key]
	for _, subject := range subjectNames() {
		var all, ratios []float64
		for run := range r.Runs {
			v, ok := of[subject][run]
			if !ok {
				continue
			}
			all = append(all, v)
			if theirs := of[peer][run]; theirs > 0 && subject != peer {
				ratios = append(ratios, v/theirs)
			}
		}
		if len(all) > 0 {
			out.Samples[subject], out.Medians[subject] = all, median(all)
		}
		if len(ratios) > 0 && f.unit != count {
			out.Ratios[subject] = median(ratios)
		}
	}
	return out
}

// markdown prints the table.
func (r *report) markdown(w io.Writer) {
	r.conclude()
	fmt.Fprintln(w, "| figure | target (bolt; Redis) | bolt | Redis | Alertmanager | bolt ÷ Alertmanager | Redis ÷ Alertmanager |")
	fmt.Fprintln(w, "|---|---|---:|---:|---:|---:|---:|")
	for _, row := range r.Rows {
		cells := []string{row.Title, or(row.Target)}
		for _, subject := range subjectNames() {
			cell := "–"
			if v, ok := row.Medians[subject]; ok {
				cell = row.unit.text(v)
			}
			cells = append(cells, cell)
		}
		for _, subject := range []string{onBolt, onRedis} {
			cell := "–"
			if v, ok := row.Ratios[subject]; ok {
				cell = fmt.Sprintf("%.2f ×", v)
			}
			cells = append(cells, cell)
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	runs := fmt.Sprintf("Medians of %d interleaved runs; a ratio is the median of those taken in one run.", r.Runs)
	if r.Runs == 1 {
		runs = "One run."
	}
	if r.Quick {
		runs = "A smoke test with small numbers: these are no figures."
	}
	fmt.Fprintf(w, "\n%s %s.\n", runs, r.Machine)
}

func or(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// write writes everything as JSON.
func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// String is what one run found, on one line.
func (s samples) String() string {
	var parts []string
	for _, e := range experiments() {
		for _, f := range e.figures {
			if v, ok := s[f.key]; ok {
				parts = append(parts, f.key+" "+f.unit.text(v))
			}
		}
	}
	return strings.Join(parts, ", ")
}
