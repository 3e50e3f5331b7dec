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
}

func (s *Server) listTickets(w http.ResponseWriter, r *http.Request, _ Token) error {
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return err
	}
	tickets, next, err := s.tickets(r.Context(), q)
	if errors.Is(err, escalation.ErrCursor) { // its checksum is right: somebody made it
		return badField("cursor", "no list ended there")
	}
	if err != nil {
		return err
	}
	body := listBody{Tickets: bodiesOf(tickets, s.engine.Now()), Next: sealCursor(next)}
	if s.away != nil {
		body.Away = s.away().UTC()
	}
	return writeJSON(w, http.StatusOK, body)
}

func (s *Server) tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error) {
	err = s.searches.do(ctx, func() error {
		tickets, next, err = s.store.Tickets(ctx, q)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("web: list tickets: %w", err)
	}
	return tickets, next, nil
}

func (s *Server) showTicket(w http.ResponseWriter, r *http.Request, _ Token) error {
	return s.writeWhole(w, r, r.PathValue("number"))
}

func (s *Server) view(ctx context.Context, number string) (ticket.View, error) {
	var view ticket.View
	if err := s.turns.do(ctx, func() (err error) {
		view, err = s.store.View(ctx, number)
		return err
	}); err != nil {
		return view, fmt.Errorf("web: view ticket %s: %w", number, err)
	}
	return view, nil
}

// readings are what the desk reads, each in its turn.
type readings struct{ s *Server }

// View implements desk.Tickets.
func (r readings) View(ctx context.Context, number string) (ticket.View, error) {
	return r.s.view(ctx, number)
}

// openRequest asks for a ticket that no alert stands behind.
type openRequest struct {
	Title    string `json:"title"`
	Kind     string `json:"kind"`
	Customer string `json:"customer"`
	Site     string `json:"site"`
	Urgency  string `json:"urgency"`
	Policy   string `json:"policy"`
	Text     string `json:"text"`
	Person   string `json:"person"`
}

func (s *Server) openTicket(w http.ResponseWriter, r *http.Request, by Token) error {
	var ask openRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	d, err := s.draft(&ask, by)
	if err != nil {
		return err
	}
	if d.Via, err = via(r); err != nil {
		return err
	}
	if err := s.byHand.spend(by.Name, s.engine.Now()); err != nil {
		return err
	}
	t, err := s.engine.OpenByHand(r.Context(), d)
	if err != nil {
		return fmt.Errorf("web: open a ticket: %w", err)
	}
	w.Header().Set("Location", s.link("/api/v1/tickets/%s", t.Number))
	return writeJSON(w, http.StatusCreated, s.asItIs(r, &t))
}

// draft checks each field: what an alert may get wrong, a person corrects.
func (s *Server) draft(ask *openRequest, by Token) (d escalation.Draft, err error) {
	rules := s.engine.Rules()
	d = escalation.Draft{
		Kind: ticket.Kind(ask.Kind), Title: strings.TrimSpace(ask.Title), Customer: ask.Customer, Site: ask.Site,
		Policy: ask.Policy, Said: ticket.Plain(ask.Text),
	}
	if d.Kind == "" {
		d.Kind = ticket.Incident
	}
	switch {
	case d.Title == "":
		return d, badField("title", "it is needed")
	case d.Kind != ticket.Incident && d.Kind != ticket.Request:
		return d, badField("kind", "no kind named %q: incident or request", logged(ask.Kind))
	}
	for _, f := range []struct {
		name, text string
		limit      int
	}{{"title", d.Title, ticket.MaxTitle}, {"site", d.Site, ticket.MaxSite}, {"text", d.Said.Text, ticket.MaxNote}} {
		if err := within(f.name, f.text, f.limit); err != nil {
			return d, err
		}
	}
	if _, ok := rules.Customer(d.Customer); !ok && d.Customer != "" {
		return d, badField("customer", "no customer has the key %q", logged(d.Customer))
	}
	if _, ok := rules.Policies[d.Policy]; !ok && d.Policy != "" {
		return d, badField("policy", "no policy is named %q", logged(d.Policy))
	}
	if err := d.Urgency.UnmarshalText([]byte(logged(ask.Urgency))); err != nil {
		return d, badField("urgency", "%s", err)
	}
	d.Actor, err = s.actor(by, ask.Person)
	return d, err
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
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.actAs(w, r, by, escalation.Action(r.PathValue("action")))
}

// actAs does an action to the ticket that a request names.
func (s *Server) actAs(w http.ResponseWriter, r *http.Request, by Token, action escalation.Action) error {
	number := r.PathValue("number")
	if !slices.Contains(desk.Verbs(), action) {
		return refusef(http.StatusNotFound, "not_found", "there is no action %q: %s", logged(string(action)), actionNames())
	}
	var ask actRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	who := desk.Actor{Role: by.role(), Person: by.Person}
	order := desk.Order{Verb: action, Words: strings.TrimSpace(ask.Text), Sure: true}
	deed := string(action)
	if action == escalation.ActAssign {
		if order.Person = ask.Person; ask.Person == "" || ask.Person != by.Person {
			deed = "assign to another person than its own"
		}
	}
	if err := by.may(s.desk.NeedsOf(r.Context(), &order, &who, &desk.Target{Number: number}), deed); err != nil {
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
	if who.Actor, err = s.actor(by, ask.Person); err != nil {
		return err
	}
	if action == escalation.ActAssign && ask.Person != by.Person { // the body names who gets it, not who gives it
		who.Actor = by.Actor("").Actor
	}
	if who.Via, err = via(r); err != nil {
		return err
	}
	s.Acted(r.Context(), by)
	result := s.desk.Act(r.Context(), who, order, desk.Target{Number: number})[0]
	switch result.Outcome {
	case desk.Already:
		return s.writeWhole(w, r, number)
	case desk.Checking:
		return s.underWay(w, r, &result.Ticket)
	default:
	}
	if err := asError(&result, action); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.asItIs(r, &result.Ticket))
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
func (s *Server) writeWhole(w http.ResponseWriter, r *http.Request, number string) error {
	view, err := s.view(r.Context(), number)
	if err != nil {
		return err
	}
	body := wholeBody(&view, s.engine.Now(), spoken(r))
	body.Rooms = s.roomsOf(r.Context(), &view.Ticket)
	return writeJSON(w, http.StatusOK, body)
}

// asError is what a caller of the API is told that did not get what it asked for.
func asError(r *desk.Result, action escalation.Action) error {
	switch {
	case r.Outcome == desk.Empty && action == escalation.ActNote:
		return errEmptyNote
	case r.Outcome == desk.Empty:
		return badField("person", "it is needed")
	case r.Outcome == desk.Busy:
		return errChecks()
	case r.Err != nil:
		return fmt.Errorf("web: %s ticket %s: %w", action, r.Number, r.Err)
	}
	return nil
}

// asItIs is the ticket with its pages and timeline. What was done is done:
// if they cannot be read it is the ticket alone.
func (s *Server) asItIs(r *http.Request, t *ticket.Ticket) ticketBody {
	view, err := s.view(r.Context(), t.Number)
	if err != nil {
		s.log.Warn("a ticket was changed and could not be read again", zap.String("ticket", t.Number), zap.Error(err))
		return bodyOf(t, s.engine.Now())
	}
	return wholeBody(&view, s.engine.Now(), spoken(r))
}

func actionNames() string {
	all := desk.Verbs()
	slices.Sort(all)
	return names(all)
}
