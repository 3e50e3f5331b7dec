package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/plan"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// estate is what one customer has that others must not see: a ticket, for which an
// intervention is planned, a silence, a heartbeat and a contact.
type estate struct {
	customer, marker, number, silence, heartbeat, contact string
}

// manor is a castle with two customers' things, and people who see those of one alone.
type manor struct {
	*castle
	of []estate
}

// limited are the people of each customer.
var limited = map[string][]string{"acme": {"acme-reader", "acme-technician"}, "bellac": {"bellac-reader", "bellac-technician"}}

func newManor(t *testing.T) *manor {
	t.Helper()
	return newManorWith(t, func(*archive.Options) {})
}

// newManorWith is one whose archive is set up otherwise.
func newManorWith(t *testing.T, set func(o *archive.Options)) *manor {
	t.Helper()
	var people strings.Builder
	for customer, names := range limited {
		for _, name := range names {
			fmt.Fprintf(&people, "  %s: {role: %s, customers: [%s], email: %s@example.net}\n", name, strings.TrimPrefix(name, customer+"-"), customer, name)
		}
	}
	files := func(c *config.Config) { c.Attachments, c.Server.MinFree = filepath.Join(t.TempDir(), "attachments"), 1 }
	o := archive.Options{URL: archivetest.SQLite(t), Careless: true}
	set(&o)
	a, err := archive.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	m := &manor{castle: newCastleWith(t, a, []func(*config.Config){files}, replaced("people:\n", "people:\n"+people.String()))}
	for _, customer := range []string{"acme", "bellac"} {
		m.of = append(m.of, m.settle(customer))
	}
	return m
}

// settle gives a customer a ticket, a silence and a heartbeat, which all have its marker.
func (m *manor) settle(customer string) estate {
	m.t.Helper()
	e := estate{customer: customer, marker: "marker-of-" + customer}
	e.number = m.fire(customer, e.marker)
	ctx, rules, now := context.Background(), m.d.pager.Rules(), m.d.clock.Now()
	s, err := m.d.hush.book.Make(ctx, silence.Silence{
		Customer: customer, Matchers: []string{`alertname="` + e.marker + `-other"`}, From: now, Until: now.Add(time.Hour), Why: e.marker, By: "edith",
	}, rules, now)
	if err != nil {
		m.t.Fatal(err)
	}
	e.silence = s.ID
	h, _, err := m.d.pulse.book.Make(ctx, heartbeat.Heartbeat{
		Name: e.marker, Every: model.Duration(24 * time.Hour), Labels: map[string]string{"customer": customer}, By: "edith",
	}, rules, now)
	if err != nil {
		m.t.Fatal(err)
	}
	e.heartbeat = h.Name
	c, err := customers{m.d}.PutContact(ctx, ticket.Everything(), "contact-of-"+customer, func(c *ticket.Contact) error {
		c.Customer, c.Name, c.Emails, c.Phones = customer, e.marker, []string{e.marker + "@example.net"}, []string{"+33240112233"}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	e.contact = c.ID
	if err := plan.NewBook(m.d.store.Records()).Put(ctx, &ticket.Planned{
		Ticket: e.number, Title: e.marker, Customer: customer,
		Intervention: ticket.Intervention{ID: "x", From: now, Until: now.Add(time.Hour), Person: "edith", State: ticket.InterventionPlanned},
	}, now); err != nil {
		m.t.Fatal(err)
	}
	return e
}

func (m *manor) fire(customer, name string) (number string) {
	m.t.Helper()
	got, err := m.d.pager.Engine().Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: m.d.clock.Now(),
		Labels: map[string]string{"alertname": name, "customer": customer, "severity": "critical"}, Annotations: map[string]string{"summary": name},
	}}})
	if err != nil || len(got.Tickets) != 1 {
		m.t.Fatal(got, err)
	}
	return got.Tickets[0]
}

func (m *manor) view(number string) ticket.View {
	m.t.Helper()
	v, err := m.d.store.View(context.Background(), number)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

// fillOf puts what a customer has into the places of a text.
func (m *manor) fillOf(text, me string, e *estate) string {
	v := m.view(e.number)
	return strings.NewReplacer("{customer}", e.customer, "{marker}", e.marker, "{number}", e.number, "{silence}", e.silence, "{heartbeat}", e.heartbeat, "{contact}", e.contact,
		"{seal}", look.Seal(&v.Ticket), "{me}", me).Replace(text)
}

// addresses are those of a route, about what a customer has.
func (m *manor) addresses(rt *web.Route, row *leak, me string, e *estate) (all []string) {
	path := rt.Path
	switch row.thing {
	case "ticket":
		path = strings.ReplaceAll(path, "{number}", e.number)
	case "silence":
		path = strings.ReplaceAll(path, "{id}", e.silence)
	case "contact":
		path = strings.ReplaceAll(path, "{id}", e.contact)
	case "customer":
		path = strings.ReplaceAll(path, "{name}", e.customer)
	case "heartbeat":
		path = strings.ReplaceAll(path, "{name}", e.heartbeat)
	}
	path = strings.ReplaceAll(path, "{month}", "2026-11")
	if !strings.Contains(path, "{action}") {
		return []string{m.fill(path, me)}
	}
	for _, verb := range desk.Verbs() {
		all = append(all, m.fill(strings.ReplaceAll(path, "{action}", string(verb)), me))
	}
	return all
}

// asked are the answers to all that can be asked of a route about what a customer has.
func (m *manor) asked(rt *web.Route, row *leak, me string, e *estate, each func(what string, w *httptest.ResponseRecorder)) {
	m.t.Helper()
	asks := row.asks
	if len(asks) == 0 {
		asks = []string{""}
	}
	method, kind := rt.Method, "application/json"
	if rt.Path == "/api/v1/events" {
		method = http.MethodHead // it would not end
	}
	if rt.Fail != nil {
		kind = "application/x-www-form-urlencoded"
	}
	for _, address := range m.addresses(rt, row, me, e) {
		for _, ask := range asks {
			ask = m.fillOf(ask, me, e)
			at, body := address, ask
			if rt.Method == http.MethodGet && ask != "" {
				at, body = at+"?"+ask, ""
			}
			each(me+": "+method+" "+at+" "+body, m.call(me, method, at, strings.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin", "If-Match", "*"))
		}
	}
}

// saidBy is all that an answer says.
func saidBy(w *httptest.ResponseRecorder) string {
	text := w.Body.String()
	for name, values := range w.Header() {
		text += "\n" + name + ": " + strings.Join(values, ", ")
	}
	return text
}

// TestNoLeak asks every route of the daemon as each role of each customer, about all that
// the other one has. No answer shows anything of it, what names it is not there, and
// nothing of it changes. Whoever sees it is shown it, and so is who sees everything.
func TestNoLeak(t *testing.T) {
	m := newManor(t)
	asked, control := 0, 0
	for _, rt := range m.d.web.Table() {
		name := rt.Method + " " + rt.Path
		row, known := leaks[name]
		if rt.Needs >= desk.Manager {
			if known {
				t.Errorf("%s is for those who see everything: it needs no row", name)
			}
			continue
		}
		if !known {
			t.Errorf("%s has no row in leaks: say there what it shows of customers (people.X.customers, docs/adr/0067-the-pool.md)", name)
			continue
		}
		if row.thing == "" && strings.Contains(rt.Path, "{number}") {
			t.Errorf("%s names a ticket, and its row does not", name)
		}
		for i := range m.of {
			own, other := &m.of[i], &m.of[1-i]
			for _, me := range limited[own.customer] {
				role := desk.Reader
				if strings.HasSuffix(me, "technician") {
					role = desk.Technician
				}
				before := m.view(other.number)
				m.asked(&rt, &row, me, other, func(what string, w *httptest.ResponseRecorder) {
					asked++
					m.holds(what, w, row.thing != "", other)
				})
				if after := m.view(other.number); !reflect.DeepEqual(before, after) {
					t.Fatalf("%s by %s changed the ticket of %s", name, me, other.customer)
				}
				m.stillThere(name, me, other)
				if !row.shows || role < rt.Needs {
					continue
				}
				m.shown(&rt, &row, me, own)
				m.shown(&rt, &row, "edith", own)
				control++
			}
		}
	}
	if asked < 500 || control < 30 {
		t.Errorf("%d were asked, %d were shown what is theirs", asked, control)
	}
}

// holds says whether an answer shows anything of a customer, or names what it has.
func (m *manor) holds(what string, w *httptest.ResponseRecorder, named bool, other *estate) {
	m.t.Helper()
	text := saidBy(w)
	if at := strings.Index(text, other.marker); at >= 0 && !strings.Contains(what, other.marker) {
		m.t.Errorf("%s shows %q", what, text[max(0, at-80):min(len(text), at+80)])
	}
	for _, id := range []string{other.number, other.silence, other.contact} {
		if strings.Contains(text, id) && !strings.Contains(what, id) {
			m.t.Errorf("%s shows %s", what, id)
		}
	}
	if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
		m.t.Errorf("%s: %d %s", what, w.Code, text)
	}
	if refused := w.Code == http.StatusNotFound || w.Code == http.StatusForbidden || w.Code == http.StatusBadRequest; named && !refused {
		m.t.Errorf("%s: %d", what, w.Code)
	}
}

// stillThere looks whether a customer's silence and heartbeat were ended.
func (m *manor) stillThere(name, me string, e *estate) {
	m.t.Helper()
	s, err := m.d.hush.book.Get(context.Background(), e.silence)
	if err != nil || !s.Ended.IsZero() {
		m.t.Fatalf("%s by %s ended the silence of %s: %v", name, me, e.customer, err)
	}
	if _, err := m.d.pulse.book.Get(context.Background(), e.heartbeat, m.d.clock.Now()); err != nil {
		m.t.Fatalf("%s by %s ended the heartbeat of %s: %v", name, me, e.customer, err)
	}
	c, err := customers{m.d}.Contact(context.Background(), ticket.Everything(), e.contact)
	if err != nil || c.Revision != 1 {
		m.t.Fatalf("%s by %s changed the contact of %s: %+v, %v", name, me, e.customer, c, err)
	}
}

// shown wants a route to show what a customer has to somebody who sees it.
func (m *manor) shown(rt *web.Route, row *leak, me string, own *estate) {
	m.t.Helper()
	found := false
	m.asked(rt, row, me, own, func(_ string, w *httptest.ResponseRecorder) {
		found = found || w.Code == http.StatusOK && strings.Contains(w.Body.String(), own.marker)
	})
	if !found {
		m.t.Errorf("%s %s does not show to %s what %s has", rt.Method, rt.Path, me, own.customer)
	}
}

// TestNotThereIsAsUnknown: what is out of scope answers as what was never there, word by
// word, so that nobody learns which numbers there are.
func TestNotThereIsAsUnknown(t *testing.T) {
	m := newManor(t)
	bellac := m.of[1]
	answer := func(me, method, number, rest, body string) string {
		w := m.call(me, method, "/api/v1/tickets/"+number+rest, strings.NewReader(body), "Content-Type", "application/json")
		return fmt.Sprint(w.Code) + " " + strings.ReplaceAll(w.Body.String(), number, "NUMBER")
	}
	for _, me := range limited["acme"] {
		for _, verb := range desk.Verbs() {
			for _, body := range []string{"", `{"text": "x"}`, `{"group": "managers"}`, `{"person": "` + me + `"}`} {
				got, want := answer(me, http.MethodPost, bellac.number, "/"+string(verb), body), answer(me, http.MethodPost, "I261121_9999", "/"+string(verb), body)
				if got != want {
					t.Errorf("%s: %s %s:\n%s, want\n%s", me, verb, body, got, want)
				}
			}
		}
		for _, rest := range []string{"", "/recheck", "/proposal"} {
			if got, want := answer(me, http.MethodGet, bellac.number, rest, ""), answer(me, http.MethodGet, "I261121_9999", rest, ""); got != want {
				t.Errorf("%s: GET %s:\n%s, want\n%s", me, rest, got, want)
			}
		}
	}
}

// TestCountsAreOfWhatIsSeen: Now counts the same for somebody of acme, however many tickets
// bellac has.
func TestCountsAreOfWhatIsSeen(t *testing.T) {
	m := newManor(t)
	counts := func(me string) string {
		text := m.call(me, http.MethodGet, "/now", nil).Body.String()
		begin := strings.Index(text, "counts")
		if begin < 0 {
			t.Fatalf("no counts: %s", text)
		}
		return text[begin : begin+strings.Index(text[begin:], "</ul>")]
	}
	before, all := counts("acme-technician"), counts("edith")
	for i := range 5 {
		m.fire("bellac", fmt.Sprint("more-", i))
	}
	if after := counts("acme-technician"); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
	if counts("edith") == all {
		t.Error("who sees everything counts no more")
	}
}

// TestAPageGivesTheRight to its ticket, and to nothing else of that customer's; so does an
// assignment. A change of the configuration counts at the next request.
func TestAPageGivesTheRight(t *testing.T) {
	m := newManor(t)
	bellac, me := m.of[1], "acme-technician"
	sees := func(number string) bool {
		t.Helper()
		w := m.call(me, http.MethodGet, "/api/v1/tickets/"+number, nil)
		list := m.call(me, http.MethodGet, "/api/v1/tickets", nil).Body.String()
		if (w.Code == http.StatusOK) != strings.Contains(list, number) {
			t.Errorf("%s: %d, and in the list: %v", number, w.Code, strings.Contains(list, number))
		}
		return w.Code == http.StatusOK
	}
	if sees(bellac.number) {
		t.Error("seen before")
	}
	other := m.fire("bellac", "another")
	w := m.call("edith", http.MethodPost, "/api/v1/tickets/"+bellac.number+"/assign", strings.NewReader(`{"person": "`+me+`"}`), "Content-Type", "application/json")
	if w.Code != http.StatusOK || !sees(bellac.number) || sees(other) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := m.call(me, http.MethodPost, "/api/v1/tickets/"+bellac.number+"/take", nil); w.Code != http.StatusOK {
		t.Errorf("what is assigned cannot be taken: %d %s", w.Code, w.Body)
	}
	if w := m.call(me, http.MethodGet, "/api/v1/silences/"+bellac.silence, nil); w.Code != http.StatusNotFound {
		t.Errorf("its silences are seen too: %d", w.Code)
	}
}

// TestWhatIsDoubtfulByCustomer: of the coming months one hears what concerns the customers
// that one sees.
func TestWhatIsDoubtfulByCustomer(t *testing.T) {
	m := newManor(t)
	of := func(me string) (customers []string) {
		w := m.call(me, http.MethodGet, "/api/v1/lookahead", nil)
		var body struct {
			Doubts []struct {
				Customer string `json:"customer"`
				Others   int    `json:"others"`
			} `json:"doubts"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != http.StatusOK {
			t.Fatal(w.Code, err)
		}
		for _, d := range body.Doubts {
			if d.Customer != "" && !slices.Contains(customers, d.Customer) {
				customers = append(customers, d.Customer)
			}
			if me != "edith" && d.Others != 0 {
				t.Errorf("%s is told of others", me)
			}
		}
		return customers
	}
	all := of("edith")
	for customer, people := range limited {
		for _, me := range people {
			for _, c := range of(me) {
				if c != customer {
					t.Errorf("%s is told of %s", me, c)
				}
			}
		}
	}
	t.Logf("doubts are of %v", all)
}

// TestWhatCannotBeOpened: nobody opens a ticket for a customer that he does not see, nor
// one of nobody's.
func TestWhatCannotBeOpened(t *testing.T) {
	m := newManor(t)
	for body, want := range map[string]int{
		`{"title": "x", "customer": "acme"}`: http.StatusCreated, `{"title": "x", "customer": "bellac"}`: http.StatusBadRequest,
		`{"title": "x", "customer": "nobody"}`: http.StatusBadRequest, `{"title": "x"}`: http.StatusBadRequest,
	} {
		if w := m.call("acme-technician", http.MethodPost, "/api/v1/tickets", strings.NewReader(body), "Content-Type", "application/json"); w.Code != want {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}
