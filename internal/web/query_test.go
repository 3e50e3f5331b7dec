package web

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "state=open,closed&urgency=low&limit=1000", "since=2026-11-21T03:12:00+01:00&until=2026-11-21T03:12:00Z",
		"cursor=" + sealCursor("1795226400000000000/I261121_0001"), "cursor=AAAA", "q=%00&customer=%ff", "limit=-1", "x=y", "state=,,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := parseQuery(values)
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) || refused.status != http.StatusBadRequest || !strings.Contains(refused.message, ": ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if q.Limit < 1 || q.Limit > maxLimit {
			t.Fatalf("%q: limit %d", text, q.Limit)
		}
		if values.Get("cursor") != "" && sealCursor(q.Cursor) != values.Get("cursor") {
			t.Fatalf("%q: cursor %q", text, q.Cursor)
		}
	})
}

// TestEveryParameter is the table of what a list can be asked for: each narrows by its own
// alone, and what it cannot be is a 400 that names it.
func TestEveryParameter(t *testing.T) {
	at := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	const instant = "2026-11-21T03:12:00+01:00"
	yes, no := true, false
	table := map[string]struct {
		value  string
		narrow func(*ticket.Search)
		wrong  []string
	}{
		"state":          {"open,closed", func(s *ticket.Search) { s.States = []ticket.State{ticket.Open, ticket.Closed} }, []string{"opened", "open,x"}},
		"urgency":        {"critical,low", func(s *ticket.Search) { s.Urgencies = []ticket.Urgency{ticket.Critical, ticket.Low} }, []string{"soon"}},
		"customer":       {"acme", func(s *ticket.Search) { s.Customer = "acme" }, nil},
		"site":           {"Givrand", func(s *ticket.Search) { s.Site = "Givrand" }, nil},
		"group":          {"network", func(s *ticket.Search) { s.Group = "network" }, nil},
		"tier":           {"L2", func(s *ticket.Search) { s.Tier = "L2" }, nil},
		"assignee":       {"bruno", func(s *ticket.Search) { s.Assignee = "bruno" }, nil},
		"unassigned":     {"true", func(s *ticket.Search) { s.Unassigned = true }, []string{"nobody"}},
		"kind":           {"request", func(s *ticket.Search) { s.Kind = ticket.Request }, []string{"bug"}},
		"origin":         {"mail", func(s *ticket.Search) { s.Origin = "mail" }, nil},
		"category":       {"printer", func(s *ticket.Search) { s.Category = "printer" }, nil},
		"equipment":      {"srv-db-01", func(s *ticket.Search) { s.Equipment = "srv-db-01" }, nil},
		"billable":       {"false", func(s *ticket.Search) { s.Billable = &no }, []string{"maybe"}},
		"breached":       {"true", func(s *ticket.Search) { s.Breached = &yes }, []string{"80%"}},
		"since":          {instant, func(s *ticket.Search) { s.Since = at }, []string{"yesterday", "2026-11-21"}},
		"until":          {instant, func(s *ticket.Search) { s.Until = at }, []string{"tomorrow"}},
		"due_before":     {instant, func(s *ticket.Search) { s.DueBefore = at }, []string{"1h"}},
		"resolved_since": {instant, func(s *ticket.Search) { s.ResolvedSince = at }, []string{"x"}},
		"resolved_until": {instant, func(s *ticket.Search) { s.ResolvedUntil = at }, []string{"x"}},
		"gti":            {"missed", func(s *ticket.Search) { s.Clock = ticket.GTIMissed }, []string{"late"}},
		"contact":        {"c-17", func(s *ticket.Search) { s.Contact = "c-17" }, nil},
		"q":              {"no mail", func(s *ticket.Search) { s.Text = "no mail" }, nil},
		"sort":           {"due", func(s *ticket.Search) { s.Sort = ticket.SortDue }, []string{"newest"}},
		"limit":          {"7", func(s *ticket.Search) { s.Limit = 7 }, []string{"0", "-1", "1001", "all"}},
		"cursor":         {sealCursor("here"), func(s *ticket.Search) { s.Cursor = "here" }, []string{"AAAA", "here"}},
	}
	refused := func(query url.Values, field string) {
		t.Helper()
		_, err := parseQuery(query)
		if status, detail := classify(err); err == nil || status != http.StatusBadRequest || !strings.HasPrefix(detail.Message, field+": ") {
			t.Errorf("%v: %v", query, err)
		}
	}
	for name := range parameters {
		c, listed := table[name]
		if !listed {
			t.Errorf("%s is not in the table", name)
			continue
		}
		got, err := parseQuery(url.Values{name: {c.value}})
		if want := (ticket.Search{Query: ticket.Query{Limit: defaultLimit}}); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.narrow(&want); !equalSearch(got, want) {
			t.Errorf("%s=%s asks for\n%+v, want\n%+v", name, c.value, got, want)
		}
		for _, wrong := range c.wrong {
			refused(url.Values{name: {wrong}}, name)
		}
		if many := parameters[name]; !many {
			refused(url.Values{name: {c.value, c.value}}, name)
		}
	}
	if len(table) != len(parameters) {
		t.Errorf("%d are in the table, %d are known", len(table), len(parameters))
	}
	refused(url.Values{"colour": {"red"}}, "colour")
	refused(url.Values{"unassigned": {"true"}, "assignee": {"bruno"}}, "unassigned")
	d := newDesk(t)
	if w := d.call("reader", http.MethodGet, "/api/v1/tickets?kind=bug", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `kind: no kind named \"bug\"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// equalSearch compares what two searches ask for; times by their instants.
func equalSearch(x, y ticket.Search) bool {
	for _, s := range []*ticket.Search{&x, &y} {
		for _, at := range []*time.Time{&s.Since, &s.Until, &s.DueBefore, &s.ResolvedSince, &s.ResolvedUntil} {
			*at = at.UTC()
		}
	}
	return reflect.DeepEqual(x, y)
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Minute: "1h30m", 45 * time.Minute: "45m", 90 * time.Second: "1m30s",
		16 * time.Hour: "16h", time.Hour + time.Second: "1h0m1s", 10 * time.Second: "10s", 0: "0s",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "< 1 min", 59 * time.Second: "< 1 min", time.Minute: "1 min", 65 * time.Minute: "1 h 05", 49 * time.Hour: "2 j 1 h",
	} {
		if got := lang.In("fr").Page.Lasted(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	for token, want := range map[string]string{"": "…", "short": "…", "abcdefghijklmnopqrstuvwxyz": "abcd…wxyz"} {
		if got := shortened(token); got != want {
			t.Errorf("%q: %q, want %q", token, got, want)
		}
	}
}
