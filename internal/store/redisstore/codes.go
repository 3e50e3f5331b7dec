package redisstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// rest is how long a released code is not given to another ticket.
const rest = 72 * time.Hour

// Reserve implements paging.Phonebook: one round trip. The link and the code
// each have their own slot.
func (s *Store) Reserve(ctx context.Context, r paging.Reservation) (int, error) {
	cmds, code, err := s.reservation(ctx, &r, "")
	if err == nil {
		err = s.save(ctx, cmds...)
	}
	if err != nil && asShortfall(err) == nil { // a page does not wait for replicas that do not answer
		return 0, failed(err, "reserve a code for %s", r.Ticket)
	}
	if code == nil {
		return 0, nil
	}
	given, err := code.Int()
	if err != nil {
		return 0, failed(err, "reserve a code for %s", r.Ticket)
	}
	return given, nil
}

// reservation makes the commands of one reservation. code is the command that
// gives the code; nil if none is wanted. commit names a commit that is earlier
// in the same round trip, on the same server; empty: none. With it the code is
// given only if that commit applied the ticket; otherwise it is 0.
func (s *Store) reservation(ctx context.Context, r *paging.Reservation, commit string) (cmds []redis.Cmder, code *call, err error) {
	if r.Hash != "" {
		text, err := encode(&r.Link)
		if err != nil {
			return nil, nil, err
		}
		cmds = append(cmds, s.scripts.put.on(ctx, linkKey(r.Hash), text, ""))
	}
	if r.Phone == "" {
		return cmds, nil, nil
	}
	text, err := encode(&paging.Code{Source: r.Source, Ticket: r.Ticket, Person: r.Person, At: r.At, Bundle: r.Bundle})
	if err != nil {
		return nil, nil, err
	}
	keys, args := []string{phoneKey(r.Phone)}, []any{r.Ticket, text, stamp(r.At.Add(-rest))}
	if commit != "" {
		keys, args = append(keys, sourceKey(r.Source)+"t:"+r.Ticket), append(args, commit)
	}
	code = s.scripts.code.onKeys(ctx, keys, args...)
	return append(cmds, code), code, nil
}

// reservations are the reservations for pages that a commit has claimed
// already.
type reservations struct {
	cmds  []redis.Cmder
	codes map[*int]*call // by the place that each code goes to
}

// reservations makes the reservations for the commit of that name. On one
// server they come after the commit: if a ticket was not applied, its number
// may be another ticket's.
func (s *Store) reservations(ctx context.Context, commit string, changes []escalation.Change) (r reservations, err error) {
	if s.cluster != nil {
		commit = ""
	}
	r.codes = map[*int]*call{}
	for i := range changes {
		claimed := changes[i].Claimed
		if claimed == nil {
			continue
		}
		claimed.Codes = make([]int, len(claimed.Reserve))
		for k := range claimed.Reserve {
			cmds, code, err := s.reservation(ctx, &claimed.Reserve[k], commit)
			if err != nil {
				return r, err
			}
			r.cmds = append(r.cmds, cmds...)
			if code != nil {
				r.codes[&claimed.Codes[k]] = code
			}
		}
	}
	return r, nil
}

// around puts a commit and its reservations in order. On a Cluster they are on
// several servers, so each code is given before anybody can use it.
func (s *Store) around(c *call, r reservations) []redis.Cmder {
	if s.cluster != nil {
		return append(r.cmds, c)
	}
	return append([]redis.Cmder{c}, r.cmds...)
}

// reserved reads the codes. A code may be missing although the change was
// applied: the server had to be sent the commit's script first, or somebody
// changed the ticket right after. reserved asks for such a code again.
func (s *Store) reserved(ctx context.Context, r reservations, changes []escalation.Change, results []error) error {
	for i := range changes {
		claimed := changes[i].Claimed
		if claimed == nil || results[i] != nil {
			continue
		}
		for k := range claimed.Codes {
			code := r.codes[&claimed.Codes[k]]
			if code == nil {
				continue
			}
			var err error
			if claimed.Codes[k], err = code.Int(); err == nil && claimed.Codes[k] == 0 {
				claimed.Codes[k], err = s.Reserve(ctx, claimed.Reserve[k])
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Release implements paging.Phonebook.
func (s *Store) Release(ctx context.Context, phone, number string, at time.Time) error {
	if err := s.run(ctx, s.scripts.release.on(ctx, phoneKey(phone), number, score(at))); err != nil {
		return failed(err, "release the code of %s", number)
	}
	return nil
}

var errNoCode = errors.New("it names no ticket")

// Codes implements paging.Phonebook.
func (s *Store) Codes(ctx context.Context, phone string) ([]paging.Code, error) {
	texts := redis.NewMapStringStringCmd(ctx, "hgetall", phoneKey(phone)+"json")
	released := redis.NewMapStringStringCmd(ctx, "hgetall", phoneKey(phone)+"at")
	if err := s.run(ctx, texts, released); err != nil {
		return nil, failed(err, "codes of a phone")
	}
	codes := make([]paging.Code, 0, len(texts.Val()))
	for number, text := range texts.Val() {
		code, err := decode[paging.Code](text)
		if err == nil && code.Ticket == "" {
			err = errNoCode
		}
		var errCode, errAt error
		code.Code, errCode = strconv.Atoi(number)
		code.ReleasedAt, errAt = unstamp(released.Val()[number])
		if err := errors.Join(err, errCode, errAt); err != nil {
			s.Note(ticket.RecordCode, "code "+number+" of "+phone, err)
			continue
		}
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b paging.Code) int { return a.Code - b.Code })
	return codes, nil
}

// Link implements paging.Phonebook. A link that an older version filed has a
// time at which Redis removes it, whatever becomes of its ticket. Link removes
// that time.
func (s *Store) Link(ctx context.Context, hash string) (paging.Link, error) {
	get := redis.NewStringCmd(ctx, "getex", linkKey(hash), "persist")
	if err := s.run(ctx, get); err != nil {
		return paging.Link{}, failed(err, "look a link up")
	}
	if errors.Is(get.Err(), redis.Nil) {
		return paging.Link{}, failed(escalation.ErrNotFound, "look a link up")
	}
	link, err := decode[paging.Link](get.Val())
	if err = cmp.Or(err, link.Sound()); err != nil {
		s.Note(ticket.RecordLink, hash, err)
		return paging.Link{}, failed(escalation.ErrNotFound, "look a link up")
	}
	return link, nil
}
