package escalation

import (
	"cmp"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// task writes down what somebody did, or changes what is written.
func (s *stepper) task(e Acted) error {
	edit := e.Work.Task
	was := s.Sheet.Task(edit.ID)
	task := ticket.Task{ID: edit.ID, By: author(&e.Actor)}
	switch {
	case e.Work.Change && was == nil:
		return ErrNoPart
	case e.Work.Change && !e.Work.Any && was.By != author(&e.Actor):
		return ErrNotTheirs
	case e.Work.Change:
		task = *was
	case was != nil: // it is there already: whoever asks does not know that it worked
		return nil
	case s.Sheet != nil && len(s.Sheet.Tasks) >= ticket.MaxTasks:
		return ErrManyParts
	}
	if err := task.Edit(edit, s.Now); err != nil {
		return err //nolint:wrapcheck // it names the field
	}
	if task.Public && !published(was) {
		task.Published = s.Now.UTC().Truncate(time.Second)
	}
	said := ticket.Said{Detail: ticket.SaidTask, Text: task.Text, Args: ticket.Args{Task: &ticket.TaskDone{
		ID: task.ID, Kind: task.Kind, At: task.At, Minutes: task.Minutes, Public: task.Public,
	}}}
	if e.Work.Change {
		if task == *was {
			return nil
		}
		said.Detail = ticket.SaidTaskChanged
		*s.edit().Task(task.ID) = task
	} else {
		sheet := s.edit()
		sheet.Tasks = append(sheet.Tasks, task)
	}
	said.Args.Clocks = s.taskClocks(&task, was)
	s.log(ticket.EntryTask, &e.Actor, e.Via, said)
	return nil
}

// intervene plans an intervention, or changes one that is planned. The house's plan
// hears of it by an errand.
func (s *stepper) intervene(e Acted) error {
	edit := e.Work.Intervention
	was := s.Sheet.Intervention(edit.ID)
	plan := ticket.Intervention{ID: edit.ID}
	switch {
	case e.Work.Change && was == nil:
		return ErrNoPart
	case e.Work.Change:
		plan = *was
	case was != nil:
		return nil
	case s.Sheet != nil && len(s.Sheet.Interventions) >= ticket.MaxInterventions:
		return ErrManyParts
	}
	if err := plan.Edit(edit, s.Now); err != nil {
		return err //nolint:wrapcheck // it names the field
	}
	if _, known := s.Rules.Directory.Person(plan.Person); plan.Person != "" && !known && edit.Person != nil {
		return &ticket.FieldError{Field: "person", Problem: "nobody has that name"}
	}
	detail := ticket.SaidPlanned
	if e.Work.Change {
		if plan == *was {
			return nil
		}
		detail = ticket.SaidReplanned
		*s.edit().Intervention(plan.ID) = plan
	} else {
		sheet := s.edit()
		sheet.Interventions = append(sheet.Interventions, plan)
	}
	switch {
	case plan.State == ticket.InterventionCancelled:
		detail = ticket.SaidUnplanned
	case plan.State == ticket.InterventionDone:
		detail = ticket.SaidPlanDone
	}
	s.log(ticket.EntryIntervention, &e.Actor, e.Via, ticket.Said{Detail: detail, Args: ticket.Args{
		Instant: plan.From, Until: plan.Until, Person: plan.Person, Place: plan.Place,
	}})
	s.intoPlan(e, &plan)
	return nil
}

// intoPlan has the plan of the house know an intervention as it is now.
func (s *stepper) intoPlan(e Acted, one *ticket.Intervention) {
	s.errand(e, ticket.Errand{Plan: &ticket.Planned{Ticket: s.t.Number, Title: s.t.Title, Customer: s.t.Customer, Site: s.t.Site, Intervention: *one}})
}

// intoPlanAgain has the plan know whose the ticket's interventions are now: that says who
// sees them.
func (s *stepper) intoPlanAgain(e Acted) {
	sheet := cmp.Or(s.edited, s.Sheet)
	if sheet == nil {
		return
	}
	for i := range sheet.Interventions {
		s.intoPlan(e, &sheet.Interventions[i])
	}
}
