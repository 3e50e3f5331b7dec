package answer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

// Tickets is how a conversation reads tickets.
type Tickets interface {
	// Load reads tickets of one source by number (escalation.Store).
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)
	// View reads everything of one ticket.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Conversation answers what phones text (README.md#answers).
type Conversation struct {
	phones  paging.Phonebook
	tickets Tickets
	actions paging.Actions
	desk    *desk.Desk
	duty    Duty
	records records.Store
	prover  paging.Prover // nil: nobody keeps proofs
	clock   escalation.Clock
	log     *zap.Logger
	metrics *Metrics
}

// NewConversation makes one. kept lets a text that comes again act only once.
// kept, onCall, log and metrics may be nil. Without onCall nobody changes by a
// text who is on call.
func NewConversation(
	phones paging.Phonebook, tickets Tickets, actions paging.Actions, kept records.Store, onCall Duty, clock escalation.Clock, log *zap.Logger, metrics *Metrics,
) *Conversation {
	if log == nil {
		log = zap.NewNop()
	}
	if metrics == nil {
		metrics = NewMetrics(nil)
	}
	return &Conversation{phones: phones, tickets: tickets, actions: actions, desk: desk.New(actions, tickets, nil), records: kept, duty: onCall, clock: clock, log: log, metrics: metrics}
}

// Check has what texts ask for checked again by checks. It is called before the first
// text.
func (c *Conversation) Check(checks Checker) { c.desk = desk.New(c.actions, c.tickets, checks) }

// Checker has tickets checked again.
type Checker = desk.Checker

// known is one of a phone's codes with its ticket.
type known struct {
	paging.Code
	ticket ticket.Ticket
}

// exchange is the answer to one text.
type exchange struct {
	*Conversation
	ctx    context.Context
	rules  *escalation.Rules
	person contacts.Person
	from   string
	// telephone is the group's telephone that answers; empty: a person's own does.
	telephone string
	once      string          // the text's name
	first     time.Time       // when it was first heard
	codes     []known         // each ticket once, under its own code if it has one
	bundles   map[int][]known // a bundle's code → its tickets
	aliases   map[int]string  // a code of another phone → a ticket that has one here
	say       words.Replies
}

// Answer acts on a text and says what to reply. If the store does not answer,
// the reply says that nothing was recorded: nobody must believe to have
// acknowledged when an error was lost.
func (c *Conversation) Answer(ctx context.Context, t paging.Text) (string, error) {
	rules, now := c.actions.Rules(), c.clock.Now()
	a := ParseAnswer(t.Body)
	x := &exchange{Conversation: c, ctx: ctx, rules: rules, from: t.From, aliases: map[int]string{}, once: nameOf(&t), first: now, say: words.Replies{Lang: rules.Language, Location: rules.Location, Now: now}}
	people := rules.Directory.ByPhone(t.From)
	if _, ofGroup := rules.Directory.GroupOfPhone(t.From); ofGroup {
		holder, _ := rules.Directory.Holder(t.From, now)
		people, x.telephone = []contacts.Person{holder}, t.From
	}
	if len(people) > 0 {
		x.person = people[0]
		x.say.Lang = paging.Language(x.person, rules)
	}
	var reply, outcome string
	var err error
	if len(people) > 0 || a.Verb == VerbToken {
		x.first, err = c.hear(ctx, t)
	}
	if err == nil {
		reply, err = x.prove(t, a, people)
		outcome = "ready"
	}
	if err == nil && reply == "" {
		reply, outcome, err = x.answer(t, a, people)
	}
	said := t.Body
	if a.Verb == VerbToken {
		said = "(a link's token)" // a secret
	}
	fields := []zap.Field{
		zap.String("from", ticket.Logged(t.From)), zap.String("person", x.person.Key), zap.String("outcome", outcome),
		zap.String("text", ticket.Logged(said)), zap.String("reply", ticket.Logged(reply)), zap.String("provider_id", ticket.Logged(t.ProviderID)),
	}
	if err != nil {
		c.metrics.texts.WithLabelValues("failed").Inc()
		c.log.Error("a text could not be acted on", append(fields, zap.Error(err))...)
		if len(people) == 0 {
			return "", nil
		}
		return x.say.Later(), nil
	}
	c.metrics.texts.WithLabelValues(outcome).Inc()
	c.log.Info("text", fields...)
	return c.measured(ctx, t.From, reply, x.say), nil
}

func (x *exchange) answer(t paging.Text, a Answer, people []contacts.Person) (reply, outcome string, err error) {
	if a.Verb == VerbToken {
		reply, found, err := x.byToken(a.Token)
		if found || err != nil {
			return reply, "token", err
		}
		a = Answer{Verb: VerbNote, Note: a.Note}
	}
	if len(people) == 0 {
		return "", "unknown_number", nil
	}
	if a.Verb == VerbNothing {
		return "", "nothing", nil
	}
	if a.Verb == VerbDuty {
		reply, err = x.onDuty(a.Duty, people)
		return reply, "duty", err
	}
	if err := x.load(t.From, people); err != nil {
		return "", "", err
	}
	if a.Verb == VerbHelp {
		code := 0
		if active := x.active(); len(active) > 0 {
			code = active[0].Code.Code
		}
		return x.say.Help(code), "help", nil
	}
	if a.Code > 0 && a.Text != "" && x.bundles[a.Code] == nil && x.byCode(a.Code) == nil {
		a.Note, a.Code = a.Text, 0
	}
	switch a.Verb {
	case VerbList:
		return x.say.Open(x.listed(x.active())), "list", nil
	case VerbAcknowledgeAll:
		reply, err = x.all()
		return reply, "acknowledge_all", err
	case VerbNothing, VerbHelp, VerbToken, VerbDuty: // answered above
		return "", "nothing", nil
	case VerbAcknowledge, VerbSnooze, VerbPickUp, VerbRecheck, VerbEscalate, VerbResolve, VerbUndo, VerbNote:
	}
	if tickets := x.bundles[a.Code]; tickets != nil {
		reply, err = x.actOnBundle(a, tickets)
		return reply, string(actionOf[a.Verb]) + "_bundle", err
	}
	if a.Verb == VerbNote && a.Code == 0 {
		return x.noteOnAll(a)
	}
	target, reply, err := x.target(a)
	if err != nil {
		return "", "", err
	}
	if target == nil {
		return reply, "no_ticket", nil
	}
	reply, err = x.act(target, a)
	return reply, string(actionOf[a.Verb]), err
}

func (x *exchange) where(keep func(k *known) bool) []known {
	var out []known
	for i := range x.codes {
		if keep(&x.codes[i]) {
			out = append(out, x.codes[i])
		}
	}
	return out
}

func (x *exchange) active() []known {
	return x.where(func(k *known) bool { return k.ticket.State.Active() })
}

// open are the open tickets of whose present episode a page has reached the
// phone, or may have. A word without a code does not acknowledge what was not
// seen.
func (x *exchange) open() ([]known, error) {
	var out []known
	for i := range x.codes {
		k := &x.codes[i]
		if k.ticket.State != ticket.Open {
			continue
		}
		view, err := x.tickets.View(x.ctx, k.Ticket)
		if err != nil {
			return nil, fmt.Errorf("paging: pages of %s: %w", k.Ticket, err)
		}
		if pagedIn(&view, k.Person, k.ticket.Progress.Episode) && !x.first.Before(k.ticket.Progress.Began) {
			out = append(out, *k)
		}
	}
	return out, nil
}

func (x *exchange) listed(list []known) []words.Listed {
	out := make([]words.Listed, len(list))
	for i, k := range list {
		out[i] = x.line(&k.ticket, k.Code.Code)
	}
	return out
}

func (x *exchange) line(t *ticket.Ticket, code int) words.Listed {
	f := paging.TicketFacts(t, x.rules, x.say.Now)
	return words.Listed{
		Code: code, Customer: f.Customer, Site: f.Site, Title: f.Title, Host: f.Host, Domain: f.Domain,
		Number: f.Number, Taken: t.State.Taken(),
	}
}

// target finds the ticket that an answer is about. With a code it is the
// code's ticket; without one it is the only one that it can be about. If there
// are several, nothing is done.
func (x *exchange) target(a Answer) (*known, string, error) {
	if a.Code > 0 {
		if k := x.byCode(a.Code); k != nil {
			return k, "", nil
		}
		return nil, x.say.NoCode(a.Code), nil
	}
	candidates, taken := x.active(), false
	switch a.Verb {
	case VerbAcknowledge:
		open, err := x.open()
		if err != nil {
			return nil, "", err
		}
		candidates = x.where(func(k *known) bool { return k.ticket.State.Taken() })
		if len(open) > 0 {
			candidates = open
		}
		taken = len(open) == 0 // nothing is left to take
	case VerbEscalate, VerbSnooze: // a bare NO does not pass on what somebody else has taken meanwhile
		candidates = x.where(func(k *known) bool {
			return k.ticket.State == ticket.Open || (k.ticket.State.Taken() && k.ticket.AcknowledgedBy.Person() == k.Person)
		})
	case VerbUndo:
		candidates = x.where(func(k *known) bool {
			return k.ticket.State == ticket.StateResolved && k.ticket.Undo != nil && k.ticket.ResolvedBy.Person() == k.Person
		})
		slices.SortFunc(candidates, func(a, b known) int { return b.ticket.ResolvedAt.Compare(a.ticket.ResolvedAt) })
		candidates = candidates[:min(len(candidates), 1)]
	case VerbNothing, VerbPickUp, VerbRecheck, VerbResolve, VerbNote, VerbList, VerbAcknowledgeAll, VerbHelp, VerbToken, VerbDuty:
	}
	about, err := x.settle(only(candidates))
	switch {
	case err != nil:
		return nil, "", err
	case len(about) == 1:
		return &about[0], "", nil
	case len(candidates) <= 1 || taken:
		return nil, x.say.Open(x.listed(candidates)), nil
	}
	return nil, x.say.Several(x.listed(candidates)), nil
}

// only is the one candidate; none if there are several. It is for answers that
// can be about one ticket alone.
func only(candidates []known) []known {
	if len(candidates) > 1 {
		return nil
	}
	return candidates
}

// noteOnAll keeps a note on the ticket that it is about. If it may be about
// any of several, it is kept on each.
func (x *exchange) noteOnAll(a Answer) (reply, outcome string, err error) {
	about, err := x.settle(x.active())
	switch {
	case err != nil:
		return "", "", err
	case len(about) == 0:
		return x.say.Open(nil), "note_on_all", nil
	case len(about) == 1:
		reply, err = x.act(&about[0], a)
		return reply, string(actionOf[a.Verb]), err
	}
	reply = x.say.Several(x.listed(about))
	results := x.orderedAll(a, about)
	for i := range results {
		switch r := &results[i]; {
		case r.Outcome == desk.Full:
			reply = x.say.ManyNotes(about[i].Code.Code) // a ticket that takes no more notes
		case r.Err != nil && r.State == nil:
			return "", "", r.Err
		}
	}
	return reply, "note_on_all", nil
}

var actionOf = map[Verb]escalation.Action{
	VerbAcknowledge: escalation.ActAcknowledge, VerbSnooze: escalation.ActSnooze, VerbPickUp: escalation.ActPickUp, VerbRecheck: escalation.ActRecheck,
	VerbEscalate: escalation.ActEscalate, VerbResolve: escalation.ActResolve, VerbUndo: escalation.ActUndo, VerbNote: escalation.ActNote,
}

// act does what the answer says, and words the reply.
func (x *exchange) act(k *known, a Answer) (string, error) {
	code := k.Code.Code
	who := x.person.Key
	if k.Person != "" {
		who = k.Person
	}
	was := k.ticket
	if a.Verb != VerbNote && a.Verb != VerbRecheck {
		if past, err := x.past(k); past || err != nil {
			return x.say.Stale(code, was.Progress.Began), err
		}
	}
	order := x.order(a)
	order.Phone, order.Code = x.from, code
	r := x.desk.Act(x.ctx, x.actor(who), order, desk.Target{Number: k.Ticket, Was: &was})[0]
	if r.State != nil {
		return x.refused(code, who, r.State, a.Verb, &was), nil //nolint:nilerr // it is answered
	}
	switch r.Outcome {
	case desk.Again:
		return x.again(k, a, &r.Ticket, who)
	case desk.Full:
		if a.Verb != VerbNote {
			return x.say.ManyActs(code), nil
		}
		return x.say.ManyNotes(code), nil
	case desk.Unfinished:
		return x.say.Unfinished(code, firstPoint(r.Err)), nil
	case desk.Checking:
		return "", nil // the answer comes by itself
	case desk.Busy:
		return x.say.TooManyChecks(code), nil
	case desk.Done, desk.Already, desk.Taken, desk.Over, desk.Late, desk.Stale:
	case desk.Empty, desk.NobodyLeft, desk.NoTier, desk.Forbidden, desk.Unknown, desk.Failed, desk.Overtaken, desk.Clocks:
		return "", r.Err
	}
	t := r.Ticket
	switch a.Verb {
	case VerbAcknowledge:
		if was.State.Taken() {
			return x.say.Yours(code, t.AcknowledgedAt, t.State == ticket.InProgress), nil
		}
		return x.acknowledged(code, &t), nil
	case VerbSnooze:
		return x.say.Snoozed(code, t.Progress.AckUntil), nil
	case VerbPickUp:
		if was.State == ticket.InProgress {
			return x.say.Yours(code, t.PickedUpAt, true), nil
		}
		return x.say.PickedUp(code, t.PickedUpAt, t.GTI.DueAt), nil
	case VerbRecheck:
		return x.recheck(code, &t)
	case VerbEscalate:
		return x.say.Escalated(code, x.called(&t)), nil
	case VerbResolve:
		return x.say.Resolved(code, t.ResolvedAt, escalation.UndoWithin), nil
	case VerbUndo:
		return x.say.Undone(code, t.State.Taken()), nil
	case VerbNote:
		return x.say.Noted(code, t.State != ticket.Open), nil
	case VerbNothing, VerbList, VerbAcknowledgeAll, VerbHelp, VerbToken, VerbDuty:
	}
	return "", nil
}

// firstPoint is what is to be done before a ticket can be resolved.
func firstPoint(err error) string {
	var open *escalation.UnfinishedError
	if errors.As(err, &open) && len(open.Points) > 0 {
		return open.Points[0]
	}
	return ""
}

// ordered has the desk do to one ticket what an answer says, in a person's
// name.
func (x *exchange) ordered(who string, a Answer, target desk.Target) desk.Result {
	return x.desk.Act(x.ctx, x.actor(who), x.order(a), target)[0]
}

// actor is a configured person, who acts by a text.
func (x *exchange) actor(who string) desk.Actor {
	person, _ := x.rules.Directory.Recipient(who)
	return desk.Actor{
		Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: who, Phone: x.telephone}, Role: desk.RoleOf(person.Role), Via: "sms", Person: who,
		Scope: ticket.Everything(), // a code came by a page, and gives the right to its ticket
	}
}

func (x *exchange) order(a Answer) desk.Order {
	return desk.Order{Verb: actionOf[a.Verb], Words: a.Note, Once: x.once}
}

func (x *exchange) acknowledged(code int, t *ticket.Ticket) string {
	if t.PickupOnAck && !t.PickedUpAt.IsZero() {
		return x.say.AcknowledgedGoing(code, t.AcknowledgedAt, t.GTI.DueAt)
	}
	return x.say.Acknowledged(code, t.AcknowledgedAt, x.running(t))
}

// running is when a GTI clock that still runs is due.
func (x *exchange) running(t *ticket.Ticket) time.Time {
	if !t.PickedUpAt.IsZero() {
		return time.Time{}
	}
	return t.GTI.DueAt
}

func (x *exchange) refused(code int, who string, e *escalation.StateError, verb Verb, t *ticket.Ticket) string {
	ref := fmt.Sprint(code)
	if code == 0 {
		ref = e.Number
	}
	by := ""
	if e.By.Kind == ticket.ActorPerson || e.By.Kind == ticket.ActorToken {
		by = paging.NameOf(x.rules, &e.By)
	}
	switch {
	case verb == VerbUndo && e.State.Active():
		return x.say.Undone(code, e.State.Taken()) // there is nothing to undo, or it is too late
	case verb == VerbUndo:
		return x.say.UndoLate(code)
	case !e.State.Taken():
		return x.say.Over(ref, by, e.At)
	case e.By.Person() == who:
		return x.say.Yours(code, e.At, t.State == ticket.InProgress)
	}
	return x.say.TakenBy(ref, by, e.At)
}
