package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A category can have a checklist (desk.categories.X.checklist). A ticket that comes into
// it gets the points by value (docs/adr/0071-checklists.md). A point that is due some time
// reminds whoever has the ticket, once when a fifth of its time is left, and once when it is
// due. It is a deadline of the ticket (ticket.OpenPoint.RemindAt), and goes to nobody else:
// no group, no manager. Nobody is woken for what is not urgent.

// UnfinishedError refuses to end a ticket while points of its checklist that are required
// are to do.
type UnfinishedError struct {
	Number string
	Points []string // their texts
}

// Error names them.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("ticket %s has points of its checklist that are still to do: %s", e.Number, strings.Join(e.Points, "; "))
}

// unfinished refuses to end the ticket while required points are open. What was done while
// the store was away is not undone, and alerts end their ticket whatever a list says.
func (s *stepper) unfinished(e *Acted) error {
	points := s.t.Unfinished()
	if len(points) == 0 || e.Said.Detail == ticket.SaidAway {
		return nil
	}
	return &UnfinishedError{Number: s.t.Number, Points: points}
}

// listed gives the ticket the checklist of its category, if edits change that, or when the
// trouble was reported.
func (s *stepper) listed(edited []ticket.Edited) {
	if slices.ContainsFunc(edited, func(e ticket.Edited) bool { return e.Field == "category" || e.Field == ticket.FieldReportedAt }) {
		s.list(s.edit())
	}
}

func (s *stepper) list(sheet *ticket.Sheet) {
	category, _ := s.Rules.Desk.Category(sheet.Category)
	sheet.List(category.Checklist, s.Now)
	s.openPoints(sheet)
}

// listedAtOnce gives a ticket that a person opens its checklist. One that its sheet has no
// room for is left out: an opening is never refused.
func (s *stepper) listedAtOnce() {
	if s.Sheet == nil || s.Sheet.Category == "" {
		return
	}
	if category, _ := s.Rules.Desk.Category(s.Sheet.Category); len(category.Checklist) == 0 {
		return
	}
	if s.list(s.edit()); !s.edited.Fits() {
		s.edited, s.t.Points = nil, nil
	}
}

// openPoints has the ticket know what is open of a checklist.
func (s *stepper) openPoints(sheet *ticket.Sheet) {
	was := s.t.Points
	s.t.Points = nil
	for i := range sheet.Checklist {
		p := &sheet.Checklist[i]
		if p.Done() || !p.Required && p.DueAt.IsZero() {
			continue
		}
		o := ticket.OpenPoint{ID: p.ID, Text: p.Text, Required: p.Required, DueAt: p.DueAt}
		if k := slices.IndexFunc(was, func(w ticket.OpenPoint) bool { return w.ID == p.ID && w.DueAt.Equal(p.DueAt) }); k >= 0 {
			o.RemindAt, o.Reminded, o.Held = was[k].RemindAt, was[k].Reminded, was[k].Held
		} else if !o.DueAt.IsZero() {
			s.planPoint(&o, time.Duration(p.Within))
		}
		s.t.Points = append(s.t.Points, o)
	}
	s.changed = true
}

// planPoint plans the reminders of a point. What is over already is no news to whoever
// changes the ticket.
func (s *stepper) planPoint(o *ticket.OpenPoint, within time.Duration) {
	early := s.openBefore(o.DueAt.Add(-within/5), o.DueAt.Add(-within))
	switch {
	case early.After(s.Now):
		o.RemindAt, o.Reminded = early, 0
	case o.DueAt.After(s.Now):
		o.RemindAt, o.Reminded = o.DueAt, 1
	default:
		o.RemindAt, o.Reminded = time.Time{}, 2
	}
}

// lookBack is by how much a reminder is brought forward at a time.
const lookBack = 30 * time.Minute

// openBefore is the last time until at, and after begin, at which people may be reminded:
// of what is due on Sunday morning they hear on Friday. If there is none it is at.
func (s *stepper) openBefore(at, begin time.Time) time.Time {
	if s.t.Urgency >= ticket.Major {
		return at
	}
	for t := at; t.After(begin); t = t.Add(-lookBack) {
		if s.Rules.DeskOpen(t) {
			return t
		}
	}
	return at
}

// remindWho is whoever has the ticket, and how that person is reminded; nobody, and in no
// way, if the directory does not know the person any more.
func (s *stepper) remindWho() (person contacts.Person, channels []string) {
	person, known := s.Rules.Directory.Person(s.t.Holder())
	if !known {
		return person, nil
	}
	return person, s.remindBy(person)
}

// remindable says whether whoever has the ticket may be reminded now, and else when.
func (s *stepper) remindable(person *contacts.Person, channels []string) (at time.Time, free bool) {
	if mute := s.t.Progress.Mute; s.t.State == ticket.Open && mute.Holds(s.Now) {
		return mute.Until, false
	}
	if s.t.Urgency < ticket.Major && !s.Rules.DeskOpen(s.Now) {
		if at, ok := s.Rules.deskOpens(s.Now); ok {
			return at, false
		}
	}
	if until, sleeps := Asleep(&s.t, person, s.Now); sleeps && len(channels) > 0 {
		return until, false
	}
	return s.Now, true
}

// unheld has the reminders come now that were put off, if nothing holds them back any more:
// somebody has ended the silence, the urgency rose, or somebody else has the ticket.
func (s *stepper) unheld() {
	held := func(o ticket.OpenPoint) bool { return o.Held }
	if s.t.State == ticket.Closed || !slices.ContainsFunc(s.t.Points, held) {
		return
	}
	person, channels := s.remindWho()
	if _, free := s.remindable(&person, channels); !free {
		return
	}
	s.changed, s.t.Points = true, slices.Clone(s.t.Points)
	for i := range s.t.Points {
		if o := &s.t.Points[i]; o.Held {
			o.RemindAt, o.Held = s.Now, false
		}
	}
}

// remind reminds whoever has the ticket of the points that are due, or soon will be.
func (s *stepper) remind() {
	s.changed = true
	s.t.Points = slices.Clone(s.t.Points)
	person, channels := s.remindWho()
	at, free := s.remindable(&person, channels)
	var told []*ticket.OpenPoint
	for i := range s.t.Points {
		o := &s.t.Points[i]
		if !due(o.RemindAt, s.Now) {
			continue
		}
		if !free {
			o.RemindAt, o.Held = at, true
			continue
		}
		o.Held = false
		if o.Reminded, o.RemindAt = 1, o.DueAt; !o.DueAt.After(s.Now) {
			o.Reminded, o.RemindAt = 2, time.Time{}
		}
		told = append(told, o)
	}
	if len(told) == 0 {
		return
	}
	for _, channel := range channels {
		s.page(ticket.KindDue, ticket.ForDue.Key(), ticket.Round(s.t.Progress.Reminded), person.Key, channel)
	}
	s.t.Progress.Reminded++
	for _, o := range told {
		said := ticket.Said{Detail: ticket.SaidPointUnheard, Text: o.Text, Args: ticket.Args{Instant: o.DueAt, Person: s.t.Holder()}}
		if len(channels) > 0 {
			said.Detail, said.Args.Person = ticket.SaidPointDue, ""
			said.Args.Called = []ticket.Called{{Person: person.Key, Channels: channels}}
		}
		s.rule(ticket.EntryPoint, said)
	}
}

// remindBy are the channels by which a person is reminded: those of the policy's first
// step, or any that reaches him.
func (s *stepper) remindBy(p contacts.Person) []string {
	if steps := s.t.Policy.Steps; len(steps) > 0 {
		if channels := s.usable(p, steps[0].By); len(channels) > 0 {
			return channels
		}
	}
	return s.usable(p, s.Rules.Channels)
}

// tickPoint notes that a point is done, or not yet.
func (s *stepper) tickPoint(e Acted) error {
	tick := e.Work.Tick
	was := s.Sheet.Point(tick.ID)
	switch {
	case was == nil:
		return ErrNoPart
	case was.Done() == tick.Done:
		return nil
	}
	sheet := s.edit()
	p, detail := sheet.Point(tick.ID), ticket.SaidPointDone
	p.DoneAt, p.DoneBy = s.Now.UTC().Truncate(time.Second), author(&e.Actor)
	if !tick.Done {
		p.DoneAt, p.DoneBy, detail = time.Time{}, "", ticket.SaidPointOpen
	}
	s.log(ticket.EntryPoint, &e.Actor, e.Via, ticket.Said{Detail: detail, Text: p.Text})
	s.openPoints(sheet)
	return nil
}

// pointsUntil is when the last point is due that nobody has ticked; zero: none is.
func (s *stepper) pointsUntil() (last time.Time) {
	for i := range s.t.Points {
		if at := s.t.Points[i].DueAt; at.After(last) {
			last = at
		}
	}
	return last
}
