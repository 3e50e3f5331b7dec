package redisstore_test

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

// Redis never removes a link by time: its ticket's closing decides. If a link
// was filed with such a time, as older versions did, opening it removes the
// time.
func TestLinksHaveNoEndOfTheirOwn(t *testing.T) {
	server := redistest.Single(t)
	s := open(t, server.URL())
	link := paging.Link{Person: "alice", Source: "prometheus", Ticket: storetest.Prefix + "0001", At: storetest.Began()}
	if _, err := s.Reserve(t.Context(), paging.Reservation{Link: link, Hash: "h"}); err != nil {
		t.Fatal(err)
	}
	const key = "astreinte:link:h"
	if ttl := s.Client().TTL(t.Context(), key).Val(); ttl != -1 {
		t.Errorf("a link ends by itself in %v", ttl)
	}
	s.Client().Expire(t.Context(), key, 90*24*time.Hour)
	if got, err := s.Link(t.Context(), "h"); err != nil || got.Ticket != link.Ticket {
		t.Fatalf("%+v, %v", got, err)
	}
	if ttl := s.Client().TTL(t.Context(), key).Val(); ttl != -1 {
		t.Errorf("an older link that was opened ends in %v", ttl)
	}
}
