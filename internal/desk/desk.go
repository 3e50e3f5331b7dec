package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Engine does what the desk allows (escalation.Engine).
type Engine interface {
	// Act does something to a ticket, and commits it.
	Act(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
}

// Tickets reads what a rule needs.
type Tickets interface {
	// View reads everything of one ticket.
	View(ctx context.Context, number string) (ticket.View, error)
}

// LateNotes keeps notes on closed tickets that have left the store.
type LateNotes interface {
	// Note does what ActNote does, to a ticket that is in the archive alone.
	Note(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
}

// Desk decides who may do what. It is safe for concurrent use.
type Desk struct {
	engine  Engine
	tickets Tickets
	checks  Checker
	late    LateNotes // nil: there is no archive
	verbs   map[escalation.Action]Role
}

// New makes a Desk. checks has tickets checked again; nil if nothing can be asked.
func New(engine Engine, tickets Tickets, checks Checker) *Desk {
	return &Desk{engine: engine, tickets: tickets, checks: checks, verbs: verbs}
}

// Afterwards has late notes kept. It is called before the Desk is used.
func (d *Desk) Afterwards(late LateNotes) *Desk {
	d.late = late
	return d
}

// atOnce is how many tickets are acted on at once. Those of one source share a
// write.
const atOnce = 32

// Act gives the order to each of the tickets, and says what came of it, in
// their order.
func (d *Desk) Act(ctx context.Context, by Actor, o Order, targets ...Target) []Result {
	results := make([]Result, len(targets))
	if len(targets) == 1 {
		results[0] = d.one(ctx, &by, &o, &targets[0])
		return results
	}
	var acting sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for i := range targets {
		free <- struct{}{}
		acting.Go(func() {
			defer func() { <-free }()
			results[i] = d.one(ctx, &by, &o, &targets[i])
		})
	}
	acting.Wait()
	return results
}

// seen refuses what the actor may not see, as if it were not there: a ticket, and a customer
// to whom he would give it.
func (d *Desk) seen(ctx context.Context, by *Actor, o *Order, target *Target) error {
	if err := by.Scope.Err(); err != nil {
		return fmt.Errorf("desk: ticket %s: %w", target.Number, err)
	}
	for i := range o.Edits {
		if e := &o.Edits[i]; e.Field == ticket.FieldCustomer && !by.Scope.All() && !by.Scope.SeesCustomer(e.Text) {
			return &ticket.FieldError{Field: e.Field, Problem: fmt.Sprintf("no customer has the key %q", ticket.Cut(e.Text, ticket.MaxWord))}
		}
	}
	if by.Scope.All() || target.Was != nil && by.Scope.Sees(target.Was) {
		return nil
	}
	view, err := d.tickets.View(ctx, target.Number)
	if err != nil {
		return fmt.Errorf("desk: read ticket %s: %w", target.Number, err)
	}
	if !by.Scope.SeesView(&view) {
		return fmt.Errorf("desk: ticket %s is not for %s: %w", target.Number, by.Scope.Person(), escalation.ErrNotFound)
	}
	return nil
}

func (d *Desk) one(ctx context.Context, by *Actor, o *Order, target *Target) Result {
	r := Result{Number: target.Number}
	if err := d.seen(ctx, by, o, target); err != nil {
		return r.of(err, by, o)
	}
	r.Needs = d.NeedsOf(ctx, o, by, target)
	if by.Role < r.Needs || r.Needs == Nobody {
		r.Outcome, r.Err = Forbidden, fmt.Errorf("desk: %s: it needs another role", o.Verb)
		return r
	}
	if o.lacks(by) {
		r.Outcome, r.Err = Empty, fmt.Errorf("desk: %s: it lacks its words, or whom it is for", o.Verb)
		return r
	}
	was, err := d.before(ctx, o, target)
	if err != nil {
		return r.of(err, by, o)
	}
	if was != nil {
		if refused := o.leaves(was, by.Person); refused != nil {
			return r.of(refused, by, o)
		}
	}
	a := escalation.Acted{
		Action: o.Verb, Actor: by.Actor, Via: by.Via, Said: o.said(), Person: o.Person, Group: o.Group, As: o.As, For: o.For, Reason: o.Reason, Once: o.Once, Seen: target.Seen,
		Edits: o.Edits, Tag: o.Tag, Work: o.Work,
	}
	if o.Verb == escalation.ActRecheck && o.Words == "" {
		var asked bool
		if a.Said, asked, err = d.look(ctx, by, o, &r); err != nil {
			return r.of(err, by, o)
		}
		if asked {
			r.Outcome = Checking
			return r
		}
	}
	if r.Ticket, err = d.engine.Act(ctx, target.Number, a); errors.Is(err, escalation.ErrNotFound) && !errors.Is(err, escalation.ErrDamaged) {
		r.Ticket, err = d.left(ctx, o, target, a, err)
	}
	if err == nil {
		r.Outcome = Done
		if was != nil && o.isSo(was, &by.Actor) {
			r.Outcome = Already
		}
		return r
	}
	return r.of(err, by, o)
}

// left keeps a note on a closed ticket that has left the store, and refuses any other order:
// nothing else can be done to it any more, and it is there all the same. Of any other ticket
// it says what the engine said.
func (d *Desk) left(ctx context.Context, o *Order, target *Target, a escalation.Acted, said error) (t ticket.Ticket, err error) {
	view, err := d.tickets.View(ctx, target.Number)
	switch {
	case errors.Is(err, escalation.ErrNotFound), err == nil && view.Ticket.State != ticket.Closed:
		return t, said
	case err != nil:
		return t, fmt.Errorf("desk: read ticket %s: %w", target.Number, err)
	case o.Verb == escalation.ActNote && d.late != nil:
		if t, err = d.late.Note(ctx, target.Number, a); err != nil {
			err = fmt.Errorf("desk: note on ticket %s: %w", target.Number, err)
		}
		return t, err
	}
	refused := &escalation.StateError{Number: view.Ticket.Number, Action: o.Verb, State: ticket.Closed, At: view.Ticket.ClosedAt, Left: true}
	if by := view.Ticket.ResolvedBy; by != nil {
		refused.By, refused.At = *by, view.Ticket.ResolvedAt
	}
	return t, refused
}

func (o *Order) lacks(by *Actor) bool {
	switch o.Verb {
	case escalation.ActNote:
		return strings.TrimSpace(o.Words) == ""
	case escalation.ActAssign:
		return o.Person == "" && (o.Group == "" || o.As == escalation.AsOwner)
	case escalation.ActTake:
		return by.Actor.Person() == ""
	case escalation.ActQualify:
		return len(o.Edits) == 0
	default:
		return false
	}
}

// before is the ticket before the order; nil if no rule needs it.
func (d *Desk) before(ctx context.Context, o *Order, target *Target) (*ticket.Ticket, error) {
	if target.Was != nil || (!o.Shared && (o.Verb != escalation.ActEscalate || o.Sure)) {
		return target.Was, nil
	}
	view, err := d.tickets.View(ctx, target.Number)
	if err != nil {
		return nil, fmt.Errorf("desk: read ticket %s: %w", target.Number, err)
	}
	return &view.Ticket, nil
}

// isSo reports whether the same person had already done to the ticket what the
// order asks for.
func (o *Order) isSo(was *ticket.Ticket, by *ticket.Actor) bool {
	switch o.Verb {
	case escalation.ActAcknowledge:
		return was.State.Taken() && was.AcknowledgedBy.Same(by)
	case escalation.ActPickUp:
		return was.State == ticket.InProgress && was.PickedUpBy.Same(by)
	default:
		return false
	}
}

// of fills in the result for an error of the engine.
func (r Result) of(err error, by *Actor, o *Order) Result {
	r.Err = err
	var overtaken *escalation.ConflictError
	if clock := (*escalation.ClockError)(nil); errors.As(err, &clock) {
		r.Outcome = Clocks
		return r
	}
	if open := (*escalation.UnfinishedError)(nil); errors.As(err, &open) {
		r.Outcome = Unfinished
		return r
	}
	switch errors.As(err, &r.State); {
	case errors.As(err, &overtaken):
		r.Outcome = Overtaken
	case errors.Is(err, escalation.ErrSheetFull), errors.Is(err, escalation.ErrManyParts):
		r.Outcome = Full
	case errors.Is(err, escalation.ErrNoPart):
		r.Outcome = Unknown
	case errors.Is(err, escalation.ErrNotTheirs):
		r.Outcome = Forbidden
	case errors.Is(err, escalation.ErrDone):
		r.Outcome, r.Err = Again, nil
	case errors.Is(err, escalation.ErrManyNotes), errors.Is(err, escalation.ErrManyHelpers):
		r.Outcome = Full
	case errors.Is(err, escalation.ErrNoTier):
		r.Outcome = NoTier
	case errors.Is(err, escalation.ErrNobodyLeft):
		r.Outcome = NobodyLeft
	case errors.Is(err, escalation.ErrNotFound):
		r.Outcome = Unknown
	case errors.Is(err, ErrBusy):
		r.Outcome = Busy
	case r.State == nil:
		r.Outcome = Failed
	case o.Verb == escalation.ActUndo && !r.State.Stale && r.State.State != ticket.Closed:
		r.Outcome = Late
	case o.Verb == escalation.ActResolve && len(o.Edits) == 0 && r.State.State == ticket.StateResolved && r.State.By.Same(&by.Actor):
		r.Outcome = Already
	case r.State.State.Taken():
		r.Outcome = Taken
	case r.State.State.Active():
		r.Outcome = Stale
	default:
		r.Outcome = Over
	}
	return r
}

// look has a ticket checked again: then the answer comes by itself, and asked is true.
// If nothing can be asked about it, or it is one of several, look says for the timeline
// what is known of the problem right now.
func (d *Desk) look(ctx context.Context, by *Actor, o *Order, r *Result) (said ticket.Said, asked bool, err error) {
	view, err := d.tickets.View(ctx, r.Number)
	if err != nil {
		return said, false, fmt.Errorf("desk: read ticket %s: %w", r.Number, err)
	}
	if d.checks != nil && !o.Shared && view.Ticket.State != ticket.Closed && d.checks.Can(&view) {
		r.Ticket = view.Ticket
		who := Asked{Actor: by.Actor, Via: by.Via, Once: o.Once, Phone: o.Phone, Code: o.Code}
		if err := d.checks.Ask(ctx, &view, &who); err != nil {
			return said, false, fmt.Errorf("desk: check ticket %s again: %w", r.Number, err)
		}
		return said, true, nil
	}
	if view.Ticket.Firing == 0 {
		return ticket.Said{Detail: ticket.SaidNoneFiring}, false, nil
	}
	return ticket.Said{Detail: ticket.SaidFiring, Args: ticket.Args{
		Firing: view.Ticket.Firing, Silent: view.Ticket.Silent, Instant: LastHeard(&view),
	}}, false, nil
}

// LastHeard is when a source last said something about the ticket; zero:
// never.
func LastHeard(v *ticket.View) (last time.Time) {
	for i := range v.Alerts {
		if at := v.Alerts[i].LastAt; at.After(last) {
			last = at
		}
	}
	return last
}
