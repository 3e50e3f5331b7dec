package boltstore

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// People hear of a ticket that was given up even if the store is closed before
// they did. They hear it once: not again after another start. They do not hear
// of one that was resolved or closed.
func TestAStartRemembersWhatWasGivenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	numbers := []string{"I261121_0001", "I261121_0002", "I261121_0003"}
	for i, number := range numbers {
		tk := storetest.Ticket(benchSource, number)
		commitTest(t, s, storetest.Opening(&tk, storetest.Alert(benchSource, "a"+number)))
		if i > 0 {
			storetest.Resolve(&tk, storetest.At(time.Minute))
			if i == 2 {
				storetest.Close(&tk, storetest.At(time.Hour))
			}
			record, err := s.Load(t.Context(), benchSource, []string{number})
			if err != nil || len(record) != 1 {
				t.Fatal(record, err)
			}
			record[0].Ticket = tk
			commitTest(t, s, storetest.Next(record[0], func(*ticket.Ticket) {}))
		}
		spoil(t, s, storetest.Damage{Kind: ticket.RecordTicket, Ticket: number, Text: "null"})
	}
	if _, err := s.Load(t.Context(), benchSource, numbers); err != nil {
		t.Fatal(err)
	}
	for start, want := range []int{1, 1, 0} {
		now := storetest.At(time.Duration(start) * time.Hour)
		refs, err := s.GivenUp(t.Context(), now, now.Add(time.Minute))
		if err != nil || len(refs) != want || want > 0 && refs[0].Number != "I261121_0001" {
			t.Errorf("start %d: given up: %v, %v", start, refs, err)
		}
		if start == 1 {
			if err := s.ToldGivenUp(t.Context(), refs); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if start < 2 {
			s = openTest(t, path)
		}
	}
}
