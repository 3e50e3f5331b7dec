package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Asleep says until when a page of a ticket is held back from a person who is not to be
// paged now for what is not urgent; false if it may go.
func Asleep(t *ticket.Ticket, p *contacts.Person, now time.Time) (until time.Time, yes bool) {
	if t.Urgency == ticket.Critical {
		return now, false
	}
	return p.Sleeps(t.Urgency.String(), now)
}

// awake are those of people who may be paged now. Those who sleep, and could be reached,
// are later; first is when the first of them may be paged. A group's telephone sleeps as
// long as everybody does who may hold it.
func (s *stepper) awake(people []contacts.Person, by []string) (now, later []contacts.Person, first time.Time) {
	for i := range people {
		until, sleeps := Asleep(&s.t, &people[i], s.Now)
		if !sleeps || len(s.usable(people[i], by)) == 0 {
			now = append(now, people[i])
			continue
		}
		if later = append(later, people[i]); first.IsZero() || until.Before(first) {
			first = until
		}
	}
	if len(later) > 0 && !slices.ContainsFunc(now, func(p contacts.Person) bool { return p.Group == "" }) {
		now = nil
	}
	return now, later, first
}

// asleep says until when nobody of a step is to be paged because all whom it reaches
// sleep, or until others may be on duty. One that reaches nobody is not asleep.
func (s *stepper) asleep(step *ticket.Step) (until time.Time, yes bool) {
	people, _ := s.Rules.Directory.Paged(step.Group, s.Now)
	now, later, first := s.awake(people, step.By)
	reached := slices.ContainsFunc(now, func(p contacts.Person) bool { return len(s.usable(p, step.By)) > 0 })
	if yes = len(later) > 0 && !reached; yes {
		for _, change := range s.Rules.Directory.Changes(step.Group, s.Now.Add(1), first) {
			return change, true
		}
	}
	return first, yes
}

// reconsidered looks again at what waits because people sleep: a configuration, or who is
// on call, has changed. What is due by now is done.
func (s *stepper) reconsidered() {
	if s.t.State != ticket.Open {
		return
	}
	found := false
	for i := range s.t.Progress.Steps {
		step, run := &s.t.Policy.Steps[i], &s.t.Progress.Steps[i]
		if run.Stopped {
			continue
		}
		if run.Asleep && run.Next.After(s.Now) && s.mayPage(step) {
			run.Next, found = s.Now, true
		}
		for j := range run.Later {
			l := &run.Later[j]
			person, known := s.Rules.Directory.Person(l.Person)
			if _, sleeps := Asleep(&s.t, &person, s.Now); known && !sleeps && l.At.After(s.Now) && slices.Contains(step.By, l.Channel) {
				l.At, found = s.Now, true
			}
		}
	}
	if found {
		s.changed = true
		s.rounds()
	}
}

// Waits says whether a ticket waits because people sleep: it may be judged anew.
func Waits(t *ticket.Ticket) bool {
	return t.State == ticket.Open && slices.ContainsFunc(t.Progress.Steps, func(run ticket.StepRun) bool {
		return run.Asleep || len(run.Later) > 0
	})
}

// plan says which pages of a step's round come later: to whoever sleeps once that is
// over, and by the channels that people want beside those of the step. It returns the
// channels beside them whose time has come already. A channel of the step is never put
// off.
func (s *stepper) plan(run *ticket.StepRun, by []string, now, later []contacts.Person) (beside map[string][]string) {
	run.Later = slices.DeleteFunc(run.Later, func(l ticket.Later) bool { return true })
	since := map[string]time.Time{}
	for i := range now {
		p := &now[i]
		rings := p.Wake[s.t.Urgency.String()]
		if len(rings) == 0 {
			continue
		}
		began, known := run.Since[p.Key]
		if !known {
			began = s.Now
		}
		since[p.Key] = began
		for n, ring := range rings {
			if slices.ContainsFunc(rings[:n], func(r contacts.Ring) bool { return r.Channel == ring.Channel }) {
				continue // the first word on a channel counts
			}
			due := began.Add(ring.After)
			switch {
			case slices.Contains(by, ring.Channel), !s.Reach(*p, ring.Channel):
			case due.After(s.Now):
				run.Later = append(run.Later, ticket.Later{Means: ticket.Means{Person: p.Key, Channel: ring.Channel}, At: due})
			default:
				if beside == nil {
					beside = map[string][]string{}
				}
				beside[p.Key] = append(beside[p.Key], ring.Channel)
			}
		}
	}
	for i := range later {
		until, _ := Asleep(&s.t, &later[i], s.Now)
		for _, channel := range s.usable(later[i], by) {
			run.Later = append(run.Later, ticket.Later{Means: ticket.Means{Person: later[i].Key, Channel: channel}, At: until})
		}
	}
	if run.Since = since; len(since) == 0 {
		run.Since = nil
	}
	return beside
}

// later orders the pages of a step's round whose time has come.
func (s *stepper) later(i int) {
	step, run := &s.t.Policy.Steps[i], &s.t.Progress.Steps[i]
	var due []ticket.Later
	run.Later = slices.DeleteFunc(run.Later, func(l ticket.Later) bool {
		if !l.At.After(s.Now) {
			due = append(due, l)
		}
		return !l.At.After(s.Now)
	})
	if len(due) == 0 || run.Stopped {
		return
	}
	s.changed = true
	if opens, free := s.held(step); !free {
		for _, l := range due {
			run.Later = append(run.Later, ticket.Later{Means: l.Means, At: opens})
		}
		return
	}
	people, _ := s.Rules.Directory.On(step.Group, s.Now)
	for k := range people {
		p := &people[k]
		var by []string
		for _, l := range due {
			if l.Person != p.Key || slices.Contains(run.Reached, l.Means) {
				continue
			}
			if until, sleeps := Asleep(&s.t, p, s.Now); sleeps {
				run.Later = append(run.Later, ticket.Later{Means: l.Means, At: until})
				continue
			}
			by = append(by, l.Channel)
		}
		if len(by) > 0 {
			run.Reached = append(run.Reached, s.order(ticket.PolicyStep(i), max(run.Round-1, 0), people[k:k+1], by)...)
		}
	}
	s.judge(i)
}
