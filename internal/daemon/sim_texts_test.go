package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
	"github.com/astreinte/astreinte/paging/words"
)

// simText is a text that somebody sent, however often it was delivered.
type simText struct {
	who, action string
	heard       time.Time // by when a daemon had surely heard it; zero: perhaps none did
	replied     bool
}

// simReply is what a phone was told, in time without trouble.
type simReply struct {
	phone, said string
	from, over  time.Time
}

// texts has somebody send a text. The provider delivers half of the texts
// again: at once, some seconds later, or when a ticket may be open again.
func (s *sim) texts(who *simPerson, number, text, action string) {
	n := slices.IndexFunc(who.phones, func(p *phonetest.Phone) bool { return p.Number() == number })
	if n < 0 {
		return
	}
	deliver := who.phones[n].Compose(text)
	m, sent := &simText{who: who.key, action: action}, time.Now()
	s.mu.Lock()
	s.sms = append(s.sms, m)
	s.mu.Unlock()
	name := "again/" + number + text
	if s.roll(name) < 0.5 {
		later := []time.Duration{0, time.Millisecond, time.Second, 4 * time.Second, 20 * time.Second, 90 * time.Second, 3 * time.Minute, 5 * time.Minute}
		for range 1 + s.pick(name, 3) {
			wait := later[s.pick(name, len(later))]
			s.beside(func() {
				if !s.sleep(wait) {
					return
				}
				hear := deliver
				if s.roll("past the cache/"+number+text) < 0.7 {
					hear = s.hearsAgain(who.phones[n], text, sent)
				}
				_, _ = s.delivers(m, number, text, hear) // it may fail: it was said before
			})
		}
	}
	a := s.acting(&simAct{who: who.key, action: action})
	said, err := s.delivers(m, number, text, deliver)
	s.acted(a, err == nil && strings.Contains(said, "PRIS"), fmt.Sprintf("%q → %q %v", text, said, err))
}

// delivers has a daemon hear a text, for the first time or again.
func (s *sim) delivers(m *simText, phone, text string, deliver func(context.Context) (string, error)) (string, error) {
	ctx, cancel := simContext(20 * time.Second)
	defer cancel()
	from := time.Now()
	said, err := deliver(ctx)
	over := time.Now()
	s.tell("%s's text %q is delivered: %q %v", m.who, text, said, err)
	if err != nil || slices.Contains(simLater, said) {
		return said, err
	}
	calm := !s.troubled(from, over)
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.heard.IsZero() {
		m.heard = over
	}
	if calm && said != "" && !m.replied { // a second reply to the same text from the same daemon does not count
		m.replied = true
		s.replies = append(s.replies, simReply{phone, said, from, over})
	}
	return said, nil
}

// hearsAgain has a living daemon hear a text again that the phone sent at a
// time. Its webhook does not know the first one: the store's memory decides
// the answer.
func (s *sim) hearsAgain(phone *phonetest.Phone, text string, sent time.Time) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		alive := s.alive()
		texts := slices.DeleteFunc(phone.Sent(), func(m phonetest.Message) bool { return m.Body != text || m.At.Before(sent) })
		if len(alive) == 0 || len(texts) == 0 {
			return "", errSimDead
		}
		l := alive[s.pick("hears again", len(alive))]
		if err := l.pass(); err != nil {
			return "", err
		}
		m := texts[0]
		return l.daemon.pager.Answer(ctx, paging.Text{From: m.From, To: m.To, Body: m.Body, ProviderID: m.SID})
	}
}

// scriptTexts has somebody text too often once all is well, in a quarter of
// the worlds. It draws from its own random source, so that the rest of a world
// stays as it is.
func (s *sim) scriptTexts(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 37))
	if rng.IntN(4) != 0 {
		return
	}
	who, often := rng.IntN(3), 12+rng.IntN(6)
	add(s.plan.trouble-time.Second, "somebody will text too often", func() {
		s.beside(func() {
			if p := s.people[who]; len(p.phones) > 0 && s.sleep(simSettle+15*time.Second) {
				for range often {
					s.texts(p, p.phones[0].Number(), "?", "list")
					s.sleep(5 * time.Second)
				}
			}
		})
	})
}

// texted judges what came of a text: each acts once on a ticket, and on no
// episode that began after it was heard.
func (h *history) texted(number string, c *escalation.Change) {
	s, t := h.s, h.tickets[number]
	for _, e := range c.Timeline {
		action := didBy[e.Kind]
		if e.Kind == ticket.EntryNote {
			action = "note"
		}
		if e.Via != "sms" || action == "" || len(h.restores) > 0 || s.moved() > 0 {
			continue // what a failover took back may come again
		}
		t.texts = append(t.texts, e)
		sent, fresh := 0, 0
		s.mu.Lock()
		for _, m := range s.sms {
			if m.who != e.Actor.Person() || (m.action != action && (e.Kind != ticket.EntryAcknowledged || m.action != "pickup")) {
				continue
			}
			sent++
			if m.heard.IsZero() || !m.heard.Before(t.since()) {
				fresh++
			}
		}
		s.mu.Unlock()
		did := 0
		for _, other := range t.texts {
			if other.Kind == e.Kind && other.Actor.Person() == e.Actor.Person() {
				did++
			}
		}
		if did > sent {
			s.problem("text twice", "ticket %s: %d times %s by texts of %s, who sent %d", number, did, e.Kind, e.Actor.Person(), sent)
		}
		if fresh == 0 && action != "note" && action != "undo" {
			s.problem("old text", "ticket %s: %s by a text of %s from before episode %d", number, e.Kind, e.Actor.Person(), c.Ticket.Progress.Episode)
		}
	}
}

// since is when the episode began that the ticket had before its last change.
func (t *life) since() (at time.Time) {
	for i := range slices.Backward(t.spells) {
		if t.spells[i].episode != t.spells[len(t.spells)-1].episode {
			break
		}
		at = t.spells[i].from
	}
	return at
}

// The replies that say that it was not stored, and that no more follow.
var (
	simLater  = []string{words.Replies{Lang: "fr"}.Later(), words.Replies{Lang: "en"}.Later()}
	simEnough = []string{words.Replies{Lang: "fr"}.Enough(10 * time.Minute), words.Replies{Lang: "en"}.Enough(10 * time.Minute)}
)

// judgeReplies: a phone gets no more replies in ten minutes than it may, to
// different texts.
func (s *sim) judgeReplies() {
	if len(s.past.restores) > 0 || s.moved() > 0 {
		return
	}
	of := map[string][]simReply{}
	for _, r := range s.replies {
		if slices.Contains(simEnough, r.said) {
			continue
		}
		of[r.phone] = append(of[r.phone], r)
		list := of[r.phone]
		if n := len(list) - 1 - ticket.MaxReplies; n >= 0 && r.over.Sub(list[n].from) < 10*time.Minute {
			s.problem("replies", "%s got %d replies in %s", r.phone, ticket.MaxReplies+1, r.over.Sub(list[n].from))
		}
	}
}
