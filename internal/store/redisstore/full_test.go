package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// A server whose memory is full takes nothing new and loses nothing: what was
// accepted is paged, answered and closed.
func TestFull(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	of := raise(t, s, "prometheus")
	raise(t, s, "grafana") // with several sources, claims work in another way
	limit := func(bytes string) {
		t.Helper()
		if err := server.Client().ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Numbers(t.Context(), "prometheus", prefix, 1); err != nil { // from now on it can guess
		t.Fatal(err)
	}
	clock := func() time.Time {
		now, err := server.Client().Time(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	for counted := clock(); clock().Sub(counted) <= 2*time.Millisecond; { // after that it is asked again which server counts
	}
	limit("1")
	isFull := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Errorf("%s: %v", what, err)
		}
	}
	isFull("Check", s.Check(t.Context()))
	_, err := s.Numbers(t.Context(), "prometheus", prefix, 1)
	isFull("Numbers", err)
	_, err = s.Observe(t.Context(), "prometheus", []escalation.Observation{
		storetest.Observation(storetest.Alert("prometheus", "f-"+of.Number), storetest.At(time.Second)),
	})
	isFull("Observe", err)
	late := storetest.Ticket("prometheus", "T9")
	_, err = s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&late)})
	isFull("Commit of a new ticket", err)
	guess := s.GuessNumbers("prometheus", prefix, 1)
	if len(guess) != 1 {
		t.Fatalf("guesses %q", guess)
	}
	later := storetest.Ticket("prometheus", guess[0])
	_, err = s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&later)})
	isFull("Commit of a guessed number", err)

	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 2 {
		t.Fatalf("%d claims, want 2: %v", len(claims), err)
	}
	// The daemon dies, and another takes over.
	claims, _, err = s.Claim(t.Context(), paging.ClaimRequest{Owner: "two", Now: storetest.At(2 * time.Minute), Until: storetest.At(3 * time.Minute), Limit: 10})
	if err != nil || len(claims) != 2 || !claims[0].Again {
		t.Fatalf("%d claims of what ran out: %v", len(claims), err)
	}
	for _, c := range claims {
		code, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+33612345601", Hash: "h-" + c.Page.Ticket, Link: paging.Link{Ticket: c.Page.Ticket}})
		if err != nil || code < 11 {
			t.Errorf("Reserve: %d, %v", code, err)
		}
		applied, err := s.Finish(t.Context(), []paging.Outcome{{
			Source: c.Page.Source, Key: c.Page.PageKey, Token: c.Token, State: ticket.PageSent, ProviderID: "SM" + c.Page.Ticket,
		}})
		if err != nil || !applied[0] {
			t.Errorf("Finish: %v, %v", applied, err)
		}
	}
	if _, changed, err := s.Receipt(t.Context(), paging.Receipt{ProviderID: "SM" + of.Number, State: ticket.PageDelivered}); err != nil || !changed {
		t.Errorf("Receipt: %v, %v", changed, err)
	}
	storetest.Close(&of, storetest.At(time.Hour))
	errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{{
		Ticket: of, Revision: 1, Records: []records.Write{{Kind: "once", Key: "SM1"}},
	}})
	if err != nil || errs[0] != nil {
		t.Errorf("Commit of what is known: %v, %v", errs, err)
	}

	_, err = s.Records().Write(t.Context(), records.House, records.Write{Kind: "silence", Key: "a"})
	isFull("Write of a new record", err)
	if _, err := s.Records().Write(t.Context(), records.House, records.Write{Kind: "text", Key: "a", Vital: true}); err != nil {
		t.Errorf("Write of what an answer needs: %v", err)
	}

	limit("0")
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	raise(t, s, "prometheus")
}
