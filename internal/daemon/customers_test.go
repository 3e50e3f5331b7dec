package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestCallersAreFound: while one types a name or a number, by whoever may see them; the
// one that is chosen fills the form in; the ticket has it by value, and its urgency by the
// contact's. Their last tickets are those of all times.
func TestCallersAreFound(t *testing.T) {
	m := newManor(t)
	acme := m.of[0]
	_, err := customers{m.d}.PutContact(t.Context(), ticket.Everything(), acme.contact, func(c *ticket.Contact) error {
		c.Name, c.Strategic, c.Site = "Éléonore Lefèvre", true, "Nantes"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"contact.name=eleo", "contact.phone=02+40", "contact.phone=%2B33240112233", "contact.email=marker-of-a", "contact.name=lef&customer=acme"} {
		w := m.call("acme-technician", http.MethodGet, "/open/beside?"+typed, nil)
		if !strings.Contains(w.Body.String(), `value="`+acme.contact+`"`) {
			t.Errorf("%s: %d %s", typed, w.Code, w.Body)
		}
		if other := m.call("bellac-technician", http.MethodGet, "/open/beside?"+typed, nil).Body.String(); strings.Contains(other, acme.contact) || strings.Contains(other, "Lef") {
			t.Errorf("%s finds for another customer's: %s", typed, other)
		}
	}
	form := func(values url.Values) *httptest.ResponseRecorder {
		return m.call("acme-technician", http.MethodPost, "/open", strings.NewReader(values.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	}
	picked := form(url.Values{"pick": {acme.contact}, "title": {"No mail"}, "impact": {"person"}}).Body.String()
	for _, want := range []string{`value="No mail"`, `name="contact.id" value="` + acme.contact + `"`, `value="Éléonore Lefèvre"`, `value="&#43;33240112233"`, `<option value="acme" selected>`, `value="Nantes"`} {
		if !strings.Contains(picked, want) {
			t.Errorf("the form has no %s: %s", want, picked)
		}
	}
	if w := form(url.Values{"pick": {m.of[1].contact}}); w.Code != http.StatusOK || strings.Contains(w.Body.String(), m.of[1].marker) {
		t.Errorf("another customer's was chosen: %d %s", w.Code, w.Body)
	}
	opened := form(url.Values{"contact.id": {acme.contact}, "contact.of": {"Éléonore Lefèvre"}, "contact.name": {"Éléonore Lefèvre"}, "title": {"No mail"}, "impact": {"person"}, "customer": {"acme"}})
	number := strings.TrimPrefix(strings.Split(opened.Header().Get("Location"), "?")[0], "/tickets/")
	view := m.view(number)
	if q := view.Sheet; q.Contact.ID != acme.contact || q.Contact.Phone != "+33240112233" || q.Strategic != ticket.Yes || view.Ticket.Urgency != ticket.Major {
		t.Errorf("%+v, %s", view.Sheet, view.Ticket.Urgency)
	}
	other := form(url.Values{"contact.id": {acme.contact}, "contact.of": {"Éléonore Lefèvre"}, "contact.name": {"Somebody else"}, "title": {"x"}, "customer": {"acme"}})
	if v := m.view(strings.TrimPrefix(strings.Split(other.Header().Get("Location"), "?")[0], "/tickets/")); v.Sheet.Contact.ID != "" || v.Sheet.Contact.Name != "Somebody else" {
		t.Errorf("%+v", v.Sheet.Contact)
	}
	for range 25 { // the latest few are others'
		m.api("POST", "/tickets", `{"title": "other", "customer": "acme"}`, nil)
	}
	for _, typed := range []string{"contact.phone=0240112233", "contact.id=" + acme.contact} {
		if got := m.call("acme-technician", http.MethodGet, "/open/beside?"+typed, nil).Body.String(); !strings.Contains(got, number) {
			t.Errorf("%s: the caller's last ticket is not there: %s", typed, got)
		}
	}
}

// api asks the API as edith, an admin.
func (m *manor) api(method, path, body string, into any, headers ...string) *httptest.ResponseRecorder {
	m.t.Helper()
	w := m.call("edith", method, "/api/v1"+path, strings.NewReader(body), append([]string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin"}, headers...)...)
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			m.t.Fatalf("%s %s: %v: %d %s", method, path, err, w.Code, w.Body)
		}
	}
	return w
}

// TestContactsOfTickets: a ticket takes a contact's ID; one of another customer's, or of
// nobody's, is refused; while the archive is away, the ticket is opened all the same.
func TestContactsOfTickets(t *testing.T) {
	away := false
	m := newManorWith(t, func(o *archive.Options) {
		o.Meets = func() error {
			if away {
				return fmt.Errorf("away")
			}
			return nil
		}
	})
	acme, bellac := m.of[0], m.of[1]
	open := func(body string) (status int, number, said string) {
		t.Helper()
		var got struct {
			Number string
			Error  struct{ Message string }
		}
		w := m.api(http.MethodPost, "/tickets", body, &got)
		return w.Code, got.Number, got.Error.Message
	}
	status, number, _ := open(`{"title": "x", "contact": "` + acme.contact + `", "beneficiary": {"id": "` + acme.contact + `", "phone": "+33240000000"}}`)
	v := m.view(number)
	if status != http.StatusCreated || v.Ticket.Customer != "acme" || v.Sheet.Contact.Name != acme.marker || v.Sheet.Contact.Email != acme.marker+"@example.net" || v.Sheet.Beneficiary.Phone != "+33240000000" || v.Sheet.Strategic != ticket.No {
		t.Errorf("%d: %+v, %+v", status, v.Ticket.Customer, v.Sheet)
	}
	for _, body := range []string{
		`{"title": "x", "contact": "cnobody"}`, `{"title": "x", "customer": "acme", "contact": "` + bellac.contact + `"}`, `{"title": "x", "contact": "` + acme.contact + `", "requester": "` + bellac.contact + `"}`,
	} {
		if status, _, said := open(body); status != http.StatusBadRequest || !strings.HasPrefix(said, "contact: ") && !strings.HasPrefix(said, "requester: ") {
			t.Errorf("%s: %d %s", body, status, said)
		}
	}
	if w := m.api(http.MethodPatch, "/tickets/"+number, `{"contact": "`+bellac.contact+`"}`, nil, "If-Match", "*"); w.Code != http.StatusBadRequest {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	away = true
	if status, number, said := open(`{"title": "x", "customer": "acme", "contact": "` + acme.contact + `"}`); status != http.StatusCreated || m.view(number).Sheet.Contact.ID != acme.contact {
		t.Errorf("while the archive is away: %d %s", status, said)
	}
	for path, want := range map[string]int{"/contacts": 503, "/contacts/" + acme.contact: 503, "/customers/acme": 200} {
		var got struct {
			Figures any
			Missing string
			Error   struct{ Code string }
		}
		if w := m.api(http.MethodGet, path, "", &got); w.Code != want || want == 503 && got.Error.Code != "archive_away" || want == 200 && (got.Figures != nil || got.Missing != "archive_away") {
			t.Errorf("%s while the archive is away: %d %s", path, w.Code, w.Body)
		}
	}
	if got := m.call("edith", http.MethodGet, "/open/beside?contact.name=mark&contact.phone=0240112233", nil); got.Code != http.StatusOK {
		t.Errorf("the form while the archive is away: %d", got.Code)
	}
}
