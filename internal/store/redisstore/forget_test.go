package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// pastTicket takes a ticket through its whole life, until a day after
// storetest.Began.
func pastTicket(t *testing.T, s *redisstore.Store, source string) ticket.Ticket {
	t.Helper()
	of := raise(t, s, source)
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 1 {
		t.Fatalf("%v, %v", claims, err)
	}
	r := paging.Reservation{Phone: "+33612345601", Hash: "hash-" + of.Number, Link: paging.Link{Person: "alice", Source: source, Ticket: of.Number, At: storetest.At(0)}}
	_, errReserve := s.Reserve(t.Context(), r)
	_, errFinish := s.Finish(t.Context(), []paging.Outcome{{
		Source: source, Key: claims[0].Page.PageKey, Token: claims[0].Token, State: ticket.PageSent, At: storetest.At(0), ProviderID: "SM-" + of.Number,
	}})
	errRelease := s.Release(t.Context(), r.Phone, of.Number, storetest.At(24*time.Hour))
	storetest.Close(&of, storetest.At(24*time.Hour))
	errs, errClose := s.Commit(t.Context(), source, []escalation.Change{{Ticket: of, Revision: 1}})
	if err := errors.Join(append(errs, errReserve, errFinish, errRelease, errClose)...); err != nil {
		t.Fatal(err)
	}
	return of
}

func forgetAll(t *testing.T, s *redisstore.Store) (sum ticket.Forgotten) {
	t.Helper()
	past := ticket.Past{Tickets: storetest.At(48 * time.Hour), Links: storetest.At(48 * time.Hour), Limit: 5}
	for idle := 0; idle < 10; idle++ {
		done, err := s.Forget(t.Context(), past)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Add(done); !done.Nothing() {
			idle = -1
		}
	}
	return sum
}

// keysLeft are the keys of a Redis that do not belong to the store itself.
func keysLeft(t *testing.T, server *redistest.Server) (left []string) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
	defer func() { _ = client.Close() }()
	keys, err := client.Keys(context.Background(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		switch {
		case slices.Contains([]string{"astreinte:sources", "astreinte:layout"}, key), strings.HasPrefix(key, "astreinte:sequence:"):
		case strings.HasSuffix(key, ":log"), strings.HasSuffix(key, ":logged"): // who follows the log cuts it off
		case strings.HasPrefix(key, "astreinte:numbers:"):
			if fields := client.HGetAll(context.Background(), key).Val(); len(fields) != 1 || fields["gone"] == "" {
				left = append(left, fmt.Sprint(key, fields))
			}
		case strings.HasPrefix(key, "astreinte:phone:"):
			if strings.HasSuffix(key, ":codes") || strings.HasSuffix(key, ":json") {
				left = append(left, key)
			}
		case strings.HasSuffix(key, ":stats"):
			for name, n := range client.HGetAll(context.Background(), key).Val() {
				if n != "0" {
					left = append(left, key+" "+name)
				}
			}
		default:
			left = append(left, key)
		}
	}
	slices.Sort(left)
	return left
}

func TestNothingIsLeftOfTheForgotten(t *testing.T) {
	server := redistest.Single(t)
	s := open(t, server.URL())
	var last ticket.Ticket
	for i := range 30 {
		last = pastTicket(t, s, []string{"prometheus", "grafana", "zabbix"}[i%3])
	}
	if n := len(keysLeft(t, server)); n < 5*30 {
		t.Fatalf("only %d keys before", n)
	}
	if done := forgetAll(t, s); done.Tickets != 30 || done.Codes != 30 || done.Links != 30 {
		t.Errorf("forgot %+v", done)
	}
	if left := keysLeft(t, server); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	// Nobody asks the sequence for 60 days, and its number is still taken.
	s.Client().Del(t.Context(), redisstore.SequenceKey(storetest.Prefix))
	numbers, err := s.Numbers(t.Context(), "grafana", storetest.Prefix, 1)
	if err != nil || numbers[0] <= last.Number {
		t.Errorf("after %s came %v, %v", last.Number, numbers, err)
	}
	other := open(t, server.URL()) // one that remembers nothing
	s.Client().Del(t.Context(), redisstore.SequenceKey(storetest.Prefix))
	numbers, err = other.Numbers(t.Context(), "grafana", storetest.Prefix, 1)
	if err != nil || numbers[0] <= last.Number {
		t.Errorf("after %s another daemon gives %v, %v", last.Number, numbers, err)
	}
	if code, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+33612345601", Link: paging.Link{Ticket: "x", At: storetest.At(200 * time.Hour)}}); err != nil || code != 11 {
		t.Errorf("the next code: %d, %v", code, err)
	}
}

// A daemon died after it had removed what belongs to a ticket in other slots.
// The ticket is still found by its number, and leaves with the next call.
func TestForgottenByHalf(t *testing.T) {
	server := redistest.Single(t)
	s := open(t, server.URL())
	of := pastTicket(t, s, "prometheus")
	ctx := t.Context()
	s.Client().HDel(ctx, redisstore.NumbersKey(of.Number), of.Number)
	s.Client().HSet(ctx, redisstore.NumbersKey(of.Number), "gone", 1)
	s.Client().Unlink(ctx, "astreinte:provider:SM-"+of.Number)
	if source, err := s.Locate(ctx, of.Number); err != nil || source != "prometheus" {
		t.Errorf("Locate: %q, %v", source, err)
	}
	if view, err := s.View(ctx, of.Number); err != nil || len(view.Pages) != 1 {
		t.Errorf("View: %+v, %v", view, err)
	}
	if done := forgetAll(t, s); done.Tickets != 1 {
		t.Errorf("forgot %+v", done)
	}
	if left := keysLeft(t, server); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
