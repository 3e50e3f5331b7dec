package redisstore

import (
	"fmt"

	"github.com/astreinte/astreinte/escalation"
)

var _ escalation.Guesser = (*Store)(nil)

// line is what we know of a prefix's sequence.
type line struct {
	highest int    // the highest number that we handed out or guessed
	run     string // the run id of the server that counted last; empty: ask it again
	stands  int    // how far the sequence was then

	lost int // grows with each guess that was wrong, and shrinks with each that was right
	ask  int // how many more times no guess is made
}

// leastAsked bounds how often in a row no guess is made because other daemons
// move the sequence on.
const leastAsked = 255

// guess is a number that no server was asked for.
type guess struct {
	source, prefix string
	n, stands      int
	run            string
}

// GuessNumbers implements escalation.Guesser: the numbers that come next, as
// far as we know. The script that opens their tickets files them. There is no
// guess on a Cluster, where numbers are in another slot, nor if others were
// faster lately.
func (s *Store) GuessNumbers(source, prefix string, n int) []string {
	if s.cluster != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[prefix]
	switch {
	case l == nil || l.run == "":
		return nil
	case l.ask > 0:
		l.ask--
		return nil
	}
	if len(s.guesses) > remembered {
		clear(s.guesses)
	}
	l.highest = max(l.highest, l.stands)
	numbers := make([]string, n)
	for i := range numbers {
		l.highest++
		numbers[i] = fmt.Sprintf("%s%04d", prefix, l.highest)
		s.guesses[numbers[i]] = guess{source, prefix, l.highest, l.stands, l.run}
	}
	return numbers
}

// line is what is known of a prefix. The caller holds mu.
func (s *Store) line(prefix string) *line {
	l := s.lines[prefix]
	if l == nil {
		if len(s.lines) > remembered {
			clear(s.lines)
		}
		l = &line{}
		s.lines[prefix] = l
	}
	return l
}

// guessed takes the guesses among the numbers of new tickets, by the place of
// their changes. A guess is used once: a second commit of such a number first
// asks whom it belongs to.
func (s *Store) guessed(source string, changes []escalation.Change) map[int]guess {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found map[int]guess
	for i := range changes {
		number := changes[i].Ticket.Number
		g, ok := s.guesses[number]
		if !ok || g.source != source || changes[i].Revision != 0 {
			continue
		}
		delete(s.guesses, number)
		if found == nil {
			found = map[int]guess{}
		}
		found[i] = g
	}
	return found
}

// guessKeys are the keys under which script commit files guesses, and the
// place of each prefix's first key.
func guessKeys(source string, guesses map[int]guess) (keys []string, places map[string]int) {
	keys = []string{sourceKey(source)}
	if len(guesses) == 0 {
		return keys, nil
	}
	places = map[string]int{}
	for _, g := range guesses {
		if places[g.prefix] == 0 {
			keys = append(keys, numbersKey(g.prefix), sequenceKey(g.prefix))
			places[g.prefix] = len(keys) - 1
		}
	}
	return keys, places
}

// The answers of script commit.
const (
	refused = 0
	wrong   = -1 // its number was guessed wrong
)

// judged learns from what script commit answered of guesses. nil: nothing is
// known.
func (s *Store) judged(guesses map[int]guess, answers map[int]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := map[string]bool{}
	for i, g := range guesses {
		l := s.line(g.prefix)
		switch answer, known := answers[i]; {
		case !known || answer == wrong:
			lost[g.prefix] = lost[g.prefix] || known
			l.run = ""
		case answer != refused:
			if l.run == g.run {
				l.stands = max(l.stands, g.n)
			}
			l.lost /= 2
		}
	}
	for prefix := range lost {
		l := s.line(prefix)
		l.lost = min(2*l.lost+1, leastAsked)
		l.ask = l.lost - 1 // next time, because no run is known
	}
}
