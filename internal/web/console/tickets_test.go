package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

var rowIn = regexp.MustCompile(`<li id="t-([^"]+)"`)

func listed(body string) (numbers []string) {
	for _, m := range rowIn.FindAllStringSubmatch(body, -1) {
		numbers = append(numbers, m[1])
	}
	return numbers
}

// TestFilters are those of the API, as a form that is an address.
func TestFilters(t *testing.T) {
	o := newOffice(t, home)
	down := o.alert("Down")
	slow := o.alert("Slow", "urgency", "low", "customer", "bellac", "site", "Lyon")
	o.acts("alice", slow, escalation.ActAcknowledge)
	for query, want := range map[string][]string{
		"":                              {slow, down},
		"state=open":                    {down},
		"state=open&state=acknowledged": {slow, down},
		"urgency=low":                   {slow},
		"customer=acme":                 {down},
		"q=lyon":                        {slow},
		"since=2026-11-21":              {slow, down},
		"until=2026-11-21":              {},
		"since=2026-11-22&q=":           {},
		"state=closed":                  {},
	} {
		w := o.get("bruno", "/tickets?"+query)
		if got := listed(w.Body.String()); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	w := o.get("bruno", "/tickets?state=open&urgency=critical&customer=acme&q=down&since=2026-11-21")
	has(t, w, `name="state" value="open" checked`, `name="urgency" value="critical" checked`, `value="acme" selected`, `value="down"`, `type="date" value="2026-11-21"`)
	hasNot(t, w, `value="closed" checked`)
}

// TestReadyFiltersOfTheStore: without an archive there is what the store lists by, and the
// form asks for nothing else.
func TestReadyFiltersOfTheStore(t *testing.T) {
	o := newOffice(t, home)
	w := o.get("alice", "/tickets")
	has(t, w, `">Les miens</a>`)
	hasNot(t, w, "Pot commun</a>", `name="unassigned"`, `name="due_within"`)
	for _, bad := range []string{"soon", "-1h", "0s", "9999h", "1h&due_within=2h"} {
		if w := o.get("alice", "/tickets?due_within="+bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
	if w := o.post("alice", "/filters", "name", "Bientôt", "query", "due_within=2h"); w.Code != http.StatusSeeOther {
		t.Errorf("it is not kept: %d", w.Code)
	}
}

// TestPagesOfTheList: fifty, then the next fifty, by an address that keeps the
// filters.
func TestPagesOfTheList(t *testing.T) {
	o := newOffice(t, home)
	all := o.many(shownTickets+7, "minor")
	w := o.get("bruno", "/tickets?state=open")
	first := listed(w.Body.String())
	more := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(w.Body.String())
	if len(first) != shownTickets || first[0] != all[len(all)-1] || more == nil {
		t.Fatalf("%d listed, more %v", len(first), more)
	}
	next := o.get("bruno", "/tickets"+strings.ReplaceAll(more[1], "&amp;", "&"))
	if rest := listed(next.Body.String()); len(rest) != 7 || rest[6] != all[0] {
		t.Errorf("%v", rest)
	}
	has(t, next, `href="/desk/tickets?state=open"`)
	hasNot(t, next, `rel="next"`)
}

// TestTakingThoseChosen takes what is as the page showed it, and leaves what
// somebody else has.
func TestTakingThoseChosen(t *testing.T) {
	o := newOffice(t, home)
	numbers := o.many(3, "major")
	w := o.get("alice", "/tickets?state=open")
	form := []string{"back", "/tickets?state=open"}
	for _, m := range regexp.MustCompile(`form="chosen" name="ticket" value="([^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		form = append(form, "ticket", m[1])
	}
	if len(form) != 8 {
		t.Fatalf("%q", form)
	}
	o.acts("bruno", numbers[1], escalation.ActAcknowledge)
	sent := o.post("alice", "/tickets", form...)
	if to := sent.Header().Get("Location"); !strings.HasPrefix(to, "/desk/tickets?") || !strings.Contains(to, "state=open") {
		t.Errorf("it leads to %s", to)
	}
	w = o.follow("alice", sent)
	has(t, w, "Pris : 2.", "terminé : 1.")
	for i, who := range []string{"alice", "bruno", "alice"} {
		if view := o.view(numbers[i]); !view.Ticket.TakenBy(who) {
			t.Errorf("%s is %s's", numbers[i], view.Ticket.AcknowledgedBy.Person())
		}
	}
	has(t, o.follow("alice", o.post("alice", "/tickets")), "Aucun n&#39;était choisi.")
	for _, bad := range []string{"", numbers[0], numbers[0] + " x9", "  "} {
		if w := o.post("alice", "/tickets", "ticket", bad); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", bad, w.Code)
		}
	}
	hasNot(t, o.get("carla", "/tickets"), `type="checkbox" form=`)
}

// TestSavedFilters are the person's own.
func TestSavedFilters(t *testing.T) {
	o := newOffice(t, home)
	query := "customer=acme&state=open"
	w := o.follow("alice", o.post("alice", "/filters", "name", " Les  ouverts <b> ", "query", query+"&cursor=x&done=bulk"))
	has(t, w, "Les ouverts &lt;b&gt;</a>", `href="/desk/tickets?`+strings.ReplaceAll(query, "&", "&amp;")+`" aria-current`)
	hasNot(t, o.get("bruno", "/tickets"), "Les ouverts")
	has(t, o.follow("bruno", o.post("bruno", "/filters", "name", "Mine", "query", "")), "Mine</a>")
	hasNot(t, o.get("alice", "/tickets"), "Mine</a>")
	o.follow("alice", o.post("alice", "/filters", "name", "Les ouverts <b>", "query", "state=open"))
	if have, err := o.console.filtersBy(t.Context(), "alice"); err != nil || len(have) != 1 || have[0].Query != "state=open" {
		t.Errorf("%+v, %v", have, err)
	}
	for _, bad := range []url.Values{{"name": {""}}, {"name": {"x"}, "query": {"state=odd"}}, {"name": {"x"}, "query": {"%zz"}}, {"name": {"a\x1fb"}, "query": {""}}, {"name": {"x"}, "query": {strings.Repeat("q", ticket.MaxFilter+1)}}} {
		if w := o.post("alice", "/filters", "name", bad.Get("name"), "query", bad.Get("query")); w.Code != http.StatusBadRequest {
			t.Errorf("%v: %d", bad, w.Code)
		}
	}
	for i := range ticket.MaxFilters - 1 {
		o.follow("alice", o.post("alice", "/filters", "name", fmt.Sprint("f", i), "query", ""))
	}
	has(t, o.follow("alice", o.post("alice", "/filters", "name", "one more", "query", "")), "autant de filtres")
	hasNot(t, o.follow("alice", o.post("alice", "/filters", "name", "Les ouverts <b>", "forget", "1", "back", "/tickets?q=x")), "Les ouverts")
}
