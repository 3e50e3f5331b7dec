package escalation

import (
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// World is what Step may know besides the ticket and the event.
type World struct {
	Now   time.Time
	Rules *Rules
	// Reach says whether a channel can reach a person at all: a number for sms, a
	// registered device for push.
	Reach func(p contacts.Person, channel string) bool
	// Heard is the time since when people and senders can be heard. Nothing ends
	// because of what could not be heard before. The zero time: always.
	Heard time.Time
	// Sheet is the ticket's, for an action that is sheeted; nil: it has none. Step
	// does not write to it.
	Sheet *ticket.Sheet
}

// Decision is what Step decided.
type Decision struct {
	Ticket   ticket.Ticket
	Pages    []ticket.Page // to be queued
	Timeline []ticket.Entry
	LeftOut  []ticket.Entry  // lines that the timeline has no room for
	Told     []ticket.Told   // what receivers of effects can be told, in order
	Sheet    *ticket.Sheet   // as it is to be; nil: as it was
	Errands  []ticket.Errand // what is to be done to what has another home
	Shown    bool            // rooms of chat that know of the ticket show something else now
	// Changed is false if nothing happened at all: there is nothing to commit.
	Changed bool
}

// Step decides what an event makes of a ticket. It is pure: the same ticket,
// event and world always give the same decision. It does not write to t. The
// error is a *StateError if the action is not allowed now, a *ConflictError, an
// *UnfinishedError, ErrManyNotes, ErrManyLines, ErrSheetFull or ErrNobodyLeft. Nothing else fails.
func Step(t ticket.Ticket, event Event, w World) (Decision, error) {
	s := &stepper{World: w, t: t}
	s.t.Progress = cloneProgress(t.Progress)
	s.t.Place.With, s.t.Clocks = slices.Clone(t.Place.With), slices.Clone(t.Clocks)
	var err error
	switch e := event.(type) {
	case AlertMoved:
		s.alertMoved(e)
	case Remarked:
		s.remarked(&e.Remark, e.Source, false)
	case Silenced:
		s.silenced(e)
	case Opened:
		s.log(ticket.EntryOpened, &e.Actor, e.Via, e.Said)
		s.listedAtOnce()
		s.episode(s.Now, false)
		if e.Managers {
			s.managers()
		}
	case Acted:
		if err = s.acted(e); err == nil && s.edited != nil && !s.edited.Fits() {
			err = ErrSheetFull
		}
		if err == nil {
			err = s.tellsOf(&e, t.State)
		}
	case Tick:
		s.tick()
	case PageFailed:
		s.pageFailed(e.Key)
	case PageAgain:
		s.pageAgain(e)
	case PageWorked:
		s.pageWorked(e.Key)
	case Reconsidered:
		s.reconsidered()
	case Displaced:
		s.displaced(e.Key)
	case EffectEnded:
		s.effectEnded(e)
	}
	if err != nil {
		return Decision{Ticket: t}, err
	}
	s.unheld()
	if s.changed {
		s.planTier()
		s.t.UpdatedAt = w.Now
	}
	kept, left := s.fold()
	return Decision{Ticket: s.t, Pages: s.pages, Timeline: kept, LeftOut: left, Sheet: s.edited, Errands: s.errands, Told: s.tellable(t.State), Shown: s.shown || ticket.ShowsInRooms(s.timeline), Changed: s.changed}, nil
}

// Opening makes the ticket that a routed alert or a person opens. It has no
// number yet, and nothing has happened to it. The first event does the rest.
func Opening(source string, kind ticket.Kind, title string, r Routed, now time.Time, rules *Rules) ticket.Ticket {
	t := ticket.Ticket{
		Source: source, Kind: kind, State: ticket.Open, Urgency: r.Urgency,
		Customer: r.Customer, Site: r.Site, Contract: r.Contract, Title: title, Host: r.Host, Domain: ticket.DomainOf(r.Host),
		Group: r.Group, GroupKey: r.GroupKey, OpenedAt: now, UpdatedAt: now, Policy: r.Policy,
	}
	t.GTI = rules.Promise(&t)
	rules.warnNext(&t)
	t.Clocks = rules.clocks(&t)
	t.PickupOnAck = rules.pickupOnAck(r.Contract)
	return t
}

// Joins reports whether an alert of the ticket's group belongs to this ticket
// at a time. If not, it opens another one
// (docs/ARCHITECTURE.md#4-the-decision).
func Joins(t *ticket.Ticket, now time.Time) bool {
	switch {
	case t.State.Active():
		return true
	case t.State == ticket.Closed, t.Lines.Full():
		return false
	case t.Firing > 0: // resolved by hand, or because its source was silent
		return true
	}
	return !now.After(t.ResolvedAt.Add(t.Policy.ReopenWithin))
}

// byHand reports whether a person or a token did it.
func byHand(a *ticket.Actor) bool {
	return a != nil && (a.Kind == ticket.ActorPerson || a.Kind == ticket.ActorToken)
}

type stepper struct {
	World
	t        ticket.Ticket
	pages    []ticket.Page
	timeline []ticket.Entry
	changed  bool
	shown    bool // a room is to be told that was not before
	edited   *ticket.Sheet
	errands  []ticket.Errand
	hushed   bool // the episode that begins pages nobody (AlertMoved.Remark)
}

func (s *stepper) log(kind ticket.EntryKind, actor *ticket.Actor, via string, said ticket.Said) {
	s.changed = true
	said.Text = ticket.Cut(said.Text, ticket.MaxEntryText)
	s.timeline = append(s.timeline, ticket.Entry{At: s.Now, Kind: kind, Actor: actor, Via: via, Said: said})
}

// rule writes a line about what the rules did.
func (s *stepper) rule(kind ticket.EntryKind, said ticket.Said) { s.log(kind, nil, "rule", said) }

func cloneProgress(p ticket.Progress) ticket.Progress {
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		p.Steps[i].Reached = slices.Clone(p.Steps[i].Reached)
		p.Steps[i].Gone = slices.Clone(p.Steps[i].Gone)
		p.Steps[i].Later = slices.Clone(p.Steps[i].Later)
		p.Steps[i].Since = maps.Clone(p.Steps[i].Since)
	}
	p.Failed, p.Held = slices.Clone(p.Failed), slices.Clone(p.Held)
	if p.Everybody != nil {
		run := *p.Everybody
		p.Everybody = &run
	}
	if p.Side != nil {
		side := *p.Side
		side.Reached, side.Failed = slices.Clone(side.Reached), slices.Clone(side.Failed)
		p.Side = &side
	}
	if p.Paged != nil {
		paged := make(map[string][]string, len(p.Paged))
		for person, channels := range p.Paged {
			paged[person] = slices.Clone(channels)
		}
		p.Paged = paged
	}
	return p
}

// alertMoved counts the alert, and opens, reopens, raises or resolves the
// ticket.
func (s *stepper) alertMoved(e AlertMoved) {
	if s.t.State == ticket.Closed {
		return // its alerts are forgotten; what fires now opens another ticket
	}
	s.changed = true
	s.count(e.From, -1)
	s.count(e.To, 1)
	s.entitle()
	if e.Host != "" {
		s.t.Domain = ticket.SharedDomain(s.t.Domain, e.Host)
	}
	sender := &ticket.Actor{Kind: ticket.ActorSender, Name: e.Source}
	fresh := e.From == "" || e.From == ticket.Resolved
	s.hushed = s.takes(e.Remark, fresh)
	switch e.To {
	case ticket.Firing:
		s.fired(e, sender)
	case ticket.Resolved:
		s.heldOver(e.Alert)
		if s.worthALine() {
			s.log(ticket.EntryRecovered, sender, "sender", ticket.Plain(e.Title))
		}
		s.maybeOver(sender)
	case ticket.Unsaid: // an alert never moves there
	case ticket.Silent:
		s.log(ticket.EntrySilent, sender, "rule", ticket.Plain(e.Title))
		s.maybeOver(sender)
	}
	if e.Remark != nil {
		s.remarked(e.Remark, e.Source, fresh)
	}
}

// count keeps the ticket's Firing (silent alerts included), Silent and
// Resolved.
func (s *stepper) count(status ticket.AlertStatus, by int) {
	switch status {
	case ticket.Firing:
		s.t.Firing += by
	case ticket.Silent:
		s.t.Firing += by
		s.t.Silent += by
	case ticket.Resolved:
		s.t.Resolved += by
	case ticket.Unsaid:
	}
}

// worthALine says whether an alert gets a line in the timeline. The first
// fifty do, then every hundredth: a ticket with thousands of alerts stays
// readable.
func (s *stepper) worthALine() bool {
	n := s.t.Firing + s.t.Resolved
	return n <= 50 || s.t.Firing%100 == 0
}

func (s *stepper) fired(e AlertMoved, sender *ticket.Actor) {
	switch {
	case s.t.Progress.Episode == 0:
		s.log(ticket.EntryOpened, sender, "sender", s.opening(e.Title))
		s.raise(e.Urgency)
		s.mute(e.Mute)
		s.episode(s.Now, false)
		if e.TellManagers {
			s.tellManagers()
		}
	case s.t.State == ticket.StateResolved:
		s.firedAgain(e, sender)
	default:
		if e.From != ticket.Firing && s.worthALine() {
			s.log(ticket.EntryJoined, sender, "sender", ticket.Plain(e.Title))
		}
		s.t.Progress.SilentUntil = time.Time{}
		if !e.Mute.Holds(s.Now) && s.told(e.Alert) {
			e.From = "" // nobody was told that it joined
		}
		s.joins(e)
	}
}

// joins takes an alert that fires into an active ticket.
func (s *stepper) joins(e AlertMoved) {
	woken, held := s.heldBack(e)
	if !held {
		s.comes(e, woken, s.adopt(e))
	}
}

// comes takes what no silence holds back into an active ticket. woken says that it ended
// the ticket's own silence, adopted that the ticket has a policy of it.
func (s *stepper) comes(e AlertMoved, woken, adopted bool) {
	goOn, told := s.t.State == ticket.Open, s.managersTold()
	if s.raise(e.Urgency) || adopted || woken {
		s.release()
		s.episode(s.Now, goOn && !adopted && !woken)
		if told {
			s.tellManagers()
		}
		return
	}
	if s.t.State.Taken() && e.From == "" && !s.hushed {
		s.joined(e.Title)
	}
}

// firedAgain reopens a resolved ticket. If a person resolved it while its
// alert fires, a mere repeat reopens it only after ReopenWithin.
func (s *stepper) firedAgain(e AlertMoved, sender *ticket.Actor) {
	repeat := (e.From == ticket.Firing || e.From == ticket.Silent) && byHand(s.t.ResolvedBy)
	if repeat && s.Now.Before(s.t.ResolvedAt.Add(s.t.Policy.ReopenWithin)) && e.Urgency <= s.t.Urgency {
		s.changed = e.From != ticket.Firing
		return
	}
	s.told(e.Alert) // by what follows, or at the end of the ticket's silence
	s.log(ticket.EntryReopened, sender, "sender", ticket.Plain(e.Title))
	s.adopt(e)
	s.mute(e.Mute)
	if s.t.Overflow != "" && e.From == "" {
		s.t.Progress.LastPagedAt = time.Time{} // another problem, that never had a page
	}
	s.reopen(e.Urgency)
}

// reopen starts over. The urgency is that of what fires now. A ticket that
// flaps is not paged for sooner than its repeat allows.
func (s *stepper) reopen(u ticket.Urgency) {
	if s.t.Firing > 1 {
		u = max(u, s.t.Urgency)
	}
	again := u != ticket.UrgencyUnknown && (u != s.t.Urgency || s.t.Overflow != "")
	if again {
		s.t.Urgency = u
		s.promise()
		s.addClocks()
	}
	s.clocksAnew()
	if again {
		s.soonerClocks()
	}
	s.release()
	s.t.ResolvedAt, s.t.ResolvedBy, s.t.Undo, s.t.Treated = time.Time{}, nil, nil, nil
	s.wakeClock(nil, "rule", ticket.Said{})
	s.Rules.warnNext(&s.t)
	s.t.Progress.CloseAt = time.Time{}
	s.t.Progress.Paged = nil
	s.t.State = ticket.Open
	if len(s.Rules.Desk.Tiers) > 0 {
		s.t.Place.Since = s.Now // while it was over, it was in no tier
	}
	first := s.Now
	if last := s.t.Progress.LastPagedAt; !last.IsZero() && len(s.t.Policy.Steps) > 0 {
		if next := last.Add(s.t.Policy.Steps[0].Every(0)); next.After(first) {
			first = next
		}
	}
	s.episode(first, false)
}

// release ends an acknowledgement. The pick-up that stopped the GTI clock
// stays: that intervention did take place.
func (s *stepper) release() {
	s.t.State = ticket.Open
	s.t.AcknowledgedAt, s.t.AcknowledgedBy = time.Time{}, nil
	s.t.Progress.AckUntil, s.t.Progress.SilentUntil, s.t.Progress.JoinDue = time.Time{}, time.Time{}, time.Time{}
	s.t.Progress.Snooze = time.Time{}
}

// raise lifts the ticket's urgency; it never falls while the ticket is open.
func (s *stepper) raise(u ticket.Urgency) bool {
	if u <= s.t.Urgency {
		return false
	}
	args := ticket.Args{Urgency: u, Was: s.t.Urgency}
	s.t.Urgency = u
	args.Clock, args.Clocks = s.promise(), s.soonerClocks()
	s.rule(ticket.EntryUrgency, ticket.Said{Args: args})
	return true
}

// promise counts the GTI clock again for the urgency that alerts have given the ticket,
// if that is due sooner: alerts never put the due time off. It counts from the opening.
// For an overflow ticket it counts from the alert that joins now, because its alerts
// began at different times. A clock that a pick-up has stopped stays as it is. It says
// what came of it; nil: nothing.
func (s *stepper) promise() *ticket.Recount {
	if !s.t.PickedUpAt.IsZero() && s.t.GTIState(s.Now) != ticket.GTINone {
		return nil
	}
	t := s.t
	if t.Overflow != "" {
		t.OpenedAt = s.Now
	}
	if gti := s.Rules.Promise(&t); s.sooner(&gti) {
		was := s.result()
		s.putPromise(gti)
		return &ticket.Recount{Was: was, Now: s.result()}
	}
	return nil
}

// sooner says whether a promise is due before the ticket's own.
func (s *stepper) sooner(gti *ticket.GTI) bool {
	return s.soonerThan(gti, &s.t.GTI, s.t.GTIBegan())
}

// soonerThan says whether a promise is due before another one, which began then. It is if
// there is none. While the clock rests, what is left of them decides.
func (s *stepper) soonerThan(gti, was *ticket.GTI, began time.Time) bool {
	switch {
	case gti.Within == 0:
		return false
	case was.Within == 0 && was.DueAt.IsZero():
		return true
	case gti.DueAt.IsZero() || was.DueAt.IsZero():
		left := func(g *ticket.GTI) time.Duration {
			return g.Within - g.Used(s.Rules.Calendars[g.Calendar], began, s.Now)
		}
		return left(gti) < left(was)
	}
	return gti.DueAt.Before(was.DueAt)
}

// maybeOver resolves the ticket if its senders say that all is well. It also
// does if somebody has taken the ticket and the senders are silent about it.
func (s *stepper) maybeOver(sender *ticket.Actor) {
	if !s.t.State.Active() {
		return
	}
	switch {
	case s.t.Firing == 0:
		s.resolve(*sender, "sender", ticket.Said{Detail: ticket.SaidAllOver})
	case s.t.Firing == s.t.Silent && s.t.State.Taken():
		s.resolve(ticket.Actor{Kind: ticket.ActorSystem, Name: "source silent"}, "rule", ticket.Said{Detail: ticket.SaidSilent})
	}
}

// resolve ends the work, tells those who were paged, and sets the time at
// which the ticket closes by itself.
func (s *stepper) resolve(by ticket.Actor, via string, said ticket.Said) {
	s.t.State = ticket.StateResolved
	s.t.ResolvedAt, s.t.ResolvedBy = s.Now, &by
	if s.t.PickedUpAt.IsZero() {
		s.stopClock(&by)
	}
	s.stopClocks()
	s.treated()
	s.t.Progress.AckUntil, s.t.Progress.SilentUntil, s.t.Progress.JoinDue = time.Time{}, time.Time{}, time.Time{}
	s.t.Progress.CloseAt = s.Now.Add(s.t.Policy.CloseAfter)
	s.log(ticket.EntryResolved, &by, via, said)
	s.notice(ticket.ForRecovered, s.t.Progress.Recoveries, by.Person())
	s.t.Progress.Recoveries++
}

// notice tells everybody who was paged, except one person. Each is told by the
// surest of the channels that paged them.
func (s *stepper) notice(of ticket.KeyKind, round int, but string) {
	for _, person := range slices.Sorted(maps.Keys(s.t.Progress.Paged)) {
		channels := s.t.Progress.Paged[person]
		if person == but || len(channels) == 0 || s.heldBy(person, but) {
			continue
		}
		if p, ok := s.Rules.Directory.Person(person); ok {
			if _, sleeps := Asleep(&s.t, &p, s.Now); sleeps {
				continue // there is nothing to do
			}
		}
		working := slices.DeleteFunc(slices.Clone(channels), func(channel string) bool {
			return slices.ContainsFunc(s.t.Progress.Failed, func(f ticket.StepMeans) bool { return f.Means == ticket.Means{Person: person, Channel: channel} })
		})
		if len(working) == 0 {
			working = channels
		}
		channel := working[0]
		for _, name := range s.Rules.Channels {
			if slices.Contains(working, name) {
				channel = name
			}
		}
		s.page(of.Side(), of.Key(), ticket.Round(round), person, channel)
	}
}

// heldBy says whether a recipient is a group's telephone, and whoever may hold it knows:
// one of them did what there is to tell, or is told by a channel of their own.
func (s *stepper) heldBy(recipient, knows string) bool {
	return slices.ContainsFunc(s.Rules.Directory.Holders(recipient, s.Now), func(p contacts.Person) bool {
		return p.Key == knows || len(s.t.Progress.Paged[p.Key]) > 0
	})
}

func (s *stepper) page(kind ticket.PageKind, step ticket.KeyStep, round ticket.KeyRound, person, channel string) {
	s.changed = true
	s.pages = append(s.pages, ticket.Page{
		PageKey: ticket.PageKey{
			Ticket: s.t.Number, Episode: s.t.Progress.Episode, Step: step, Round: round,
			Person: person, Channel: channel,
		},
		Source: s.t.Source, Kind: kind, Urgency: s.t.Urgency, At: s.Now, State: ticket.PageQueued,
	})
}

// usable lists the channels that can reach a person now.
func (s *stepper) usable(p contacts.Person, by []string) []string {
	var out []string
	for _, channel := range by {
		if s.Reach(p, channel) {
			out = append(out, channel)
		}
	}
	return out
}
