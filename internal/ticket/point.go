package ticket

import (
	"slices"
	"strconv"
	"time"
)

// Point is a point of a ticket's checklist. It is what the configuration said of the
// ticket's category when the ticket came into it: a reload changes none (S3-25, S3-32).
type Point struct {
	ID       string    `json:"id"`
	Category string    `json:"category"`
	Text     string    `json:"text"`
	Within   Span      `json:"within,omitempty"` // so long after Since, in real hours; 0: it is never due
	Required bool      `json:"required,omitempty"`
	Since    time.Time `json:"since"`            // the ticket first came into the category
	DueAt    time.Time `json:"due_at,omitzero"`  // zero: it is never due
	DoneAt   time.Time `json:"done_at,omitzero"` // somebody ticked it; zero: nobody has
	DoneBy   string    `json:"done_by,omitempty" holds:"personal"`
}

// Done reports whether somebody has ticked the point.
func (p *Point) Done() bool { return !p.DoneAt.IsZero() }

// count sets when the point is due: it counts from when the ticket came into its category,
// or from when the trouble was reported, if that was before.
func (p *Point) count(reported time.Time) {
	if p.Within == 0 {
		return
	}
	from := p.Since
	if !reported.IsZero() && reported.Before(from) {
		from = reported
	}
	p.DueAt = from.Add(time.Duration(p.Within))
}

// Tick says of a point that it is done, or not yet.
type Tick struct {
	ID   string
	Done bool
}

// Point finds a point of the checklist; nil if there is none of that ID.
func (s *Sheet) Point(id string) *Point {
	if s == nil {
		return nil
	}
	return find(s.Checklist, func(p *Point) bool { return p.ID == id })
}

// List gives the sheet the checklist of its category: points is what the configuration
// has. What somebody ticked stays, of another category too; what nobody did of another
// category goes. Since a point is due so long after the trouble was reported, it is counted
// again. Coming back to a category puts nothing off.
func (s *Sheet) List(points []Point, now time.Time) {
	last := 0
	for i := range s.Checklist {
		if n, err := strconv.Atoi(s.Checklist[i].ID); err == nil {
			last = max(last, n)
		}
	}
	s.leave()
	since := s.since(now.UTC().Truncate(time.Second))
	for i := range points {
		text := points[i].Text
		if slices.ContainsFunc(s.Checklist, func(p Point) bool { return p.Category == s.Category && p.Text == text }) {
			continue
		}
		p := points[i]
		last++
		p.ID, p.Category, p.Since = strconv.Itoa(last), s.Category, since
		s.Checklist = append(s.Checklist, p)
	}
	for len(s.Checklist) > MaxPoints { // somebody goes through many categories: the oldest ticks go
		s.Checklist = s.Checklist[1:]
	}
	for i := range s.Checklist {
		if p := &s.Checklist[i]; !p.Done() {
			p.count(s.ReportedAt)
		}
	}
}

// leave takes away what nobody did of another category, and remembers since when it was to
// be done.
func (s *Sheet) leave() {
	s.Checklist = slices.DeleteFunc(s.Checklist, func(p Point) bool {
		if p.Done() || p.Category == s.Category {
			return false
		}
		at, known := s.CategorySince[p.Category]
		if p.Within > 0 && (known && p.Since.Before(at) || !known && len(s.CategorySince) < MaxListed) {
			if s.CategorySince == nil {
				s.CategorySince = map[string]time.Time{}
			}
			s.CategorySince[p.Category] = p.Since
		}
		return true
	})
}

// since is when the ticket first came into its category: what is due counts from when one
// knew, however often somebody changed the word for it.
func (s *Sheet) since(now time.Time) time.Time {
	first := now
	if at, known := s.CategorySince[s.Category]; known && at.Before(first) {
		first = at
	}
	for i := range s.Checklist {
		if p := &s.Checklist[i]; p.Category == s.Category && p.Since.Before(first) {
			first = p.Since
		}
	}
	return first
}

// OpenPoint is what a ticket itself knows of a point that nobody has ticked, and that is
// required or due some time: deadlines are kept without the sheet.
type OpenPoint struct {
	ID       string    `json:"id"`
	Text     string    `json:"text"`
	Required bool      `json:"required,omitempty"`
	DueAt    time.Time `json:"due_at,omitzero"`
	RemindAt time.Time `json:"remind_at,omitzero"` // whoever has the ticket is reminded then; zero: no more
	Reminded int       `json:"reminded,omitempty"` // so often
	Held     bool      `json:"held,omitempty"`     // the reminder was put off until RemindAt: it comes sooner if it may
}

// Holder is the person who has the ticket; empty: nobody. Whoever resolved it has what is
// left to do.
func (t *Ticket) Holder() string {
	by := t.AcknowledgedBy
	switch {
	case t.State == StateResolved:
		by = t.ResolvedBy
	case t.State == InProgress && t.PickedUpBy != nil:
		by = t.PickedUpBy
	}
	if (t.State.Taken() || t.State == StateResolved) && by.Person() != "" {
		return by.Person()
	}
	return t.Assignee
}

// Unfinished are the required points that nobody has ticked.
func (t *Ticket) Unfinished() (texts []string) {
	for i := range t.Points {
		if t.Points[i].Required {
			texts = append(texts, t.Points[i].Text)
		}
	}
	return texts
}

// PointDue is the point of which whoever has the ticket was reminded, the one that is due
// first; nil: there is none.
func (t *Ticket) PointDue() (first *OpenPoint) {
	for i := range t.Points {
		if p := &t.Points[i]; p.Reminded > 0 && !p.DueAt.IsZero() && (first == nil || p.DueAt.Before(first.DueAt)) {
			first = p
		}
	}
	return first
}

// remindAt is when whoever has the ticket is to be reminded of a point; zero: nobody has
// it, or nothing is due.
func (t *Ticket) remindAt() (at time.Time) {
	if len(t.Points) == 0 || t.Holder() == "" {
		return at
	}
	for i := range t.Points {
		at = earliest(at, t.Points[i].RemindAt)
	}
	return at
}

// RemindDue reports whether somebody is to be reminded of a point by now.
func (t *Ticket) RemindDue(now time.Time) bool {
	at := t.remindAt()
	return t.State != Closed && !at.IsZero() && !at.After(now)
}
