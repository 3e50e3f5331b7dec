package daemon

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/ticket"
)

// reads is a reader of a backup, which does something once it has begun.
type reads struct {
	bytes.Buffer
	once func()
}

// Write implements io.Writer.
func (r *reads) Write(p []byte) (int, error) {
	if r.once != nil {
		r.once()
		r.once = nil
	}
	return r.Buffer.Write(p)
}

// TestNothingLeavesDuringABackup: a ticket whose time is over while a backup is read stays in
// the store until it is read, for the backup's archive may not have it; then it leaves.
func TestNothingLeavesDuringABackup(t *testing.T) {
	const stays = time.Hour
	archived := withArchive(t)
	inTownWith(t, "", func(w *town) { archived(w); w.stays = stays }, func(t *testing.T, w *town) {
		d := w.daemon.Load()
		first := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.act(first, "resolve", map[string]any{"person": "alice"})
		w.act(first, "close", map[string]any{"person": "dominique"})
		w.at(30 * time.Minute)
		reader := &reads{once: func() {
			w.at(stays + 10*time.Minute)
			if got := w.left(first); len(got) != 1 {
				t.Errorf("while a backup is read the store has %q", got)
			}
		}}
		if err := d.whole()(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		w.at(stays + 20*time.Minute)
		if got := w.left(first); len(got) != 0 {
			t.Errorf("after it the store has %q", got)
		}
		a, err := archive.Open(archive.Options{URL: archivetest.SQLite(t), Careless: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Close() }()
		if _, _, err := backup.Read(t.Context(), &reader.Buffer, &backup.Target{Archive: a}); err != nil {
			t.Fatal(err)
		}
		if l, err := a.Search(t.Context(), ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: 10}}, nil); err != nil || len(l.Tickets) != 1 || l.Tickets[0].Number != first {
			t.Errorf("%+v %v", l, err)
		}
	})
}

// TestAWholeBackupByTheAPI: an admin's, of everything, or of what one asks for.
func TestAWholeBackupByTheAPI(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		code, answer := w.call(http.MethodGet, "/api/v1/backup?of=everything", apiToken, nil)
		head, sum, err := backup.Check(bytes.NewReader(answer))
		if code != http.StatusOK || err != nil || sum.Rows["tickets"] != 1 || head.Store || head.Schema == 0 {
			t.Errorf("%d %+v %+v %v", code, head, sum, err)
		}
		for query, want := range map[string]int{"": http.StatusNotImplemented, "?of=store": http.StatusNotImplemented, "?of=all": http.StatusBadRequest} {
			if code, answer := w.call(http.MethodGet, "/api/v1/backup"+query, apiToken, nil); code != want {
				t.Errorf("%s: %d %s", query, code, answer)
			}
		}
	})
}
