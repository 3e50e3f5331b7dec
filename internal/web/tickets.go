package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// listBody is one part of a list; Next is the cursor of the one after it,
// empty at the end. Away says since when the store is away: then the list has only
// what came to this daemon since.
type listBody struct {
	Tickets []ticketBody `json:"tickets"`
	Next    string       `json:"next"`
	Away    time.Time    `json:"away_since,omitzero"`
	// Missing says what the list lacks; empty: nothing.
	Missing ticket.Missing `json:"missing,omitempty"`
}

func (s *Server) listTickets(w http.ResponseWriter, r *http.Request, by Token) error {
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return err
	}
	list, err := s.tickets(r.Context(), by.scope, &q)
	if errors.Is(err, escalation.ErrCursor) { // its checksum is right: somebody made it
		return badField("cursor", "no list ended there")
	}
	if err != nil {
		return err
	}
	next := sealCursor(list.Next)
	if wantsSheet(r) {
		return s.writeSheet(w, &list, next)
	}
	body := listBody{Tickets: bodiesOf(list.Tickets, s.engine.Now()), Next: next, Missing: list.Missing}
	if s.away != nil {
		body.Away = s.away().UTC()
	}
	return writeJSON(w, http.StatusOK, body)
}

func (s *Server) tickets(ctx context.Context, scope ticket.Scope, q *ticket.Search) (l ticket.Listing, err error) {
	q.Scope, q.Now = scope, s.engine.Now()
	err = s.searches.do(ctx, func() error {
		l, err = s.finder.Search(ctx, scope, q)
		return err
	})
	if err != nil {
		return ticket.Listing{}, fmt.Errorf("web: list tickets: %w", err)
	}
	return l, nil
}

func (s *Server) showTicket(w http.ResponseWriter, r *http.Request, by Token) error {
	number := r.PathValue("number")
	view, err := s.view(r.Context(), by.scope, number)
	if err != nil {
		return err
	}
	body := s.wholeBody(w, &view, spoken(r))
	body.SeenBefore = s.SeenBefore(r.Context(), by.scope, &view)
	body.Rooms, body.Here = s.roomsOf(r.Context(), &view.Ticket), s.Here(r.Context(), number, by.Person)
	return writeJSON(w, http.StatusOK, body)
}

// view reads a ticket for somebody. One that is out of scope is not there.
func (s *Server) view(ctx context.Context, of ticket.Scope, number string) (ticket.View, error) {
	var view ticket.View
	if err := of.Err(); err != nil {
		return view, fmt.Errorf("web: view ticket %s: %w", number, err)
	}
	if err := s.turns.do(ctx, func() (err error) {
		view, err = s.store.View(ctx, number)
		if errors.Is(err, escalation.ErrNotFound) && !errors.Is(err, escalation.ErrDamaged) {
			view, err = s.finder.View(ctx, ticket.Everything(), number)
		}
		return err
	}); err != nil {
		return view, fmt.Errorf("web: view ticket %s: %w", number, err)
	}
	if !of.SeesView(&view) {
		return ticket.View{}, fmt.Errorf("web: ticket %s is not for %s: %w", number, of.Person(), escalation.ErrNotFound)
	}
	return view, nil
}

// readings are what the desk reads, each in its turn. It judges itself who may see it.
type readings struct{ s *Server }

// View implements desk.Tickets.
func (r readings) View(ctx context.Context, number string) (ticket.View, error) {
	return r.s.view(ctx, ticket.Everything(), number)
}

// actRequest is an action's body. Person is who acts or, of an assign, who
// gets the ticket.
type actRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
	// PressedAt is when it was pressed on a phone that had no network until now.
	PressedAt string `json:"pressed_at"`
	// For is how long a snooze lasts, as 30m.
	For string `json:"for"`
	// Reason is why the clocks rest.
	Reason string `json:"reason"`
	// Group is, of an assign, which group gets the ticket into its pool; of a tier, which
	// of its groups.
	Group string `json:"group"`
	// As is what an assign gives: owner, with or without; nothing: the ticket.
	As string `json:"as"`
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.actAs(w, r, by, escalation.Action(r.PathValue("action")))
}

// actAs does an action to the ticket that a request names.
func (s *Server) actAs(w http.ResponseWriter, r *http.Request, by Token, action escalation.Action) error {
	if !slices.Contains(desk.Verbs(), action) {
		return refusef(http.StatusNotFound, "not_found", "there is no action %q: %s", logged(string(action)), actionNames())
	}
	var ask actRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	order := desk.Order{Verb: action, Words: strings.TrimSpace(ask.Text), Reason: ticket.PauseReason(ask.Reason), Sure: true}
	if err := s.posted(&order, &ask); err != nil {
		return err
	}
	return s.ordered(w, r, by, order, &ask)
}

// orWhoHasIt is who besides a manager may pass on what somebody has (desk.NeedsOf).
const orWhoHasIt = ", a deputy's, or that of whoever has the ticket"

// ordered gives an order that a request made, and answers with the ticket.
func (s *Server) ordered(w http.ResponseWriter, r *http.Request, by Token, order desk.Order, ask *actRequest) error {
	number, action, who := r.PathValue("number"), order.Verb, by.Actor("")
	deed, or := string(action), ""
	switch action {
	case escalation.ActAssign:
		if order.Group != "" || order.As != escalation.AsHaving || ask.Person == "" || ask.Person != by.Person {
			deed, or = "assign to another person than its own", orWhoHasIt
		}
	case escalation.ActRelease, escalation.ActTierUp, escalation.ActTierDown:
		or = orWhoHasIt
	case escalation.ActTake, escalation.ActEdit:
		if ask.Person == "" { // whoever takes it is a person
			ask.Person = by.Person
		}
	default:
	}
	if err := by.may(s.desk.NeedsOf(r.Context(), &order, &who, &desk.Target{Number: number}), deed, or); err != nil {
		return err
	}
	if err := within("text", order.Words, ticket.MaxNote); err != nil {
		return err
	}
	var err error
	if order.Pressed, err = s.pressed("pressed_at", ask.PressedAt); err != nil {
		return err
	}
	if order.For, err = napOf(action, ask.For); err != nil {
		return err
	}
	if who.Actor, err = s.acting(by, action, ask.Person); err != nil {
		return err
	}
	if who.Via, err = via(r); err != nil {
		return err
	}
	s.Acted(r.Context(), by)
	result := s.desk.Act(r.Context(), who, order, desk.Target{Number: number})[0]
	switch result.Outcome {
	case desk.Already:
		return s.writeWhole(w, r, by.scope, number)
	case desk.Checking:
		return s.underWay(w, r, &result.Ticket)
	default:
	}
	if err := asError(&result, action); err != nil {
		return err
	}
	body := s.asItIs(w, r, &result.Ticket)
	if action == escalation.ActEdit {
		s.CameTo(r.Context(), number, ask.Person)
		body.Here = s.Here(r.Context(), number, ask.Person)
	}
	return writeJSON(w, http.StatusOK, body)
}

// acting is who acts: the person that the body names. That of an assign names who gets it,
// not who gives it.
func (s *Server) acting(by Token, action escalation.Action, person string) (ticket.Actor, error) {
	if action != escalation.ActAssign || person == by.Person && person != "" {
		return s.actor(by, person)
	}
	if person != "" { // else it is to a group
		if _, err := s.person(person); err != nil {
			return ticket.Actor{}, badField("person", "%s", err)
		}
	}
	return by.Actor("").Actor, nil
}

// posted reads what of a ticket an assign gives, and to whom.
func (s *Server) posted(o *desk.Order, ask *actRequest) error {
	tier := o.Verb == escalation.ActTierUp || o.Verb == escalation.ActTierDown
	if o.Group, o.As = ask.Group, escalation.Part(ask.As); o.Verb == escalation.ActAssign {
		o.Person = ask.Person
	}
	_, known := s.engine.Rules().Directory.Group(ask.Group)
	switch {
	case o.Group != "" && !tier && o.Verb != escalation.ActAssign:
		return badField("group", "only an assign and a tier have it")
	case o.As != escalation.AsHaving && o.Verb != escalation.ActAssign:
		return badField("as", "only an assign has it")
	case o.As != escalation.AsHaving && !slices.Contains(escalation.Parts(), o.As):
		return badField("as", "one of %s", names(escalation.Parts()))
	case o.Group != "" && !known:
		return badField("group", "no group is named %q", logged(ask.Group))
	case o.Group != "" && o.Verb == escalation.ActAssign && (o.Person != "" || o.As == escalation.AsOwner):
		return badField("group", "a person or a group is wanted, and to answer for a ticket a person")
	}
	return nil
}

// napOf reads how long a snooze is to last; zero: it is not said.
func napOf(action escalation.Action, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case action != escalation.ActSnooze:
		return 0, badField("for", "only a snooze has it")
	case err != nil || d < escalation.LeastSnooze || d > escalation.MostSnooze:
		return 0, badField("for", "it is a time such as 30m, from %s to %s", short(escalation.LeastSnooze), short(escalation.MostSnooze))
	}
	return d, nil
}

// writeWhole answers with a ticket as it is.
func (s *Server) writeWhole(w http.ResponseWriter, r *http.Request, of ticket.Scope, number string) error {
	view, err := s.view(r.Context(), of, number)
	if err != nil {
		return err
	}
	body := s.wholeBody(w, &view, spoken(r))
	body.Rooms = s.roomsOf(r.Context(), &view.Ticket)
	return writeJSON(w, http.StatusOK, body)
}

// asError is what a caller of the API is told that did not get what it asked for.
func asError(r *desk.Result, action escalation.Action) error {
	switch {
	case r.Outcome == desk.Empty && action == escalation.ActNote:
		return errEmptyNote
	case r.Outcome == desk.Empty && action == escalation.ActAssign:
		return badField("person", "it is needed, or a group")
	case r.Outcome == desk.Empty:
		return badField("person", "it is needed")
	case r.Outcome == desk.Busy:
		return errChecks()
	case r.Err != nil:
		return fmt.Errorf("web: %s ticket %s: %w", action, r.Number, r.Err)
	}
	return nil
}

// asItIs is the ticket with its pages and timeline, for whoever has just acted on it. What
// was done is done: if they cannot be read it is the ticket alone.
func (s *Server) asItIs(w http.ResponseWriter, r *http.Request, t *ticket.Ticket) ticketBody {
	view, err := s.view(r.Context(), ticket.Everything(), t.Number)
	if err != nil {
		s.log.Warn("a ticket was changed and could not be read again", zap.String("ticket", t.Number), zap.Error(err))
		return bodyOf(t, s.engine.Now())
	}
	return s.wholeBody(w, &view, spoken(r))
}

func actionNames() string {
	all := desk.Verbs()
	slices.Sort(all)
	return names(all)
}
