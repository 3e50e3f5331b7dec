package boltstore

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func TestLinksAreListed(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "astreinte.db"))
	want := map[string]paging.Link{
		strings.Repeat("a", 64): {Person: "alice", Source: "prometheus", Ticket: "I1", At: time.Unix(1, 0).UTC()},
		strings.Repeat("b", 64): {Person: "bruno", Ticket: "bundle x", At: time.Unix(2, 0).UTC(), Bundle: []ticket.Ref{{Source: "prometheus", Number: "I1"}}},
	}
	for hash, link := range want {
		if _, err := s.Reserve(t.Context(), paging.Reservation{Hash: hash, Link: link}); err != nil {
			t.Fatal(err)
		}
	}
	links, err := s.Links(t.Context())
	if err != nil || len(links) != len(want) {
		t.Fatalf("%+v, %v", links, err)
	}
	for _, l := range links {
		if w, known := want[l.Hash]; !known || l.Person != w.Person || l.Ticket != w.Ticket || !l.At.Equal(w.At) || len(l.Bundle) != len(w.Bundle) {
			t.Errorf("%+v, want %+v", l, w)
		}
	}
}
