package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// bench is one call of the program.
type bench struct {
	options
	dir     string
	log     io.Writer
	machine machine
	size    size
}

// size is how much an experiment does.
type size struct {
	pages, storm, storms       int
	single, bulk               int // new alerts with a page each: one in a request, and many
	intake, open               int // new alerts without a page, and tickets that they join
	rateMillis, warmMillis     int
	repeated                   int
	alerts                     []int // numbers of open ones whose memory is measured
	settleMillis, quietMillis  int
	tickets, deadlines, killed int
	million                    int // open alerts, 100 a ticket, that are there at a start
}

// settled is how long a subject may work on what was done.
func (z size) settled() time.Duration { return time.Duration(z.warmMillis) * 2 * time.Millisecond }

var (
	full = size{
		pages: 200, storm: 1000, storms: 5, single: 10_000, bulk: 20_000, intake: 50_000, open: 1000,
		rateMillis: 2000, warmMillis: 500, repeated: 6400,
		alerts: []int{10_000, 100_000}, settleMillis: 5000, quietMillis: 20_000, tickets: 100_000, deadlines: 1000, killed: 100,
		million: 1_000_000,
	}
	quick = size{
		pages: 20, storm: 100, storms: 1, single: 100, bulk: 500, intake: 1000, open: 50,
		rateMillis: 200, warmMillis: 50, repeated: 640,
		alerts: []int{500, 1000}, settleMillis: 200, quietMillis: 500, tickets: 1000, deadlines: 50, killed: 20,
		million: 2000,
	}
)

// samples are what one run of an experiment found, by the key of the figure.
type samples map[string]float64

// experiment measures figures of one fresh subject.
type experiment struct {
	name    string
	ours    bool // not for the peer
	asked   bool // takes long: run only if asked for by name
	measure func(ctx context.Context, b *bench, s *subject) (samples, error)
	figures []figure
}

func experiments() []experiment {
	return []experiment{
		{name: "idle", measure: idle, figures: []figure{
			{"idle_p50", "idle page: POST sent → provider's request received, p50", "", ms},
			{"idle_p99", "… p99", "", ms},
		}},
		{name: "storm", measure: storm, figures: []figure{
			{"storm", "storm: 1000 new tickets at once, until the last page is handed over", "≤ 1.0 ×; ≤ 1.5 ×", ms},
			{"urgent_p50", "a critical page raised in the middle of that storm, p50", "", ms},
			{"urgent_p99", "… p99", "≤ 50 ms; ≤ 75 ms", ms},
		}},
		{name: "bulk", measure: paged("bulk", bulk), figures: loadFigures("bulk", "≥ 0.9 ×; ≥ 0.5 ×", "≤ 1.2 ×; ≤ 2.0 ×",
			"new alerts/s, 64 a request, each a ticket and a page, until the last page is handed over")},
		{name: "single", measure: paged("single", 1), figures: loadFigures("single", "≥ 0.8 ×; ≥ 0.5 ×", "≤ 1.2 ×; ≤ 2.0 ×",
			"new alerts/s, one a request, 8 connections, likewise until the last page")},
		{name: "opened", measure: unpaged("opened", func(size) int { return 0 }), figures: loadFigures("opened", "≥ 1.2 ×; ≥ 0.7 ×", "",
			"intake without pages: new alerts/s, 64 a request, a ticket each")},
		{name: "joined", measure: unpaged("joined", func(z size) int { return z.open }), figures: loadFigures("joined", "≥ 0.9 ×; ≥ 0.5 ×", "",
			"intake without pages: new alerts/s, 64 a request, that join 1,000 open tickets")},
		{name: "repeats", measure: repeats, figures: []figure{
			{"repeats", "repeats of known alerts/s, 64 a request", "≥ 2.0 ×; ≥ 1.0 ×", rate},
			{"repeats_cpu", "… processor time an alert, that of Redis included", "", micros},
		}},
		{name: "memory", measure: footprint, figures: memoryFigures()},
		{name: "tickets", ours: true, measure: tickets, figures: []figure{
			{"late_p50", "100k open tickets, each with a deadline: lateness of a page that falls due, p50", "", ms},
			{"late_p99", "… p99", "≤ 100 ms", ms},
			{"idle_cpu", "… processor while nothing is due, of one core", "< 0.1 %", percent},
			{"start", "start with 100k open tickets until ready, after a kill", "≤ 1 s; ≤ 0.2 s", ms},
			{"tickets_rss", "memory with 100k open tickets (RSS)", "", mebibytes},
			{"tickets_mapped", "… mapped pages of bolt's file, beside it", "", mebibytes},
			{"tickets_redis", "… Redis' own RSS, beside it", "", mebibytes},
		}},
		{name: "million", ours: true, asked: true, measure: million, figures: []figure{
			{"million", "start with 1M open alerts, 100 a ticket, until ready, after a kill", "≤ 3 s; ≤ 0.2 s", ms},
		}},
		{name: "kill", measure: killed, figures: []figure{
			{"lost", "kill -9 at the last of 100 2xx: alerts nobody was ever paged for", "0", count},
			{"doubled", "… paged twice (they were in flight)", "", count},
		}},
	}
}

func loadFigures(key, target, cpuTarget, title string) []figure {
	return []figure{
		{key, title, target, rate},
		{key + "_cpu", "… processor time an alert, that of Redis included", cpuTarget, micros},
	}
}

func experimentNames() (all []string) {
	for _, e := range experiments() {
		all = append(all, e.name)
	}
	return all
}

func contains(list []string, name string) bool { return slices.Contains(list, name) }

// measure runs all experiments that were asked for. The subjects take turns.
// Each run begins with another subject.
func (b *bench) measure(ctx context.Context, r *report) error {
	for run := range b.runs {
		for _, e := range experiments() {
			if len(b.only) > 0 && !contains(b.only, e.name) || len(b.only) == 0 && e.asked {
				continue
			}
			for i := range b.subjects {
				name := b.subjects[(i+run)%len(b.subjects)]
				if e.ours && name == peer {
					continue
				}
				found, err := b.one(ctx, e, name)
				if err != nil {
					err = fmt.Errorf("run %d, %s of %s: %w", run+1, e.name, name, err)
					if !b.keepGoing || ctx.Err() != nil {
						return err
					}
					fmt.Fprintln(b.log, err)
					continue
				}
				fmt.Fprintf(b.log, "run %d/%d %-12s %-13s %s\n", run+1, b.runs, e.name, name, found)
				r.add(run, name, found)
			}
		}
	}
	return nil
}

// one runs an experiment on a fresh subject.
func (b *bench) one(ctx context.Context, e experiment, name string) (samples, error) {
	s, err := b.subject(ctx, name)
	if err != nil {
		return nil, err
	}
	defer s.close()
	found, err := e.measure(ctx, b, s)
	return found, s.fail(err)
}
