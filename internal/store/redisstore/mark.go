package redisstore

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
)

// A Redis that lost its data looks like a new one; so does another Redis at
// the same address. So each source's slot has a mark, a word drawn at random.
// One more mark belongs to no source. If a mark is missing or has changed,
// what was there is lost. A replica that takes over has the marks.

// mark is what is remembered of one mark.
type mark struct {
	word string
	// sure is set once the mark was read, not only written: a failover may take
	// back what was just written.
	sure bool
	open int // tickets of its source that asked for work when it was last read
}

// nobody stands for the source of the mark that belongs to none.
const nobody = ""

// Loss is what a Redis lost since it was last asked.
type Loss struct {
	Sources []string // whose tickets are lost
	Open    int      // tickets that asked for work, as far as we knew
	marks   []string // the marks in the place of the old ones
}

func markKey(source string) string {
	if source == nobody {
		return root + "mark"
	}
	return sourceKey(source) + "mark"
}

// reading is what was read of one mark.
type reading struct {
	word string
	open int
}

// Watch looks at the marks in one round trip. If one is missing, it takes
// another round trip. It answers what was lost since the last call; nil:
// nothing. A mark that it had not seen before is no loss.
func (s *Store) Watch(ctx context.Context) (*Loss, error) {
	found, err := s.readMarks(ctx)
	if err != nil && len(found) == 0 {
		return nil, failed(err, "look for the marks")
	}
	s.mu.Lock()
	var missing, lost []string
	for source, r := range found {
		m := s.marks[source]
		if m != nil && m.sure && m.word != r.word {
			lost = append(lost, source)
		}
		if r.word == "" {
			missing = append(missing, source)
		}
	}
	s.mu.Unlock()
	made, errSet := s.setMarks(ctx, missing)
	if errSet != nil {
		return nil, failed(errSet, "set the marks")
	}
	return s.remember(found, made, lost), nil
}

func (s *Store) readMarks(ctx context.Context) (map[string]reading, error) {
	found := map[string]reading{}
	own := redis.NewStringCmd(ctx, "get", markKey(nobody))
	err := s.run(ctx, own)
	if err != nil {
		return nil, err
	}
	found[nobody] = reading{word: own.Val()}
	err = overAll(ctx, s, func(source string) []*redis.Cmd {
		return []*redis.Cmd{redis.NewCmd(ctx, "get", markKey(source)), redis.NewCmd(ctx, "hgetall", sourceKey(source)+"stats")}
	}, func(source string, cmds []*redis.Cmd) error {
		parts := newReply([]any{cmds[0].Val(), cmds[1].Val()})
		r := reading{word: parts.text()}
		for name, text := range parts.fields() {
			_, state, _ := strings.Cut(name, ":")
			if n, err := strconv.Atoi(text); err == nil && ticket.State(state).Active() {
				r.open += max(n, 0)
			}
		}
		found[source] = r
		return parts.err
	})
	return found, err
}

// setMarks sets marks that are missing. Somebody else may be faster. It
// returns the marks that are set then.
func (s *Store) setMarks(ctx context.Context, sources []string) (map[string]string, error) {
	if len(sources) == 0 {
		return nil, nil
	}
	word := rand.Text()
	gets := make([]*redis.StringCmd, len(sources))
	var cmds []redis.Cmder
	for i, source := range sources {
		gets[i] = redis.NewStringCmd(ctx, "get", markKey(source))
		cmds = append(cmds, redis.NewBoolCmd(ctx, "setnx", markKey(source), word), gets[i])
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	made := map[string]string{}
	for i, source := range sources {
		made[source] = gets[i].Val()
	}
	return made, nil
}

// remember takes in what was read and what was set, and returns what was lost.
func (s *Store) remember(found map[string]reading, made map[string]string, lost []string) *Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l Loss
	marks := map[string]bool{}
	for _, source := range lost {
		l.Open += s.marks[source].open
		if source != nobody {
			l.Sources = append(l.Sources, source)
		}
		word := found[source].word
		if word == "" {
			word = made[source]
		}
		marks[word] = true
	}
	for source, r := range found {
		m := &mark{word: r.word, sure: true, open: r.open}
		if r.word == "" {
			m.word, m.sure = made[source], false
		}
		s.marks[source] = m
	}
	if len(lost) == 0 {
		return nil
	}
	for _, line := range s.lines { // no guess may rest on what was
		line.run = ""
	}
	clear(s.guesses)
	slices.Sort(l.Sources)
	l.marks = slices.Sorted(maps.Keys(marks))
	return &l
}

// What Telling answers.
const (
	TellingDone    = "told"
	TellingYours   = "yours"
	TellingAnother = "another"
)

// tellingPatience is how long others wait for the daemon that began to tell.
const tellingPatience = 30 * time.Second

// Telling says whether the caller, by its name, is the one daemon that tells
// people of a loss. It answers TellingYours until Told is called. If the
// daemon that was to tell does not finish, another one tells. People may be
// told twice, but never not at all.
func (s *Store) Telling(ctx context.Context, l *Loss, by string, now time.Time) (string, error) {
	args := []any{by, now.UnixMicro(), tellingPatience.Microseconds()}
	for _, m := range l.marks {
		args = append(args, m)
	}
	c := s.scripts.telling.on(ctx, lossKey, args...)
	if err := s.run(ctx, c); err != nil {
		return "", failed(err, "ask who tells of a loss")
	}
	answer, err := c.Text()
	if err != nil {
		return "", failed(err, "ask who tells of a loss")
	}
	return answer, nil
}

// Told notes that people were told of a loss.
func (s *Store) Told(ctx context.Context, l *Loss) error {
	args := []any{"hset", lossKey}
	for _, m := range l.marks {
		args = append(args, "told "+m, 1)
	}
	if err := s.run(ctx, redis.NewIntCmd(ctx, args...), redis.NewIntCmd(ctx, "hdel", lossKey, "teller", "since")); err != nil {
		return failed(err, "note that a loss was told")
	}
	return nil
}

// codesLeftOut is how many codes of each phone are left out after a loss.
const codesLeftOut = 89 // the next one has three digits, 100

// SkipLost skips numbers and codes that may have been given before a loss, as
// far as we can tell: phones still have them. The numbers are those that begin
// with these prefixes; the codes are those of these phones.
func (s *Store) SkipLost(ctx context.Context, prefixes, phones []string) error {
	var cmds []redis.Cmder
	for _, prefix := range prefixes {
		keys := []string{numbersKey(prefix), sequenceKey(prefix)}
		cmds = append(cmds, s.scripts.numbers.onKeys(ctx, keys, prefix, nobody, 0, s.floor(prefix)+skip, skip, keep))
	}
	for _, phone := range phones {
		cmds = append(cmds, redis.NewBoolCmd(ctx, "setnx", phoneKey(phone)+"last", codesLeftOut))
	}
	if len(cmds) == 0 {
		return nil
	}
	if err := s.run(ctx, cmds...); err != nil {
		return failed(err, "leave out what was given before a loss")
	}
	return nil
}
