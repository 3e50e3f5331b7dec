package daemon

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/web/events"
	"github.com/astreinte/astreinte/paging"
)

const (
	// dutyEvery is how often replacements are read if no hint says that they
	// changed: a hint may be lost.
	dutyEvery   = 5 * time.Second
	dutyTimeout = 10 * time.Second
)

// onCall adds replacements to who is on call by the configuration. The list
// that was read last holds while the store is away, and over reloads. d.mu
// guards it.
type onCall struct {
	book  *duty.Book
	known bool // they were read once
	list  []duty.Replacement
	seen  atomic.Pointer[[]duty.Replacement] // what was read last; nil: nothing was
	void  int                                // how many name somebody who is not there any more

	base      *contacts.Directory // with the replacements, without who stays on
	handovers []ready.Handover    // as last read
}

// learnDuty reads replacements before anybody is paged, and returns the rules
// with them. While the store is away, those count that the spool's folder keeps;
// without a spool the configuration alone says who is on call.
func (d *Daemon) learnDuty(ctx context.Context) *escalation.Rules {
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	d.onCall.book = duty.NewBook(d.records, nil)
	if list, err := d.onCall.book.All(ctx); err == nil {
		d.onCall.list, d.onCall.known = list, true
		d.onCall.seen.Store(&list)
	} else if d.spool != nil {
		d.onCall.list = d.spool.Replacements()
	}
	if list, err := d.ready.Handovers.All(ctx); err == nil {
		d.onCall.handovers = list
	}
	if kept, err := d.calendars.book.Read(ctx, nil); err == nil {
		d.keepCalendars(kept)
	} else if d.spool != nil {
		d.calendars.kept = d.spool.Calendars()
	}
	return d.withDuty(d.config.Rules)
}

// replacementsThatHold are those that hold, or will. A daemon that starts while the
// store is away has to know them.
func (d *Daemon) replacementsThatHold() (list []duty.Replacement, known bool) {
	all := d.onCall.seen.Load()
	if all == nil {
		return nil, false
	}
	now := d.clock.Now()
	for i := range *all {
		if r := &(*all)[i]; r.Open(now) {
			list = append(list, *r)
		}
	}
	return list, true
}

// keepDuty follows the replacements in the store, whichever daemon wrote them.
func (d *Daemon) keepDuty(ctx context.Context) {
	changed, calendars := d.records.Watch(ctx, duty.KindReplacement), d.records.Watch(ctx, imported.KindPlan)
	tick := time.NewTicker(dutyEvery)
	defer tick.Stop()
	for {
		d.followDuty(ctx)
		select {
		case <-changed:
		case <-calendars:
		case <-tick.C:
			d.lapseOffers(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// followDuty reads replacements, and puts them in force if they have changed.
func (d *Daemon) followDuty(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	list, err := d.onCall.book.All(ctx)
	if err != nil {
		return // whoever needs the store says that it is away
	}
	handovers, err := d.ready.Handovers.All(ctx)
	if err != nil {
		return
	}
	kept, err := d.calendars.book.Read(ctx, d.keptCalendars())
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	same := kept.Same(d.calendars.kept)
	d.keepCalendars(kept)
	if same && d.onCall.known && slices.Equal(list, d.onCall.list) && slices.Equal(handovers, d.onCall.handovers) {
		return
	}
	d.onCall.list, d.onCall.known, d.onCall.handovers = list, true, handovers
	d.onCall.seen.Store(&list)
	d.putOnCall()
	d.events.Publish(events.OnCall, []byte("{}")) // an offer puts nobody on call, and is told too
}

// putOnCall puts the rules of the configuration in force, with the known
// replacements. d.mu is held.
func (d *Daemon) putOnCall() {
	rules := d.withDuty(d.config.Rules)
	d.pager.Reload(rules, d.pager.Ways())
	if d.spool != nil {
		d.spool.Reload(rules, d.pager.Ways())
	}
	d.reconsider()
}

// withDuty returns rules with the known replacements. d.mu is held, or nothing
// runs yet.
func (d *Daemon) withDuty(rules *escalation.Rules) *escalation.Rules {
	with := *rules
	with.Directory = d.imported(rules.Directory)
	rules = &with
	overrides, void := duty.Overrides(d.onCall.list, rules.Directory)
	if len(void) != d.onCall.void {
		for i := range void {
			d.log.Warn("a replacement is void: somebody whom it names, or its group, is not configured any more",
				zap.String("replacement", void[i].ID), zap.String("group", void[i].Group), zap.String("person", void[i].Person))
		}
		d.onCall.void = len(void)
	}
	d.onCall.base = with.Directory
	if len(overrides) > 0 {
		directory, err := rules.Directory.With(overrides)
		if err != nil {
			d.log.Error("replacements cannot be put in force: the configuration alone says who is on call", zap.Error(err))
			overrides = nil
		} else {
			d.onCall.base = directory
		}
	}
	with.Directory = d.staying(overrides)
	with.Silences = d.hush.force
	return &with
}

// staying is who is on call with those who stay on beside somebody who has not
// confirmed, as long as nobody is off call by them. d.onCall.base is without them.
func (d *Daemon) staying(overrides []contacts.Override) *contacts.Directory {
	stays := ready.Overrides(d.onCall.base, d.onCall.handovers)
	if len(stays) == 0 {
		return d.onCall.base
	}
	directory, err := d.onCall.base.With(append(overrides, stays...))
	if err != nil {
		d.log.Error("who stays on call beside somebody who has not confirmed cannot be put in force", zap.Error(err))
		return d.onCall.base
	}
	return directory
}

// dutyDesk changes who is on call (web.Duty).
type dutyDesk struct{ d *Daemon }

// Replacements lists all replacements.
func (k dutyDesk) Replacements(ctx context.Context) ([]duty.Replacement, error) {
	return k.d.onCall.book.All(ctx) //nolint:wrapcheck // it names itself
}

// PreviewReplacement says what a replacement would change.
func (k dutyDesk) PreviewReplacement(ctx context.Context, r duty.Replacement, by duty.Actor) (duty.Preview, error) {
	by = k.in(by)
	return k.d.onCall.book.Preview(ctx, r, by, k.d.pager.Rules().Directory, k.d.clock.Now()) //nolint:wrapcheck // it names itself
}

// Replace makes a replacement, and puts it in force.
func (k dutyDesk) Replace(ctx context.Context, r duty.Replacement, by duty.Actor, over bool) (duty.Replacement, error) {
	by = k.in(by)
	r, err := k.d.onCall.book.Make(audit.By(ctx, by.Name, paging.WaySMS), r, by, k.d.pager.Rules().Directory, k.d.clock.Now(), over)
	return k.done(ctx, "made", r, by, err)
}

// AnswerReplacement accepts or declines an offered replacement.
func (k dutyDesk) AnswerReplacement(ctx context.Context, id string, accepted bool, by duty.Actor) (duty.Replacement, error) {
	by = k.in(by)
	r, err := k.d.onCall.book.Answer(audit.By(ctx, by.Name, paging.WaySMS), id, accepted, by, k.d.clock.Now())
	return k.done(ctx, "answered", r, by, err)
}

// DropReplacement takes a replacement back.
func (k dutyDesk) DropReplacement(ctx context.Context, id string, by duty.Actor) (duty.Replacement, error) {
	by = k.in(by)
	r, err := k.d.onCall.book.Drop(audit.By(ctx, by.Name, paging.WaySMS), id, by, k.d.clock.Now())
	return k.done(ctx, "dropped", r, by, err)
}

// in is an actor who may change the duty of the groups that the configuration says.
func (k dutyDesk) in(by duty.Actor) duty.Actor {
	by.Of = k.d.pager.Rules().Directory
	return by
}

// done has a change in force before its answer, on this daemon.
func (k dutyDesk) done(ctx context.Context, what string, r duty.Replacement, by duty.Actor, err error) (duty.Replacement, error) {
	if err != nil {
		return r, fmt.Errorf("daemon: %w", err)
	}
	k.d.log.Info("a replacement was "+what, zap.String("replacement", r.ID), zap.String("by", by.Name), zap.String("state", string(r.State)),
		zap.String("kind", string(r.Kind)), zap.String("group", r.Group), zap.String("person", r.Person), zap.String("instead_of", r.InsteadOf),
		zap.Time("from", r.From), zap.Time("to", r.To))
	k.d.followDuty(ctx)
	return r, nil
}
