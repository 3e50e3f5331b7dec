package daemon

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// Who cannot be told that an offer lapsed is tried again, a few times.
const (
	lapseTries = 5
	lapseEvery = time.Minute
)

// lapseOffers ends what nobody accepted in time, and tells both. Whose hours begin is on
// call from now on and is told at once, by every channel; whoever is not on call now is
// not woken for it.
func (d *Daemon) lapseOffers(ctx context.Context) {
	if !d.timed.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(audit.Itself(ctx), handoverTakes)
	defer cancel()
	lapsed, _ := d.onCall.book.Lapse(ctx, d.pager.Owner(), d.clock.Now()) // it is tried again
	for i := range lapsed {
		d.tellLapsed(ctx, &lapsed[i])
	}
	if len(lapsed) > 0 {
		d.followDuty(ctx)
	}
}

func (d *Daemon) tellLapsed(ctx context.Context, item *records.Item[duty.Replacement]) {
	r, now := &item.Of, d.clock.Now()
	if r.Told == [2]duty.Word{} {
		d.log.Info("nobody accepted a replacement before its first hour: it is off",
			zap.String("replacement", r.ID), zap.String("group", r.Group), zap.String("person", r.Person))
	}
	rules := d.pager.Rules()
	group, _ := rules.Directory.Group(r.Group)
	var next time.Time
	later := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for k, key := range r.Parties() {
		person, known := rules.Directory.Person(key)
		word := &r.Told[k]
		if word.Done || !known {
			word.Done = true
			continue
		}
		on, _ := rules.Directory.On(r.Group, now)
		serves := slices.ContainsFunc(on, func(p contacts.Person) bool { return p.Key == key })
		if morning, night := ready.Night(now, rules.Location); night && !serves {
			later(morning)
			continue
		}
		n := ready.LapseNote(r, k == 0, rules.Directory, person, paging.Language(person, rules), rules.Location)
		word.Tries++
		if serves {
			by := group.Readiness.Channels
			if len(by) == 0 {
				by = wakeful(rules.Channels)
			}
			word.Done = d.note(ctx, person, by, n)
		} else {
			word.Done = d.noteOnce(ctx, person, lastMail(rules.Channels), n)
		}
		if word.Done = word.Done || word.Tries >= lapseTries; !word.Done {
			later(now.Add(lapseEvery))
		}
	}
	if err := d.onCall.book.Heard(ctx, item, next); err != nil && ctx.Err() == nil {
		d.log.Warn("that an offer lapsed may be told twice", zap.String("replacement", r.ID), zap.Error(err))
	}
}
