package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func TestTicketShape(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	d.clock.pass(2 * time.Minute)
	w := d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", `{"person": "alice"}`)
	got := decode[ticketBody](t, w)
	if w.Code != http.StatusOK || got.State != ticket.Acknowledged || got.AcknowledgedBy != "alice" ||
		!got.AcknowledgedAt.Equal(saturday.Add(2*time.Minute)) || got.Assignee != "alice" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got.GTI.State != "running" || got.GTI.Within != "1h" || !got.GTI.DueAt.Equal(saturday.Add(time.Hour)) || got.GTI.Calendar != "always" {
		t.Errorf("GTI: %+v", got.GTI)
	}
	if got.Policy != "round-the-clock" || got.Episode != 1 || got.Step != 0 || got.Customer != "acme" || got.Urgency != ticket.Critical {
		t.Errorf("%s", w.Body)
	}
	if len(got.Pages) != 1 || got.Pages[0].Person != "alice" || got.Pages[0].Channel != "sms" || got.Pages[0].State != ticket.PageQueued {
		t.Errorf("pages: %+v", got.Pages)
	}
	if len(got.Alerts.Sample) != 1 || got.Alerts.Firing != 1 || got.Alerts.Sample[0].Title != "srv-db-01 HostDown" {
		t.Errorf("alerts: %+v", got.Alerts)
	}
	last := got.Timeline[len(got.Timeline)-1]
	if last.Kind != ticket.EntryAcknowledged || last.Via != "api" || *last.Actor != (ticket.Actor{Kind: ticket.ActorPerson, Name: "alice", Token: "the-manager"}) {
		t.Errorf("timeline: %+v", got.Timeline)
	}
	if strings.Contains(w.Body.String(), "resolved_at") || strings.Contains(w.Body.String(), "0001-01-01") {
		t.Errorf("a time that has not happened: %s", w.Body)
	}
	if again := d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, ""); again.Body.String() != w.Body.String() {
		t.Errorf("GET answers\n%s, the action\n%s", again.Body, w.Body)
	}
}

// TestPagesOfABundle: a page says who was asked to carry it, and what its
// message carried beside it.
func TestPagesOfABundle(t *testing.T) {
	d := newDesk(t)
	one, two := d.alert("HostDown"), d.alert("DiskFull")
	now := d.clock.Now()
	claims, _, err := d.store.Claim(t.Context(), paging.ClaimRequest{Owner: "test", Now: now, Until: now.Add(time.Minute), Limit: 10})
	if err != nil || len(claims) != 2 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	outs := make([]paging.Outcome, 2)
	for i, c := range claims {
		outs[i] = paging.Outcome{Source: c.Page.Source, Key: c.Page.PageKey, Token: c.Token, State: ticket.PageBundled, At: now, Provider: "ovh"}
		if c.Page.Ticket == one {
			outs[i].State, outs[i].ProviderID = ticket.PageSent, "SM1"
			outs[i].Carries = []ticket.PageRef{{Source: claims[1-i].Page.Source, PageKey: claims[1-i].Page.PageKey}}
		}
	}
	if _, err := d.store.Finish(t.Context(), outs); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]pageBody{
		one: {State: ticket.PageSent, Provider: "ovh", ProviderID: "SM1", Carries: []string{two}},
		two: {State: ticket.PageBundled, Provider: "ovh"},
	} {
		pages := decode[ticketBody](t, d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, "")).Pages
		if len(pages) != 1 {
			t.Fatalf("%s has %d pages", number, len(pages))
		}
		if got := pages[0]; got.State != want.State || got.Provider != want.Provider || got.ProviderID != want.ProviderID || !slices.Equal(got.Carries, want.Carries) {
			t.Errorf("%s: %+v", number, got)
		}
	}
}

// TestAlertOfAStrangeTime: what was stored before times had bounds can be shown.
func TestAlertOfAStrangeTime(t *testing.T) {
	strange := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))
	text, err := json.Marshal(alertOf(&ticket.AlertRecord{Alert: ticket.Alert{StartsAt: strange, EndsAt: strange}}))
	if err != nil || !strings.Contains(string(text), `"starts_at":"2200-01-01T00:00:00Z"`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestPublicURLChanges(t *testing.T) {
	d := newDesk(t)
	token := d.linkOf("alice", d.alert("HostDown"))
	for public, prefix := range map[string]string{"https://other.example/pager/": "/pager", "https://other.example": "", "http://[": ""} {
		d.server.SetPublicURL(public)
		w := d.call("technician", http.MethodPost, "/api/v1/tickets", `{"title": "Coffee"}`)
		if got, want := w.Header().Get("Location"), prefix+"/api/v1/tickets/"+decode[ticketBody](t, w).Number; got != want {
			t.Errorf("%s: %q, want %q", public, got, want)
		}
		if got, want := d.press(token, "action=acknowledge").Header().Get("Content-Location"), prefix+"/a/"+token+"?done=acknowledge"; got != want {
			t.Errorf("%s: %q, want %q", public, got, want)
		}
	}
}

func TestActions(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	path := "/api/v1/tickets/" + number + "/"
	for _, step := range []struct {
		action, body string
		state        ticket.State
	}{
		{"acknowledge", "", ticket.Acknowledged},
		{"escalate", `{"person": "alice"}`, ticket.Open},
		{"pickup", `{"person": "bruno", "text": "on it"}`, ticket.InProgress},
		{"assign", `{"person": "alice"}`, ticket.InProgress},
		{"note", `{"text": "disk swapped", "person": "bruno"}`, ticket.InProgress},
		{"recheck", "", ticket.InProgress},
		{"resolve", `{"text": "done"}`, ticket.StateResolved},
		{"undo", "", ticket.InProgress},
		{"resolve", `{}`, ticket.StateResolved},
		{"reopen", "", ticket.Open},
		{"resolve", "", ticket.StateResolved},
		{"close", "", ticket.Closed},
	} {
		w := d.call("manager", http.MethodPost, path+step.action, step.body)
		got := decode[ticketBody](t, w)
		if w.Code != http.StatusOK || got.State != step.state {
			t.Fatalf("%s: %d %s", step.action, w.Code, w.Body)
		}
		if step.action == "assign" && got.Assignee != "alice" {
			t.Errorf("assigned to %q", got.Assignee)
		}
	}
	view, err := d.store.View(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	said := func(kind ticket.EntryKind, text string, actor ticket.Actor) bool {
		return slices.ContainsFunc(view.Timeline, func(e ticket.Entry) bool {
			return e.Kind == kind && lang.In("en").Told(&e, lang.Reader{}) == text && e.Actor != nil && *e.Actor == actor
		})
	}
	if !said(ticket.EntryNote, "disk swapped", ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno", Token: "the-manager"}) ||
		!said(ticket.EntryRecheck, "1 firing, last heard of 2026-11-21T02:12:00Z", ticket.Actor{Kind: ticket.ActorToken, Name: "the-manager"}) ||
		!said(ticket.EntryAssigned, "→ alice", ticket.Actor{Kind: ticket.ActorToken, Name: "the-manager"}) {
		t.Errorf("timeline: %+v", view.Timeline)
	}
}

func TestVia(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	w := d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", "", "X-Astreinte-Via", "cli")
	got := decode[ticketBody](t, w)
	if last := got.Timeline[len(got.Timeline)-1]; last.Via != "cli" || got.AcknowledgedBy != "brunos" || last.Actor.Kind != ticket.ActorToken {
		t.Errorf("%+v", last)
	}
}

func TestOpenByHand(t *testing.T) {
	d := newDesk(t)
	w := d.call("manager", http.MethodPost, "/api/v1/tickets",
		`{"title": " Mail is down ", "customer": "acme", "site": "Nantes", "urgency": "critical", "text": "a call", "person": "alice"}`)
	got := decode[ticketBody](t, w)
	if w.Code != http.StatusCreated || got.Title != "Mail is down" || got.Kind != ticket.Incident || got.Source != "manual" ||
		got.GTI.State != "running" || len(got.Pages) != 1 || got.Site != "Nantes" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if want := "/desk/api/v1/tickets/" + got.Number; w.Header().Get("Location") != want {
		t.Errorf("Location %q, want %q", w.Header().Get("Location"), want)
	}
	w = d.call("technician", http.MethodPost, "/api/v1/tickets", `{"title": "New laptop", "kind": "request", "policy": "silent"}`)
	got = decode[ticketBody](t, w)
	if !strings.HasPrefix(got.Number, "S261121_") || got.Policy != "silent" || len(got.Pages) != 0 || got.GTI.State != "none" || got.Urgency != ticket.Major {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestList(t *testing.T) {
	d := newDesk(t)
	first := d.alert("HostDown")
	d.clock.pass(time.Minute)
	second := d.alert("DiskFull", "urgency", "minor", "customer", "bellac")
	d.clock.pass(time.Minute)
	third := d.alert("Slow", "urgency", "low")
	d.call("technician", http.MethodPost, "/api/v1/tickets/"+first+"/pickup", `{"person": "bruno"}`)
	for query, want := range map[string][]string{
		"":                                     {third, second, first},
		"state=&urgency=&customer=&q=&cursor=": {third, second, first},
		"state=open":                           {third, second},
		"state=open,in_progress&urgency=low":   {third},
		"state=in_progress&state=open":         {third, second, first},
		"urgency=minor,critical":               {second, first},
		"customer=bellac":                      {second},
		"assignee=bruno":                       {first},
		"since=2026-11-21T02:13:00Z":           {third, second},
		"since=2026-11-21T03:13:00%2B01:00":    {third, second},
		"since=2026-11-21T03:13:00+01:00":      {third, second},
		"until=2026-11-21T02:13:00Z":           {first},
		"q=DISK":                               {second},
		"state=closed":                         {},
		"limit=1000":                           {third, second, first},
	} {
		w := d.call("reader", http.MethodGet, "/api/v1/tickets?"+query, "")
		got := decode[listBody](t, w)
		numbers := []string{}
		for i := range got.Tickets {
			numbers = append(numbers, got.Tickets[i].Number)
		}
		if w.Code != http.StatusOK || !slices.Equal(numbers, want) || got.Next != "" || got.Tickets == nil {
			t.Errorf("%q: %d %v, want %v", query, w.Code, numbers, want)
		}
		if strings.Contains(w.Body.String(), `"timeline"`) || strings.Contains(w.Body.String(), `"sample"`) {
			t.Errorf("%q: a list has more than it should: %s", query, w.Body)
		}
	}
	var turned []string
	cursor := ""
	for range 4 {
		w := d.call("reader", http.MethodGet, "/api/v1/tickets?limit=2&cursor="+cursor, "")
		got := decode[listBody](t, w)
		for i := range got.Tickets {
			turned = append(turned, got.Tickets[i].Number)
		}
		if cursor = got.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(turned, []string{third, second, first}) {
		t.Errorf("page by page: %v", turned)
	}
}

// TestErrors is the table of what is refused and how.
func TestErrors(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	on := "/api/v1/tickets/" + number
	long := `{"text": "` + strings.Repeat("x", bodyLimit) + `"}`
	for _, c := range []struct {
		name, role, method, path, body string
		status                         int
		code, says                     string
	}{
		{"no token", "", "GET", on, "", 401, "unauthorized", "Bearer"},
		{"an unknown token", "guess", "GET", on, "", 401, "unauthorized", "not known"},
		{"a reader acts", "reader", "POST", on + "/acknowledge", "", 403, "forbidden", "technician"},
		{"a reader opens", "reader", "POST", "/api/v1/tickets", `{"title": "x"}`, 403, "forbidden", "the-reader"},
		{"a reader registers", "reader", "POST", "/api/v1/people/alice/devices", `{}`, 403, "forbidden", ""},
		{"a reader drops", "reader", "DELETE", "/api/v1/people/alice/devices/x", "", 403, "forbidden", ""},
		{"a reader pages somebody", "reader", "POST", "/api/v1/people/alice/test", "", 403, "forbidden", ""},
		{"a technician pages another", "technician", "POST", "/api/v1/people/alice/test", "", 403, "forbidden", "a test page to"},
		{"a technician asks for another's test page", "technician", "GET", "/api/v1/people/alice/test", "", 403, "forbidden", ""},
		{"a token of nobody's pages somebody", "desk", "POST", "/api/v1/people/bruno/test", "", 403, "forbidden", ""},
		{"a technician pages himself, where there are no test pages", "technician", "POST", "/api/v1/people/bruno/test", "", 501, "unsupported", ""},
		{"no test pages", "manager", "POST", "/api/v1/people/alice/test", "", 501, "unsupported", ""},
		{"a technician reopens", "technician", "POST", on + "/reopen", "", 403, "forbidden", "manager"},
		{"a technician closes", "technician", "POST", on + "/close", "", 403, "forbidden", "manager"},
		{"a technician assigns to another", "technician", "POST", on + "/assign", `{"person": "alice"}`, 403, "forbidden", "manager"},
		{"a technician assigns to another by a token of nobody's", "desk", "POST", on + "/assign", `{"person": "bruno"}`, 403, "forbidden", "manager"},
		{"no such ticket", "reader", "GET", "/api/v1/tickets/I261121_9999", "", 404, "not_found", ""},
		{"no such ticket to act on", "admin", "POST", "/api/v1/tickets/I261121_9999/note", `{"text": "x"}`, 404, "not_found", ""},
		{"no such ticket to check", "admin", "POST", "/api/v1/tickets/I261121_9999/recheck", "", 404, "not_found", ""},
		{"no such action", "admin", "POST", on + "/explode", "", 404, "not_found", "acknowledge, assign"},
		{"no such person", "admin", "GET", "/api/v1/people/zoe/devices", "", 404, "not_found", "zoe"},
		{"no such person to register for", "admin", "POST", "/api/v1/people/zoe/devices", `{"token": "t", "platform": "web"}`, 404, "not_found", "zoe"},
		{"no such device", "admin", "DELETE", "/api/v1/people/alice/devices/x", "", 404, "not_found", ""},
		{"no such address", "admin", "GET", "/api/v1/nothing", "", 404, "not_found", ""},
		{"a wrong method", "admin", "PUT", on, "", 405, "method", "GET, HEAD"},
		{"a wrong method on an action", "admin", "GET", on + "/note", "", 405, "method", "POST"},
		{"a state that does not allow it", "manager", "POST", on + "/close", "", 409, "state", "possible while it is resolved"},
		{"nothing to undo", "admin", "POST", on + "/undo", "", 409, "state", "is open; possible while it is resolved"},
		{"a body that is no JSON", "admin", "POST", on + "/note", `{`, 400, "bad_request", "JSON"},
		{"an unknown field", "admin", "POST", on + "/note", `{"txt": "x"}`, 400, "bad_request", "txt: there is no such field"},
		{"a field of a wrong type", "admin", "POST", on + "/note", `{"text": 7}`, 400, "bad_request", "text: "},
		{"two objects", "admin", "POST", on + "/note", `{"text": "x"} {}`, 400, "bad_request", "goes on"},
		{"a note without words", "admin", "POST", on + "/note", `{"text": " "}`, 400, "bad_request", "text: it is needed"},
		{"assigned to nobody", "admin", "POST", on + "/assign", "", 400, "bad_request", "person: it is needed"},
		{"an unknown person acts", "admin", "POST", on + "/acknowledge", `{"person": "zoe"}`, 400, "bad_request", `person: nobody is named "zoe"`},
		{"a body that is too long", "admin", "POST", on + "/note", long, 413, "too_large", "65536"},
		{"no title", "admin", "POST", "/api/v1/tickets", `{"title": " "}`, 400, "bad_request", "title: "},
		{"no body", "admin", "POST", "/api/v1/tickets", "", 400, "bad_request", "title: "},
		{"a title that is too long", "admin", "POST", "/api/v1/tickets", `{"title": "` + strings.Repeat("x", ticket.MaxTitle+1) + `"}`, 400, "bad_request", "title: 500 bytes at most, not 501"},
		{"a site of 60 kB", "admin", "POST", "/api/v1/tickets", `{"title": "x", "site": "` + strings.Repeat("x", 60000) + `"}`, 400, "bad_request", "site: 200 bytes at most, not 60000"},
		{"a text that is too long", "admin", "POST", "/api/v1/tickets", `{"title": "x", "text": "` + strings.Repeat("x", ticket.MaxNote+1) + `"}`, 400, "bad_request", "text: 4000 bytes at most, not 4001"},
		{"a note that is too long", "admin", "POST", on + "/note", `{"text": "` + strings.Repeat("x", 60000) + `"}`, 400, "bad_request", "text: 4000 bytes at most, not 60000"},
		{"words that are too long", "admin", "POST", on + "/resolve", `{"text": "` + strings.Repeat("x", ticket.MaxNote+1) + `"}`, 400, "bad_request", "text: 4000"},
		{"a kind that is none", "admin", "POST", "/api/v1/tickets", `{"title": "x", "kind": "wish"}`, 400, "bad_request", "kind: "},
		{"a customer that is none", "admin", "POST", "/api/v1/tickets", `{"title": "x", "customer": "zeta"}`, 400, "bad_request", "customer: "},
		{"an urgency that is none", "admin", "POST", "/api/v1/tickets", `{"title": "x", "urgency": "huge"}`, 400, "bad_request", "urgency: "},
		{"a policy that is none", "admin", "POST", "/api/v1/tickets", `{"title": "x", "policy": "p"}`, 400, "bad_request", "policy: "},
		{"a person that is none", "admin", "POST", "/api/v1/tickets", `{"title": "x", "person": "zoe"}`, 400, "bad_request", "person: "},
		{"a device without a token", "admin", "POST", "/api/v1/people/alice/devices", `{"platform": "web"}`, 400, "bad_request", "token: "},
		{"a device with a token of blanks", "admin", "POST", "/api/v1/people/alice/devices", `{"token": " \t\u00a0", "platform": "web"}`, 400, "bad_request", "token: "},
		{"a device with a long token", "admin", "POST", "/api/v1/people/alice/devices", `{"token": "` + strings.Repeat("x", 5000) + `", "platform": "web"}`, 400, "bad_request", "token: 4096"},
		{"a platform that is none", "admin", "POST", "/api/v1/people/alice/devices", `{"token": "t", "platform": "palm"}`, 400, "bad_request", "platform: "},
		{"a time that is none", "admin", "GET", "/api/v1/oncall?at=now", "", 400, "bad_request", "at: "},
		{"a state that is none", "admin", "GET", "/api/v1/tickets?state=open,shut", "", 400, "bad_request", `state: no state named "shut"`},
		{"an urgency in a list", "admin", "GET", "/api/v1/tickets?urgency=huge", "", 400, "bad_request", "urgency: "},
		{"since", "admin", "GET", "/api/v1/tickets?since=yesterday", "", 400, "bad_request", "since: "},
		{"until", "admin", "GET", "/api/v1/tickets?until=2026-11-21", "", 400, "bad_request", "until: "},
		{"a limit of nothing", "admin", "GET", "/api/v1/tickets?limit=0", "", 400, "bad_request", "limit: "},
		{"a limit too high", "admin", "GET", "/api/v1/tickets?limit=1001", "", 400, "bad_request", "limit: "},
		{"a cursor that somebody made", "admin", "GET", "/api/v1/tickets?cursor=" + sealCursor("nonsense"), "", 400, "bad_request", "cursor: no list ended there"},
		{"a cursor that is none", "admin", "GET", "/api/v1/tickets?cursor=abc", "", 400, "bad_request", "cursor: "},
		{"a parameter that is none", "admin", "GET", "/api/v1/tickets?status=open", "", 400, "bad_request", "status: "},
		{"a parameter given twice", "admin", "GET", "/api/v1/tickets?customer=a&customer=b", "", 400, "bad_request", "customer: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			w := d.call(c.role, c.method, c.path, c.body)
			got := decode[errorBody](t, w).Error
			if w.Code != c.status || got.Code != c.code || !strings.Contains(got.Message, c.says) {
				t.Errorf("%d %s, want %d %s with %q", w.Code, w.Body, c.status, c.code, c.says)
			}
			if (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") || (w.Code == 405) != (w.Header().Get("Allow") != "") {
				t.Errorf("headers: %v", w.Header())
			}
		})
	}
	d.t = t
	if got := d.ticket(number); got.State != ticket.Open || got.UpdatedAt != saturday {
		t.Errorf("a refused request changed the ticket: %+v", got)
	}
	if w := d.call("admin", "POST", on+"/note", `{"text": "x"}`, viaHeader, "carrier pigeon"); w.Code != 400 {
		t.Errorf("an unknown way: %d", w.Code)
	}
}

func TestStateErrorSaysWho(t *testing.T) {
	d := newDesk(t)
	path := "/api/v1/tickets/" + d.alert("HostDown")
	d.call("manager", http.MethodPost, path+"/acknowledge", `{"person": "alice"}`)
	w := d.call("technician", http.MethodPost, path+"/acknowledge", `{"person": "bruno"}`)
	got := decode[errorBody](t, w).Error
	if w.Code != http.StatusConflict || got.By != "alice" || got.State != ticket.Acknowledged || !got.At.Equal(saturday) ||
		!slices.Equal(got.Allowed, []ticket.State{ticket.Open}) ||
		!strings.Contains(got.Message, "acknowledged by alice at 2026-11-21T02:12:00Z; possible while it is open") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.call("technician", http.MethodPost, path+"/resolve", "")
	d.clock.pass(6 * time.Minute)
	w = d.call("technician", http.MethodPost, path+"/undo", "")
	if got := decode[errorBody](t, w).Error; w.Code != http.StatusConflict || !strings.Contains(got.Message, "within 5m") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestStoreErrors(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	d.store.Fail(storetest.On(storetest.FailBefore))
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/api/v1/tickets", ""},
		{"GET", "/api/v1/tickets/" + number, ""},
		{"POST", "/api/v1/tickets", `{"title": "x"}`},
		{"POST", "/api/v1/tickets/" + number + "/acknowledge", ""},
		{"GET", "/api/v1/people/alice/devices", ""},
		{"POST", "/api/v1/people/alice/devices", `{"token": "t", "platform": "ios"}`},
		{"DELETE", "/api/v1/people/alice/devices/x", ""},
	} {
		w := d.call("admin", c.method, c.path, c.body)
		if got := decode[errorBody](t, w).Error; w.Code != 503 || got.Code != "unavailable" || strings.Contains(got.Message, "storetest") {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	for _, method := range []string{"GET", "POST"} {
		w := d.call("", method, "/a/"+token, "")
		if w.Code != 503 || !strings.Contains(w.Body.String(), "Impossible de répondre") || strings.Contains(w.Body.String(), "srv-db-01") {
			t.Errorf("%s of the link: %d %s", method, w.Code, w.Body)
		}
	}
}

// TestDoneButNotRead: what was committed is no failure.
func TestDoneButNotRead(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	d.store.Fail(storetest.On(storetest.FailBefore, "View"))
	w := d.call("admin", http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", "")
	if got := decode[ticketBody](t, w); w.Code != 200 || got.State != ticket.Acknowledged || got.Timeline != nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestStopping(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	if err := d.engine.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := d.call("admin", http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSetTokens(t *testing.T) {
	d := newDesk(t)
	d.server.SetTokens([]Token{{Name: "a", Role: "reader", Token: "secret-new"}, {Name: "b", Role: "reader"}, {Name: "c", Role: "emperor", Token: "secret-odd"}})
	for role, want := range map[string]int{"new": 200, "reader": 401, "odd": 401} {
		if w := d.call(role, http.MethodGet, "/api/v1/tickets", ""); w.Code != want {
			t.Errorf("%s: %d, want %d", role, w.Code, want)
		}
	}
	for _, header := range []string{"Bearer", "Bearer ", "Basic secret-new", "secret-new"} {
		if w := d.call("", http.MethodGet, "/api/v1/tickets", "", "Authorization", header); w.Code != 401 {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
}

func TestDevices(t *testing.T) {
	d := newDesk(t)
	const path, secret = "/api/v1/people/alice/devices", "fcm-0123456789abcdefghijklmnop"
	if w := d.call("manager", http.MethodGet, path, ""); strings.TrimSpace(w.Body.String()) != `{"devices":[],"gone":[]}` {
		t.Errorf("no devices: %s", w.Body)
	}
	w := d.call("manager", http.MethodPost, path, `{"token": "`+secret+`", "platform": "android"}`)
	id := decode[map[string]string](t, w)["id"]
	if w.Code != http.StatusCreated || id == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = d.call("manager", http.MethodGet, path, "")
	list := decode[map[string][]deviceBody](t, w)["devices"]
	if len(list) != 1 || list[0].ID != id || list[0].Platform != "android" || !list[0].At.Equal(saturday) || strings.Contains(w.Body.String(), secret) {
		t.Errorf("%s", w.Body)
	}
	// A known token moves to its new owner and keeps its id.
	w = d.call("technician", http.MethodPost, "/api/v1/people/bruno/devices", `{"token": "`+secret+`", "platform": "android"}`)
	if moved := decode[map[string]string](t, w)["id"]; moved != id {
		t.Errorf("moved: %q, was %q", moved, id)
	}
	if w := d.call("manager", http.MethodDelete, path+"/"+id, ""); w.Code != http.StatusNotFound {
		t.Errorf("another's device: %d", w.Code)
	}
	if w := d.call("technician", http.MethodDelete, "/api/v1/people/bruno/devices/"+id, ""); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestOnCall(t *testing.T) {
	d := newDesk(t)
	w := d.call("reader", http.MethodGet, "/api/v1/oncall", "")
	got := decode[[]dutyBody](t, w)
	if len(got) != 3 || got[0].Group != "managers" || got[1].Group != "nobody" || got[2].Group != "on-call" || strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%s", w.Body)
	}
	handover := time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC)
	if !slices.Equal(got[2].People, []string{"alice"}) || !slices.Equal(got[2].Next, []string{"bruno"}) || !got[2].Until.Equal(handover) {
		t.Errorf("%+v", got[2])
	}
	w = d.call("reader", http.MethodGet, "/api/v1/oncall?at=2026-11-26T09:00:00%2B01:00", "")
	if got := decode[[]dutyBody](t, w); !slices.Equal(got[2].People, []string{"bruno"}) || !got[2].Since.Equal(handover) {
		t.Errorf("%+v", got[2])
	}
}

func TestHeadReadsOnly(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	server := httptest.NewServer(d.server.Handler())
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+"/api/v1/tickets/"+number, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret-reader")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

var _ escalation.Clock = (*clock)(nil)

// TestATimelineInTheCallersLanguage: programs read the arguments, people the text.
func TestATimelineInTheCallersLanguage(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	for accepted, want := range map[string]string{"": "step 1, round 1: alice (sms)", "fr-FR, en;q=0.5": "étape 1, tour 1 : alice (sms)", "it": "passo 1, giro 1: alice (sms)", "de": "step 1, round 1: alice (sms)"} {
		got := decode[ticketBody](t, d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, "", "Accept-Language", accepted)).Timeline
		i := slices.IndexFunc(got, func(e entryBody) bool { return e.Kind == ticket.EntryPaged })
		if i < 0 || got[i].Text != want || got[i].Detail != ticket.SaidRound || got[i].Args.Round != 1 || len(got[i].Args.Called) != 1 {
			t.Errorf("%q: %+v", accepted, got)
		}
	}
}
