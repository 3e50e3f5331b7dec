package redisstore

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Commit implements escalation.Store. One script makes all changes. The same
// round trip files the codes and links of pages that are claimed already. At
// most one round trip comes before it: if the source is new to us, or if a new
// ticket's number is neither our guess nor from our Numbers.
func (s *Store) Commit(ctx context.Context, source string, changes []escalation.Change) ([]error, error) {
	results := make([]error, len(changes))
	if len(changes) == 0 {
		return results, nil
	}
	guesses := s.guessed(source, changes)
	taken, err := s.prepare(ctx, source, changes, guesses)
	short := asShortfall(err)
	if err != nil && short == nil {
		return nil, failed(err, "commit %s", naming(changes))
	}
	name := rand.Text()
	keys, places := guessKeys(source, guesses)
	args := make([]any, 0, 4+35*len(changes))
	args = append(args, name, source, keep, hintKey)
	var sent []int
	for i := range changes {
		if taken[changes[i].Ticket.Number] {
			results[i] = escalation.ErrConflict
			continue
		}
		g := guesses[i]
		if args, err = appendChange(args, &changes[i], g, places[g.prefix]); err != nil {
			return nil, failed(err, "commit %s", naming(changes))
		}
		sent = append(sent, i)
	}
	c := s.committing(changes).onKeys(ctx, keys, args...)
	codes, err := s.reservations(ctx, name, changes)
	if err == nil {
		err = s.save(ctx, s.around(c, codes)...)
	}
	var answers map[int]int64
	if err == nil {
		answers, err = readAnswers(c.reply(), sent)
	}
	s.judged(guesses, answers)
	for i, answer := range answers {
		if answer == refused || answer == wrong {
			results[i] = escalation.ErrConflict
		}
	}
	if err == nil {
		err = s.reserved(ctx, codes, changes, results)
	}
	if err != nil {
		return nil, failed(err, "commit %s", naming(changes))
	}
	s.committed(changes)
	if short != nil {
		return nil, failed(short, "commit %s", naming(changes))
	}
	return results, nil
}

// readAnswers reads what the script answered, by the places of the changes.
func readAnswers(r *reply, sent []int) (map[int]int64, error) {
	answers := make(map[int]int64, len(sent))
	for _, i := range sent {
		answers[i] = r.number()
	}
	return answers, r.err
}

// committing is the script for changes. If they bring nothing new, it is the
// script that also runs on a server whose memory is full.
func (s *Store) committing(changes []escalation.Change) script {
	for i := range changes {
		if changes[i].Revision == 0 || len(changes[i].Alerts) > 0 {
			return s.scripts.commit
		}
	}
	return s.scripts.settle
}

func naming(changes []escalation.Change) string {
	name := "ticket " + changes[0].Ticket.Number
	if n := len(changes) - 1; n > 0 {
		name += " and " + strconv.Itoa(n) + " more"
	}
	return name
}

// prepare writes what lives in other slots. It returns the numbers that belong
// to another source, even if the error is a *shortfall.
func (s *Store) prepare(ctx context.Context, source string, changes []escalation.Change, guesses map[int]guess) (taken map[string]bool, err error) {
	var cmds []redis.Cmder
	listed := s.isListed(source)
	if !listed {
		cmds = append(cmds, listing(ctx, source))
	}
	if slices.ContainsFunc(changes, func(c escalation.Change) bool { return len(c.Records) > 0 }) {
		cmds = append(cmds, s.homing(ctx, source))
	}
	owners := map[string]*redis.StringCmd{}
	for _, number := range s.unknown(source, changes, guesses) {
		owners[number] = redis.NewStringCmd(ctx, "hget", numbersKey(number), number)
		cmds = append(cmds, redis.NewBoolCmd(ctx, "hsetnx", numbersKey(number), number, source), owners[number])
	}
	if len(cmds) == 0 {
		return nil, nil
	}
	err = s.save(ctx, cmds...)
	if err != nil && asShortfall(err) == nil {
		return nil, err
	}
	if err == nil {
		s.listed(source)
	}
	taken = map[string]bool{}
	for number, owner := range owners {
		taken[number] = owner.Val() != source
	}
	return taken, err
}

// appendChange adds a change's arguments, in the order that script commit
// names them in. place is where the keys of its guess are; 0 if it has none.
func appendChange(args []any, c *escalation.Change, g guess, place int) ([]any, error) {
	t, alerts := &c.Ticket, lastOfEach(c.Alerts)
	text, err := encode(t)
	if err != nil {
		return nil, err
	}
	args = append(args, t.Number, c.Revision, string(t.State), flag(t.State.Active()), int(t.Urgency), wants(t),
		stamp(t.NextDeadline()), score(t.OpenedAt), t.GroupKey, flag(c.TakeGroup), c.GroupWas, text,
		flag(t.State == ticket.Closed), len(alerts), len(c.Timeline), len(c.Pages))
	if place > 0 {
		args = append(args, place, g.n, g.stands, g.run)
	} else {
		args = append(args, "", "", "", "")
	}
	args = append(args, c.Most.Active, c.Most.Opened, len(c.Records))
	for i := range alerts {
		a := &alerts[i].Record
		if text, err = encode(a); err != nil {
			return nil, err
		}
		args = append(args, a.Fingerprint, alerts[i].Was, stamp(alerts[i].Heard), string(a.Status), rank(a.Status), int(a.Urgency),
			a.Count, stamp(a.LastAt), stamp(a.SilentAt), a.SenderGroup, stamp(a.StartsAt), text)
	}
	for i := range c.Timeline {
		if text, err = encode(&c.Timeline[i]); err != nil {
			return nil, err
		}
		args = append(args, text)
	}
	for i := range c.Pages {
		p := &c.Pages[i]
		if text, err = encode(p); err != nil {
			return nil, err
		}
		// Each urgency has its queue, from low to critical.
		urgency := min(max(p.Urgency, ticket.Low), ticket.Critical)
		args = append(args, p.String(), int(urgency), want(p.Kind, p.Episode), score(p.At), stamp(p.RetryAt), text, flag(p.Quiet))
		if by := c.Claimed; by != nil {
			args = append(args, by.Owner, stamp(by.Until), by.Token)
		} else {
			args = append(args, "", "", "")
		}
	}
	if len(c.Records) > 0 {
		if err := records.Check(t.Source, c.Records); err != nil {
			return nil, err
		}
	}
	return appendWrites(args, c.Records), nil
}

// lastOfEach leaves out changes that a later change of the same alert
// overwrites. So the script sees each alert once.
func lastOfEach(alerts []escalation.AlertChange) []escalation.AlertChange {
	last := make(map[string]int, len(alerts))
	for i := range alerts {
		last[alerts[i].Record.Fingerprint] = i
	}
	if len(last) == len(alerts) {
		return alerts
	}
	var kept []escalation.AlertChange
	for i := range alerts {
		if last[alerts[i].Record.Fingerprint] == i {
			kept = append(kept, alerts[i])
		}
	}
	return kept
}

func flag(yes bool) string {
	if yes {
		return "1"
	}
	return ""
}

// score is a time where Redis needs a number: the zero time is long ago.
func score(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return stamp(t)
}

// rank orders a ticket's alerts: those that fire come first.
func rank(s ticket.AlertStatus) int {
	switch s {
	case ticket.Firing:
		return 0
	case ticket.Silent:
		return 1
	case ticket.Resolved, ticket.Unsaid:
	}
	return 2
}

// want names what a page needs of its ticket: the page's kind, and an episode.
func want(kind ticket.PageKind, episode int) string {
	return string(kind) + "/" + strconv.Itoa(episode)
}

// wants lists all that a ticket wants sent now: " page/2 ". Script claim looks
// up a page's want in it. So the rule itself stays in ticket.Page.WantedFor.
func wants(t *ticket.Ticket) string {
	list := " "
	for _, kind := range []ticket.PageKind{ticket.KindPage, ticket.KindJoined, ticket.KindTaken, ticket.KindRecovered, ticket.KindClock, ticket.KindDue, ticket.KindReminder} {
		p := ticket.Page{PageKey: ticket.PageKey{Episode: t.Progress.Episode}, Kind: kind}
		if p.WantedFor(t.State, t.Progress.Episode) {
			list += want(kind, t.Progress.Episode) + " "
		}
	}
	return list
}
