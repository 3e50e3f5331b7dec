package daemon

import (
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// guestToken is a token that a reload may remove.
const guestToken = "token-of-a-guest"

// simGone is what a reload removed: the token, push, alice.
type simGone struct {
	what string
	at   time.Time
}

// lends adds to a configuration what a reload may remove.
func (s *sim) lends(text string) string {
	return strings.Replace(text, "tokens: [", "tokens: [{name: guest, role: reader, token_file: guest.token}, ", 1)
}

// scriptTakes has reloads remove a token, a provider or a person, in a third
// of the worlds. It draws from its own random source.
func (s *sim) scriptTakes(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 47))
	if rng.IntN(3) != 0 {
		return
	}
	for _, what := range []string{"token", "push", "alice"} {
		at := 15*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-15*time.Second)))
		if rng.IntN(3) > 0 {
			add(at, "a reload takes away: "+what, func() { s.takes(what) })
		}
	}
}

func (s *sim) takes(what string) {
	if what == "token" {
		for _, l := range s.alive() {
			s.beside(func() {
				if status := l.asked(guestToken); (status == http.StatusUnauthorized || status == http.StatusForbidden) && s.gone("token").IsZero() {
					s.problem("token", "daemon %d refuses a token that is in force", l.node.id)
				}
			})
		}
		s.until(time.Since(s.began))
	}
	s.mu.Lock()
	s.taken = append(s.taken, simGone{what, time.Now()})
	text := s.lacks(s.config)
	s.mu.Unlock()
	s.putInForce(text)
}

// lacks is a configuration without what was removed. s.mu is held.
func (s *sim) lacks(text string) string {
	for _, g := range s.taken {
		switch g.what {
		case "token":
			text = strings.Replace(text, "{name: guest, role: reader, token_file: guest.token}, ", "", 1)
		case "push":
			text = regexp.MustCompile(`\npush: .*`).ReplaceAllLiteralString(text, "\npush: {web: false}")
			text = regexp.MustCompile(`by: \[push.*`).ReplaceAllLiteralString(text, "by: [sms]")
		case "alice":
			text = regexp.MustCompile(`rotations: \[\{people: .*?\]`).ReplaceAllLiteralString(text, "rotations: [{people: [chloe, bruno]")
			text = regexp.MustCompile(`\n  alice: .*`).ReplaceAllLiteralString(text, "")
		}
	}
	return text
}

// gone is when something was removed; zero: it was not.
func (s *sim) gone(what string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.taken, func(g simGone) bool { return g.what == what }); n >= 0 {
		return s.taken[n].at
	}
	return time.Time{}
}

// pushes says whether there is a provider of pushes at a time.
func (s *sim) pushes(at time.Time) bool {
	gone := s.gone("push")
	return gone.IsZero() || at.Before(gone.Add(-time.Second))
}

// asked asks a daemon something by a token; 0: no answer.
func (l *simLife) asked(token string) int {
	ctx, cancel := simContext(5 * time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, publicURL+"/api/v1/oncall", http.NoBody)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := l.serve(phonetest.Transport(l.daemon.Handler()), req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// hasRead notes which configuration a daemon uses from now on, and checks that
// it refuses a token that is no longer in force.
func (l *simLife) hasRead(c *config.Config) {
	l.mu.Lock()
	l.read, l.readAt = c, time.Now()
	l.mu.Unlock()
	if !slices.ContainsFunc(c.Tokens, func(t config.Token) bool { return t.Name == "guest" }) {
		l.refuses()
	}
}

func (l *simLife) refuses() {
	if status := l.asked(guestToken); status != 0 && status != http.StatusUnauthorized {
		l.node.s.problem("token", "a token that was taken away is answered %d by daemon %d", status, l.node.id)
	}
}

// judgeToken: no daemon accepts a token that was removed.
func (s *sim) judgeToken() {
	if s.gone("token").IsZero() {
		return
	}
	for _, l := range s.alive() {
		l.refuses()
	}
}

// bySomebody judges an order as it goes out. By the configuration that its
// daemon had read when it claimed the page, the daemon has a provider for it
// and knows its person.
func (h *history) bySomebody(o *sent) {
	o.by.mu.Lock()
	c, since := o.by.read, o.by.readAt
	o.by.mu.Unlock()
	if c == nil || !o.claim.at.After(since) {
		return
	}
	if _, known := c.Rules.Directory.Person(o.key.Person); !known {
		h.s.problem("gone", "%s was paged, whom a reload took away %.1f s before", o.key, time.Since(since).Seconds())
	}
	if o.key.Channel == "push" && c.Push == nil {
		h.s.problem("gone", "%s went out by a provider that a reload took away %.1f s before", o.key, time.Since(since).Seconds())
	}
}
