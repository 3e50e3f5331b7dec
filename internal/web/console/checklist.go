package console

import (
	"cmp"
	"net/http"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// checklist is what the category of a ticket has one ask and do.
type checklist struct {
	W         *lang.Work
	Questions []string
	Points    []pointLine
	Can       bool // the reader may tick
}

// pointLine is a point. Press says what a press of it means.
type pointLine struct {
	ID, Text, Press, When, Class string
	Done, Required               bool
}

func (c *Console) checklistOf(who *reader, v *look.Viewer, view *ticket.View) checklist {
	w := &who.words.Work
	list := checklist{W: w, Can: who.may(technician) && view.Ticket.State != ticket.Closed}
	if view.Sheet == nil {
		return list
	}
	if category, known := who.rules.Desk.Category(view.Sheet.Category); known && view.Ticket.State.Active() {
		list.Questions = category.Questions
	}
	for i := range view.Sheet.Checklist {
		p := &view.Sheet.Checklist[i]
		line := pointLine{ID: p.ID, Text: p.Text, Done: p.Done(), Required: p.Required && !p.Done(), Press: lang.Fill(w.Tick, "point", p.Text)}
		switch {
		case p.Done():
			line.Press = lang.Fill(w.Untick, "point", p.Text)
			line.When, line.Class = lang.Fill(w.DoneBy, "who", v.Name(p.DoneBy), "at", v.At(p.DoneAt)), "good"
		case p.DueAt.IsZero():
		case p.DueAt.After(who.now):
			line.When = lang.Fill(w.DueAt, "at", v.At(p.DueAt))
		default:
			line.When, line.Class = lang.Fill(w.Overdue, "at", v.At(p.DueAt)), "bad"
		}
		list.Points = append(list.Points, line)
	}
	return list
}

func (c *Console) tick(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActTick, func() (*ticket.Work, error) {
		id := r.PostFormValue("done")
		return &ticket.Work{Tick: &ticket.Tick{ID: cmp.Or(id, r.PostFormValue("undone")), Done: id != ""}}, nil
	})
}
