package daemon

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
)

// openArchive opens the town's archive; nil: it has none.
func (w *town) openArchive() *archive.Archive {
	if w.archive == "" {
		return nil
	}
	ahead := func() time.Time { return w.start.Add(time.Since(w.start) + time.Duration(w.archiveAhead.Load())) }
	a, err := archive.Open(archive.Options{URL: w.archive, Careless: true, Now: ahead, Meets: func() error {
		if w.archiveAway.Load() {
			return errors.New("it is away")
		}
		return nil
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// inTownWithArchive is inTown with an archive.
func inTownWithArchive(t *testing.T, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	inTownWith(t, "", withArchive(t), f, change...)
}

func withArchive(t *testing.T) func(w *town) {
	dir := t.TempDir()
	return func(w *town) {
		w.archive, w.archiveAway = "sqlite:"+filepath.Join(dir, "archive.db"), &atomic.Bool{}
	}
}

// list is what the API lists.
func (w *town) list(query string) (numbers []string, missing string) {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/tickets?"+query, apiToken, nil)
	var l struct {
		Tickets []struct{ Number string }
		Missing string
	}
	if err := json.Unmarshal(answer, &l); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	for _, t := range l.Tickets {
		numbers = append(numbers, t.Number)
	}
	return numbers, l.Missing
}

func (w *town) expectList(query string, want ...string) {
	w.t.Helper()
	got, missing := w.list(query)
	if strings.Join(got, " ") != strings.Join(want, " ") || missing != "" {
		w.t.Errorf("%s lists %q (missing %q), want %q", query, got, missing, want)
	}
}

// TestWhoActsSeesItInTheList: at once, whether or not it is copied.
func TestWhoActsSeesItInTheList(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.expectList("state=open", first)
		w.at(3 * time.Second)
		second := w.alert("firing", "srv-web-02", "alertname", "DiskFull")
		w.expectList("", second, first)
		w.act(first, "acknowledge", map[string]any{"person": "alice"})
		w.expectList("state=acknowledged", first)
		w.expectList("state=open", second)
		w.act(first, "note", map[string]any{"person": "alice", "text": "le câble réseau est débranché"})
		w.expectList("q="+url.QueryEscape("CABLE débranche"), first)
		w.at(6 * time.Second)
		w.expectList("q=srv-web", second)
		w.expectList("q="+first, first)
		w.expectList("breached=false&sort=due", first, second)
		w.sameArchive()
	})
}

// sameArchive fails unless the archive has what the store has.
func (w *town) sameArchive() {
	w.t.Helper()
	a := w.openArchive()
	defer func() { _ = a.Close() }()
	found, err := archivetest.Differences(context.Background(), a, w.store)
	if err != nil || len(found) > 0 {
		w.t.Errorf("%v %s", err, strings.Join(found, "\n"))
	}
}

// TestTheArchiveIsAway: pages go out, lists have what is open and say so, /readyz
// warns, and afterwards nothing is missing.
func TestTheArchiveIsAway(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		over := w.alert("firing", "srv-db-01")
		w.act(over, "resolve", map[string]any{"person": "alice"})
		w.act(over, "close", map[string]any{"person": "dominique"})
		w.at(3 * time.Second)
		w.expectList("", over)
		w.archiveAway.Store(true)
		number := w.alert("firing", "srv-web-02", "alertname", "DiskFull")
		w.at(10 * time.Second)
		if sms := w.alice.Messages(); len(sms) == 0 || !strings.Contains(sms[len(sms)-1].Body, "srv-web-02") {
			t.Errorf("alice has %v", sms)
		} else {
			sms[len(sms)-1].Reply(t, "OK")
		}
		w.at(time.Minute)
		w.expectState(number, "acknowledged")
		if got, missing := w.list(""); strings.Join(got, " ") != number || missing != "archive_away" {
			t.Errorf("lists %q, missing %q", got, missing)
		}
		if got, _ := w.list("q=web&kind=incident"); strings.Join(got, " ") != number {
			t.Errorf("lists %q", got)
		}
		if code, answer := w.call(http.MethodGet, "/readyz", apiToken, nil); code != http.StatusOK || !strings.Contains(string(answer), "the archive is away since") {
			t.Errorf("%d %s", code, answer)
		}
		w.at(time.Hour)
		w.archiveAway.Store(false)
		w.at(time.Hour + 20*time.Second)
		w.expectList("", number, over)
		if _, answer := w.call(http.MethodGet, "/readyz", apiToken, nil); strings.Contains(string(answer), "archive") {
			t.Errorf("%s", answer)
		}
		w.sameArchive()
	})
}

// TestASheetHasNoFormulas: a cell that begins as one does is text.
func TestASheetHasNoFormulas(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		var titles []string
		for _, text := range []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)"} {
			code, answer := w.call(http.MethodPost, "/api/v1/tickets", apiToken, map[string]any{"title": text, "urgency": "low"})
			if code != http.StatusCreated {
				t.Fatalf("%d %s", code, answer)
			}
			w.at(time.Since(w.start) + time.Second)
			titles = append(titles, text)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, publicURL+"/api/v1/tickets", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+apiToken)
		req.Header.Set("Accept", "text/csv")
		req.RemoteAddr = "127.0.0.1:1"
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		rows, err := csv.NewReader(resp.Body).ReadAll()
		if err != nil || len(rows) != 1+len(titles) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/csv") {
			t.Fatalf("%v %v", rows, err)
		}
		for i, row := range rows[1:] {
			if want := "'" + titles[len(titles)-1-i]; row[6] != want {
				t.Errorf("a cell is %q, want %q", row[6], want)
			}
		}
	})
}

// TestALastPartOfAListIsWhereItBegan: a cursor of the archive is none of the store's.
func TestALastPartOfAListIsWhereItBegan(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		for _, name := range []string{"A", "B", "C"} {
			w.alert("firing", "srv-"+name, "alertname", name)
		}
		_, answer := w.call(http.MethodGet, "/api/v1/tickets?limit=2", apiToken, nil)
		var l struct{ Next string }
		if err := json.Unmarshal(answer, &l); err != nil || l.Next == "" {
			t.Fatalf("%s %v", answer, err)
		}
		if got, _ := w.list("limit=2&cursor=" + l.Next); len(got) != 1 {
			t.Errorf("the rest is %q", got)
		}
		w.archiveAway.Store(true)
		w.at(10 * time.Second)
		if code, _ := w.call(http.MethodGet, "/api/v1/tickets?limit=2&cursor="+l.Next, apiToken, nil); code != http.StatusServiceUnavailable {
			t.Errorf("while it is away: %d", code)
		}
		if code, _ := w.call(http.MethodGet, "/api/v1/tickets?sort=best", apiToken, nil); code != http.StatusBadRequest {
			t.Errorf("an unknown order: %d", code)
		}
	})
}

// TestClosedTicketsLiveInTheArchive: some time after it closed, a week if nobody says
// otherwise, a ticket leaves the store, is listed and read as before, and leaves the archive when its retention is over.
func TestClosedTicketsLiveInTheArchive(t *testing.T) {
	const stays = time.Hour
	archived := withArchive(t)
	inTownWith(t, "", func(w *town) { archived(w); w.stays = stays }, func(t *testing.T, w *town) {
		over := w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.act(over, "resolve", map[string]any{"person": "alice"})
		w.act(over, "close", map[string]any{"person": "dominique"})
		w.at(stays - time.Minute)
		if got := w.left(over); len(got) != 1 {
			t.Errorf("before its time the store has %q", got)
		}
		w.at(stays + 10*time.Minute)
		if got := w.left(over); len(got) != 0 {
			t.Errorf("after it the store has %q", got)
		}
		w.expectList("", over)
		if code, answer := w.call(http.MethodGet, "/api/v1/tickets/"+over, apiToken, nil); code != http.StatusOK || !strings.Contains(string(answer), `"closed"`) {
			t.Errorf("%d %s", code, answer)
		}
		d := w.daemon.Load()
		closed := w.start.Add(time.Minute)
		w.archiveAhead.Store(int64(d.config.Retention.Tickets))
		d.forgetArchive(t.Context(), closed.Add(d.config.Retention.Tickets-time.Minute))
		w.expectList("", over)
		d.forgetArchive(t.Context(), closed.Add(d.config.Retention.Tickets+time.Minute))
		w.expectList("")
		if code, _ := w.call(http.MethodGet, "/api/v1/tickets/"+over, apiToken, nil); code != http.StatusNotFound {
			t.Errorf("it is read still: %d", code)
		}
	})
}
