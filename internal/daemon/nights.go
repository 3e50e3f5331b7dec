package daemon

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Bounds of the night's tickets: how many are looked at and handed over, how many a
// message names, and how late they may be handed over.
const (
	mostNightly  = 500
	nightlyLines = 20
	nightlyLate  = 9 * time.Hour
)

// planNights writes down when business opens next.
func (d *Daemon) planNights(ctx context.Context, m lookahead.Morning) error {
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	now := d.clock.Now()
	opens, _ := m.Opening(now)            // zero: never
	return d.nights.Plan(ctx, opens, now) //nolint:wrapcheck // it is tried again
}

// handNights hands the night's tickets over, if business has opened. To whom each goes is
// written down before it goes; each goes once, whichever daemon does it.
func (d *Daemon) handNights(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	now := d.clock.Now()
	item, ok, err := d.nights.Claim(ctx, d.pager.Owner(), now)
	if err != nil || !ok {
		return // it is tried again
	}
	m, _ := d.morning()
	next, _ := m.Opening(now)
	of := &item.Of
	if of.Opens.IsZero() {
		of.Opens = item.Due
		if m.Business != nil && now.Sub(item.Due) < nightlyLate {
			if of.Given, err = d.nightly(ctx, m, item.Due); err != nil {
				return // it is tried again
			}
		}
		if held, err := d.nights.Hold(ctx, &item, now); err != nil || !held {
			return
		}
	}
	for i := range of.Given {
		d.give(ctx, &of.Given[i], of.Opens)
	}
	if !d.tellGiven(ctx, &item) {
		return // the claim runs out, and it is tried again
	}
	*of = lookahead.Night{}
	if err := d.nights.Put(ctx, &item, next); err != nil && ctx.Err() == nil {
		d.log.Warn("that the night's tickets were handed over was not noted: it is done again", zap.Error(err))
	}
}

// nightly are the tickets that somebody took since business closed, and who is to have
// them now: whoever has one and is on duty by day keeps it.
func (d *Daemon) nightly(ctx context.Context, m lookahead.Morning, opens time.Time) (given []lookahead.Given, err error) {
	rules, since := d.pager.Rules(), m.Closed(opens)
	q := ticket.Query{Scope: ticket.Everything(), States: []ticket.State{ticket.Acknowledged, ticket.InProgress}, Limit: 100}
	for seen := 0; seen < mostNightly; {
		list, next, err := d.store.Tickets(ctx, q)
		if err != nil {
			return nil, err //nolint:wrapcheck // it is tried again
		}
		for i := range list {
			t := &list[i]
			taken := t.AcknowledgedAt
			if t.PickedUpAt.After(taken) {
				taken = t.PickedUpAt
			}
			if taken.Before(since) {
				continue
			}
			had := t.Assignee
			if had == "" {
				had = t.AcknowledgedBy.Person()
			}
			if gets := byDay(t, rules, had, opens); gets != "" && gets != had {
				given = append(given, lookahead.Given{Number: t.Number, Had: had, Gets: gets})
			}
		}
		if seen += len(list); next == "" || len(list) == 0 {
			break
		}
		q.Cursor = next
	}
	return given, nil
}

// byDay is who is to have a ticket from the opening of business on: the customer's
// referent, else whoever had it if on duty then, else the first who is, in the first group
// that the policy pages by day. Empty: nobody is.
func byDay(t *ticket.Ticket, rules *escalation.Rules, had string, opens time.Time) string {
	if c, ok := rules.Customer(t.Customer); ok && c.Referent != "" {
		if _, known := rules.Directory.Person(c.Referent); known {
			return c.Referent
		}
	}
	first := ""
	for i := range t.Policy.Steps {
		if _, held := escalation.HeldBack(t, i, rules, opens); held {
			continue
		}
		people, _ := rules.Directory.On(t.Policy.Steps[i].Group, opens)
		for k := range people {
			if people[k].Key == had {
				return had
			}
			if first == "" {
				first = people[k].Key
			}
		}
		if first != "" {
			return first
		}
	}
	return first
}

// give has a ticket go to somebody, once.
func (d *Daemon) give(ctx context.Context, g *lookahead.Given, opens time.Time) {
	said := ticket.Said{Detail: ticket.SaidNight}
	if g.Had != "" {
		said.Args.Called = []ticket.Called{{Person: g.Had}}
	}
	_, err := d.pager.Engine().Act(ctx, g.Number, escalation.Acted{
		Action: escalation.ActAssign, Actor: ticket.Actor{Kind: ticket.ActorSystem, Name: "opening"}, Via: "rule", Said: said, Person: g.Gets,
		Once: "opening " + opens.UTC().Format("20060102T1504"),
	})
	var state *escalation.StateError
	switch {
	case err == nil, errors.Is(err, escalation.ErrDone):
	case errors.As(err, &state), errors.Is(err, escalation.ErrNotFound):
		g.Left = true
	default:
		d.log.Warn("a ticket of the night was not handed over, and stays with who has it", zap.String("ticket", g.Number), zap.Error(err))
		g.Left = true
	}
}

// tellGiven tells each who gets tickets of the night, in one message. False: it could not
// be noted.
func (d *Daemon) tellGiven(ctx context.Context, item *lookahead.NightItem) bool {
	of, rules := &item.Of, d.pager.Rules()
	for i := range of.Given {
		to := of.Given[i].Gets
		person, known := rules.Directory.Person(to)
		mine := slices.DeleteFunc(slices.Clone(of.Given), func(g lookahead.Given) bool { return g.Gets != to || g.Left })
		if !known || len(mine) == 0 || slices.Contains(of.Told, to) {
			continue
		}
		of.Told = append(of.Told, to) // noted before: nobody has two
		if held, err := d.nights.Hold(ctx, item, d.clock.Now()); err != nil || !held {
			return false
		}
		n := d.nightNote(ctx, mine, paging.Language(person, rules), rules)
		n.ID = "night-" + of.Opens.UTC().Format("20060102T1504") + "-" + to
		if sent, can := d.tellByDay(ctx, person, n, "/now", byMail()); can && !sent {
			d.log.Warn("who gets the night's tickets could not be told: they are in the list of tickets", zap.String("person", to))
		}
	}
	return true
}

func (d *Daemon) nightNote(ctx context.Context, mine []lookahead.Given, language string, rules *escalation.Rules) paging.Note {
	w := &lang.In(language).Night
	lines := []string{w.Intro}
	for i := range mine[:min(len(mine), nightlyLines)] {
		g := &mine[i]
		what, text := "", w.Line
		if view, err := d.store.View(ctx, g.Number); err == nil {
			what = paging.TicketFacts(&view.Ticket, rules, d.clock.Now()).Title
		}
		if g.Had != "" {
			text = w.LineOf
		}
		lines = append(lines, lang.Fill(text, "number", g.Number, "what", what, "who", called(rules, g.Had)))
	}
	if more := len(mine) - nightlyLines; more > 0 {
		lines = append(lines, lang.Fill(w.More, "n", strconv.Itoa(more)))
	}
	return paging.Note{Kind: lookahead.KindNightNote, Title: lang.Fill(w.Title, "n", strconv.Itoa(len(mine))), Body: strings.Join(lines, "\n")}
}

// called is a person's name.
func called(rules *escalation.Rules, key string) string {
	if p, ok := rules.Directory.Person(key); ok && p.Name != "" {
		return p.Name
	}
	return key
}
