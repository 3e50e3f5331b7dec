package archive_test

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatIsCopiedMeanwhileIsNotLost: between the question whether the store lost a ticket
// and its closing here, another daemon may copy it: then it stays as it was copied.
func TestWhatIsCopiedMeanwhileIsNotLost(t *testing.T) {
	server := archivetest.StartPostgres(t)
	for name, url := range map[string]string{"sqlite": archivetest.SQLite(t), "postgres": server.New(t)} {
		var daemons []*archive.Archive
		for range 2 {
			a, err := archive.Open(archive.Options{URL: url, Now: storetest.Began})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			daemons = append(daemons, a)
		}
		number := "I261121_0001"
		copied := func(version, revision int64, state ticket.State) {
			of := storetest.Ticket("prometheus", number)
			of.State, of.UpdatedAt = state, storetest.At(time.Duration(version)*time.Second)
			if err := daemons[1].Write(t.Context(), "", version-1, version, []ticket.Changed{{Source: of.Source, Number: number, Version: version, Revision: revision, View: ticket.View{Ticket: of}}}); err != nil {
				t.Fatal(err)
			}
		}
		state := func() (ticket.State, int) {
			w, err := daemons[0].View(t.Context(), ticket.Everything(), number)
			if err != nil {
				t.Fatal(err)
			}
			return w.View.Ticket.State, len(w.View.Timeline)
		}
		copied(1, 1, ticket.Open)
		read, err := daemons[0].View(t.Context(), ticket.Everything(), number)
		if err != nil {
			t.Fatal(err)
		}
		copied(2, 2, ticket.Acknowledged)
		if err := daemons[0].CloseLost(t.Context(), &read, 1, storetest.At(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if is, lines := state(); is != ticket.Acknowledged || lines != 0 {
			t.Errorf("%s: what was copied meanwhile is %s, with %d lines", name, is, lines)
		}
		if read, err = daemons[0].View(t.Context(), ticket.Everything(), number); err != nil {
			t.Fatal(err)
		}
		if err := daemons[0].CloseLost(t.Context(), &read, 2, storetest.At(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if is, lines := state(); is != ticket.Closed || lines != 1 {
			t.Errorf("%s: what was not is %s, with %d lines", name, is, lines)
		}
	}
}
