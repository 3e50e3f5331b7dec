package ticket

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Qualification is what people say of a ticket (S1-22 to 27, S2-07 to 11, S3-05
// to 09, S3-20). Every field may be empty: not said.
type Qualification struct {
	Origin      string `json:"origin,omitempty"` // how the request came: OriginOf
	Contact     *Party `json:"contact,omitempty" holds:"personal"`
	Requester   *Party `json:"requester,omitempty" holds:"personal"`
	Beneficiary *Party `json:"beneficiary,omitempty" holds:"personal"`

	Description string `json:"description,omitempty" holds:"free"`
	Symptoms    string `json:"symptoms,omitempty" holds:"free"`
	Application string `json:"application,omitempty"`
	Equipment   string `json:"equipment,omitempty"`
	Category    string `json:"category,omitempty"`
	Domain      string `json:"domain,omitempty"` // the technical one
	Service     string `json:"service,omitempty"`

	Impact           string `json:"impact,omitempty"`          // person, several, everybody
	BusinessImpact   string `json:"business_impact,omitempty"` // none, some, much
	Workaround       string `json:"workaround,omitempty"`      // yes, no
	Strategic        string `json:"strategic,omitempty"`       // yes, no: whoever is hit
	RequesterUrgency string `json:"requester_urgency,omitempty"`
	Complexity       string `json:"complexity,omitempty"`
	Billable         string `json:"billable,omitempty"` // yes, no

	ReportedAt time.Time         `json:"reported_at,omitzero"` // when it began, as the user says
	Custom     map[string]string `json:"custom,omitempty" holds:"free"`

	// What whoever resolved it wrote: what it was, and how one knows that it works again
	// (S1-36, S3-28).
	Synthesis string `json:"synthesis,omitempty" holds:"free"`
	Restored  string `json:"restored,omitempty" holds:"free"`
}

// Party is somebody on the other side: a contact's ID, or what is known of one
// who is no contact. In JSON it is the ID alone, or an object.
type Party struct {
	ID    string
	Name  string
	Email string
	Phone string
}

type partyObject struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// MarshalJSON writes a text or an object.
func (p Party) MarshalJSON() ([]byte, error) {
	if p.ID != "" && p == (Party{ID: p.ID}) {
		return json.Marshal(p.ID) //nolint:wrapcheck // a text
	}
	return json.Marshal(partyObject(p)) //nolint:wrapcheck // four texts
}

// UnmarshalJSON reads either.
func (p *Party) UnmarshalJSON(text []byte) error {
	*p = Party{}
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &p.ID) //nolint:wrapcheck // a text
	}
	var o partyObject
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return err //nolint:wrapcheck // it names the field
	}
	*p = Party(o)
	return nil
}

// String is "Marc Doe, marc@example.com, +33…".
func (p *Party) String() string {
	if p == nil {
		return ""
	}
	parts := slices.DeleteFunc([]string{p.Name, p.Email, p.Phone, p.ID}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

// The fields that are not words of the sheet: those of the ticket itself, and
// those of another form.
const (
	FieldTitle       = "title"
	FieldKind        = "kind"
	FieldUrgency     = "urgency"
	FieldCustomer    = "customer"
	FieldSite        = "site"
	FieldContact     = "contact"
	FieldRequester   = "requester"
	FieldBeneficiary = "beneficiary"
	FieldReportedAt  = "reported_at"
	FieldSynthesis   = "synthesis"
	FieldRestored    = "restored"
	// CustomField begins the names of fields that the configuration defines.
	CustomField = "custom."
)

// OriginAlert, OriginHand and the others say how a request came (S1-16 to 19).
const (
	OriginAlert  = "alert"
	OriginMail   = "mail"
	OriginCall   = "call"
	OriginPortal = "portal"
	OriginHand   = "hand"
	OriginAPI    = "api"
)

// Yes and No answer a field; an empty one is not answered.
const (
	Yes = "yes"
	No  = "no"
)

// Field is a field of a qualification that is words.
type Field struct {
	Name  string
	Most  int      // bytes
	Long  bool     // it may have several lines
	Words []string // what it may be; none: free words
	of    func(q *Qualification) *string
}

func yesNo() []string { return []string{Yes, No} }

// Fields lists the fields that are words, in the order in which people read them.
func Fields() []Field {
	return []Field{
		{"origin", MaxWord, false, []string{OriginAlert, OriginMail, OriginCall, OriginPortal, OriginHand, OriginAPI}, func(q *Qualification) *string { return &q.Origin }},
		{"description", MaxDescription, true, nil, func(q *Qualification) *string { return &q.Description }},
		{"symptoms", MaxNote, true, nil, func(q *Qualification) *string { return &q.Symptoms }},
		{"application", MaxWord, false, nil, func(q *Qualification) *string { return &q.Application }},
		{"equipment", MaxWord, false, nil, func(q *Qualification) *string { return &q.Equipment }},
		{"category", MaxWord, false, nil, func(q *Qualification) *string { return &q.Category }},
		{"domain", MaxWord, false, nil, func(q *Qualification) *string { return &q.Domain }},
		{"service", MaxWord, false, nil, func(q *Qualification) *string { return &q.Service }},
		{"impact", MaxWord, false, []string{"person", "several", "everybody"}, func(q *Qualification) *string { return &q.Impact }},
		{"business_impact", MaxWord, false, []string{"none", "some", "much"}, func(q *Qualification) *string { return &q.BusinessImpact }},
		{"workaround", MaxWord, false, yesNo(), func(q *Qualification) *string { return &q.Workaround }},
		{"strategic", MaxWord, false, yesNo(), func(q *Qualification) *string { return &q.Strategic }},
		{"requester_urgency", MaxWord, false, []string{"low", "medium", "high"}, func(q *Qualification) *string { return &q.RequesterUrgency }},
		{"complexity", MaxWord, false, []string{"standard", "confirmed", "expert"}, func(q *Qualification) *string { return &q.Complexity }},
		{"billable", MaxWord, false, yesNo(), func(q *Qualification) *string { return &q.Billable }},
		{FieldSynthesis, MaxNote, true, nil, func(q *Qualification) *string { return &q.Synthesis }},
		{FieldRestored, MaxNote, true, nil, func(q *Qualification) *string { return &q.Restored }},
	}
}

// Closing are the fields that somebody fills in who resolves a ticket.
func Closing() []string { return []string{FieldSynthesis, FieldRestored} }

// FindField finds a field that is words.
func FindField(name string) (Field, bool) {
	for _, f := range Fields() {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Parties are the names of the fields that are somebody.
func Parties() []string { return []string{FieldContact, FieldRequester, FieldBeneficiary} }

// FieldNames lists all that a person can change, in the order in which people
// read it, without the fields that the configuration defines.
func FieldNames() []string {
	names := []string{FieldTitle, FieldKind, FieldUrgency, FieldCustomer, FieldSite}
	names = append(names, Parties()...)
	for _, f := range Fields() {
		names = append(names, f.Name)
	}
	return append(names, FieldReportedAt)
}

// party is the place of a field that is somebody; nil if it is none.
func (q *Qualification) party(field string) **Party {
	switch field {
	case FieldContact:
		return &q.Contact
	case FieldRequester:
		return &q.Requester
	case FieldBeneficiary:
		return &q.Beneficiary
	}
	return nil
}

// Text is a field as a text; empty if it is not said, or if there is no such field.
func (q *Qualification) Text(field string) string {
	if name, custom := strings.CutPrefix(field, CustomField); custom {
		return q.Custom[name]
	}
	if p := q.party(field); p != nil {
		return (*p).String()
	}
	if field == FieldReportedAt {
		if q.ReportedAt.IsZero() {
			return ""
		}
		return q.ReportedAt.UTC().Format(time.RFC3339)
	}
	if f, ok := FindField(field); ok {
		return *f.of(q)
	}
	return ""
}

// Said lists the fields that are said, in their order, the configured ones last.
func (q *Qualification) Said() []string {
	var names []string
	for _, name := range FieldNames() {
		if q.Text(name) != "" {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.Custom)) {
		names = append(names, CustomField+name)
	}
	return names
}

// Edit is what a field is to be: a text, or somebody. Neither empties the field.
type Edit struct {
	Field string `json:"field"`
	Text  string `json:"text,omitempty" holds:"free"`
	Party *Party `json:"party,omitempty" holds:"personal"`
}

// Apply does an edit of the sheet's own fields. It is false for a field of the
// ticket itself. What Edits refuses must not come here.
func (q *Qualification) Apply(e *Edit) bool {
	if name, custom := strings.CutPrefix(e.Field, CustomField); custom {
		if e.Text == "" {
			delete(q.Custom, name)
			return true
		}
		if q.Custom == nil {
			q.Custom = map[string]string{}
		}
		q.Custom[name] = e.Text
		return true
	}
	if p := q.party(e.Field); p != nil {
		if *p = nil; e.Party != nil && *e.Party != (Party{}) {
			party := *e.Party
			*p = &party
		}
		return true
	}
	if e.Field == FieldReportedAt {
		q.ReportedAt, _ = time.Parse(time.RFC3339, e.Text) // Check has read it; empty is none
		q.ReportedAt = q.ReportedAt.UTC()
		return true
	}
	f, ok := FindField(e.Field)
	if ok {
		*f.of(q) = e.Text
	}
	return ok
}

// Qualifying is a field of the ticket itself that a person can change.
func (t *Ticket) Qualifying(field string) (text string, ok bool) {
	switch field {
	case FieldTitle:
		return t.Title, true
	case FieldKind:
		return string(t.Kind), true
	case FieldUrgency:
		return t.Urgency.String(), true
	case FieldCustomer:
		return t.Customer, true
	case FieldSite:
		return t.Site, true
	}
	return "", false
}

// FieldError is what is wrong with a field.
type FieldError struct {
	Field   string
	Problem string
	Values  []string // what it may be; nil: anything else
}

// Error names the field, what is wrong, and what it may be.
func (e *FieldError) Error() string {
	text := e.Field + ": " + e.Problem
	if len(e.Values) > 0 {
		text += ": " + strings.Join(e.Values, ", ")
	}
	return text
}

// Check makes an edit fit to be kept: it trims texts, and refuses what is too
// long, no word of the field's, or no field at all. Rules that the configuration
// makes are escalation's.
func (e *Edit) Check() error {
	switch {
	case slices.Contains(Parties(), e.Field):
		return e.checkParty()
	case e.Party != nil:
		return &FieldError{Field: e.Field, Problem: "a text is wanted, not somebody"}
	}
	most, words := MaxWord, []string(nil)
	f, known := FindField(e.Field)
	switch {
	case known:
		most, words = f.Most, f.Words
	case e.Field == FieldTitle:
		most = MaxTitle
	case e.Field == FieldSite:
		most = MaxSite
	case e.Field == FieldKind:
		words = []string{string(Incident), string(Request)}
	case e.Field == FieldUrgency:
		words = []string{Critical.String(), Major.String(), Minor.String(), Low.String()}
	case strings.HasPrefix(e.Field, CustomField):
		most = MaxCustom
	case e.Field != FieldCustomer && e.Field != FieldReportedAt:
		return &FieldError{Field: Cut(e.Field, MaxWord), Problem: "there is no such field", Values: append(FieldNames(), "custom")}
	}
	e.Text = Typed(e.Text, f.Long || strings.HasPrefix(e.Field, CustomField))
	switch {
	case len(e.Text) > most:
		return &FieldError{Field: e.Field, Problem: fmt.Sprintf("%d bytes at most, not %d", most, len(e.Text))}
	case e.Text == "" && slices.Contains([]string{FieldTitle, FieldKind, FieldUrgency}, e.Field):
		return &FieldError{Field: e.Field, Problem: "it is needed", Values: words}
	case e.Text != "" && words != nil && !slices.Contains(words, e.Text):
		return &FieldError{Field: e.Field, Problem: fmt.Sprintf("it cannot be %q", Cut(e.Text, MaxWord)), Values: words}
	case e.Field == FieldReportedAt && e.Text != "":
		at, err := time.Parse(time.RFC3339, e.Text)
		if err != nil || at.Year() < 1970 || at.Year() > 9999 {
			return &FieldError{Field: e.Field, Problem: fmt.Sprintf("%q is no time as 2026-11-21T03:12:00Z (RFC 3339)", Cut(e.Text, MaxWord))}
		}
		e.Text = at.UTC().Format(time.RFC3339)
	}
	return nil
}

func (e *Edit) checkParty() error {
	if e.Party == nil {
		if e.Text = Typed(e.Text, false); e.Text == "" {
			return nil
		}
		e.Party, e.Text = &Party{ID: e.Text}, ""
	}
	p := *e.Party
	for _, part := range []struct {
		name string
		text *string
	}{{"id", &p.ID}, {"name", &p.Name}, {"email", &p.Email}, {"phone", &p.Phone}} {
		*part.text = Typed(*part.text, false)
		if len(*part.text) > MaxWord {
			return &FieldError{Field: e.Field + "." + part.name, Problem: fmt.Sprintf("%d bytes at most, not %d", MaxWord, len(*part.text))}
		}
	}
	e.Party = &p
	return nil
}

// Typed is what somebody typed, without what no keyboard has: control characters
// are blanks. A field of one line has no line breaks, and no blanks in a row.
func Typed(text string, long bool) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r == '\n' && long || r == '\t' && long {
			return r
		}
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if !long {
		return strings.Join(strings.Fields(text), " ")
	}
	return strings.TrimSpace(text)
}
