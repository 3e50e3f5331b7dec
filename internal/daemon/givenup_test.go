package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// losing is a store that gives tickets up.
type losing struct {
	waits, told []ticket.Ref
	err         error
}

func (*losing) Damaged() []escalation.DamagedRecord { return nil }

func (s *losing) GivenUp(context.Context, time.Time, time.Time) ([]ticket.Ref, error) {
	refs := s.waits
	s.waits = nil
	return refs, nil
}

func (s *losing) ToldGivenUp(_ context.Context, refs []ticket.Ref) error {
	if s.err == nil {
		s.told = append(s.told, refs...)
	}
	return s.err
}

func (s *losing) loses(first, n int) {
	for i := range n {
		s.waits = append(s.waits, ticket.Ref{Source: "prometheus", Number: fmt.Sprintf("I261121_%04d", first+i)})
	}
}

// A thousand tickets are given up, over several looks. One ticket pages the
// managers for all of them. What could not be noted is not told twice, and
// nobody is told of that ticket itself.
func TestAThousandDamagedTicketsPageOnce(t *testing.T) {
	server := redistest.Single(t)
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	defer world.Close()
	d := onRedis(t, world, server.URL())
	opened := func() []ticket.Ticket {
		tickets, _, err := d.store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return tickets
	}
	s := &losing{err: errors.New("away")}
	lost := lostTickets{d: d, of: s, mine: map[string]bool{}}
	lost.tell(t.Context())
	s.loses(1, 600)
	lost.tell(t.Context())
	s.loses(601, 400)
	if lost.tell(t.Context()); len(opened()) != 0 {
		t.Errorf("nothing was gathered: %+v", opened())
	}
	lost.tell(t.Context()) // nothing new
	s.err = nil
	lost.tell(t.Context())
	tickets := opened()
	if len(tickets) != 1 || len(s.told) != 1000 {
		t.Fatalf("%d tickets opened, %d told of", len(tickets), len(s.told))
	}
	title := tickets[0].Title
	if !strings.HasPrefix(title, "1000 tickets sont illisibles") || !strings.HasSuffix(title, ": I261121_0001, I261121_0002, I261121_0003, I261121_0004, I261121_0005, I261121_0006, I261121_0007, I261121_0008, I261121_0009, I261121_0010, 990 de plus") {
		t.Errorf("title %q", title)
	}
	// More of them come soon after, and so does the ticket itself.
	s.loses(1001, 1)
	for range givenUpGather {
		lost.tell(t.Context())
	}
	if len(s.waits) != 1 || len(opened()) != 1 {
		t.Errorf("the managers are paged again at once: %+v", opened())
	}
	lost.last = lost.last.Add(-givenUpEvery)
	s.waits = []ticket.Ref{{Source: "manual", Number: tickets[0].Number}}
	for range givenUpGather {
		lost.tell(t.Context())
	}
	if len(opened()) != 1 || len(s.told) != 1001 {
		t.Errorf("%d told of: %+v", len(s.told), opened())
	}
}
