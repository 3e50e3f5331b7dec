package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/plan"
	"github.com/astreinte/astreinte/internal/ticket"
)

func (c *castle) asks(person, method, path, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	kind := "application/json"
	if !strings.HasPrefix(path, "/api/") {
		kind = "application/x-www-form-urlencoded"
	}
	return c.call(person, method, path, strings.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
}

func (c *castle) sheet(number string) *ticket.Sheet {
	c.t.Helper()
	view, err := c.d.store.View(context.Background(), number)
	if err != nil {
		c.t.Fatal(err)
	}
	if view.Sheet == nil {
		return &ticket.Sheet{}
	}
	return view.Sheet
}

// errands carries out what is left to be done.
func (c *castle) errands() {
	c.t.Helper()
	records := c.d.store.Records()
	changed := records.Watch(c.t.Context(), ticket.ErrandRecords)
	k := &plan.Keeper{Book: plan.NewBook(records), Store: records, Engine: c.d.pager.Engine(), Owner: "test", Log: c.d.log}
	for {
		if more, err := k.Turn(context.Background()); more || err != nil {
			c.t.Errorf("%t, %v", more, err)
		}
		left := 0
		for _, home := range []string{"prometheus", escalation.ManualSource} {
			list, err := records.List(context.Background(), home, ticket.ErrandRecords, "", 10)
			if err != nil {
				c.t.Fatal(err)
			}
			left += len(list)
		}
		if left == 0 {
			return
		}
		<-changed // the daemon is at it
	}
}

// TestWorkIsWrittenDown by the API and by forms, two taps at most: tasks, interventions,
// which are in the planning, and links, which both tickets have.
func TestWorkIsWrittenDown(t *testing.T) {
	c := newCastle(t)
	at, page := "/api/v1/tickets/"+c.number, "/tickets/"+c.number
	for _, ask := range []struct {
		person, method, path, body string
		status                     int
		says                       string
	}{
		{"alice", http.MethodPost, at + "/tasks", `{"kind":"no_answer","minutes":10,"public":true,"text":"<b>nobody</b>"}`, http.StatusCreated, `"minutes":10`},
		{"alice", http.MethodPost, at + "/tasks", `{"kind":"pdr"}`, http.StatusBadRequest, `no_answer`},
		{"alice", http.MethodPost, at + "/tasks", `{"kind":"call","at":"noon"}`, http.StatusBadRequest, `RFC 3339`},
		{"alice", http.MethodPost, at + "/tasks", `{"kind":"call","person":"bruno"}`, http.StatusForbidden, `manager`},
		{"alice", http.MethodPatch, at + "/tasks/nothing", `{"kind":"call"}`, http.StatusNotFound, `not_found`},
		{"carla", http.MethodPost, at + "/tasks", `{"kind":"call"}`, http.StatusForbidden, `forbidden`},
		{"alice", http.MethodPost, at + "/interventions", `{"from":"2027-01-08T09:00:00+01:00","until":"2027-01-08T11:00:00+01:00","person":"bruno","place":"Givrand"}`, http.StatusCreated, `"state":"planned"`},
		{"alice", http.MethodPost, at + "/interventions", `{"from":"2027-01-08T09:00:00+01:00","until":"2027-01-08T11:00:00+01:00","person":"nobody"}`, http.StatusBadRequest, `person`},
		{"alice", http.MethodPost, at + "/links", `{"kind":"see","number":"I990101_0001"}`, http.StatusBadRequest, `no ticket`},
		{"alice", http.MethodPost, page + "/tasks", "kind=call", http.StatusSeeOther, ""},
		{"alice", http.MethodPost, page + "/tasks", "kind=other", http.StatusSeeOther, ""},
		{"alice", http.MethodPost, page + "/interventions", "from=2027-01-09T14:00&until=2027-01-09T13:00", http.StatusSeeOther, ""},
	} {
		w := c.asks(ask.person, ask.method, ask.path, ask.body)
		if w.Code != ask.status || !strings.Contains(w.Body.String(), ask.says) {
			t.Errorf("%s %s: %d %s", ask.path, ask.body, w.Code, w.Body)
		}
	}
	s := c.sheet(c.number)
	if len(s.Tasks) != 2 || s.Treatment() != 10 || s.Tasks[1].Kind != ticket.TaskCall || len(s.Interventions) != 1 {
		t.Fatalf("%+v", s)
	}
	if w := c.asks("alice", http.MethodPatch, at+"/tasks/"+s.Tasks[0].ID, `{"minutes":25}`); w.Code != http.StatusOK || c.sheet(c.number).Treatment() != 25 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	c.errands()
	w := c.asks("carla", http.MethodGet, "/api/v1/planning?from=2027-01-08T00:00:00Z&until=2027-01-09T00:00:00Z&person=bruno", "")
	var planned struct{ Interventions []ticket.Planned }
	if err := json.Unmarshal(w.Body.Bytes(), &planned); err != nil || len(planned.Interventions) != 1 || planned.Interventions[0].Ticket != c.number || planned.Interventions[0].Place != "Givrand" {
		t.Errorf("%s, %v", w.Body, err)
	}
	week := c.asks("carla", http.MethodGet, "/planning?week=2027-01-06", "").Body.String()
	for _, want := range []string{`name="week" value="2027-01-04"`, "09:00 – 11:00", c.number, "Bruno Petit", "Givrand", "prévue"} {
		if !strings.Contains(week, want) {
			t.Errorf("the week lacks %s", want)
		}
	}
	c.asks("alice", http.MethodPost, page+"/interventions/"+s.Interventions[0].ID, "state=cancelled")
	c.errands()
	if week := c.asks("carla", http.MethodGet, "/planning?week=2027-01-06", "").Body.String(); strings.Contains(week, c.number) {
		t.Error("a cancelled intervention is planned")
	}
	shown := c.asks("alice", http.MethodGet, page, "").Body.String()
	for _, want := range []string{"Appel sans réponse (pdr)", "&lt;b&gt;nobody&lt;/b&gt;", "25 min", "annulée", `name="kind" value="call"`} {
		if !strings.Contains(shown, want) {
			t.Errorf("the ticket's page lacks %s", want)
		}
	}
}

// TestADuplicate is resolved, and both tickets name each other.
func TestADuplicate(t *testing.T) {
	c := newCastle(t)
	other, err := c.d.pager.Engine().OpenByHand(t.Context(), escalation.Draft{Kind: ticket.Incident, Title: "the same", Quiet: true, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "api"})
	if err != nil {
		t.Fatal(err)
	}
	if w := c.asks("alice", http.MethodPost, "/api/v1/tickets/"+other.Number+"/links", `{"kind":"duplicate_of","number":"`+c.number+`"}`); w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"state":"resolved"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for range 2 { // another daemon may have died at it
		c.errands()
	}
	if links := c.sheet(c.number).Links; len(links) != 1 || links[0] != (ticket.Tie{Kind: ticket.LinkDuplicate, Number: other.Number, Back: true}) {
		t.Errorf("%+v", links)
	}
	if page := c.asks("alice", http.MethodGet, "/tickets/"+c.number, "").Body.String(); !strings.Contains(page, "a pour doublon") {
		t.Error("the page does not say so")
	}
	if w := c.asks("alice", http.MethodPost, "/tickets/"+c.number+"/links", "untie=1&kind=duplicate_of&back=true&number="+other.Number); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	c.errands()
	if a, b := c.sheet(c.number).Links, c.sheet(other.Number).Links; len(a) != 0 || len(b) != 0 {
		t.Errorf("%+v, %+v", a, b)
	}
	list, err := c.d.store.Records().List(t.Context(), escalation.ManualSource, ticket.ErrandRecords, "", 10)
	if err != nil || len(list) != 0 {
		t.Errorf("errands that are left: %+v, %v", list, err)
	}
}
