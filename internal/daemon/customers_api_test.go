package daemon

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// gotContact is an answer about a contact.
type gotContact struct {
	ticket.Contact
	Error struct{ Code, Message string }
}

// TestContactsByTheAPI: made, read, changed as it was read, ended, anonymised; each
// mistake is named.
func TestContactsByTheAPI(t *testing.T) {
	m := newManor(t)
	var made gotContact
	w := m.api(http.MethodPost, "/contacts", `{"customer": "acme", "name": " Ada  L. ", "emails": ["Ada@Acme.example"], "phones": ["02 40 11 22 44"], "strategic": true}`, &made)
	if w.Code != http.StatusCreated || w.Header().Get("Location") != "/api/v1/contacts/"+made.ID || w.Header().Get("ETag") != `"1"` || made.Name != "Ada L." || made.Email() != "ada@acme.example" || made.Phone() != "+33240112244" || made.UpdatedBy != "edith" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	at := "/contacts/" + made.ID
	for _, c := range []struct {
		method, path, body, match string
		status                    int
		says                      string
	}{
		{http.MethodPost, "/contacts", `{"customer": "acme"}`, "", 400, "name: it is needed"},
		{http.MethodPost, "/contacts", `{"name": "x"}`, "", 400, "customer: it is needed"},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "globex"}`, "", 400, `customer: no customer has the key`},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "acme", "emails": ["x"]}`, "", 400, "emails: "},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "acme", "phones": ["+1"]}`, "", 400, "phones: "},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "acme", "language": "xx"}`, "", 400, "language: "},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "acme", "vip": true}`, "", 400, "vip: there is no such field"},
		{http.MethodPost, "/contacts", `{"name": 7, "customer": "acme"}`, "", 400, "name: "},
		{http.MethodPost, "/contacts", `{"name": "` + strings.Repeat("x", 300) + `", "customer": "acme"}`, "", 400, "name: 200 bytes at most"},
		{http.MethodPost, "/contacts", `{"name": "x", "customer": "acme", "emails": ["ADA@acme.example"]}`, "", 409, "emails: another contact"},
		{http.MethodPost, "/contacts", `{"notes": "` + strings.Repeat("x", ticket.MaxRequestBody) + `"}`, "", 413, "longer than"},
		{http.MethodPatch, at, `{"site": "Nantes"}`, "", 428, "If-Match"},
		{http.MethodPatch, at, `{"site": "Nantes"}`, `"7"`, 412, "somebody else"},
		{http.MethodPatch, at, `{}`, `"1"`, 400, "no field"},
		{http.MethodPatch, "/contacts/cnobody", `{"site": "Nantes"}`, "*", 404, "no such thing"},
		{http.MethodGet, "/contacts/cnobody", ``, "", 404, "no such thing"},
		{http.MethodGet, "/contacts?vip=1", ``, "", 400, "vip: there is no such parameter"},
		{http.MethodGet, "/contacts?limit=0", ``, "", 400, "limit: "},
		{http.MethodGet, "/contacts?cursor=AAAA", ``, "", 400, "cursor: "},
		{http.MethodDelete, at + "?sure=true", ``, "", 400, "sure: there is no such parameter"},
		{http.MethodGet, "/customers/globex", ``, "", 404, "no such thing"},
	} {
		var got gotContact
		if w := m.api(c.method, c.path, c.body, &got, "If-Match", c.match); w.Code != c.status || !strings.Contains(got.Error.Message, c.says) {
			t.Errorf("%s %s %.60s: %d %s, want %d %s", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
	var changed gotContact
	if w := m.api(http.MethodPatch, at, `{"site": "Nantes", "strategic": false}`, &changed, "If-Match", `"1"`); w.Code != http.StatusOK || changed.Revision != 2 || changed.Site != "Nantes" || changed.Strategic || changed.Name != "Ada L." {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if m.api(http.MethodDelete, at, "", &changed); changed.EndedAt.IsZero() {
		t.Errorf("it did not end: %+v", changed)
	}
	if w := m.api(http.MethodPatch, at, `{"ended": false}`, nil, "If-Match", "*"); w.Code != http.StatusOK || strings.Contains(m.api(http.MethodGet, at, "", nil).Body.String(), "ended_at") {
		t.Errorf("it has ended still: %d %s", w.Code, w.Body)
	}
	if w := m.call("acme-technician", http.MethodDelete, "/api/v1/contacts/"+made.ID+"?anonymise=true", nil, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusForbidden {
		t.Errorf("a technician anonymised: %d %s", w.Code, w.Body)
	}
	if w := m.api(http.MethodDelete, at+"?anonymise=true", "", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Ada") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := m.api(http.MethodPatch, at, `{"name": "x"}`, nil, "If-Match", "*"); w.Code != http.StatusConflict {
		t.Errorf("an anonymous contact was changed: %d %s", w.Code, w.Body)
	}
	if w := m.api(http.MethodPost, "/tickets", `{"title": "x", "contact": "`+made.ID+`"}`, nil); w.Code != http.StatusBadRequest {
		t.Errorf("a ticket of an anonymous contact: %d %s", w.Code, w.Body)
	}
}

// TestAnothersContactIsRefused: a ticket never takes somebody of another customer, whichever
// way it is changed.
func TestAnothersContactIsRefused(t *testing.T) {
	m := newManor(t)
	var made gotContact
	m.api(http.MethodPost, "/contacts", `{"customer": "bellac", "name": "Bel Hidden", "phones": ["+33240112299"]}`, &made)
	number := m.fire("acme", "mail")
	said := `"contact": "` + made.ID + `"`
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPatch, "/tickets/" + number, `{` + said + `}`},
		{http.MethodPost, "/tickets/" + number + "/resolve", `{"text": "x", ` + said + `}`},
		{http.MethodPost, "/tickets", `{"title": "x", "customer": "acme", ` + said + `}`},
	} {
		for _, who := range []string{"edith", "acme-technician"} {
			w := m.call(who, c.method, "/api/v1"+c.path, strings.NewReader(c.body), "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin", "If-Match", "*")
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "contact: ") || strings.Contains(w.Body.String(), "Bel Hidden") {
				t.Errorf("%s %s by %s: %d %s", c.method, c.path, who, w.Code, w.Body)
			}
		}
	}
	if got := m.api(http.MethodGet, "/tickets/"+number, "", nil).Body.String(); strings.Contains(got, "Bel Hidden") || strings.Contains(got, "resolved_at") {
		t.Errorf("the ticket took it: %s", got)
	}
}

// gotImport is what came of a file.
type gotImport struct {
	Imported                  bool
	Lines, New, Changed, Same int
	Bad                       int
	Errors                    []struct{ Line int }
	Error                     struct{ Code string }
	Dry                       bool `json:"dry_run"`
	Columns                   map[string]string
}

// TestAFileOfContacts: tried, taken, taken again; one with bad lines is not taken at all;
// one that is too large is refused before it is read whole.
func TestAFileOfContacts(t *testing.T) {
	m := newManor(t)
	send := func(query, file string) (got gotImport, status int) {
		t.Helper()
		return got, m.api(http.MethodPost, "/contacts?"+query, file, &got, "Content-Type", "text/csv").Code
	}
	count := func() int {
		return strings.Count(m.api(http.MethodGet, "/contacts?customer=acme&limit=1000", "", nil).Body.String(), `"id":`)
	}
	file := "Nom;Mail;Téléphone\nAda;ada@acme.example;02 40 11 22 44\n<b>Bob</b>;bob@acme.example;\n"
	before := count()
	if got, status := send("customer=acme&dry_run=true", file); status != 200 || !got.Dry || got.Imported || got.New != 2 || got.Columns["Mail"] != "emails" || count() != before {
		t.Errorf("tried: %d %+v", status, got)
	}
	if got, status := send("customer=acme", file); status != 200 || !got.Imported || got.New != 2 || count() != before+2 {
		t.Errorf("taken: %d %+v", status, got)
	}
	if got, status := send("customer=acme", file); status != 200 || !got.Imported || got.New+got.Changed != 0 || got.Same != 2 {
		t.Errorf("again: %d %+v", status, got)
	}
	got, status := send("customer=acme", file+"Cid;cid@acme.example;\nBob again;bob@acme.example;\nEve;no address;\n")
	if status != 400 || got.Imported || got.Error.Code != "bad_lines" || got.Bad != 2 || len(got.Errors) != 2 || got.Errors[0].Line != 5 || got.Errors[1].Line != 6 || count() != before+2 {
		t.Errorf("bad lines: %d %+v", status, got)
	}
	for query, want := range map[string]int{"": 400, "customer=globex": 400, "customer=acme&map=x": 400, "customer=acme&map=Nom%3Dvip": 400, "customer=acme&sure=1": 400, "customer=acme&dry_run=7": 400} {
		if _, status := send(query, file); status != want {
			t.Errorf("%s: %d", query, status)
		}
	}
	if w := m.api(http.MethodPost, "/contacts?customer=acme", "name,ref\n"+strings.Repeat("x", 50<<20), nil, "Content-Type", "text/csv"); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("50 MB: %d %s", w.Code, w.Body)
	}
	if w := m.call("acme-technician", http.MethodPost, "/api/v1/contacts?customer=acme", strings.NewReader(file), "Content-Type", "text/csv", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusForbidden {
		t.Errorf("a technician imported: %d", w.Code)
	}
	sheet := m.api(http.MethodGet, "/contacts?customer=acme", "", nil, "Accept", "text/csv").Body.String()
	if got, status := send("", sheet); status != 200 || got.Same != got.Lines || got.Lines != before+2 {
		t.Errorf("what was exported: %d %+v\n%s", status, got, sheet)
	}
}

// TestAFileByTheForm: a manager tries a file, sees what would become of it, escaped, and
// takes it.
func TestAFileByTheForm(t *testing.T) {
	m := newManor(t)
	post := func(me string, fields map[string]string, file string) (int, string) {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range fields {
			_ = form.WriteField(name, value)
		}
		if file != "" {
			part, err := form.CreateFormFile("file", "contacts.csv")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte(file))
		}
		_ = form.Close()
		w := m.call(me, http.MethodPost, "/contacts", &body, "Content-Type", form.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
		return w.Code, w.Body.String()
	}
	file := "Qui,Mail\n<script>alert(1)</script>,ada@acme.example\n"
	status, page := post("edith", map[string]string{"customer": "acme"}, file)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "no column is a name") {
		t.Errorf("%d %s", status, page)
	}
	status, page = post("edith", map[string]string{"customer": "acme", "map": "Qui=name"}, file)
	if status != http.StatusOK || strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert(1)") || !strings.Contains(page, `value="Qui=name" selected`) || !strings.Contains(page, `name="take"`) {
		t.Errorf("%d %s", status, page)
	}
	if got := m.api(http.MethodGet, "/contacts?q=script", "", nil).Body.String(); strings.Contains(got, "ada@") {
		t.Errorf("a trial wrote: %s", got)
	}
	status, page = post("edith", map[string]string{"customer": "acme", "map": "Qui=name", "take": "yes", "text": file}, "")
	if got := m.api(http.MethodGet, "/contacts?q=script", "", nil).Body.String(); status != http.StatusOK || !strings.Contains(got, "ada@") || strings.Contains(page, `name="take"`) {
		t.Errorf("%d %s, %s", status, page, got)
	}
	if status, _ := post("acme-technician", map[string]string{"customer": "acme", "map": "Qui=name"}, file); status != http.StatusForbidden {
		t.Errorf("a technician: %d", status)
	}
}

// TestFiguresOfACustomer: what the page counts is what the lists have to which it leads.
func TestFiguresOfACustomer(t *testing.T) {
	m := newManor(t)
	for i := range 9 {
		number := m.fire("acme", fmt.Sprint("alert-", i))
		if i%3 > 0 {
			m.api(http.MethodPost, "/tickets/"+number+"/pickup", `{"person": "edith"}`, nil)
		}
		if i%3 > 1 {
			m.api(http.MethodPost, "/tickets/"+number+"/resolve", `{"person": "edith", "text": "x"}`, nil)
		}
	}
	page := m.call("acme-reader", http.MethodGet, "/customers/acme", nil).Body.String()
	cells := regexp.MustCompile(`<a class="tap" href="/tickets\?([^"]*gti[^"]*|[^"]*since[^"]*)">(\d+)</a>`).FindAllStringSubmatch(page, -1)
	some := 0
	for _, cell := range cells {
		var list struct{ Tickets []struct{ Number string } }
		query := strings.ReplaceAll(cell[1], "&amp;", "&")
		m.api(http.MethodGet, "/tickets?limit=1000&"+query, "", &list)
		if fmt.Sprint(len(list.Tickets)) != cell[2] {
			t.Errorf("%s says %s and leads to %d", query, cell[2], len(list.Tickets))
		}
		some += len(list.Tickets)
		if w := m.call("acme-reader", http.MethodGet, "/tickets?"+query, nil); w.Code != http.StatusOK {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
	if len(cells) < 12 || some < 30 {
		t.Errorf("%d figures, %d tickets: %s", len(cells), some, page)
	}
	var api struct {
		Contract *struct {
			GTI map[string]struct{ Within string }
		}
		Figures ticket.Figures
		Open    []struct{ Number string }
	}
	m.api(http.MethodGet, "/customers/acme", "", &api)
	if api.Figures.All.Opened != 11 || api.Figures.All.Resolved != 3 || api.Figures.All.Pickup == nil || len(api.Open) != 8 || api.Contract == nil || len(api.Contract.GTI) == 0 {
		t.Errorf("%+v", api)
	}
	if !strings.Contains(page, "toute heure, tous les jours") || !strings.Contains(page, "lun.–ven. 08:00") && !strings.Contains(page, "lun–ven 08:00") && !strings.Contains(page, "–") {
		t.Errorf("no promise in words: %s", page)
	}
}

// TestCustomersWhomOneSees: the list has no others, and so has the menu's page.
func TestCustomersWhomOneSees(t *testing.T) {
	m := newManor(t)
	seen := func(me string) string {
		page := m.call(me, http.MethodGet, "/customers", nil).Body.String()
		return fmt.Sprint(strings.Contains(page, "/customers/acme"), strings.Contains(page, "/customers/bellac"))
	}
	if got := seen("acme-reader") + " " + seen("bellac-technician") + " " + seen("edith"); got != "true false false true true true" {
		t.Error(got)
	}
	form := url.Values{"name": {"x"}, "customer": {"bellac"}}
	w := m.call("acme-technician", http.MethodPost, "/contacts", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a contact of another customer's: %d %s", w.Code, w.Body)
	}
}
