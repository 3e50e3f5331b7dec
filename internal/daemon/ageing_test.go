package daemon

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWhatLeavesBeforeItsTicket: pages after retention.pages, who is on it and contacts that
// ended after retention.personal; while the archive is away nothing, and nothing is lost by that.
func TestWhatLeavesBeforeItsTicket(t *testing.T) {
	const stays, day = time.Hour, 24 * time.Hour
	archived := withArchive(t)
	inTownWith(t, "", func(w *town) { archived(w); w.stays = stays }, func(t *testing.T, w *town) {
		over := w.alert("firing", "srv-db-01")
		w.at(time.Second)
		code, answer := w.call(http.MethodPost, "/api/v1/contacts", apiToken, map[string]any{"customer": "acme", "name": "Ada Quux", "emails": []string{"ada@quux.example"}})
		_, id, _ := strings.Cut(string(answer), `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		if code != http.StatusCreated || id == "" {
			t.Fatalf("%d %s", code, answer)
		}
		if code, answer := w.signsIn("alice").api(http.MethodPatch, "/api/v1/tickets/"+over, "application/json", strings.NewReader(`{"contact":"`+id+`"}`), "If-Match", "*"); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(time.Minute)
		w.act(over, "resolve", map[string]any{"person": "alice"})
		w.act(over, "close", map[string]any{"person": "dominique"})
		if code, answer := w.call(http.MethodDelete, "/api/v1/contacts/"+id, apiToken, nil); code >= http.StatusMultipleChoices {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(stays + 10*time.Minute)
		if got := w.left(over); len(got) != 0 {
			t.Fatalf("the store has %q", got)
		}
		d, closed := w.daemon.Load(), w.start.Add(time.Minute)
		age := func(after time.Duration, pages bool, contact string) {
			t.Helper()
			w.archiveAhead.Store(int64(after))
			d.ageArchive(t.Context(), closed.Add(after))
			v := w.view(over)
			who := ""
			if v.Sheet.Contact != nil {
				who = v.Sheet.Contact.Name
			}
			if (len(v.Pages) > 0) != pages || who != contact || v.Sheet.Contact.ID != id {
				t.Errorf("after %s: %d pages, %+v", after, len(v.Pages), v.Sheet.Contact)
			}
			if _, err := d.archive.CloseDays(t.Context()); err != nil {
				t.Fatal(err)
			}
			if verified, err := d.archive.Verify(t.Context(), ""); err != nil || len(verified.Flaws) > 0 {
				t.Errorf("after %s: %+v, %v", after, verified.Flaws, err)
			}
		}
		age(30*day, true, "Ada Quux")
		w.archiveAway.Store(true)
		d.ageArchive(t.Context(), closed.Add(40*day))
		w.archiveAway.Store(false)
		age(40*day, false, "Ada Quux")
		age(61*day, false, "Ada Quux")
		age(63*day, false, "")
		if _, answer := w.call(http.MethodGet, "/api/v1/contacts/"+id, apiToken, nil); strings.Contains(string(answer), "Quux") || !strings.Contains(string(answer), "anonymised_at") {
			t.Errorf("the contact: %s", answer)
		}
		if _, answer := w.call(http.MethodGet, "/api/v1/audit", apiToken, nil); !strings.Contains(string(answer), `"what":"anonymised"`) || strings.Contains(string(answer), "Quux") {
			t.Errorf("the log: %s", answer)
		}
	}, replaced("retention: {tickets: 400d}", "retention: {tickets: 400d, pages: 31d, personal: 62d}"))
}

// TestTheAuditLogLeaves when retention.audit is over, also where it was made shorter by a reload.
func TestTheAuditLogLeaves(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.signsIn("alice")
		d := w.daemon.Load()
		lines := func() int {
			_, answer := w.call(http.MethodGet, "/api/v1/audit", apiToken, nil)
			return strings.Count(string(answer), `"about":`)
		}
		was := lines()
		if was == 0 {
			t.Fatal("no line was written")
		}
		trim := func(keep time.Duration) {
			w.reload(replaced("retention: {tickets: 400d}", "retention: {tickets: 400d, audit: "+fmt.Sprint(int(keep.Hours()), "h}")))
			d.trimmed = d.clock.Now().Add(-2 * trimEvery)
			d.trimAudit(t.Context())
		}
		w.at(time.Hour)
		trim(31 * 24 * time.Hour)
		if now := lines(); now < was {
			t.Errorf("%d lines, and there were %d", now, was)
		}
		d.mu.Lock()
		d.config.Retention.Audit = time.Minute // less than a configuration may say
		d.mu.Unlock()
		d.trimmed = d.clock.Now().Add(-2 * trimEvery)
		d.trimAudit(t.Context())
		if now := lines(); now != 0 {
			t.Errorf("%d lines are left of %d", now, was)
		}
	})
}
