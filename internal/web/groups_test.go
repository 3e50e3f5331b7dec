package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

// hourly is a group whose turns last an hour.
func hourly(t *testing.T) *contacts.Directory {
	t.Helper()
	d, err := contacts.NewDirectory([]contacts.Person{{Key: "alice"}, {Key: "bruno"}}, []contacts.Group{{Key: "on-call", Rotations: []contacts.Rotation{{
		People: contacts.InTurn("alice", "bruno"), Every: time.Hour, First: calendar.Date{Year: 2026, Month: 11, Day: 1}, Location: time.UTC,
	}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGroups: the schedule of one group and of all, spans that follow each
// other, a gap as a span of nobody.
func TestGroups(t *testing.T) {
	d := newDesk(t)
	w := d.call("reader", http.MethodGet, "/api/v1/groups/on-call?from=2026-11-18T12:00:00Z&to=2026-12-01T00:00:00Z", "")
	want := `{"group":"on-call","from":"2026-11-18T12:00:00Z","to":"2026-12-01T00:00:00Z","spans":[` +
		`{"from":"2026-11-18T12:00:00Z","to":"2026-11-19T08:00:00Z","people":[]},` +
		`{"from":"2026-11-19T08:00:00Z","to":"2026-11-26T08:00:00Z","people":[{"person":"alice","why":"rotation 1"}]},` +
		`{"from":"2026-11-26T08:00:00Z","to":"2026-12-01T00:00:00Z","people":[{"person":"bruno","why":"rotation 1"}]}]}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != want {
		t.Errorf("%d %s", w.Code, got)
	}
	w = d.call("reader", http.MethodGet, "/api/v1/groups?from=2026-11-21T00:00:00%2B01:00", "")
	got := decode[map[string][]scheduleBody](t, w)["groups"]
	if len(got) != 3 || got[0].Group != "managers" || got[1].Group != "nobody" || got[2].Group != "on-call" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if end := time.Date(2026, time.December, 20, 23, 0, 0, 0, time.UTC); !got[2].To.Equal(end) || len(got[2].Spans) != 5 || !got[2].Spans[4].To.Equal(end) {
		t.Errorf("30 days of on-call: %+v", got[2])
	}
	if s := got[0].Spans; len(s) != 1 || s[0].People[0].Why != "always" {
		t.Errorf("managers: %+v", s)
	}
	if s := got[1].Spans; len(s) != 1 || s[0].People == nil || len(s[0].People) != 0 || strings.Contains(w.Body.String(), "null") {
		t.Errorf("nobody: %+v", s)
	}
	now := decode[scheduleBody](t, d.call("reader", http.MethodGet, "/api/v1/groups/on-call", ""))
	if !now.From.Equal(saturday) || now.To.Sub(now.From) != 30*24*time.Hour {
		t.Errorf("from %v to %v", now.From, now.To)
	}
}

// TestGroupsAreBounded: what is asked for is said to be too much, or wrong.
func TestGroupsAreBounded(t *testing.T) {
	d := newDesk(t)
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"/gone", 404, `no group named \"gone\": managers, nobody, on-call`},
		{"/on-call?from=now", 400, "from: "},
		{"/on-call?to=2026-13-01T00:00:00Z", 400, "to: "},
		{"?from=2026-11-21T00:00:00Z&to=2026-11-21T00:00:00Z", 400, "to: it is not after from"},
		{"?from=2026-11-21T00:00:00Z&to=2027-12-26T00:00:01Z", 400, "to: 400 days from from on, at most"},
		{"?from=2026-11-21T00:00:00Z&to=2027-12-26T00:00:00Z", 200, ""},
		{"?from=2026-11-21T00:00:00Z&from=2026-11-22T00:00:00Z", 400, "from: given 2 times"},
		{"/on-call?at=2026-11-21T00:00:00Z", 400, "at: there is no such parameter"},
		{"/on-call?from=9999-12-20T00:00:00Z", 400, "from: the years 1 to 9999 are possible"},
		{"/on-call?from=0000-01-01T00:00:00Z", 400, "from: the years 1 to 9999 are possible"},
		{"/on-call?from=9999-01-01T00:00:00Z", 200, `"people":[{"person":`},
	} {
		w := d.call("reader", http.MethodGet, "/api/v1/groups"+tt.path, "")
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
	}
	if w := d.call("", http.MethodGet, "/api/v1/groups", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("without a token: %d", w.Code)
	}
	if _, err := schedules(hourly(t), []string{"on-call"}, saturday, saturday.AddDate(0, 0, 400)); err != nil {
		t.Errorf("400 days of turns of an hour: %v", err)
	}
	if _, err := schedules(hourly(t), []string{"on-call", "on-call", "on-call"}, saturday, saturday.AddDate(0, 0, 400)); err == nil || !strings.Contains(err.Error(), "ask for fewer days") {
		t.Errorf("of three groups: %v", err)
	}
}
