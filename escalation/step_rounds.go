package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// episode begins a new one: every step counts from now. The first round of the
// first step is due at first, which is later than now only for a flapping
// ticket. If goOn is set, steps that had begun go on in the new episode:
// whoever was woken for a ticket that nobody took is not dropped because it
// got worse.
func (s *stepper) episode(first time.Time, goOn bool) {
	p := &s.t.Progress
	was := p.Steps
	p.Episode++
	p.Began = s.Now
	p.Failed, p.Everybody = nil, nil
	p.Steps = make([]ticket.StepRun, len(s.t.Policy.Steps))
	if p.Episode > 1 {
		s.rule(ticket.EntryEpisode, ticket.Said{Args: ticket.Args{Episode: p.Episode}})
	}
	if s.hushed {
		return // remarked takes the ticket
	}
	if p.Mute.Holds(s.Now) {
		s.hold(p.Mute)
		return // the end of the silence begins another
	}
	s.unmute()
	if s.raiseFreed() {
		goOn, p.Steps = false, make([]ticket.StepRun, len(s.t.Policy.Steps))
	}
	for i := range p.Steps {
		switch {
		case s.t.Policy.Steps[i].After == 0:
			s.start(i, first)
		case goOn && i < len(was) && !was[i].Started.IsZero() && !was[i].Stopped:
			s.start(i, s.Now)
		}
	}
	s.rounds()
}

// start begins a step. Its first round is due at first.
func (s *stepper) start(i int, first time.Time) {
	s.changed = true
	run := &s.t.Progress.Steps[i]
	run.Started, run.Next = s.Now, first
	if s.t.Policy.Steps[i].Instead && s.reaches(i) {
		s.replace(i)
	}
}

// mayPage says whether a round of a step could be done now: no calendar holds it back,
// and not all whom it reaches sleep.
func (s *stepper) mayPage(step *ticket.Step) bool {
	_, free := s.held(step)
	_, sleeps := s.asleep(step)
	return free && !sleeps
}

// reaches reports whether a round of the step would page somebody now.
func (s *stepper) reaches(i int) bool {
	step := &s.t.Policy.Steps[i]
	if _, ok := s.held(step); !ok {
		return false
	}
	if _, sleeps := s.asleep(step); sleeps {
		return false
	}
	people, _ := s.Rules.Directory.Paged(step.Group, s.Now)
	return slices.ContainsFunc(people, func(p contacts.Person) bool { return len(s.usable(p, step.By)) > 0 })
}

// replace stops the steps before a step that pages instead of them.
func (s *stepper) replace(i int) {
	for j := range i {
		s.t.Progress.Steps[j].Stopped = true
		s.t.Progress.Steps[j].Next = time.Time{}
		s.t.Progress.Steps[j].Later = nil
	}
}

// revive lets stopped steps go on if nobody else is left to page.
func (s *stepper) revive() {
	for i := range s.t.Progress.Steps {
		if run := &s.t.Progress.Steps[i]; run.Stopped {
			run.Stopped, run.Next = false, s.Now
		}
	}
}

// rounds does every round that is due. A silence holds back all of them.
func (s *stepper) rounds() {
	p := &s.t.Progress
	if p.Mute.Holds(s.Now) {
		return
	}
	for i := range p.Steps {
		if run := &p.Steps[i]; run.Started.IsZero() && !run.Stopped {
			if due := p.Began.Add(s.t.Policy.Steps[i].After); !due.After(s.Now) {
				s.start(i, due)
			}
		}
	}
	for i := range p.Steps {
		if run := &p.Steps[i]; !run.Stopped && !run.Next.IsZero() && !run.Next.After(s.Now) {
			s.round(i)
		}
	}
	for i := range p.Steps {
		s.later(i)
	}
	if e := p.Everybody; e != nil && due(e.Next, s.Now) {
		if s.changed = true; s.nobodyLeft() {
			s.everybody()
		} else {
			e.Next = time.Time{}
		}
	}
}

// round pages everybody who is on duty for a step. If the step's calendar does
// not allow it now, the page waits until it does.
func (s *stepper) round(i int) {
	s.changed = true
	step, run := &s.t.Policy.Steps[i], &s.t.Progress.Steps[i]
	if opens, ok := s.held(step); !ok {
		if step.Otherwise == "skip" {
			s.next(step, run)
		} else {
			run.Next = opens
		}
		s.lastResort() // the step may have been the one that still paged somebody
		return
	}
	s.tellRooms(step)
	if until, sleeps := s.asleep(step); sleeps {
		run.Next, run.Asleep = until, true
		s.lastResort()
		return
	}
	run.Asleep = false
	if run.First.IsZero() {
		run.First = run.Next
	}
	if i == 0 {
		s.t.Progress.LastPagedAt = s.Now
	}
	people, known := s.Rules.Directory.Paged(step.Group, s.Now)
	now, later, _ := s.awake(people, step.By)
	beside := s.plan(run, step.By, now, later)
	run.Reached, run.Gone = s.orderBeside(ticket.PolicyStep(i), run.Round, now, step.By, beside), nil
	if step.Instead && len(run.Reached) > 0 {
		s.replace(i)
	}
	run.Round++
	s.next(step, run)
	if step.Times > 0 && run.Round >= step.Times {
		run.Next = time.Time{}
	}
	if len(run.Reached) == 0 {
		s.unreachable(i, step, known)
	}
	s.judge(i)
}

// next plans the next round at the pace in force. It counts from the plan, not
// from when the round was done. Missed rounds are not made up for.
func (s *stepper) next(step *ticket.Step, run *ticket.StepRun) {
	since := run.First
	if since.IsZero() {
		since = run.Next
	}
	for {
		every := step.Every(run.Next.Sub(since))
		if every <= 0 {
			every = ticket.DefaultRepeat
		}
		if late := s.Now.Sub(run.Next); late > 100*every {
			every *= late / every // a long stop: jump, then look at the pace again
		}
		run.Next = run.Next.Add(every)
		if run.Next.After(s.Now) {
			return
		}
	}
}

// order queues a page for each of the people by each channel that reaches
// them. It returns those whom it paged.
func (s *stepper) order(step ticket.KeyStep, round int, people []contacts.Person, by []string) []ticket.Means {
	return s.orderBeside(step, round, people, by, nil)
}

// orderBeside is order by more channels for some of the people.
func (s *stepper) orderBeside(step ticket.KeyStep, round int, people []contacts.Person, by []string, beside map[string][]string) []ticket.Means {
	var reached []ticket.Means
	var called []ticket.Called
	p := &s.t.Progress
	for _, person := range people {
		channels := append(s.usable(person, by), beside[person.Key]...)
		if len(channels) > 0 && len(p.Paged[person.Key]) == 0 {
			s.shown = true // rooms name whom it paged, in a later round too
		}
		for _, channel := range channels {
			s.page(ticket.KindPage, step, ticket.Round(round), person.Key, channel)
			reached = append(reached, ticket.Means{Person: person.Key, Channel: channel})
			if !slices.Contains(p.Paged[person.Key], channel) {
				if p.Paged == nil {
					p.Paged = map[string][]string{}
				}
				p.Paged[person.Key] = append(p.Paged[person.Key], channel)
			}
		}
		if len(channels) > 0 {
			called = append(called, ticket.Called{Person: person.Key, Channels: channels})
		}
	}
	if len(called) > 0 {
		named := called[:min(len(called), ticket.MaxCalled)]
		s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidRound, Args: ticket.Args{
			Step: toldStep(step), Round: round + 1, Called: named, More: len(called) - len(named),
		}})
	}
	return reached
}

// toldStep is a step as the timeline counts it, from one.
func toldStep(step ticket.KeyStep) int {
	if step.Kind == ticket.ForEverybody {
		return ticket.LastResort
	}
	return step.N + 1
}

func (s *stepper) unreachable(i int, step *ticket.Step, known bool) {
	run := &s.t.Progress.Steps[i]
	if run.Exhausted {
		return // said once an episode
	}
	said := ticket.Said{Detail: ticket.SaidOutOfReach, Args: ticket.Args{Step: toldStep(ticket.PolicyStep(i)), Group: step.Group, Channels: slices.Concat(step.By, step.Rooms)}}
	if !known {
		said.Detail, said.Args.Channels = ticket.SaidNoGroup, nil
	}
	s.rule(ticket.EntryUnreachable, said)
}

// judge looks whether anybody in a step that has started can still be reached.
// If nobody can, the next step starts at once. If that holds for all steps,
// every manager is paged.
func (s *stepper) judge(i int) {
	p := &s.t.Progress
	run := &p.Steps[i]
	run.Exhausted = len(run.Reached) > 0 || len(run.Later) == 0 // else whoever is on duty sleeps
	for _, reached := range run.Reached {
		if !slices.Contains(p.Failed, ticket.StepMeans{Step: ticket.PolicyStep(i), Means: reached}) {
			run.Exhausted = false
		}
	}
	if !run.Exhausted {
		return
	}
	s.passOn(i)
	if s.t.NextPageAt().IsZero() {
		s.revive() // nobody would be paged ever again, and those who were replaced still could
	}
}

// passOn starts the next steps after one that reaches nobody, until somebody
// is paged. It also starts a step that its calendar holds back, and goes on to
// the next.
func (s *stepper) passOn(i int) {
	p := &s.t.Progress
	for j := i + 1; j < len(p.Steps); j++ {
		run := &p.Steps[j]
		free := s.mayPage(&s.t.Policy.Steps[j])
		switch {
		case run.Stopped:
		case run.Started.IsZero():
			s.start(j, s.Now)
			s.round(j)
			if free {
				return // that step did the rest itself
			}
		case free && !run.Exhausted:
			return
		}
	}
	s.lastResort()
}

// lastResort begins to page every manager if that is due.
func (s *stepper) lastResort() {
	if e := s.t.Progress.Everybody; (e == nil || e.Next.IsZero()) && s.nobodyLeft() {
		s.everybody()
	}
}

// nobodyLeft reports whether the last resort is due: no step that may page now
// has anybody left. If all steps wait for their calendars, the last resort
// waits too.
func (s *stepper) nobodyLeft() bool {
	failed, steps := false, 0
	for i := range s.t.Progress.Steps {
		run := &s.t.Progress.Steps[i]
		if run.Stopped {
			continue
		}
		steps++
		if !s.mayPage(&s.t.Policy.Steps[i]) {
			continue
		}
		if run.Started.IsZero() || !run.Exhausted {
			return false
		}
		failed = true
	}
	return failed || steps == 0
}

// everybody is the last resort. It is tried again at each repeat for as long
// as nobody of the policy can be reached.
func (s *stepper) everybody() {
	p := &s.t.Progress
	s.changed = true
	if p.Everybody == nil {
		p.Everybody = &ticket.StepRun{}
	}
	run := p.Everybody
	switch {
	case run.Next.IsZero(): // it begins, perhaps again; its rounds count on
		run.Started, run.First, run.Next = s.Now, s.Now, s.Now
	case run.Next.After(s.Now): // out of turn: each of these would put off the next one further
		run.Next = s.Now
	}
	run.Reached = s.order(ticket.ForEverybody.Key(), run.Round, s.Rules.Directory.Managers(), s.Rules.Channels)
	if len(run.Reached) == 0 && run.Round == 0 {
		s.rule(ticket.EntryUnreachable, ticket.Said{Detail: ticket.SaidNobody})
	}
	if len(run.Reached) == 0 {
		s.revive()
	}
	run.Round++
	s.next(&s.t.Policy.Steps[0], run)
}

// managers pages every manager once about what concerns nobody else. Its run
// is a last resort without a next round.
func (s *stepper) managers() {
	s.changed = true
	run := &ticket.StepRun{Started: s.Now, First: s.Now}
	s.t.Progress.Everybody = run
	run.Reached = s.order(ticket.ForEverybody.Key(), run.Round, s.Rules.Directory.Managers(), s.Rules.Channels)
	run.Round++
	if len(run.Reached) == 0 {
		s.rule(ticket.EntryUnreachable, ticket.Said{Detail: ticket.SaidNoManager})
	}
}

// pageFailed stops counting on a channel of a person.
func (s *stepper) pageFailed(k ticket.PageKey) {
	if isSide(k) {
		s.sideFailed(k)
		return
	}
	p := &s.t.Progress
	failed := k.StepMeans()
	if s.t.State != ticket.Open || k.Episode != p.Episode || slices.Contains(p.Failed, failed) {
		return
	}
	s.changed = true
	p.Failed = append(p.Failed, failed)
	if i, ok := k.Step.In(len(p.Steps)); ok && !p.Steps[i].Started.IsZero() {
		s.judge(i)
	}
}

// pageWorked counts on it again.
func (s *stepper) pageWorked(k ticket.PageKey) {
	p := &s.t.Progress
	i := slices.Index(p.Failed, k.StepMeans())
	if i < 0 || k.Episode != p.Episode {
		return
	}
	s.changed = true
	p.Failed = slices.Delete(p.Failed, i, i+1)
	if i, ok := k.Step.In(len(p.Steps)); ok {
		p.Steps[i].Exhausted = false
	}
}

// pageAgain orders a page once more, out of turn.
func (s *stepper) pageAgain(e PageAgain) {
	if isSide(e.Key) {
		s.sideAgain(e)
		return
	}
	p, k := &s.t.Progress, e.Key
	run := s.runOf(k.Step)
	asked := run == nil && k.Step.Kind == ticket.ForEverybody && k.Round.Again // by a snooze: it has no rounds
	if s.t.State != ticket.Open || k.Episode != p.Episode || run == nil && !asked {
		return
	}
	if run != nil && (run.Stopped || (!e.Another && !run.Next.IsZero())) {
		return // its next round will do
	}
	s.once(k)
}

// runOf is the run that a page belongs to: a step's, or that of managers who
// are paged once. It is nil for any other page, and for the last resort, which
// tries again anyway.
func (s *stepper) runOf(step ticket.KeyStep) *ticket.StepRun {
	p := &s.t.Progress
	i, ok := step.In(len(p.Steps))
	switch {
	case ok:
		return &p.Steps[i]
	case step.Kind == ticket.ForEverybody && len(s.t.Policy.Steps) == 0:
		return p.Everybody
	}
	return nil
}

// displaced pages whoever is on duty now instead of somebody else: the duty
// changed hands before that person's page had gone out.
func (s *stepper) displaced(k ticket.PageKey) {
	p := &s.t.Progress
	i, ok := k.Step.In(len(p.Steps))
	if s.t.State != ticket.Open || k.Episode != p.Episode || !ok {
		return
	}
	step, run := &s.t.Policy.Steps[i], &p.Steps[i]
	if run.Stopped {
		return
	}
	run.Reached = slices.DeleteFunc(run.Reached, func(r ticket.Means) bool { return r == k.Means() })
	people, _ := s.Rules.Directory.Paged(step.Group, s.Now)
	people = slices.DeleteFunc(slices.Clone(people), func(person contacts.Person) bool {
		return slices.ContainsFunc(run.Reached, func(r ticket.Means) bool { return r.Person == person.Key })
	})
	s.rule(ticket.EntryHandover, ticket.Said{Args: ticket.Args{Person: k.Person, Group: step.Group}})
	back := slices.DeleteFunc(slices.Clone(people), func(person contacts.Person) bool { return !slices.Contains(run.Gone, person.Key) })
	people = slices.DeleteFunc(people, func(person contacts.Person) bool { return slices.Contains(run.Gone, person.Key) })
	if !slices.Contains(run.Gone, k.Person) {
		run.Gone = append(run.Gone, k.Person)
	}
	people, later, _ := s.awake(people, step.By)
	for j := range later {
		until, _ := Asleep(&s.t, &later[j], s.Now)
		for _, channel := range s.usable(later[j], step.By) {
			run.Later = append(run.Later, ticket.Later{Means: ticket.Means{Person: later[j].Key, Channel: channel}, At: until})
		}
	}
	run.Reached = append(run.Reached, s.order(k.Step, max(run.Round-1, 0), people, step.By)...)
	for j := range back {
		run.Reached = append(run.Reached, s.orderAgain(k.Step, &back[j], step.By)...)
	}
	s.judge(i)
}

// orderAgain orders the pages of a round again for one person. The person went
// off duty before the first ones had left, and is on duty again. The first
// ones hold the usual keys, so these get others.
func (s *stepper) orderAgain(step ticket.KeyStep, person *contacts.Person, by []string) (reached []ticket.Means) {
	for _, channel := range s.usable(*person, by) {
		s.once(ticket.PageKey{Step: step, Person: person.Key, Channel: channel})
		reached = append(reached, ticket.Means{Person: person.Key, Channel: channel})
	}
	return reached
}

// once orders a page once more, under another key.
func (s *stepper) once(k ticket.PageKey) {
	p := &s.t.Progress
	s.page(ticket.KindPage, k.Step, ticket.KeyRound{N: p.Again, Again: true}, k.Person, k.Channel)
	p.Again++
	s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidOnceMore, Args: ticket.Args{Step: toldStep(k.Step), Person: k.Person, Channel: k.Channel}})
}
