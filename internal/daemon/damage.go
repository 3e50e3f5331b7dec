package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	damageEvery = 10 * time.Second
	damageTold  = 20 // names in the log at once
	damageNamed = 5  // names in /readyz
)

// damager is a store that passes over records that it cannot read.
type damager interface {
	// Damaged lists the records that it found damaged since it was opened.
	Damaged() []escalation.DamagedRecord
	// GivenUp hands out the tickets that asked for work and were given up because
	// their records cannot be read. It hands each one to one daemon until a time,
	// and after that again, until ToldGivenUp notes that people know.
	GivenUp(ctx context.Context, now, until time.Time) ([]ticket.Ref, error)
	ToldGivenUp(ctx context.Context, refs []ticket.Ref) error
}

// keepDamage reports which records the store cannot read, in the log, in
// /readyz and as a metric: each once, a few at a time.
func (d *Daemon) keepDamage(ctx context.Context, of damager) {
	told := map[escalation.DamagedRecord]bool{}
	lost := lostTickets{d: d, of: of, mine: map[string]bool{}}
	for {
		d.tellDamage(of.Damaged(), told)
		lost.tell(ctx)
		if !pause(ctx, damageEvery) {
			return
		}
	}
}

func (d *Daemon) tellDamage(found []escalation.DamagedRecord, told map[escalation.DamagedRecord]bool) {
	d.damaged.Store(&found)
	kinds := map[ticket.RecordKind]int{}
	left := damageTold
	for _, r := range found {
		kinds[r.Kind]++
		if told[r] || left == 0 {
			continue
		}
		left--
		told[r] = true
		d.log.Error("a record of the store is damaged, and passed over",
			zap.String("kind", string(r.Kind)), zap.String("record", r.Name), zap.String("because", r.Why))
	}
	for _, kind := range ticket.RecordKinds() {
		d.metrics.damaged.WithLabelValues(string(kind)).Set(float64(kinds[kind]))
	}
}

// damageWarnings are what /readyz says of damaged records.
func (d *Daemon) damageWarnings() []string {
	found := d.damaged.Load()
	if found == nil || len(*found) == 0 {
		return nil
	}
	var names []string
	for _, r := range (*found)[:min(len(*found), damageNamed)] {
		names = append(names, string(r.Kind)+" "+r.Name)
	}
	if more := len(*found) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return []string{fmt.Sprintf("damaged records of the store are passed over: %s", strings.Join(names, ", "))}
}
