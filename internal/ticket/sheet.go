package ticket

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SheetRecords is the kind of the records that hold sheets. A sheet's home is
// its ticket's source, and its key the ticket's number.
const SheetRecords = "sheet"

// LeaveWith are the kinds of records that leave a store with their ticket
// (Past): those under the ticket's number, in the home of its source.
func LeaveWith() []string { return []string{SheetRecords} }

// Sheet is what a ticket holds for people alone: no page and no deadline needs
// it, and what opens and pages for alerts neither reads nor writes it. A ticket
// has none until a person has something to say of it. Every change of it is
// made in a commit of the ticket.
//
// Another verb adds something to it so:
//   - a field here, with the JSON name that the API shows (omitempty or
//     omitzero), bounded in the table of limits; a zero value means nothing;
//   - the verb's action is in escalation's table sheeted, so that the engine
//     reads the sheet before it asks Step;
//   - Step changes what stepper.edit returns, a copy, and writes a line of the
//     timeline. The commit that has the line has the sheet. If somebody else
//     was first, both are computed again from what is there then.
//
// Stores, View and the API's ticket need no line for it. A sheet that would not
// fit into a record is refused as a whole (Fits).
type Sheet struct {
	Qualification

	Attachments   []Attachment   `json:"attachments,omitempty"`
	Tasks         []Task         `json:"tasks,omitempty"`
	Interventions []Intervention `json:"interventions,omitempty"`
	Links         []Tie          `json:"links,omitempty"`
	Checklist     []Point        `json:"checklist,omitempty"` // of its category
	// CategorySince are the categories whose points somebody left, with when the ticket first
	// came into each: coming back puts nothing off.
	CategorySince map[string]time.Time `json:"category_since,omitempty"`
	Meeting       string               `json:"meeting,omitempty" holds:"free"` // where one meets its user (CheckMeeting)

	// Qualified counts the changes of the qualification, and says who made the last
	// one of each field.
	Qualified Qualified `json:"qualified,omitzero"`
}

// Qualified is how often a qualification was changed, and by whom.
type Qualified struct {
	Version int              `json:"version"`
	Fields  map[string]Touch `json:"fields,omitempty"`
}

// Touch is the last change of a field.
type Touch struct {
	Version int       `json:"version"` // that the change made
	By      Actor     `json:"by"`
	At      time.Time `json:"at"`
}

// ReadSheet reads the value of a sheet's record.
func ReadSheet(value []byte) (*Sheet, error) {
	s := &Sheet{}
	if err := json.Unmarshal(value, s); err != nil {
		return nil, fmt.Errorf("ticket: read a sheet: %w", err)
	}
	return s, nil
}

// Value is the value of the sheet's record.
func (s *Sheet) Value() ([]byte, error) {
	value, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("ticket: write a sheet: %w", err)
	}
	return value, nil
}

// Clone is a copy that shares nothing with the sheet; an empty one of nil.
func (s *Sheet) Clone() *Sheet {
	c := &Sheet{}
	if s == nil {
		return c
	}
	value, err := s.Value()
	if err == nil {
		c, err = ReadSheet(value)
	}
	if err != nil { // what was read from JSON can be written as JSON
		panic(err)
	}
	return c
}

// Fits reports whether the sheet fits into a record.
func (s *Sheet) Fits() bool {
	value, err := s.Value()
	return err == nil && len(value) <= MaxRecordValue
}

// Tag names the state of a ticket's qualification: the changes that were made of
// the sheet, and the urgency, which alerts raise too. s may be nil. The API
// gives it as the ETag, without the quotes.
func Tag(t *Ticket, s *Sheet) string {
	version := 0
	if s != nil {
		version = s.Qualified.Version
	}
	return strconv.Itoa(version) + "-" + t.Urgency.String()
}

// AnyTag fits whatever the state is.
const AnyTag = "*"

// Overwritten are the fields that were changed since the state that a tag names,
// with who did it, sorted by name. Of a tag that is none of ours these are all
// fields that were ever changed.
func Overwritten(t *Ticket, s *Sheet, tag string) []Overwrite {
	text, urgency, _ := strings.Cut(tag, "-")
	version, err := strconv.Atoi(text)
	if err != nil {
		version = 0
	}
	var all []Overwrite
	raised := urgency != "" && urgency != t.Urgency.String()
	if s != nil {
		for field, touch := range s.Qualified.Fields {
			if touch.Version > version {
				all = append(all, Overwrite{Field: field, By: touch.By, At: touch.At, Now: s.of(t, field)})
				raised = raised && field != FieldUrgency
			}
		}
	}
	if raised {
		all = append(all, Overwrite{Field: FieldUrgency, By: Actor{Kind: ActorSystem, Name: "rules"}, At: t.UpdatedAt, Now: t.Urgency.String()})
	}
	slices.SortFunc(all, func(a, b Overwrite) int { return strings.Compare(a.Field, b.Field) })
	return all
}

// Overwrite is a field that somebody else changed first.
type Overwrite struct {
	Field string    `json:"field"`
	By    Actor     `json:"by"`
	At    time.Time `json:"at"`
	Now   string    `json:"now" holds:"free"` // what it is now, in short
}

// of is a field of the qualification or of the ticket itself, in short.
func (s *Sheet) of(t *Ticket, field string) string {
	if text, ok := t.Qualifying(field); ok {
		return Cut(text, MaxEdited)
	}
	return Cut(s.Text(field), MaxEdited)
}

// Edit does edits of the sheet's own fields, and of none of the ticket, and says
// what changes in both. It notes who did it.
func (s *Sheet) Edit(t *Ticket, edits []Edit, by Actor, now time.Time) (edited []Edited) {
	next := *t
	was := map[string]string{}
	var order []string
	for i := range edits {
		e := &edits[i]
		text := func() string {
			if text, ok := next.Qualifying(e.Field); ok {
				return text
			}
			return s.Text(e.Field)
		}
		if _, twice := was[e.Field]; !twice {
			was[e.Field] = text()
			order = append(order, e.Field)
		}
		if !next.Qualify(e) {
			s.Apply(e)
		}
	}
	for _, field := range order {
		is, ok := next.Qualifying(field)
		if !ok {
			is = s.Text(field)
		}
		if is != was[field] {
			edited = append(edited, Edited{Field: field, Was: Cut(was[field], MaxEdited), Is: Cut(is, MaxEdited)})
		}
	}
	if len(edited) == 0 {
		return nil
	}
	s.Qualified.Version++
	if s.Qualified.Fields == nil {
		s.Qualified.Fields = map[string]Touch{}
	}
	for i := range edited {
		s.Qualified.Fields[edited[i].Field] = Touch{Version: s.Qualified.Version, By: by, At: now.UTC()}
	}
	return edited
}

// Qualify does an edit of one of the ticket's own fields; false if it is none.
func (t *Ticket) Qualify(e *Edit) bool {
	switch e.Field {
	case FieldTitle:
		t.Title = e.Text
		if !strings.HasPrefix(t.Title, t.Host) {
			t.Host = ""
		}
	case FieldKind:
		t.Kind = Kind(e.Text)
	case FieldUrgency:
		if u, err := ParseUrgency(e.Text); err == nil {
			t.Urgency = u
		}
	case FieldCustomer:
		t.Customer = e.Text
	case FieldSite:
		t.Site = e.Text
	default:
		return false
	}
	return true
}
