package daemon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/effect/mail"
	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/plan"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

// What is over leaves the store a little at a time. A call looks at few
// tickets, so that no page waits for it. Between two calls there is a pause.
const (
	forgetEvery   = time.Minute
	forgetCalls   = 20 // a minute, if there is so much
	forgetLimit   = 25
	expireLimit   = 500 // records of a kind, a minute
	forgetPause   = 100 * time.Millisecond
	forgetTimeout = 10 * time.Second
)

// Forgetter is a store that forgets what is over.
type Forgetter interface {
	// Forget removes tickets that were closed before past.Tickets, with
	// everything that belongs to them, and links and codes whose tickets are
	// over. If there is much, it removes a part. storetest.Forgetter has the
	// whole contract.
	Forget(ctx context.Context, past ticket.Past) (ticket.Forgotten, error)
}

// keepForgetting has the store forget each minute what is over. If several
// daemons share a store, the first one to come does it.
func (d *Daemon) keepForgetting(ctx context.Context) {
	d.untilTimed(ctx)
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			d.forget(ctx)
			d.trimAudit(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// The audit log is counted each hour, and each minute in which this daemon has written so
// many lines since.
const (
	trimEvery = time.Hour
	trimLines = 10_000
)

// trimAudit has lines of the audit log leave: those whose time is over, and the oldest if
// there are too many.
func (d *Daemon) trimAudit(ctx context.Context) {
	now := d.clock.Now()
	written := d.auditing.Written()
	if now.Sub(d.trimmed) < trimEvery && written-d.trimmedAt < trimLines {
		return
	}
	first := d.trimmed.IsZero()
	d.trimmed, d.trimmedAt = now, written
	if first {
		return // a daemon that has just started has other things to do
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	d.mu.Lock()
	keep := cmp.Or(d.config.Retention.Audit, config.DefaultRetention)
	d.mu.Unlock()
	left, err := audit.Trim(ctx, d.store.Records(), audit.MostKept, now.Add(-keep))
	switch {
	case err != nil:
		d.log.Warn("the oldest lines of the audit log could not be removed; it will be tried again", zap.Error(err))
	case left.Many > 0 && !d.trimSaid:
		d.trimSaid = true
		d.log.Warn("the audit log has more lines than are kept: the oldest leave before their time", zap.Int("kept", audit.MostKept), zap.Int("removed", left.Many))
	}
}

func (d *Daemon) forget(whole context.Context) {
	ctx, cancel := context.WithTimeout(whole, forgetTimeout)
	defer cancel()
	now := d.clock.Now()
	turn := []paging.Turn{{Pace: "forget", Every: forgetEvery * 9 / 10, Burst: 1}}
	wait, err := d.store.Pace(ctx, now, turn, false)
	if err != nil || !wait.IsZero() {
		return // another daemon does it; or the store is away, which others report
	}
	past := ticket.Past{Links: now.Add(-ticket.LinkRests), Limit: forgetLimit}
	d.mu.Lock()
	keep := d.config.Retention.Tickets
	if d.archive != nil {
		keep = cmp.Or(d.opts.Stays, archiveStays)
	}
	if keep > 0 {
		past.Tickets = now.Add(-keep)
	}
	d.mu.Unlock()
	if !d.gatherPasts(ctx, now) { // what is counted of a ticket is kept before the ticket goes
		past.Tickets = time.Time{}
	}
	var all ticket.Forgotten
	for n := 1; ; n++ {
		d.leaves.Lock()
		more := d.onlyCopied(ctx, &past)
		done, err := d.store.Forget(ctx, past)
		d.leaves.Unlock()
		done.More = done.More || more
		if all.Add(done); err != nil {
			d.log.Warn("what is over could not be removed; it will be tried again", zap.Error(err))
		}
		if err != nil || !done.More || n == forgetCalls || !pause(ctx, forgetPause) {
			break
		}
	}
	d.forgetArchive(ctx, now)
	d.anonymiseLeft(ctx)
	for _, kind := range slices.Concat(answer.Expiring(), signin.Expiring(), ready.Expiring(), report.Expiring(), mail.Expiring(), silence.Expiring(), room.Expiring(), plan.Expiring(), []string{audit.KindLine, presence.Kind}) {
		if _, err := records.Expire(ctx, d.store.Records(), kind, "forgetting", now, expireLimit); err != nil {
			d.log.Warn("what is over could not be removed; it will be tried again", zap.String("kind", kind), zap.Error(err))
		}
	}
	if err := d.onCall.book.Leave(audit.Itself(ctx), now); err != nil {
		d.log.Warn("replacements that are past could not be removed; it will be tried again", zap.Error(err))
	}
	// It may look at many tickets, so it has a time of its own: records expire all the same.
	ageing, stop := context.WithTimeout(whole, forgetTimeout)
	defer stop()
	d.ageArchive(ageing, now)
	if !all.Nothing() {
		d.log.Info("what is over was removed", zap.Int("tickets", all.Tickets), zap.Int("links", all.Links), zap.Int("codes", all.Codes))
	}
}
