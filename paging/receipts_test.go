package paging

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// hasty is a store with one page whose receipt says that it did not arrive,
// and the outbox's actions. After known looks it is known which number the
// page went to.
type hasty struct {
	Store
	page   ticket.Page
	others []ticket.Page
	known  int // 0: never
	looks  int
	rules  escalation.Rules
	told   []string
}

func (h *hasty) Receipt(context.Context, Receipt) (ticket.Page, bool, error) {
	return h.page, true, nil
}

func (h *hasty) Finish(_ context.Context, out []Outcome) ([]bool, error) {
	return make([]bool, len(out)), nil
}

func (h *hasty) Pages(context.Context, string, string) ([]ticket.Page, error) {
	if h.looks++; h.looks == h.known {
		h.page.Address, h.page.Provider = "+33612345601", "twilio"
	}
	return append([]ticket.Page{h.page}, h.others...), nil
}

func (h *hasty) Act(context.Context, string, escalation.Acted) (ticket.Ticket, error) {
	return ticket.Ticket{}, nil
}

func (h *hasty) Rules() *escalation.Rules { return &h.rules }

func (h *hasty) Tell(_ context.Context, _, _ string, event escalation.Event) error {
	switch e := event.(type) {
	case escalation.PageFailed:
		h.told = append(h.told, "failed")
	case escalation.PageAgain:
		h.told = append(h.told, map[bool]string{true: "another", false: "again"}[e.Another])
	}
	return nil
}

// This is what a ticket hears of a page whose receipt came before its order's
// answer. It depends on how many numbers its person has, when the answer
// comes, and what was tried before.
func TestAReceiptBeforeItsOrdersAnswer(t *testing.T) {
	key := ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "sms"}
	again := func(address string) ticket.Page {
		k := key
		k.Round = ticket.KeyRound{Again: true}
		return ticket.Page{PageKey: k, Kind: ticket.KindPage, State: ticket.PageUndelivered, Address: address}
	}
	for name, row := range map[string]struct {
		phones int
		known  int
		before []ticket.Page
		kind   ticket.PageKind
		class  Class
		want   string
		within time.Duration
	}{
		"one number":                      {1, 0, nil, ticket.KindPage, DeadAddress, "[failed]", 0},
		"one number, it may pass":         {1, 0, nil, ticket.KindPage, Transient, "[failed again]", 0},
		"joined, one number":              {1, 0, nil, ticket.KindJoined, Transient, "[failed]", 0},
		"two, no answer":                  {2, 0, nil, ticket.KindPage, DeadAddress, "[another]", time.Second},
		"two, the answer comes soon":      {2, 4, nil, ticket.KindPage, DeadAddress, "[another]", 200 * time.Millisecond},
		"the other failed, answer soon":   {2, 4, []ticket.Page{again("+33612345602")}, ticket.KindPage, DeadAddress, "[failed]", 200 * time.Millisecond},
		"the other failed, no answer yet": {2, 0, []ticket.Page{again("")}, ticket.KindPage, DeadAddress, "[failed]", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				phones := []string{"+33612345601", "+33612345602"}[:row.phones]
				directory, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Phones: phones}}, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				h := &hasty{
					page:   ticket.Page{PageKey: key, Source: "prometheus", Kind: row.kind, State: ticket.PageUndelivered},
					others: row.before, known: row.known, rules: escalation.Rules{Directory: directory},
				}
				clock := &escalation.WallClock{}
				o := NewOutbox(Parts{Store: h, Actions: h, Clock: clock, Ways: Ways{Channels: map[string][]Provider{"sms": {{Name: "twilio"}}}}})
				began := clock.Now()
				if err := o.Receive(t.Context(), Receipt{Key: key, Source: "prometheus", State: ticket.PageUndelivered}, row.class); err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprint(h.told); got != row.want {
					t.Errorf("the ticket hears %s, want %s", got, row.want)
				}
				if took := clock.Now().Sub(began); took > row.within {
					t.Errorf("after %s", took)
				}
			})
		})
	}
}

// A page that did not arrive is reported as failed although the round before
// it was delivered: only a later delivered round says that the phone works.
func TestAPhoneThatDiesAfterADeliveredRound(t *testing.T) {
	began := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	round := func(n int, state ticket.PageState) ticket.Page {
		return ticket.Page{
			PageKey: ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Round: ticket.Round(n), Person: "alice", Channel: "sms"},
			Source:  "prometheus", Kind: ticket.KindPage, State: state, Address: "+33612345601", Provider: "twilio",
			At: began.Add(time.Duration(n) * 3 * time.Minute),
		}
	}
	for name, row := range map[string]struct {
		other ticket.Page
		want  string
	}{
		"the round before arrived": {round(0, ticket.PageDelivered), "[failed]"},
		"the round after arrived":  {round(2, ticket.PageDelivered), "[]"},
		"the round after is sent":  {round(2, ticket.PageSent), "[failed]"},
	} {
		t.Run(name, func(t *testing.T) {
			directory, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Phones: []string{"+33612345601"}}}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			h := &hasty{page: round(1, ticket.PageUndelivered), others: []ticket.Page{row.other}, rules: escalation.Rules{Directory: directory}}
			o := NewOutbox(Parts{Store: h, Actions: h, Clock: &escalation.WallClock{}, Ways: Ways{Channels: map[string][]Provider{"sms": {{Name: "twilio"}}}}})
			if err := o.Receive(t.Context(), Receipt{Key: h.page.PageKey, Source: "prometheus", State: ticket.PageUndelivered}, DeadAddress); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(h.told); got != row.want {
				t.Errorf("the ticket hears %s, want %s", got, row.want)
			}
		})
	}
}

// TestAClockThatWasSetBackOrdersNoFlood: pages that are ordered once more
// count for their round, even if the clock says that they are older.
func TestAClockThatWasSetBackOrdersNoFlood(t *testing.T) {
	at := time.Date(2026, time.November, 21, 2, 21, 56, 0, time.UTC)
	page := func(again bool, n int, at time.Time) ticket.Page {
		round := ticket.Round(n)
		round.Again = again
		return ticket.Page{PageKey: ticket.PageKey{Ticket: "I1", Episode: 2, Round: round, Person: "bruno", Channel: "sms"}, At: at}
	}
	first, back := page(false, 0, at), at.Add(-26*time.Second)
	for _, c := range []struct {
		name   string
		pages  []ticket.Page
		others int
		want   bool
	}{
		{"nothing was", []ticket.Page{first}, 1, true},
		{"once", []ticket.Page{first, page(true, 0, at.Add(time.Second))}, 1, false},
		{"once, set back", []ticket.Page{first, page(true, 1, back)}, 1, false},
		{"of two, set back", []ticket.Page{first, page(true, 1, back)}, 2, true},
		{"a round later", []ticket.Page{first, page(true, 1, at.Add(time.Second)), page(false, 1, at.Add(time.Minute))}, 1, true},
		{"a round later, set back", []ticket.Page{first, page(true, 1, back), page(false, 1, back.Add(time.Minute)), page(true, 2, back.Add(time.Second))}, 1, false},
		{"there is no other", []ticket.Page{first}, 0, false},
		{"whom a snooze woke", []ticket.Page{page(true, 0, at)}, 1, true},
		{"whom a snooze woke, once", []ticket.Page{page(true, 0, at), page(true, 1, at.Add(time.Second))}, 1, false},
		{"whom a snooze woke, who has one number", []ticket.Page{page(true, 0, at)}, 0, false},
	} {
		if got := mayAgain(&c.pages[len(c.pages)-1], c.pages, c.others); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
