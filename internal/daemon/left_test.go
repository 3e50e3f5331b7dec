package daemon

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// api asks the API as the one who is signed in. kind is that of the body.
func (g *guest) api(method, path, kind string, body io.Reader, headers ...string) (code int, answer string) {
	g.w.t.Helper()
	r, err := http.NewRequestWithContext(g.w.t.Context(), method, publicURL+path, body)
	if err != nil {
		g.w.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: g.cookie})
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := g.w.client.Transport.RoundTrip(r)
	if err != nil {
		g.w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		g.w.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestWhatHasLeftIsRefusedAsClosed: whatever is asked of a ticket that is in the archive alone
// but a late note is refused with its state, the same for everybody who sees it; for whoever
// does not, it is not there. Its files are read as before.
func TestWhatHasLeftIsRefusedAsClosed(t *testing.T) {
	const stays = time.Hour
	archived, files := withArchive(t), filepath.Join(t.TempDir(), "attachments")
	inTownWith(t, "", func(w *town) { archived(w); w.stays = stays }, func(t *testing.T, w *town) {
		over := w.alert("firing", "srv-db-01")
		at := "/api/v1/tickets/" + over
		alice := w.signsIn("alice")
		body, kind := form(t, "rack.png", png)
		code, answer := alice.api(http.MethodPost, at+"/attachments", kind, body)
		_, id, _ := strings.Cut(answer, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		if code != http.StatusCreated || id == "" {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(time.Minute)
		w.act(over, "resolve", map[string]any{"person": "alice"})
		w.act(over, "close", map[string]any{"person": "dominique"})
		w.at(stays + 10*time.Minute)
		if got := w.left(over); len(got) != 0 {
			t.Fatalf("the store has %q", got)
		}
		upload, uploadKind := form(t, "late.png", png)
		sent, err := io.ReadAll(upload)
		if err != nil {
			t.Fatal(err)
		}
		for _, ask := range []struct{ method, path, kind, body string }{
			{http.MethodPost, "/acknowledge", "application/json", `{}`},
			{http.MethodPost, "/take", "application/json", `{}`},
			{http.MethodPost, "/pause", "application/json", `{"reason":"waiting_for_customer"}`},
			{http.MethodPost, "/resolve", "application/json", `{"synthesis":"again"}`},
			{http.MethodPatch, "", "application/json", `{"title":"another"}`},
			{http.MethodPost, "/tasks", "application/json", `{"kind":"call"}`},
			{http.MethodPost, "/interventions", "application/json", `{"from":"2027-01-08T09:00:00Z","until":"2027-01-08T11:00:00Z"}`},
			{http.MethodPost, "/meeting", "application/json", `{}`},
			{http.MethodPost, "/attachments", uploadKind, string(sent)},
			{http.MethodDelete, "/attachments/" + id, "application/json", ``},
		} {
			for person, wants := range map[string]int{"alice": http.StatusConflict, "dominique": http.StatusConflict, "chloe": http.StatusNotFound} {
				code, answer := w.signsIn(person).api(ask.method, at+ask.path, ask.kind, strings.NewReader(ask.body), "If-Match", "*")
				closed := strings.Contains(answer, `"code":"state"`) && strings.Contains(answer, `"state":"closed"`)
				if code != wants || closed != (wants == http.StatusConflict) {
					t.Errorf("%s %s by %s: %d %s", ask.method, ask.path, person, code, answer)
				}
			}
		}
		if code, answer := w.call(http.MethodPost, at+"/take", apiToken, map[string]any{"person": "alice"}); code != http.StatusConflict || !strings.Contains(string(answer), "is closed by alice") || !strings.Contains(string(answer), "a new one can name it") {
			t.Errorf("%d %s", code, answer)
		}
		w.takesLateNotes(over)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/I000101_0001/note", apiToken, map[string]any{"text": "late"}); code != http.StatusNotFound {
			t.Errorf("one that never was: %d %s", code, answer)
		}
		if code, answer := alice.api(http.MethodGet, at+"/attachments/"+id, "application/json", nil); code != http.StatusOK || answer != png {
			t.Errorf("its file: %d %q", code, answer)
		}
		if code, answer := w.signsIn("chloe").api(http.MethodGet, at+"/attachments/"+id, "application/json", nil); code != http.StatusNotFound {
			t.Errorf("its file, for whoever does not see it: %d %q", code, answer)
		}
		w.namedByANewOne(over)
	}, replaced("email: chloe@example.net", "email: chloe@example.net, customers: [bellac]"),
		replaced("time_zone: Europe/Paris", "time_zone: Europe/Paris\nattachments: dir:"+files), replaced("server:", "server:\n  min_free: 1MiB"))
}

// takesLateNotes: a note on a ticket that has left is the ticket's, as one before it left;
// whoever does not see the ticket writes none, and their number has the same bound.
func (w *town) takesLateNotes(left string) {
	w.t.Helper()
	at := "/api/v1/tickets/" + left + "/note"
	before := w.view(left)
	for person, wants := range map[string]int{"alice": http.StatusOK, "chloe": http.StatusNotFound} {
		code, answer := w.signsIn(person).api(http.MethodPost, at, "application/json", strings.NewReader(`{"text":"it was the zyzzyva, says `+person+`"}`))
		if code != wants || (code == http.StatusOK) != strings.Contains(answer, "zyzzyva, says alice") {
			w.t.Errorf("%s: %d %s", person, code, answer)
		}
	}
	if code, answer := w.signsIn("alice").api(http.MethodPost, at, "application/json", strings.NewReader(`{"text":" "}`)); code != http.StatusBadRequest {
		w.t.Errorf("without words: %d %s", code, answer)
	}
	after := w.view(left)
	if len(after.Timeline) != len(before.Timeline)+1 || after.Ticket.State != ticket.Closed {
		w.t.Fatalf("%+v", after.Timeline)
	}
	last := after.Timeline[len(after.Timeline)-1]
	if last.Kind != ticket.EntryNote || last.Detail != ticket.SaidLate || last.Actor.Person() != "alice" || !last.At.Equal(w.daemon.Load().clock.Now()) {
		w.t.Errorf("%+v", last)
	}
	w.expectList("q=zyzzyva", left)
	for n := after.Ticket.Lines.Notes; n < ticket.MaxNotes; n++ {
		if code, answer := w.call(http.MethodPost, at, apiToken, map[string]any{"text": "again"}); code != http.StatusOK {
			w.t.Fatalf("note %d: %d %s", n, code, answer)
		}
	}
	if code, answer := w.call(http.MethodPost, at, apiToken, map[string]any{"text": "again"}); code != http.StatusConflict || !strings.Contains(string(answer), "too_many_notes") {
		w.t.Errorf("one more than a ticket takes: %d %s", code, answer)
	}
	verified, err := w.daemon.Load().archive.Verify(w.t.Context(), "")
	if err != nil || len(verified.Flaws) > 0 {
		w.t.Errorf("%+v: %v", verified.Flaws, err)
	}
	w.archiveAway.Store(true)
	if code, answer := w.call(http.MethodPost, at, apiToken, map[string]any{"text": "away"}); code != http.StatusServiceUnavailable {
		w.t.Errorf("while the archive is away: %d %s", code, answer)
	}
	w.archiveAway.Store(false)
}

// view reads a ticket where it is.
func (w *town) view(number string) ticket.View {
	w.t.Helper()
	v, err := finder{w.daemon.Load()}.View(w.t.Context(), ticket.Everything(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// namedByANewOne opens a ticket that names one that has left.
func (w *town) namedByANewOne(left string) {
	w.t.Helper()
	fresh := w.alert("firing", "srv-db-02", "alertname", "DiskFull")
	if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+fresh+"/links", apiToken, map[string]any{"kind": "see", "number": left}); code != http.StatusCreated || !bytes.Contains(answer, []byte(left)) {
		w.t.Errorf("%d %s", code, answer)
	}
}

// TestAWarningInTheNight opens a ticket at once, pages nobody while everything works, and
// pages when the office opens (S3-03, S3-05). Where the policy says so it wakes somebody.
func TestAWarningInTheNight(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"as in the example":       func(text []byte) []byte { return text },
		"where the policy wakes":  replaced("        during: business                      # outside it the page waits until the calendar opens\n", ""),
		"what is low, in the day": replaced(`{matchers: ['severity="warning"'], urgency: minor}`, `{matchers: ['severity="warning"'], urgency: low}`),
	} {
		t.Run(name, func(t *testing.T) {
			inTownFrom(t, "2026-11-24 03:12", func(t *testing.T, w *town) {
				number := w.alert("firing", "srv-db-01", "severity", "warning")
				w.expectState(number, "open")
				w.at(time.Minute)
				if name == "where the policy wakes" {
					w.expectCount(w.alice, 1)
					return
				}
				w.expectCount(w.alice, 0)
				opens := 5*time.Hour + 18*time.Minute // 08:30
				w.at(opens - time.Minute)
				w.expectState(number, "open")
				w.expectCount(w.alice, 0)
				w.expectCount(w.bruno, 0)
				w.expectCount(w.dominique, 0)
				w.at(opens + time.Minute)
				w.expectCount(w.alice, 1)
				w.expectCount(w.dominique, 0)
			}, change)
		})
	}
}

// TestAProofByTheAPI is its lines, what is sealed and its days; 404 of what there is not; of a
// ticket that is not copied yet, that it is to be asked again.
func TestAProofByTheAPI(t *testing.T) {
	inTownWithArchive(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.act(number, "note", map[string]any{"person": "alice", "text": "le câble est débranché"})
		w.at(10 * time.Second)
		code, answer := w.call(http.MethodGet, "/api/v1/tickets/"+number+"/proof", apiToken, nil)
		for _, says := range []string{`"number":"` + number + `"`, `"lines":[{"form":"`, `"salt":"`, `"hidden":[`, `"link":"`, `"rest":{`, `"days":[{"day":"2026-11-21"`, "le câble est débranché"} {
			if code != http.StatusOK || !strings.Contains(string(answer), says) {
				t.Errorf("%d, without %s: %s", code, says, answer)
			}
		}
		for _, path := range []string{"/api/v1/tickets/I000101_0001/proof", "/api/v1/tickets/%2e%2e/proof"} {
			if code, answer := w.call(http.MethodGet, path, apiToken, nil); code != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, code, answer)
			}
		}
		empty, err := archive.Open(archive.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "archive.db"), Careless: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = empty.Close() }()
		d := &Daemon{archive: empty, store: w.daemon.Load().store}
		if _, _, err := (prover{d}).Proof(t.Context(), number); err == nil || errors.Is(err, escalation.ErrNotFound) || !strings.Contains(err.Error(), "not copied yet") {
			t.Errorf("of one that is not copied: %v", err)
		}
		if _, _, err := (prover{d}).Proof(t.Context(), "I000101_0001"); !errors.Is(err, escalation.ErrNotFound) {
			t.Errorf("of one that is not there: %v", err)
		}
	})
}
