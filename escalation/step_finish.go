package escalation

import (
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// finish resolves a ticket for somebody who says that it is over, with what he says of it
// at the end: a synthesis, how one knows that it works again, and whatever of the
// qualification was not right (S1-34 to 36, S3-28). A word that comes without a synthesis
// is one, by whatever way it came. All of it is done, or nothing.
func (s *stepper) finish(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	if err := s.current(&e); err != nil {
		return err
	}
	if err := s.Rules.keeps(&s.t, s.Sheet, e.Edits); err != nil {
		return err
	}
	was := s.t.State
	edits := slices.Clone(e.Edits)
	is := func(field string) func(ticket.Edit) bool {
		return func(edit ticket.Edit) bool { return edit.Field == field }
	}
	switch i := slices.IndexFunc(edits, is(ticket.FieldSynthesis)); {
	case i >= 0 && e.Said.Text == "":
		e.Said.Text = edits[i].Text
	case i < 0 && e.Said.Text != "":
		edits = s.withSynthesis(edits, e.Said.Text)
	}
	if i := slices.IndexFunc(edits, is(ticket.FieldRestored)); i >= 0 {
		e.Said.Args.Restored = edits[i].Text
	}
	s.resolve(e.Actor, e.Via, e.Said)
	s.t.Undo = &ticket.Undo{Until: s.Now.Add(UndoWithin), State: was}
	if len(edits) == 0 {
		return s.unfinished(&e)
	}
	// It is over by now: what follows from an urgency that rises pages nobody.
	e.Edits = edits
	edited := s.edit().Edit(&s.t, edits, e.Actor, s.Now)
	if len(edited) == 0 {
		s.edited = nil
		return s.unfinished(&e)
	}
	s.listed(edited)
	edited = slices.DeleteFunc(edited, func(one ticket.Edited) bool { return slices.Contains(ticket.Closing(), one.Field) })
	if len(edited) > 0 {
		s.qualified(e, edited)
	}
	return s.unfinished(&e)
}

// saysSo reports whether the ticket is as edits would have it.
func (s *stepper) saysSo(edits []ticket.Edit) bool {
	return len(edits) == 0 || len(s.Sheet.Clone().Edit(&s.t, edits, ticket.Actor{}, s.Now)) == 0
}

// withSynthesis adds a synthesis that nobody asked to be kept: it is left out where the
// sheet has no room for it, for the ticket is over all the same.
func (s *stepper) withSynthesis(edits []ticket.Edit, text string) []ticket.Edit {
	e := ticket.Edit{Field: ticket.FieldSynthesis, Text: text}
	if e.Check() != nil {
		return edits
	}
	if sheet := s.Sheet.Clone(); !sheet.Apply(&e) || !sheet.Fits() {
		return edits
	}
	return append(edits, e)
}
