package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// openTicket opens a ticket that no alert stands behind. The body has the fields
// of a qualification, and what only an opening has: a policy, a first note, whose
// name it is opened in.
func (s *Server) openTicket(w http.ResponseWriter, r *http.Request, by Token) error {
	fields, err := readFields(r)
	if err != nil {
		return err
	}
	o := Opening{}
	for name, into := range map[string]*string{"policy": &o.Policy, "text": &o.Text, "person": &o.Person} {
		if raw, given := fields[name]; given {
			if err := json.Unmarshal(raw, into); err != nil {
				return badField(name, "a text is wanted")
			}
			delete(fields, name)
		}
	}
	if o.Edits, err = editsOf(fields); err != nil {
		return err
	}
	if o.Via, err = via(r); err != nil {
		return err
	}
	t, err := s.OpenByHand(r, by, &o)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.link("/api/v1/tickets/%s", t.Number))
	return writeJSON(w, http.StatusCreated, s.asItIs(w, r, &t))
}

// Opening is a ticket that a person wants to open.
type Opening struct {
	Edits  []ticket.Edit // title, kind, customer, site and urgency too
	Policy string        // empty: as the routing tree says
	Text   string        // the first note
	Person string        // in whose name; empty: of whoever asks
	Via    string
}

// OpenByHand opens it. The error is a 400 that names the field, a 403, a 429, or
// the store could not be asked.
func (s *Server) OpenByHand(r *http.Request, by Token, o *Opening) (ticket.Ticket, error) {
	own := *o
	var err error
	if own.Edits, err = s.WithContacts(r.Context(), by.scope, nil, o.Edits); err != nil {
		return ticket.Ticket{}, err
	}
	d, err := s.draft(&own, by)
	if err != nil {
		return ticket.Ticket{}, err
	}
	if err := s.byHand.spend(by.Name, s.engine.Now()); err != nil {
		return ticket.Ticket{}, err
	}
	t, err := s.engine.OpenByHand(r.Context(), d)
	if err != nil {
		return t, fmt.Errorf("web: open a ticket: %w", err)
	}
	return t, nil
}

// draft checks each field: what an alert may get wrong, a person corrects. If
// nobody says how urgent it is, the table of urgencies does.
func (s *Server) draft(o *Opening, by Token) (d escalation.Draft, err error) {
	rules := s.engine.Rules()
	o.Edits = slices.DeleteFunc(slices.Clone(o.Edits), func(e ticket.Edit) bool { return e.Text == "" && e.Party == nil })
	if err := rules.Vet(o.Edits); err != nil {
		return d, err //nolint:wrapcheck // it names the field
	}
	t, sheet := ticket.Ticket{Kind: ticket.Incident}, &ticket.Sheet{}
	for i := range o.Edits {
		if !t.Qualify(&o.Edits[i]) {
			sheet.Apply(&o.Edits[i])
		}
	}
	for _, name := range ticket.Closing() {
		if sheet.Text(name) != "" {
			return d, &ticket.FieldError{Field: name, Problem: "it is said of a ticket that is resolved"}
		}
	}
	switch {
	case t.Title == "":
		return d, badField(ticket.FieldTitle, "it is needed")
	case sheet.Origin == ticket.OriginAlert:
		return d, badField("origin", "no alert opens it")
	case sheet.Origin != "":
	case by.Signed, o.Via == "cli":
		sheet.Origin = ticket.OriginHand
	default:
		sheet.Origin = ticket.OriginAPI
	}
	if !by.scope.All() && !by.scope.SeesCustomer(t.Customer) {
		return d, unseenCustomer(t.Customer)
	}
	if err := rules.Lacks(&t, &sheet.Qualification); err != nil {
		return d, err //nolint:wrapcheck // it names the field
	}
	if proposed, ok := rules.Desk.Table().Propose(&sheet.Qualification); ok && t.Urgency == ticket.UrgencyUnknown {
		t.Urgency = proposed.Urgency
	}
	if err := within("text", o.Text, ticket.MaxNote); err != nil {
		return d, err
	}
	if _, ok := rules.Policies[o.Policy]; !ok && o.Policy != "" {
		return d, badField("policy", "no policy is named %q", logged(o.Policy))
	}
	if !sheet.Fits() {
		return d, escalation.ErrSheetFull
	}
	d = escalation.Draft{
		Kind: t.Kind, Title: t.Title, Customer: t.Customer, Site: t.Site, Urgency: t.Urgency,
		Policy: o.Policy, Said: ticket.Plain(o.Text), Sheet: sheet, Via: o.Via,
	}
	d.Actor, err = s.actor(by, o.Person)
	return d, err
}

// unseenCustomer refuses a customer whom somebody does not see, as one that is not there.
func unseenCustomer(key string) error {
	if key == "" {
		return &ticket.FieldError{Field: ticket.FieldCustomer, Problem: "it is needed"}
	}
	return &ticket.FieldError{Field: ticket.FieldCustomer, Problem: fmt.Sprintf("no customer has the key %q", ticket.Cut(key, ticket.MaxWord))}
}

// readFields reads a body that is an object of fields.
func readFields(r *http.Request) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	err := readJSON(r, &fields)
	return fields, err
}

// editsOf are the edits that an object of fields asks for, in the order of the
// fields; null empties one.
func editsOf(fields map[string]json.RawMessage) ([]ticket.Edit, error) {
	var edits []ticket.Edit
	left := maps.Clone(fields)
	for _, name := range ticket.FieldNames() {
		raw, given := left[name]
		if !given {
			continue
		}
		delete(left, name)
		e, err := editOf(name, raw)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e)
	}
	if raw, given := left["custom"]; given {
		delete(left, "custom")
		own, err := customOf(raw)
		if err != nil {
			return nil, err
		}
		edits = append(edits, own...)
	}
	if unknown := slices.Sorted(maps.Keys(left)); len(unknown) > 0 {
		e := ticket.Edit{Field: unknown[0]}
		return nil, e.Check() //nolint:wrapcheck // it names the field
	}
	return edits, nil
}

func customOf(raw json.RawMessage) (edits []ticket.Edit, err error) {
	var own map[string]json.RawMessage
	if err := json.Unmarshal(raw, &own); err != nil {
		return nil, badField("custom", "an object is wanted, of the fields in desk.fields")
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		e, err := editOf(ticket.CustomField+name, own[name])
		if err != nil {
			return nil, err
		}
		edits = append(edits, e)
	}
	return edits, nil
}

// editOf reads a field's value: a text; true or false for yes or no; a number; an
// object for somebody.
func editOf(name string, raw json.RawMessage) (ticket.Edit, error) {
	e := ticket.Edit{Field: name}
	if slices.Contains(ticket.Parties(), name) {
		if string(raw) == "null" {
			return e, nil
		}
		e.Party = &ticket.Party{}
		if err := json.Unmarshal(raw, e.Party); err != nil {
			return e, badField(name, "a contact's id is wanted, or an object with name, email and phone")
		}
		return e, nil
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return e, badField(logged(name), "it cannot be read")
	}
	switch v := value.(type) {
	case nil:
	case string:
		e.Text = v
	case bool:
		if e.Text = ticket.No; v {
			e.Text = ticket.Yes
		}
	case json.Number:
		e.Text = v.String()
	default:
		return e, badField(logged(name), "a text is wanted")
	}
	return e, nil
}
