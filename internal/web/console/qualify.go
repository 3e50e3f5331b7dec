package console

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// qualifyForm is what people say of a ticket, as a form.
type qualifyForm struct {
	Groups []qualifyGroup
	Tag    string // the state that the form was made from; empty: the ticket is yet to be opened
	Text   string // the first note, of an opening
	values url.Values
}

// qualifyGroup is fields that belong together.
type qualifyGroup struct {
	ID, Title string
	Asks      bool // what changes in it changes what stands beside the form
	Folded    bool
	Inputs    []qualifyInput
}

// qualifyInput is one field. Was is a mark of what it was when the form was made:
// what is sent with another value was changed.
type qualifyInput struct {
	Name, ID, Label, Value, Was string
	Kind                        string // text, long, choice, or a type of a browser's
	Options                     []option
	List                        []string // words that a browser offers
	Max                         int
	Needed, Wrong               bool
}

// wasField begins the names of the marks.
const wasField = "was."

// mark is short, and differs if the text does.
func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// partyParts are what a form asks of somebody.
func partyParts() []string { return []string{"phone", "name", "email"} }

// qualifyValues are a ticket's fields as a form has them.
func (r *reader) qualifyValues(t *ticket.Ticket, sheet *ticket.Sheet) url.Values {
	values := url.Values{}
	q := &ticket.Qualification{}
	if sheet != nil {
		q = &sheet.Qualification
	}
	for _, name := range ticket.FieldNames() {
		if text, ok := t.Qualifying(name); ok {
			values.Set(name, text)
			continue
		}
		values.Set(name, q.Text(name))
	}
	for field, p := range map[string]*ticket.Party{ticket.FieldContact: q.Contact, ticket.FieldRequester: q.Requester, ticket.FieldBeneficiary: q.Beneficiary} {
		if p == nil {
			p = &ticket.Party{}
		}
		for part, text := range map[string]string{"id": p.ID, "name": p.Name, "email": p.Email, "phone": p.Phone} {
			values.Set(field+"."+part, text)
		}
		values.Del(field)
	}
	if values.Set(ticket.FieldReportedAt, ""); !q.ReportedAt.IsZero() {
		values.Set(ticket.FieldReportedAt, q.ReportedAt.In(r.rules.Location).Format(localTime))
	}
	for name, text := range q.Custom {
		values.Set(ticket.CustomField+name, text)
	}
	return values
}

// edits are what a form changes: the fields whose value is not what its mark says.
// The error is a *ticket.FieldError.
func (r *reader) edits(form url.Values) ([]ticket.Edit, error) {
	var edits []ticket.Edit
	changed := func(name string) bool {
		return form.Has(name) && (!form.Has(wasField+name) || form.Get(wasField+name) != mark(strings.ReplaceAll(form.Get(name), "\r\n", "\n")))
	}
	names := ticket.FieldNames()
	for i := range r.rules.Desk.Fields {
		if f := &r.rules.Desk.Fields[i]; f.Own {
			names = append(names, f.Field())
		}
	}
	for _, name := range names {
		switch {
		case slices.Contains(ticket.Parties(), name):
			if slices.ContainsFunc(partyParts(), func(part string) bool { return changed(name + "." + part) }) {
				get := func(part string) string { return ticket.Typed(form.Get(name+"."+part), false) }
				id := get("id")
				if of := get("of"); of != "" && of != get("name") { // it is somebody else now
					id = ""
				}
				edits = append(edits, ticket.Edit{Field: name, Party: &ticket.Party{ID: id, Name: get("name"), Email: get("email"), Phone: get("phone")}})
			}
		case !changed(name):
		case name == ticket.FieldReportedAt:
			at, ok := r.at(form.Get(name))
			if !ok {
				return nil, &ticket.FieldError{Field: name, Problem: "it is no time"}
			}
			e := ticket.Edit{Field: name}
			if !at.IsZero() {
				e.Text = at.UTC().Format(time.RFC3339)
			}
			edits = append(edits, e)
		default:
			edits = append(edits, ticket.Edit{Field: name, Text: form.Get(name)})
		}
	}
	return edits, nil
}

// qualifyForm makes a form of values. marks are the values that it is made from;
// nil: the ticket is yet to be opened. wrong is a field that cannot be taken.
func (r *reader) qualifyForm(values, marks url.Values, wrong string) qualifyForm {
	words, kind := &r.words.Desk, ticket.Kind(cmp.Or(values.Get(ticket.FieldKind), string(ticket.Incident)))
	f := qualifyForm{values: values, Text: values.Get("text")}
	group := func(id, title string, asks, folded bool, names ...string) {
		g := qualifyGroup{ID: id, Title: title, Asks: asks && marks == nil, Folded: folded}
		for _, name := range names {
			g.Inputs = append(g.Inputs, r.inputs(name, values, marks, wrong)...)
		}
		if len(g.Inputs) == 0 {
			return
		}
		g.Folded = folded && !slices.ContainsFunc(g.Inputs, func(in qualifyInput) bool { return in.Wrong || in.Needed })
		f.Groups = append(f.Groups, g)
	}
	group("who", words.Who, true, false, ticket.FieldContact, ticket.FieldCustomer, ticket.FieldSite)
	group("what", words.What, true, false, ticket.FieldTitle, "description", ticket.FieldKind, "category", "application", "equipment")
	group("how", words.How, true, false, "impact", "business_impact", "workaround", "strategic", "requester_urgency", ticket.FieldUrgency)
	more := []string{"symptoms", ticket.FieldReportedAt, "domain", "service", "complexity", "billable", "origin", ticket.FieldRequester, ticket.FieldBeneficiary}
	var own []string
	for i := range r.rules.Desk.Fields {
		if rule := &r.rules.Desk.Fields[i]; rule.Own && rule.Of(kind) {
			own = append(own, rule.Field())
		}
	}
	if marks != nil {
		group("closing", words.Closing, false, false, ticket.Closing()...)
	}
	group("own", words.More, false, false, own...)
	group("more", words.More, false, true, more...)
	return f
}

// inputs are those of a field: several of somebody.
func (r *reader) inputs(name string, values, marks url.Values, wrong string) []qualifyInput {
	v, words := r.viewer(), &r.words.Desk
	rule := r.rule(name)
	in := qualifyInput{
		Name: name, Label: v.Label(name), Kind: "text", Max: ticket.MaxWord,
		Needed: name == ticket.FieldTitle || rule != nil && rule.Required, Wrong: wrong == name,
	}
	if slices.Contains(ticket.Parties(), name) {
		var all []qualifyInput
		for _, part := range partyParts() {
			one := in
			one.Name = name + "." + part
			one.Label += ": " + map[string]string{"phone": words.Phone, "name": words.Name, "email": words.Email}[part]
			one.Kind = map[string]string{"phone": "tel", "name": "text", "email": "email"}[part]
			one.Needed = in.Needed && part == "name"
			one.Wrong = wrong == name || wrong == one.Name
			all = append(all, one.filled(values, marks))
		}
		if id := name + ".id"; values.Get(id) != "" {
			of := name + ".of" // whose name it is: who types another one means somebody else
			if values.Get(of) == "" {
				values.Set(of, values.Get(name+".name"))
			}
			all = append(all, qualifyInput{Name: id, Kind: "hidden"}.filled(values, marks), qualifyInput{Name: of, Kind: "hidden", Value: values.Get(of)})
		}
		return all
	}
	f, known := ticket.FindField(name)
	options := r.choices(name, values.Get(name))
	switch {
	case name == ticket.FieldCustomer, len(options) > 0:
		in.Kind, in.Options = "choice", options
	case known && f.Long:
		in.Kind, in.Max = "long", f.Most
	case name == ticket.FieldTitle:
		in.Max = ticket.MaxTitle
	case name == ticket.FieldSite:
		in.List = r.sites(values.Get(ticket.FieldCustomer))
	case name == ticket.FieldReportedAt:
		in.Kind = "datetime-local"
	case rule != nil && rule.Own:
		in.Max = ticket.MaxCustom
		in.Kind = map[string]string{escalation.FieldDate: "date", escalation.FieldNumber: "text"}[rule.Type]
		in.Kind = cmp.Or(in.Kind, "text")
	}
	return []qualifyInput{in.filled(values, marks)}
}

func (in qualifyInput) filled(values, marks url.Values) qualifyInput {
	in.ID = "f-" + strings.ReplaceAll(in.Name, ".", "-")
	in.Value = values.Get(in.Name)
	if marks != nil {
		in.Was = mark(marks.Get(in.Name))
	}
	return in
}

func (r *reader) rule(field string) *escalation.FieldRule {
	for i := range r.rules.Desk.Fields {
		if r.rules.Desk.Fields[i].Field() == field {
			return &r.rules.Desk.Fields[i]
		}
	}
	return nil
}

// choices are what a field may be, in words; none: one types it. What a ticket has
// and the configuration no longer knows stays a choice.
func (r *reader) choices(field, chosen string) []option {
	v, words := r.viewer(), &r.words.Desk
	empty, values := words.NotSaid, r.rules.Desk.Values(field)
	switch field {
	case ticket.FieldCustomer:
		empty = words.NoCustomer
		for i := range r.rules.Customers {
			if key := r.rules.Customers[i].Key; r.scope.SeesCustomer(key) {
				values = append(values, key)
			}
		}
	case ticket.FieldKind:
		empty, values = "", []string{string(ticket.Incident), string(ticket.Request)}
	case ticket.FieldUrgency:
		for _, u := range ticket.Urgencies() {
			values = append(values, u.String())
		}
		if empty = words.ByTable; chosen != "" {
			empty = ""
		}
	}
	if len(values) == 0 {
		return nil
	}
	var list []option
	if empty != "" {
		list = append(list, option{"", empty, chosen == ""})
	}
	if chosen != "" && !slices.Contains(values, chosen) {
		values = append([]string{chosen}, values...)
	}
	for _, value := range values {
		list = append(list, option{value, v.Value(field, value), value == chosen})
	}
	return list
}

// sites are those of a customer; of all, if none is named.
func (r *reader) sites(customer string) []string {
	var all []string
	for i := range r.rules.Customers {
		if c := &r.rules.Customers[i]; customer == "" || c.Key == customer {
			all = append(all, c.Sites...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), ticket.MaxListed)]
}

// refusedField says that a field cannot be taken, and what it may be.
func (r *reader) refusedField(e *ticket.FieldError) string {
	field, _, _ := strings.Cut(e.Field, ".")
	if strings.HasPrefix(e.Field, ticket.CustomField) {
		field = e.Field
	}
	text := lang.Fill(r.words.Forms.Refused, "field", r.viewer().Label(field))
	if len(e.Values) == 0 {
		return text
	}
	v, values := r.viewer(), make([]string, min(len(e.Values), look.ShownEntries))
	for i := range values {
		values[i] = v.Value(field, e.Values[i])
	}
	return text + " (" + strings.Join(values, ", ") + ")"
}

// typedForm is what a form was sent with, as much as is kept of it.
func typedForm(form url.Values) url.Values {
	values := url.Values{}
	for name, given := range form {
		if len(given) > 0 && len(name) <= ticket.MaxWord {
			values.Set(name, strings.ReplaceAll(strings.ToValidUTF8(given[0], "\uFFFD"), "\r\n", "\n"))
		}
	}
	return values
}

// proposed says what the table makes of a form.
func (r *reader) proposed(form url.Values) string {
	q := ticket.Qualification{}
	for _, name := range ticket.UrgencyFields() {
		q.Apply(&ticket.Edit{Field: name, Text: form.Get(name)})
	}
	made, ok := r.rules.Desk.Table().Propose(&q)
	if !ok {
		return r.words.Desk.NoProposal
	}
	return r.viewer().Proposal(&made)
}
