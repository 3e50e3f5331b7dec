package escalation

import (
	"errors"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What is refused of work that people write down.
var (
	ErrManyParts = errors.New("the ticket has as many of these as it takes")
	ErrNoPart    = errors.New("the ticket has nothing of that name")
	ErrNotTheirs = errors.New("somebody else wrote it")
)

// Working are the states in which work is written down: all but closed.
func Working() []ticket.State { return append(slices.Clone(active), ticket.StateResolved) }

// worked does what the work of an action asks for.
func (s *stepper) worked(e Acted) error {
	switch {
	case s.t.State == ticket.Closed:
		return s.refuse(e, Working()...)
	case e.Work == nil:
		return ErrNoPart
	case e.Action == ActAttach:
		return s.attach(e)
	case e.Action == ActDetach:
		return s.detach(e)
	case e.Action == ActTask && e.Work.Task != nil:
		return s.task(e)
	case e.Action == ActIntervene && e.Work.Intervention != nil:
		return s.intervene(e)
	case e.Action == ActTick && e.Work.Tick != nil:
		return s.tickPoint(e)
	case e.Action == ActMeet && e.Work.Meeting != nil:
		return s.meet(e)
	case e.Action == ActLink && e.Work.Link != nil:
		return s.link(e)
	}
	return ErrNoPart
}

// attach writes down files that came. One that is there already came before: whoever
// asks does not know that it worked.
func (s *stepper) attach(e Acted) error {
	have := 0
	if s.Sheet != nil {
		have = len(s.Sheet.Attachments)
	}
	size := s.Sheet.AttachmentsSize()
	for i := range e.Work.Attach {
		a := &e.Work.Attach[i]
		if s.Sheet.Attachment(a.ID) != nil {
			continue
		}
		have, size = have+1, size+a.Size
		if have > ticket.MaxAttachments || size > ticket.MaxAttachmentsSize {
			return ErrManyParts
		}
		sheet := s.edit()
		file := *a
		file.By, file.At = author(&e.Actor), s.Now.UTC()
		sheet.Attachments = append(sheet.Attachments, file)
		s.log(ticket.EntryAttached, &e.Actor, e.Via, filed(a))
	}
	return nil
}

// detach takes a file off the ticket. Its name stays in the timeline.
func (s *stepper) detach(e Acted) error {
	a := s.Sheet.Attachment(e.Work.Detach)
	switch {
	case a == nil:
		return ErrNoPart
	case !e.Work.Any && a.By != author(&e.Actor):
		return ErrNotTheirs
	}
	sheet := s.edit()
	sheet.Attachments = slices.DeleteFunc(sheet.Attachments, func(other ticket.Attachment) bool { return other.ID == a.ID })
	s.log(ticket.EntryDetached, &e.Actor, e.Via, filed(a))
	return nil
}

func filed(a *ticket.Attachment) ticket.Said {
	return ticket.Said{Args: ticket.Args{File: &ticket.File{ID: a.ID, Name: a.Name, Size: a.Size, SHA256: a.SHA256}}}
}

// author is by which name a sheet says who wrote something.
func author(a *ticket.Actor) string {
	if a == nil {
		return ""
	}
	return a.Name
}
