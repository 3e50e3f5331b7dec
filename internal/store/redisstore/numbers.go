package redisstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
)

const (
	// skip is how far a sequence jumps if another server answers than the one
	// that counted last. It is more than the old server may have handed out
	// between the last write that survived and its end.
	skip = 1000
	// keep is how many seconds a sequence lives without being asked: 60 days. If
	// it is asked later, it starts anew, and the existing numbers refuse to be
	// given again.
	keep = 60 * 24 * 60 * 60
	// remembered bounds what is kept in memory of numbers and prefixes.
	remembered = 4096
)

// Numbers implements escalation.Store: one script.
func (s *Store) Numbers(ctx context.Context, source, prefix string, n int) ([]string, error) {
	if n <= 0 {
		return nil, nil
	}
	keys := []string{numbersKey(prefix), sequenceKey(prefix)}
	c := s.scripts.numbers.onKeys(ctx, keys, prefix, source, n, s.floor(prefix), skip, keep)
	if err := s.run(ctx, c); err != nil {
		return nil, failed(err, "%d numbers %s for %s", n, prefix, source)
	}
	r := c.reply()
	numbers := r.texts()
	stands, counts := r.number(), r.text()
	if r.err != nil {
		return nil, failed(r.err, "%d numbers %s for %s", n, prefix, source)
	}
	s.handedOut(source, prefix, numbers, int(stands), counts)
	return numbers, nil
}

// floor is the highest number that we handed out with this prefix. Whatever
// the server forgot, that number is not handed out again.
func (s *Store) floor(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(prefix).highest
}

func (s *Store) handedOut(source, prefix string, numbers []string, stands int, run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.given) > remembered {
		clear(s.given)
	}
	l := s.line(prefix)
	l.run, l.stands = run, stands
	for _, number := range numbers {
		s.given[number] = source
		if n, err := strconv.Atoi(strings.TrimPrefix(number, prefix)); err == nil {
			l.highest = max(l.highest, n)
		}
	}
}

// unknown lists the numbers of new tickets that we have neither handed out to
// this source nor guessed.
func (s *Store) unknown(source string, changes []escalation.Change, guesses map[int]guess) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var numbers []string
	for i := range changes {
		number := changes[i].Ticket.Number
		if _, found := guesses[i]; found {
			continue
		}
		if owner, found := s.given[number]; changes[i].Revision == 0 && (!found || owner != source) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// committed forgets numbers that need not be remembered any more.
func (s *Store) committed(changes []escalation.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range changes {
		delete(s.given, changes[i].Ticket.Number)
	}
}

// Locate implements escalation.Store: one round trip for the number's source
// and one for the ticket. If a failover between Numbers and Commit lost the
// number's source, Locate looks for the ticket in every source.
func (s *Store) Locate(ctx context.Context, number string) (string, error) {
	owner := redis.NewStringCmd(ctx, "hget", numbersKey(number), number)
	if err := s.run(ctx, owner); err != nil {
		return "", failed(err, "locate %s", number)
	}
	if source, err := owner.Result(); err == nil {
		if err := s.lookAt(ctx, source, number); err != nil {
			return "", failed(err, "locate %s", number)
		}
		return source, nil
	}
	source, err := s.search(ctx, number)
	if err != nil {
		return "", failed(err, "locate %s", number)
	}
	return source, nil
}

// lookAt says whether a ticket exists and can be read.
func (s *Store) lookAt(ctx context.Context, source, number string) error {
	key := sourceKey(source) + "t:" + number
	text := redis.NewStringCmd(ctx, "hget", key, "json")
	there := redis.NewIntCmd(ctx, "exists", key, key+":damaged")
	if err := s.run(ctx, text, there); err != nil {
		return err
	}
	if text.Val() == "" && there.Val() == 0 {
		return escalation.ErrNotFound
	}
	_, err := s.ticketOf(number, text.Val())
	return err
}

// search asks every source for a ticket, and files the number's source when it
// is found.
func (s *Store) search(ctx context.Context, number string) (string, error) {
	var found []string
	err := overAll(ctx, s, func(source string) []*redis.IntCmd {
		return []*redis.IntCmd{redis.NewIntCmd(ctx, "exists", sourceKey(source)+"t:"+number)}
	}, func(source string, cmds []*redis.IntCmd) error {
		if cmds[0].Val() == 1 {
			found = append(found, source)
		}
		return nil
	})
	switch {
	case len(found) > 0:
		filed := redis.NewBoolCmd(ctx, "hsetnx", numbersKey(number), number, found[0])
		return found[0], s.run(ctx, filed)
	case err != nil:
		return "", err
	}
	return "", escalation.ErrNotFound
}
