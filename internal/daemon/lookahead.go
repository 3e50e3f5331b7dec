package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// ahead is what a daemon found last of the coming months. Its lock is held while it
// looks: many who ask at once have one look.
type ahead struct {
	book *lookahead.Book

	mu     sync.Mutex
	rules  *escalation.Rules // by which delays were looked for
	looked time.Time         // when they were
	delays []config.Delay

	by   *escalation.Rules // by which all was
	at   time.Time
	list []lookahead.Doubt
}

const (
	// aheadFor is how long what was found is good enough for who asks.
	aheadFor = 30 * time.Second
	// delaysFor is how long it is that alerts are let come in every hour: that takes long.
	delaysFor = time.Hour

	lookEvery   = 20 * time.Second
	lookTimeout = 2 * time.Minute
)

// aheadDesk says what is doubtful of the coming months (web.Ahead).
type aheadDesk struct{ d *Daemon }

// Ahead lists it, as it was at a time of less than a minute ago.
func (k aheadDesk) Ahead(ctx context.Context) ([]lookahead.Doubt, time.Time, error) {
	return k.d.lookAhead(ctx)
}

func (d *Daemon) lookAhead(ctx context.Context) ([]lookahead.Doubt, time.Time, error) {
	a := &d.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	now, rules := d.clock.Now(), d.pager.Rules()
	if a.by == rules && now.Sub(a.at) < aheadFor && !now.Before(a.at) {
		return slices.Clone(a.list), a.at, nil
	}
	facts := lookahead.Facts{Now: now, Rules: rules, Proofs: map[string][]paging.Proof{}, Devices: map[string]bool{}}
	facts.Base, facts.Handovers = d.byTurns()
	devices, err := d.pager.Directory().Devices(ctx, "")
	if err != nil {
		return nil, now, fmt.Errorf("daemon: look ahead: %w", err)
	}
	of := map[string][]paging.Device{}
	for i := range devices {
		of[devices[i].Person] = append(of[devices[i].Person], devices[i])
		facts.Devices[devices[i].ID] = true
	}
	for _, p := range rules.Directory.People() {
		if facts.Proofs[p.Key], err = d.ready.Proofs.Of(ctx, p.Key, of[p.Key]); err != nil {
			return nil, now, fmt.Errorf("daemon: look ahead: %w", err)
		}
	}
	if facts.Replacements, err = d.onCall.book.All(ctx); err != nil {
		return nil, now, fmt.Errorf("daemon: look ahead: %w", err)
	}
	told, err := a.book.Told(ctx)
	if err != nil {
		return nil, now, fmt.Errorf("daemon: look ahead: %w", err)
	}
	if a.rules != rules || now.Sub(a.looked) >= delaysFor {
		a.delays = config.Delays(rules, d.pager.Reaches, now, lookahead.Days*24)
		a.rules, a.looked = rules, now
	}
	facts.Delays = a.delays
	list := lookahead.Find(&facts)
	told.Mark(list)
	a.by, a.at, a.list = rules, now, list
	return slices.Clone(list), now, nil
}

// morning is when managers are told, false if they are not.
func (d *Daemon) morning() (lookahead.Morning, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.config
	m := lookahead.Morning{Hour: c.Look.Hour, Minute: c.Look.Minute, Location: c.Rules.Location, Business: c.Rules.Calendars[c.Business]}
	return m, !c.Look.Off
}

// keepLooking tells managers once a day what is doubtful. When that is next is written
// down: of several daemons one does it, and a restart changes nothing.
func (d *Daemon) keepLooking(ctx context.Context) {
	d.untilTimed(ctx)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var planned lookahead.Morning
	var on, once bool
	for {
		if m, is := d.morning(); !once || m != planned || on != is {
			planned, on = m, is
			once = d.planLook(ctx, m, is) == nil && d.planNights(ctx, m) == nil
		}
		select {
		case <-tick.C:
			d.dailyLook(ctx)
			d.handNights(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) planLook(ctx context.Context, m lookahead.Morning, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	now := d.clock.Now()
	var due time.Time
	if on {
		due = m.Next(now)
	}
	return d.ahead.book.Plan(ctx, due, now) //nolint:wrapcheck // it is tried again
}

// dailyLook tells managers, if that is due.
func (d *Daemon) dailyLook(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	now := d.clock.Now()
	item, ok, err := d.ahead.book.Claim(ctx, d.pager.Owner(), now)
	if err != nil || !ok {
		return // it is tried again
	}
	m, on := d.morning()
	next := m.Next(now)
	_, night := ready.Night(now, m.Location)
	switch {
	case !on:
		next = time.Time{}
	case !item.Of.Begun.IsZero():
		d.log.Warn("a daemon died while it told managers what is doubtful: who was not told is told tomorrow")
	case night, item.Of.Overtaken(item.Due, now):
	default:
		d.tellManagers(ctx, &item, next)
		return
	}
	item.Of.Reached, item.Of.Tries = nil, 0
	if err := d.ahead.book.End(ctx, &item, next); err != nil && ctx.Err() == nil {
		d.log.Warn("when managers are told next was not noted", zap.Error(err))
	}
}

func (d *Daemon) tellManagers(ctx context.Context, item *lookahead.Item, next time.Time) {
	doubts, now, err := d.lookAhead(ctx)
	if err != nil {
		d.log.Warn("what is doubtful of the coming months could not be read, and is tried again", zap.Error(err))
		return
	}
	if begun, err := d.ahead.book.Begin(ctx, item, now); err != nil || !begun {
		return
	}
	of, rules := &item.Of, d.pager.Rules()
	news, missed := of.Told.Mark(doubts), false
	for _, key := range lookahead.Managers(doubts, rules.Directory) {
		person, known := rules.Directory.Person(key)
		if !known || slices.Contains(of.Reached, key) {
			continue
		}
		r := lookahead.Reader{Language: paging.Language(person, rules), Directory: rules.Directory, Location: rules.Location, Now: now}
		n, some := r.Message(lookahead.For(doubts, rules.Directory, key), news, of.Told)
		if !some {
			continue
		}
		n.ID = "ahead-" + now.UTC().Format("20060102") + "-" + key
		switch sent, can := d.tellByDay(ctx, person, n, "/health", byPush()); {
		case sent:
			of.Reached = append(of.Reached, key)
		case can:
			missed = true
		}
	}
	if at, again := of.Again(now); missed && again {
		next = at
	} else {
		of.Told, of.Reached, of.Tries = of.Told.Remember(doubts, now), nil, 0
	}
	if err := d.ahead.book.End(ctx, item, next); err != nil && ctx.Err() == nil {
		d.log.Warn("what managers were told was not noted", zap.Error(err))
	}
}

// byPush are ways that ring as no page does, a push first.
func byPush() []string { return []string{paging.WayPush, paging.WayMail} }

// byMail are they, a mail first.
func byMail() []string { return []string{paging.WayMail, paging.WayPush} }

// tellByDay tells somebody by the first of the channels that takes it. can says whether
// there is a way at all: a push goes to who has a device, a mail where mail is set up.
func (d *Daemon) tellByDay(ctx context.Context, to contacts.Person, n paging.Note, path string, channels []string) (sent, can bool) {
	if public := d.pager.Ways().PublicURL; public != "" {
		n.Link = func(string, string) (string, error) { return public + path, nil }
	}
	for _, channel := range channels {
		if channel == paging.WayMail {
			_, sent = d.mailed(ctx, to, []string{channel}, n)
			can = can || d.mail.On() && to.Email != ""
		} else {
			tries, err := d.pager.Outbox().Note(ctx, to, []string{channel}, n)
			sent = err == nil && paging.Taken(tries)
			can = can || !errors.Is(err, paging.ErrNoWay)
		}
		if sent {
			d.log.Info("a message beside pages", zap.String("person", to.Key), zap.String("kind", n.Kind), zap.String("channel", channel))
			return true, true
		}
	}
	if !can {
		d.log.Info("somebody cannot be told: there is neither a device nor mail", zap.String("person", to.Key), zap.String("kind", n.Kind))
	}
	return false, can
}
