package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// simPerson is somebody with phones, and perhaps a device that takes pushes.
type simPerson struct {
	key    string
	phones []*phonetest.Phone
	device bool
	push   string // where pushes to it go: a token, or a subscription's endpoint
	sub    phonetest.Subscription
}

// simAct is what somebody did to a ticket, or tried to.
type simAct struct {
	at     time.Time
	who    string // person; empty: a token
	ticket string // empty: whichever the text was about
	action string
	done   bool // it was said to be done
	over   time.Time
	seen   *escalation.Seen // of a page's form; nil: it did not say
}

func (s *sim) meetPeople() {
	number := 0
	for _, key := range []string{"alice", "bruno", "chloe", "dominique", "emile"} {
		p := &simPerson{key: key}
		for range phonesOf(s.config, key) {
			number++
			p.phones = append(p.phones, s.world.Phone(key, phonesOf(s.config, key)[len(p.phones)]))
		}
		if s.rng.IntN(2) == 0 && len(p.phones) > 0 {
			s.equips(p)
		}
		s.people = append(s.people, p)
	}
}

func (s *sim) person(key string) *simPerson {
	for _, p := range s.people {
		if p.key == key {
			return p
		}
	}
	return nil
}

// begin and end of an act.
func (s *sim) acting(a *simAct) *simAct {
	a.at = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts = append(s.acts, a)
	return a
}

func (s *sim) acted(a *simAct, done bool, said string) {
	s.mu.Lock()
	a.done, a.over = done, time.Now()
	s.mu.Unlock()
	s.tell("%s did %s on %q: %v, %s", a.who, a.action, a.ticket, done, said)
	if done {
		s.past.stands(a)
	}
}

// answer has somebody answer the latest page that arrived, whoever got it, by
// a text or its link.
func (s *sim) answer(action, how string) {
	var got []phonetest.Message
	for _, m := range s.world.Messages() {
		if !m.At.IsZero() && m.Link() != "" && !strings.Contains(m.Body, "/r/") && m.Data["kind"] != ready.KindAsk && m.Data["kind"] != ready.KindSummary && time.Since(m.At) < 10*time.Minute {
			got = append(got, m)
		}
	}
	if len(got) == 0 {
		return
	}
	slices.SortStableFunc(got, func(a, b phonetest.Message) int { return a.At.Compare(b.At) })
	m := got[len(got)-1-s.pick("answers", min(len(got), 4))]
	who := s.owner(m.To)
	if who == nil {
		return
	}
	if how == "link" || m.Code() == "" || m.Kind == phonetest.Push {
		s.beside(func() { s.press(who, m.Link(), action) })
		return
	}
	word := map[string]string{"acknowledge": "OK", "pickup": "GO", "resolve": "FIN", "undo": "UNDO", "escalate": "NO", "note": "N seen"}[action]
	if word == "" {
		return
	}
	text := m.Code() + " " + word
	if s.roll("code") < 0.3 && action == "acknowledge" {
		text = word
	}
	s.beside(func() { s.texts(who, m.To, text, action) })
}

func (s *sim) owner(to string) *simPerson {
	for _, p := range s.people {
		if p.device && p.push == to {
			return p
		}
		for _, phone := range p.phones {
			if phone.Number() == to {
				return p
			}
		}
	}
	return nil
}

// ticketOf is the ticket of a link. It is empty if the link stands for several
// tickets, or if a failover took it back.
func (s *sim) ticketOf(link string) string {
	found, err := s.memory.Link(context.Background(), paging.LinkHash(path.Base(link)))
	if err != nil || len(found.Bundle) > 0 {
		return ""
	}
	return found.Ticket
}

// press presses a button behind a link.
func (s *sim) press(who *simPerson, link, action string) {
	a := s.acting(&simAct{who: who.key, action: action, ticket: s.ticketOf(link)})
	ctx, cancel := simContext(20 * time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader(url.Values{"action": {action}}.Encode()))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		s.acted(a, false, err.Error())
		return
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	done := resp.StatusCode == http.StatusOK && !strings.Contains(string(text), `"done":0`) // of a bundle's tickets
	s.acted(a, done, fmt.Sprintf("%d %.120s", resp.StatusCode, text))
}

// order does something by the API, in somebody's name or the token's.
func (s *sim) order(number, action, who string) {
	a := s.acting(&simAct{who: who, ticket: number, action: action})
	status, text := s.ask(20*time.Second, "/api/v1/tickets/"+number+"/"+action, apiToken, map[string]string{"person": who})
	s.acted(a, status == http.StatusOK, fmt.Sprintf("%d %.120s", status, text))
}

// explained judges a timeline's line about what somebody did: somebody must
// have tried it.
func (s *sim) explained(number string, e *ticket.Entry) {
	action := map[ticket.EntryKind]string{
		ticket.EntryAcknowledged: "acknowledge", ticket.EntryPickedUp: "pickup", ticket.EntryResolved: "resolve",
		ticket.EntryUndone: "undo", ticket.EntryEscalated: "escalate", ticket.EntryClosed: "close",
	}[e.Kind]
	if action == "" || e.Actor == nil || (e.Actor.Kind != ticket.ActorPerson && e.Actor.Kind != ticket.ActorToken) {
		return
	}
	s.mu.Lock()
	found := slices.ContainsFunc(s.acts, func(a *simAct) bool {
		return a.action == action && (a.ticket == "" || a.ticket == number) && (a.who == e.Actor.Person() || e.Actor.Person() == "")
	})
	s.mu.Unlock()
	if !found {
		s.problem("nobody did it", "ticket %s: %s by %s, who did nothing of the kind", number, e.Kind, e.Actor)
	}
}

// stands judges what somebody was told: a confirmed acknowledgement is in the
// store's past.
func (h *history) stands(a *simAct) {
	if a.action != "acknowledge" && a.action != "pickup" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for number, t := range h.tickets {
		if a.ticket != "" && a.ticket != number {
			continue
		}
		for _, e := range t.acts {
			if e.Actor.Person() == a.who {
				return
			}
		}
	}
	h.s.problem("not done", "%s was told that %s is done, and no ticket knows of it", a.who, a.action)
}
