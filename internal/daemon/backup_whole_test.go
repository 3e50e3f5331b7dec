package daemon

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
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

// dawdles takes a part of an answer every 20 seconds.
type dawdles struct{ *httptest.ResponseRecorder }

// Write implements io.Writer.
func (d dawdles) Write(p []byte) (int, error) {
	time.Sleep(20 * time.Second)
	return d.ResponseRecorder.Write(p)
}

// TestASlowReaderOfABackup: it is cut off within minutes, so that what is not whole looks so,
// and closed tickets leave again.
func TestASlowReaderOfABackup(t *testing.T) {
	const stays = time.Hour
	archived := withArchive(t)
	inTownWith(t, "", func(w *town) { archived(w); w.stays = stays }, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.act(first, "resolve", map[string]any{"person": "alice"})
		w.act(first, "close", map[string]any{"person": "dominique"})
		w.at(stays - time.Minute)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/backup?of=everything", nil)
		r.Header.Set("Authorization", "Bearer "+apiToken)
		slow := dawdles{httptest.NewRecorder()}
		func() {
			defer func() {
				if err, is := recover().(error); !is || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("it was not cut off: %v", err)
				}
			}()
			w.daemon.Load().Handler().ServeHTTP(slow, r)
		}()
		if _, _, err := backup.Check(slow.Body); !errors.Is(err, backup.ErrTorn) {
			t.Errorf("what came of it: %v", err)
		}
		w.at(stays + 10*time.Minute)
		if got := w.left(first); len(got) != 0 {
			t.Errorf("after it the store has %q", got)
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
