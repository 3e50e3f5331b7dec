package look

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Fact is a field that is said of a ticket.
type Fact struct {
	Label, Text string
	Long        bool   // it may have several lines
	Contact     string // the ID of the contact that it is; empty: it is none
	URL         string // where it leads, out of here; empty: nowhere
}

// Qualification is what people say of a ticket, in the reader's words, and what the
// table of urgencies makes of it.
func (v *Viewer) Qualification(sheet *ticket.Sheet) (facts []Fact, proposed string) {
	if sheet == nil {
		return nil, ""
	}
	q := &sheet.Qualification
	for _, field := range q.Said() {
		f, _ := ticket.FindField(field)
		text := v.Value(field, q.Text(field))
		if field == ticket.FieldReportedAt {
			text = v.At(q.ReportedAt)
		}
		fact := Fact{Label: v.Label(field), Text: text, Long: f.Long}
		if p := map[string]*ticket.Party{ticket.FieldContact: q.Contact, ticket.FieldRequester: q.Requester, ticket.FieldBeneficiary: q.Beneficiary}[field]; p != nil && p.ID != "" {
			fact.Contact = p.ID
			bare := *p
			bare.ID = ""
			fact.Text = cmp.Or(bare.String(), p.ID)
		}
		facts = append(facts, fact)
	}
	if sheet.Meeting != "" {
		facts = append(facts, Fact{Label: v.Words.Work.Meeting, Text: sheet.Meeting, Long: true, URL: sheet.Meeting})
	}
	if made, ok := v.Rules.Desk.Table().Propose(q); ok {
		proposed = v.Proposal(&made)
	}
	return facts, proposed
}

// Label names a field: as the configuration does, or in the reader's language.
func (v *Viewer) Label(field string) string {
	for i := range v.Rules.Desk.Fields {
		if f := &v.Rules.Desk.Fields[i]; f.Field() == field && f.Label != "" {
			return f.Label
		}
	}
	return v.Words.Field(field)
}

// Value says what a field is.
func (v *Viewer) Value(field, text string) string {
	if field == "category" {
		if c, ok := v.Rules.Desk.Category(text); ok {
			return cmp.Or(c.Label, c.Name)
		}
	}
	if field == ticket.FieldCustomer {
		if c, ok := v.Rules.Customer(text); ok {
			return cmp.Or(c.Name, c.Key)
		}
	}
	return v.Words.Value(field, text)
}

// Proposal says which urgency the table proposes, and why.
func (v *Viewer) Proposal(p *ticket.Proposal) string {
	words := &v.Words.Desk
	when := make([]string, len(p.When))
	for i, c := range p.When {
		is := make([]string, len(c.Is))
		for k, word := range c.Is {
			is[k] = v.Value(c.Field, word)
		}
		when[i] = v.Label(c.Field) + " = " + strings.Join(is, " / ")
	}
	return lang.Fill(words.Proposed, "urgency", v.Words.UrgencyWord(p.Urgency), "row", strconv.Itoa(p.Row),
		"when", cmp.Or(strings.Join(when, ", "), words.Row))
}

// dialled is a text that a telephone can dial.
var dialled = regexp.MustCompile(`^\+?[0-9][0-9 ().-]{2,30}$`)

// contact puts whoever one speaks with about the ticket before the others whom one
// can call (S2-18).
func (v *Viewer) contact(sheet *ticket.Sheet, others []Caller) []Caller {
	if sheet == nil || !v.Ticket.State.Active() {
		return others
	}
	var all []Caller
	for _, field := range ticket.Parties() {
		p := map[string]*ticket.Party{
			ticket.FieldContact: sheet.Contact, ticket.FieldRequester: sheet.Requester, ticket.FieldBeneficiary: sheet.Beneficiary,
		}[field]
		if p == nil || !dialled.MatchString(p.Phone) {
			continue
		}
		number := strings.Map(func(r rune) rune {
			if r == '+' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, p.Phone)
		all = append(all, Caller{Name: cmp.Or(p.Name, p.Email, p.Phone), Why: v.Label(field), Number: number})
	}
	return append(all, others...)
}
