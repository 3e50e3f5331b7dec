package ticket

import (
	"slices"
	"strings"
	"time"
)

// SeenWithin is how far back a trouble is looked for that came before.
const SeenWithin = 30 * 24 * time.Hour

// SeenBefore says that a ticket's trouble is not new (S3-22): the same device and check had
// tickets before.
type SeenBefore struct {
	Count int        `json:"count"` // tickets of the same device and check within 30 days before it
	Last  *SeenOnce  `json:"last,omitempty"`
	Which []SeenOnce `json:"tickets,omitempty"` // the newest of them, SeenShown at most
}

// SeenShown is how many tickets are named of those that were seen before.
const SeenShown = 5

// SeenOnce is one of them.
type SeenOnce struct {
	Number     string    `json:"number"`
	OpenedAt   time.Time `json:"opened_at"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	ResolvedBy string    `json:"resolved_by,omitempty"` // a person's key; empty: no person did
	Synthesis  string    `json:"synthesis,omitempty"`
	Restored   string    `json:"restored,omitempty"`
}

// Device is what a ticket is about; empty: nobody knows.
func (t *Ticket) Device(s *Sheet) string {
	if s != nil && s.Equipment != "" {
		return s.Equipment
	}
	return t.Host
}

// Check is what went wrong there: the alert's name, what the title says beside the host, or
// the category of what a person reported.
func (t *Ticket) Check(s *Sheet) string {
	if name := t.Group["alertname"]; name != "" {
		return name
	}
	if s != nil && s.Category != "" {
		return s.Category
	}
	return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(t.Title, t.Host)))
}

// Before says what was seen before of a ticket, of tickets of its device and customer, the
// newest first.
func Before(t *Ticket, s *Sheet, others []View) (b SeenBefore) {
	check := t.Check(s)
	for i := range others {
		o, sheet := &others[i].Ticket, others[i].Sheet
		if o.Number == t.Number || o.Check(sheet) != check {
			continue
		}
		one := SeenOnce{Number: o.Number, OpenedAt: o.OpenedAt.UTC(), ResolvedAt: o.ResolvedAt.UTC(), ResolvedBy: o.ResolvedBy.Person()}
		if sheet != nil {
			one.Synthesis, one.Restored = Cut(sheet.Synthesis, MaxSeenText), Cut(sheet.Restored, MaxSeenText)
		}
		if b.Count++; len(b.Which) < SeenShown {
			b.Which = append(b.Which, one)
		}
		solved := one.Synthesis != "" || one.ResolvedBy != ""
		if solved && (b.Last == nil || b.Last.Synthesis == "" && one.Synthesis != "") {
			last := one
			b.Last = &last
		}
	}
	b.Which = slices.Clip(b.Which)
	return b
}
