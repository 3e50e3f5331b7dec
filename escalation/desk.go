package escalation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Desk is what the configuration says of how people qualify tickets. The zero
// value asks for nothing, and knows no list.
type Desk struct {
	Urgency    ticket.UrgencyTable // proposes an urgency; nil: ticket.DefaultUrgencyTable
	Fields     []FieldRule         // in the file's order
	Categories []Category          // none: any words are one; likewise for the next two
	Domains    []string
	Services   []string
	Labels     map[ticket.Urgency]string // what people read for an urgency, in place of the language's word
	Numbers    Numbers
	Tiers      []TierRule             // that move tickets up, in the file's order
	Deputy     string                 // key of whoever arbitrates beside managers; empty: nobody
	Meeting    ticket.MeetingTemplate // where one meets the user of a ticket; empty: whoever sets up a meeting says it
	ReopenFor  time.Duration          // so long after its closing an answer reopens a ticket; 0: as long as it can
}

// MostReopenFor is how long after its closing a ticket is in the store whole.
const MostReopenFor = 7 * 24 * time.Hour

// FieldRule defines a field, or says more of one that every ticket has.
type FieldRule struct {
	Name     string
	Own      bool   // the configuration defines it: ticket.CustomField stands before its name
	Label    string // what people read; empty: its name, or the language's word
	Type     string // of an own one: text, number, date, yes_no, choice
	Choices  []string
	Required bool
	Kinds    []ticket.Kind // of which tickets; none: of all
}

// Types of fields.
const (
	FieldText   = "text"
	FieldNumber = "number"
	FieldDate   = "date"
	FieldYesNo  = "yes_no"
	FieldChoice = "choice"
)

// FieldTypes lists them.
func FieldTypes() []string {
	return []string{FieldText, FieldNumber, FieldDate, FieldYesNo, FieldChoice}
}

// Field is the field's name in edits and in a sheet.
func (f *FieldRule) Field() string {
	if f.Own {
		return ticket.CustomField + f.Name
	}
	return f.Name
}

// Of reports whether tickets of a kind have the field.
func (f *FieldRule) Of(kind ticket.Kind) bool {
	return len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind)
}

// Category is one of the categories.
type Category struct {
	Name      string
	Label     string // what people read; empty: its name
	Questions []string
	Checklist []ticket.Point // Text, Within and Required of each
}

// Table is the table that proposes urgencies.
func (d *Desk) Table() ticket.UrgencyTable {
	if d.Urgency == nil {
		return ticket.DefaultUrgencyTable()
	}
	return d.Urgency
}

// Values are what a field may be; nil: anything.
func (d *Desk) Values(field string) []string {
	switch field {
	case "category":
		var names []string
		for i := range d.Categories {
			names = append(names, d.Categories[i].Name)
		}
		return names
	case "domain":
		return d.Domains
	case "service":
		return d.Services
	}
	if f, ok := ticket.FindField(field); ok {
		return f.Words
	}
	if rule := d.rule(field); rule != nil && rule.Own {
		switch rule.Type {
		case FieldChoice:
			return rule.Choices
		case FieldYesNo:
			return []string{ticket.Yes, ticket.No}
		}
	}
	return nil
}

// Category finds one by its name.
func (d *Desk) Category(name string) (Category, bool) {
	for i := range d.Categories {
		if d.Categories[i].Name == name {
			return d.Categories[i], true
		}
	}
	return Category{}, false
}

func (d *Desk) rule(field string) *FieldRule {
	for i := range d.Fields {
		if d.Fields[i].Field() == field {
			return &d.Fields[i]
		}
	}
	return nil
}

// Vet makes edits fit to be done: each by itself (ticket.Edit.Check), and by
// what the configuration knows. The error is a *ticket.FieldError.
func (r *Rules) Vet(edits []ticket.Edit) error {
	for i := range edits {
		e := &edits[i]
		if err := e.Check(); err != nil {
			return err //nolint:wrapcheck // it names the field
		}
		if err := r.vet(e); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rules) vet(e *ticket.Edit) error {
	rule := r.Desk.rule(e.Field)
	if name, custom := strings.CutPrefix(e.Field, ticket.CustomField); custom && rule == nil {
		var names []string
		for i := range r.Desk.Fields {
			if r.Desk.Fields[i].Own {
				names = append(names, r.Desk.Fields[i].Name)
			}
		}
		if e.Text == "" {
			return nil // of one that the configuration had
		}
		return &ticket.FieldError{Field: "custom", Problem: fmt.Sprintf("desk.fields has no %q", ticket.Cut(name, ticket.MaxWord)), Values: names}
	}
	if e.Text == "" {
		return nil // whether that empties one that is needed depends on the ticket: Rules.keeps
	}
	if e.Field == ticket.FieldCustomer && r.customer(e.Text) == nil {
		return &ticket.FieldError{Field: e.Field, Problem: fmt.Sprintf("no customer has the key %q", ticket.Cut(e.Text, ticket.MaxWord))}
	}
	if values := r.Desk.Values(e.Field); len(values) > 0 && !slices.Contains(values, e.Text) {
		return &ticket.FieldError{Field: e.Field, Problem: fmt.Sprintf("it cannot be %q", ticket.Cut(e.Text, ticket.MaxWord)), Values: values}
	}
	if rule != nil && rule.Own {
		return rule.check(e.Text)
	}
	return nil
}

// check refuses a text that is not of the field's type.
func (f *FieldRule) check(text string) error {
	var err error
	switch f.Type {
	case FieldNumber:
		_, err = strconv.ParseFloat(text, 64)
	case FieldDate:
		_, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		want := map[string]string{FieldNumber: "no number", FieldDate: "no date as 2026-11-21"}[f.Type]
		return &ticket.FieldError{Field: f.Field(), Problem: fmt.Sprintf("%q is %s", ticket.Cut(text, ticket.MaxWord), want)}
	}
	return nil
}

// Lacks is the error of the first required field that a ticket which a person
// opens does not have; nil if it has all. The error is a *ticket.FieldError.
func (r *Rules) Lacks(t *ticket.Ticket, q *ticket.Qualification) error {
	return r.lacks(t, q, func(*FieldRule) bool { return true })
}

// keeps is the error of the first required field that a person empties, or that another
// kind of ticket asks for and this one does not have. What an alert's ticket never had is
// no reason to refuse other changes.
func (r *Rules) keeps(was *ticket.Ticket, sheet *ticket.Sheet, edits []ticket.Edit) error {
	if len(edits) == 0 || len(r.Desk.Fields) == 0 {
		return nil
	}
	is, now := *was, sheet.Clone()
	for i := range edits {
		if !is.Qualify(&edits[i]) {
			now.Apply(&edits[i])
		}
	}
	return r.lacks(&is, &now.Qualification, func(f *FieldRule) bool {
		text, ok := was.Qualifying(f.Field())
		if !ok && sheet != nil {
			text = sheet.Text(f.Field())
		}
		return !f.Of(was.Kind) || text != ""
	})
}

// lacks is the error of the first of some required fields that a ticket does not have.
func (r *Rules) lacks(t *ticket.Ticket, q *ticket.Qualification, of func(*FieldRule) bool) error {
	for i := range r.Desk.Fields {
		f := &r.Desk.Fields[i]
		if !f.Required || !f.Of(t.Kind) || !of(f) {
			continue
		}
		text, ok := t.Qualifying(f.Field())
		if !ok {
			text = q.Text(f.Field())
		}
		if text == "" {
			return &ticket.FieldError{Field: f.Field(), Problem: "it is needed", Values: r.Desk.Values(f.Field())}
		}
	}
	return nil
}

// Billable proposes whether a ticket is billable: it is if no contract covers it.
func Billable(t *ticket.Ticket) string {
	if t.Contract == "" {
		return ticket.Yes
	}
	return ticket.No
}

// Caller finds the one customer that somebody's telephone or address belongs to;
// false if it is nobody's, or of several.
func (r *Rules) Caller(phone, email string) (key string, ok bool) {
	_, domain, _ := strings.Cut(email, "@")
	for i := range r.Customers {
		c := &r.Customers[i]
		theirs := phone != "" && slices.Contains(c.Phones, phone) ||
			email != "" && slices.ContainsFunc(c.Emails, func(e string) bool { return strings.EqualFold(e, email) }) ||
			domain != "" && slices.ContainsFunc(c.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
		if !theirs {
			continue
		}
		if ok {
			return "", false
		}
		key, ok = c.Key, true
	}
	return key, ok
}
