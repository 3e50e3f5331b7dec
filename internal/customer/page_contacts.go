package customer

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// contactsPage is the list of contacts, with the forms of a new one and of a file.
type contactsPage struct {
	W                      *lang.Customers
	Base, Customer, Called string
	Text                   string
	Ended                  bool
	Rows                   []contactRow
	More, ExportURL        string // the address of the next part, and of all as a sheet
	Customers              []option
	May, MayImport         bool
	Form                   contactForm
	Tried                  *tried
	Wrong                  string // why something was not done
	Detail                 string // of it, in English
}

type option struct {
	Value, Text string
	Chosen      bool
}

// contactRow is a contact in a list.
type contactRow struct {
	ID, Name, Of, Reach, Mark, URL string
	Strategic, Ended               bool
}

// formOf is a contact's form with its words.
type formOf struct {
	W *lang.Customers
	F *contactForm
}

// FormOf is the form with its words, for the template.
func (b *contactsPage) FormOf() formOf { return formOf{b.W, &b.Form} }

// contactForm is one contact as a form.
type contactForm struct {
	ID, Ref, Customer, Name, Emails, Phones, Site, Language, Notes string
	Strategic, SeesAll, Documents                                  bool
	Customers, Languages                                           []option
	Open                                                           bool // it is shown at once
}

// tried is a file that was tried, or taken.
type tried struct {
	*result
	Said    string
	Columns []column
	Text    string // the file again, for who takes it after the trial
	Bad     []badWords
}

type column struct {
	Name    string
	Choices []option
}

type badWords struct{ Line, Field, Why string }

func (p *Pages) row(c *ticket.Contact, w *lang.Customers, rules *escalation.Rules) contactRow {
	of := c.Customer
	if known, ok := rules.Customer(c.Customer); ok {
		of = calledBy(&known)
	}
	var marks []string
	if c.Strategic {
		marks = append(marks, w.Strategic)
	}
	if !c.EndedAt.IsZero() {
		marks = append(marks, w.Ended)
	}
	return contactRow{
		Mark: strings.Join(marks, " · "), URL: p.House.Own("/contacts/" + url.PathEscape(c.ID)),
		ID: c.ID, Name: cmp.Or(c.Name, c.ID), Of: strings.Trim(of+" · "+c.Site, " ·"), Reach: strings.Trim(c.Phone()+" · "+c.Email(), " ·"),
		Strategic: c.Strategic, Ended: !c.EndedAt.IsZero(),
	}
}

// contacts makes the page of a list.
func (p *Pages) contacts(r *http.Request, by web.Token, query url.Values) (*contactsPage, error) {
	words, rules, scope := p.Frame.Words(r, by), p.Engine.Rules(), by.Scope()
	q, err := asked(query)
	if err != nil {
		return nil, refusal(err)
	}
	b := &contactsPage{
		W: &words.Customers, Base: p.House.Own(""), Customer: q.Customer, Text: q.Text, Ended: q.Ended,
		May: by.Rank() >= desk.Technician, MayImport: by.Rank() >= desk.Manager,
	}
	for i := range rules.Customers {
		if c := &rules.Customers[i]; scope.SeesCustomer(c.Key) {
			b.Customers = append(b.Customers, option{c.Key, calledBy(c), c.Key == q.Customer})
			if c.Key == q.Customer {
				b.Called = calledBy(c)
			}
		}
	}
	b.Form = p.form(&ticket.Contact{Customer: q.Customer}, b.Customers)
	list, err := p.Book.Contacts(r.Context(), scope, &q)
	if err != nil {
		if err = refusal(err); web.StatusOf(err) < http.StatusInternalServerError {
			return nil, err
		}
		b.Wrong = b.W.Away
		return b, nil
	}
	b.ExportURL = p.House.Own("/contacts.csv?" + url.Values{"customer": {q.Customer}, "q": {q.Text}}.Encode())
	for i := range list.Contacts {
		b.Rows = append(b.Rows, p.row(&list.Contacts[i], b.W, rules))
	}
	if list.Next != "" {
		next := url.Values{}
		for name, values := range query {
			next[name] = values
		}
		next.Set("cursor", web.SealCursor(list.Next))
		b.More = p.House.Own("/contacts?" + next.Encode())
	}
	return b, nil
}

func (p *Pages) form(c *ticket.Contact, customers []option) contactForm {
	f := contactForm{
		ID: c.ID, Ref: c.Ref, Customer: c.Customer, Name: c.Name, Emails: strings.Join(c.Emails, "\n"), Phones: strings.Join(c.Phones, "\n"),
		Site: c.Site, Language: c.Language, Notes: c.Notes, Strategic: c.Strategic, SeesAll: c.SeesAll, Documents: c.AddsDocuments, Customers: customers,
	}
	for _, w := range lang.All() {
		f.Languages = append(f.Languages, option{w.Tag, w.Tag, w.Tag == c.Language})
	}
	return f
}

func (p *Pages) showContacts(w http.ResponseWriter, r *http.Request, by web.Token) error {
	b, err := p.contacts(r, by, r.URL.Query())
	if err != nil {
		return err
	}
	return p.showList(w, r, by, http.StatusOK, b)
}

func (p *Pages) showList(w http.ResponseWriter, r *http.Request, by web.Token, status int, b *contactsPage) error {
	return p.show(w, r, by, status, "contacts.html", b.W.Contacts, b)
}

// changeOf is what a form makes of a contact.
func changeOf(form url.Values) change {
	get := func(name string) *string {
		if !form.Has(name) {
			return nil
		}
		value := form.Get(name)
		return &value
	}
	list := func(name string) *[]string {
		if !form.Has(name) {
			return nil
		}
		lines := strings.FieldsFunc(form.Get(name), func(r rune) bool { return r == '\n' || r == '\r' || r == ';' || r == ',' })
		return &lines
	}
	yes := func(name string) *bool {
		is := form.Get(name) != ""
		return &is
	}
	return change{
		Ref: get(fieldRef), Customer: get(fieldCustomer), Site: get(fieldSite), Name: get(fieldName), Emails: list(fieldEmails), Phones: list(fieldPhones),
		Language: get(fieldLanguage), Strategic: yes(fieldStrategic), SeesAll: yes(fieldSeesAll), AddsDocuments: yes(fieldDocuments), Notes: get(fieldNotes),
	}
}

// sent is a form again, as it was sent.
func sent(form url.Values, id string) *ticket.Contact {
	ch := changeOf(form)
	c := &ticket.Contact{ID: id}
	ch.apply(c)
	return c
}

// post makes a contact, or takes a file.
func (p *Pages) post(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return p.postFile(w, r, by)
	}
	r.Body = http.MaxBytesReader(w, r.Body, ticket.MaxRequestBody)
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	ch := changeOf(r.PostForm)
	c, err := p.make(r, by, &ch)
	if err == nil {
		return p.lead(w, "/contacts/"+url.PathEscape(c.ID)+"?done=saved")
	}
	said, wrong := p.wrong(r, by, err)
	if wrong {
		return refusal(err)
	}
	b, err := p.contacts(r, by, url.Values{"customer": {ticket.Typed(r.PostForm.Get(fieldCustomer), false)}})
	if err != nil {
		return err
	}
	b.Form = p.form(sent(r.PostForm, ""), b.Customers)
	b.Form.Open, b.Wrong, b.Detail = true, said, detail(refusal(err))
	return p.showList(w, r, by, http.StatusUnprocessableEntity, b)
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
}

func detail(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// wrong says in the reader's words why a form cannot be taken; other: that is not for the
// form to say.
func (p *Pages) wrong(r *http.Request, by web.Token, err error) (said string, other bool) {
	words := p.Frame.Words(r, by)
	t := &words.Customers
	var field *FieldError
	var taken *archive.TakenError
	switch {
	case errors.As(err, &field):
		return lang.Fill(t.Refused, "field", label(t, field.Field)), false
	case errors.As(err, &taken):
		return t.Taken, false
	case errors.Is(err, archive.ErrOvertaken):
		return t.Overtaken, false
	}
	return "", true
}

// postFile tries a file, or takes it.
func (p *Pages) postFile(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseMultipartForm(formBody); err != nil { //nolint:gosec // its route bounds the body
		return badForm(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	form := r.MultipartForm.Value
	o := wish{customer: ticket.Typed(first(form["customer"]), false), dry: first(form["take"]) == "", mapped: map[string]string{}}
	for _, pair := range form["map"] {
		if err := o.maps(pair); err != nil {
			return refusal(err)
		}
	}
	file, err := fileOf(r.MultipartForm)
	if err != nil {
		return err
	}
	got, err := p.imports(r, by, strings.NewReader(file), &o)
	b, failed := p.contacts(r, by, url.Values{"customer": {o.customer}})
	if failed != nil {
		return failed
	}
	status := http.StatusOK
	switch err = refusal(err); {
	case err == nil:
		b.Tried = b.told(got, file)
	case web.StatusOf(err) == http.StatusBadRequest:
		status, b.Wrong, b.Detail = http.StatusUnprocessableEntity, b.W.BadFile, err.Error()
	default:
		return err
	}
	return p.showList(w, r, by, status, b)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// fileOf is the file of a form, or the text of one that was tried.
func fileOf(form *multipart.Form) (string, error) {
	for _, header := range form.File["file"] {
		if header.Size == 0 {
			continue
		}
		f, err := header.Open()
		if err != nil {
			return "", badForm(err)
		}
		text, err := io.ReadAll(f)
		_ = f.Close() // it was read
		if err != nil {
			return "", badForm(err)
		}
		return string(text), nil
	}
	return strings.ReplaceAll(first(form.Value["text"]), "\r\n", "\n"), nil
}

// told is what came of a file, in words.
func (b *contactsPage) told(got *result, file string) *tried {
	t := &tried{result: got, Said: lang.Fill(b.W.Result, "new", strconv.Itoa(got.New), "changed", strconv.Itoa(got.Changed), "same", strconv.Itoa(got.Same), "bad", strconv.Itoa(got.Bad))}
	if text, err := decoded([]byte(file)); err == nil && !got.Imported {
		t.Text = string(text)
	}
	for _, name := range got.Ignored {
		t.Columns = append(t.Columns, b.column(name, ""))
	}
	for name, field := range got.Columns {
		t.Columns = append(t.Columns, b.column(name, field))
	}
	sortColumns(t.Columns)
	for _, e := range got.Errors {
		field := ""
		if e.Field != "" {
			field = label(b.W, e.Field)
		}
		t.Bad = append(t.Bad, badWords{lang.Fill(b.W.BadLine, "line", strconv.Itoa(e.Line)), field, e.Why})
	}
	return t
}

// column is a column of a file, with what it can be.
func (b *contactsPage) column(name, field string) column {
	c := column{Name: name, Choices: []option{{name + "=", b.W.Ignore, field == ""}}}
	for _, f := range append(fields(), columnFirst, columnLast) {
		c.Choices = append(c.Choices, option{name + "=" + f, label(b.W, f), f == field})
	}
	return c
}

func sortColumns(list []column) {
	slices.SortFunc(list, func(x, y column) int { return strings.Compare(x.Name, y.Name) })
}

// label names a field in the reader's words.
func label(w *lang.Customers, field string) string {
	return cmp.Or(map[string]string{
		fieldRef: w.Ref, fieldCustomer: w.Customer, fieldSite: w.Site, fieldName: w.Name, fieldEmails: w.Emails, fieldPhones: w.Phones,
		fieldLanguage: w.Language, fieldStrategic: w.Strategic, fieldSeesAll: w.SeesAll, fieldDocuments: w.Documents, fieldNotes: w.Notes,
	}[field], field)
}
