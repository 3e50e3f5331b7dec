package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/ticket"
)

// changesOfContacts are the lines about contacts, the newest first, as edith reads them.
func (m *manor) changesOfContacts() (list []string) {
	m.t.Helper()
	var log struct{ Lines []audit.Line }
	if w := m.api(http.MethodGet, "/audit?about=contact", "", &log); w.Code != http.StatusOK {
		m.t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, l := range log.Lines {
		to, err := json.Marshal(l.To)
		if err != nil {
			m.t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s/%s %s %s %s", l.Who, l.Via, l.What, l.Of, to))
	}
	return list
}

// TestWhoChangedAContact: made, changed, ended, taken back, anonymised and imported have a
// line each, of what was done; what changed nothing, was refused or was a trial has none. No
// line says what is in a contact.
func TestWhoChangedAContact(t *testing.T) {
	m := newManor(t)
	was := len(m.changesOfContacts())
	var made gotContact
	m.api(http.MethodPost, "/contacts", `{"customer": "acme", "name": "Ada Secret", "emails": ["ada@secret.example"]}`, &made)
	at := "/contacts/" + made.ID
	m.api(http.MethodPatch, at, `{"site": "Nantes", "phones": ["+33240119999"]}`, nil, "If-Match", "*")
	m.api(http.MethodPatch, at, `{"site": "Nantes"}`, nil, "If-Match", "*")
	m.api(http.MethodPatch, at, `{"site": "Brest"}`, nil, "If-Match", `"1"`)
	m.api(http.MethodDelete, at, "", nil)
	m.api(http.MethodPatch, at, `{"ended": false}`, nil, "If-Match", "*")
	m.api(http.MethodDelete, at+"?anonymise=true", "", nil)
	list := []ticket.Importing{
		{Customer: "acme", Email: "one@secret.example", Apply: func(c *ticket.Contact) { c.Name, c.Emails = "One Secret", []string{"one@secret.example"} }},
		{Customer: "acme", Email: "two@secret.example", Apply: func(c *ticket.Contact) { c.Name, c.Emails = "Two Secret", []string{"two@secret.example"} }},
	}
	n := 0
	for _, dry := range []bool{true, false, false} {
		if _, err := (customers{m.d}).ImportContacts(audit.By(t.Context(), "edith", "web"), ticket.Everything(), list, func() string { n++; return fmt.Sprint("cnew", n) }, "edith", dry); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`edith/web imported acme {"customers":["acme"],"new":2}`,
		`edith/web anonymised ` + made.ID + ` {"customer":"acme"}`,
		`edith/web changed ` + made.ID + ` {"customer":"acme","fields":["ended"]}`,
		`edith/web ended ` + made.ID + ` {"customer":"acme","fields":["ended"]}`,
		`edith/web changed ` + made.ID + ` {"customer":"acme","fields":["site","phones"]}`,
		`edith/web made ` + made.ID + ` {"customer":"acme","fields":["customer","name","emails"]}`,
	}
	got := m.changesOfContacts()
	if got = got[:len(got)-was]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range got {
		if strings.Contains(strings.ToLower(line), "secret") || strings.Contains(line, "Nantes") || strings.Contains(line, "+33") {
			t.Errorf("it says what is in a contact: %s", line)
		}
	}
}
