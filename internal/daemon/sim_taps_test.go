package daemon

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// simTap is a page that somebody has open, and what its forms carry.
type simTap struct {
	who  *simPerson
	link string
	text string // of the forms
	seen escalation.Seen
}

// scriptTaps has people open a page and press its button twice: at once, a
// moment later, or when everything has changed. It does so in half of the
// worlds. It draws from its own random source, so that the rest of a world
// stays as it is.
func (s *sim) scriptTaps(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 23))
	if rng.IntN(2) != 0 {
		return
	}
	actions := []string{"acknowledge", "pickup", "escalate", "escalate", "escalate", "resolve", "undo"}
	later := []time.Duration{0, 0, 250 * time.Millisecond, 700 * time.Millisecond, 30 * time.Second, 3 * time.Minute}
	for range 3 + rng.IntN(8) {
		at := 15*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-15*time.Second)))
		action, first, second := actions[rng.IntN(len(actions))], later[rng.IntN(len(later))], later[rng.IntN(len(later))]
		var open simTap
		add(at, "somebody opens a page", func() { s.beside(func() { open = s.opens() }) })
		at += time.Second + first
		add(at, "and presses "+action, func() { s.taps(open, action) })
		add(at+second, "and presses it again", func() { s.taps(open, action) })
	}
}

var sealOfForm = regexp.MustCompile(`name="seen" value="([oaprc])(\d+)\.(\d+)\.(\d+)\.([01])"`)

// opens opens the link of one of the latest pages.
func (s *sim) opens() (open simTap) {
	var got []phonetest.Message
	for _, m := range s.world.Messages() {
		if !m.At.IsZero() && m.Link() != "" && time.Since(m.At) < 10*time.Minute {
			got = append(got, m)
		}
	}
	if len(got) == 0 {
		return open
	}
	slices.SortStableFunc(got, func(a, b phonetest.Message) int { return a.At.Compare(b.At) })
	m := got[len(got)-1-s.pick("page to open", min(len(got), 4))]
	ctx, cancel := simContext(900 * time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Link(), http.NoBody)
	if err != nil {
		panic(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return open
	}
	defer resp.Body.Close()
	page, _ := io.ReadAll(resp.Body)
	found := sealOfForm.FindSubmatch(page)
	if found == nil {
		return open
	}
	open = simTap{who: s.owner(m.To), link: m.Link()}
	open.text = strings.TrimSuffix(strings.TrimPrefix(string(found[0]), `name="seen" value="`), `"`)
	open.seen.State = map[string]ticket.State{
		"o": ticket.Open, "a": ticket.Acknowledged, "p": ticket.InProgress, "r": ticket.StateResolved, "c": ticket.Closed,
	}[string(found[1])]
	_, _ = fmt.Sscan(string(found[2]), &open.seen.Episode) // digits
	_, _ = fmt.Sscan(string(found[3]), &open.seen.Steps)
	return open
}

// taps presses a button of a page that is open.
func (s *sim) taps(open simTap, action string) {
	if open.who == nil {
		return
	}
	s.beside(func() {
		a := s.acting(&simAct{who: open.who.key, action: action, ticket: s.ticketOf(open.link), seen: &open.seen})
		ctx, cancel := simContext(20 * time.Second)
		defer cancel()
		form := url.Values{"action": {action}, "seen": {open.text}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, open.link, strings.NewReader(form.Encode()))
		if err != nil {
			panic(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		browser := *s.client
		browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := browser.Do(req)
		if err != nil {
			s.acted(a, false, err.Error())
			return
		}
		defer resp.Body.Close()
		said := cmp.Or(resp.Header.Get("Content-Location"), resp.Header.Get("Location"))
		s.acted(a, (resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusSeeOther) && strings.HasSuffix(said, "?done="+action), fmt.Sprintf("%d %s, %s", resp.StatusCode, said, open.text))
	})
}

// pressedAsSeen compares what a button did with what its page had shown: it
// acts on the state and the episode for which it was drawn, and passes on
// once.
func (h *history) pressedAsSeen(number string, was *ticket.Ticket, c *escalation.Change) {
	acts := slices.DeleteFunc(slices.Clone(c.Timeline), func(e ticket.Entry) bool { return didBy[e.Kind] == "" || e.Actor.Person() == "" })
	if len(acts) != 1 || acts[0].Via != "link" || h.tickets[number].back {
		return // several were written at once: what was in between is unknown
	}
	action, who := didBy[acts[0].Kind], acts[0].Actor.Person()
	s := h.s
	s.mu.Lock()
	var drawn []escalation.Seen
	blind := false
	for _, a := range s.acts {
		if a.who == who && a.action == action && (a.ticket == "" || a.ticket == number) {
			if a.seen == nil {
				blind = true
			} else {
				drawn = append(drawn, *a.seen)
			}
		}
	}
	s.mu.Unlock()
	if blind {
		return // somebody pressed without a page
	}
	now := escalation.SeenOf(was)
	if !slices.ContainsFunc(drawn, func(d escalation.Seen) bool {
		return d.State == now.State && d.Episode == now.Episode && (action != "escalate" || d.Steps == now.Steps)
	}) {
		s.problem("old page", "ticket %s: %s by %s, who was shown %+v, and it was %+v", number, action, who, drawn, now)
	}
}

// didBy is what a button does, found by what the timeline says of it.
var didBy = map[ticket.EntryKind]string{
	ticket.EntryAcknowledged: "acknowledge", ticket.EntryPickedUp: "pickup", ticket.EntryResolved: "resolve",
	ticket.EntryUndone: "undo", ticket.EntryEscalated: "escalate",
}
