package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// listBody is one part of a list; Next is the cursor of the one after it,
// empty at the end.
type listBody struct {
	Tickets []ticketBody `json:"tickets"`
	Next    string       `json:"next"`
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
	return writeJSON(w, http.StatusOK, listBody{Tickets: bodiesOf(tickets, s.engine.Now()), Next: sealCursor(next)})
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
	view, err := s.view(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, wholeBody(&view, s.engine.Now(), spoken(r)))
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
	if err := s.byHand.take(by.Name, s.engine.Now()); err != nil {
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

// actions are those of the API, with the role that each needs.
var actions = map[escalation.Action]role{
	escalation.ActAcknowledge: technician,
	escalation.ActPickUp:      technician,
	escalation.ActResolve:     technician,
	escalation.ActUndo:        technician,
	escalation.ActEscalate:    technician,
	escalation.ActNote:        technician,
	escalation.ActRecheck:     technician,
	escalation.ActAssign:      technician, // to others: manager
	escalation.ActReopen:      manager,
	escalation.ActClose:       manager,
}

// actRequest is an action's body. Person is who acts or, of an assign, who
// gets the ticket.
type actRequest struct {
	Person string `json:"person"`
	Text   string `json:"text"`
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, by Token) error {
	number, action := r.PathValue("number"), escalation.Action(r.PathValue("action"))
	needs, ok := actions[action]
	if !ok {
		return refusef(http.StatusNotFound, "not_found", "there is no action %q: %s", logged(string(action)), actionNames())
	}
	var ask actRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	deed := string(action)
	if action == escalation.ActAssign && (by.Person == "" || ask.Person != by.Person) {
		needs, deed = manager, "assign to another person than its own"
	}
	if err := by.may(needs, deed); err != nil {
		return err
	}
	acted, err := s.acted(action, &ask, by)
	if err != nil {
		return err
	}
	if acted.Via, err = via(r); err != nil {
		return err
	}
	t, err := s.apply(r.Context(), number, acted)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.asItIs(r, &t))
}

func (s *Server) acted(action escalation.Action, ask *actRequest, by Token) (a escalation.Acted, err error) {
	a = escalation.Acted{Action: action, Said: ticket.Plain(strings.TrimSpace(ask.Text))}
	if err := within("text", a.Said.Text, ticket.MaxNote); err != nil {
		return a, err
	}
	if a.Actor, err = s.actor(by, ask.Person); err != nil {
		return a, err
	}
	switch action {
	case escalation.ActAssign:
		if ask.Person == "" {
			return a, badField("person", "it is needed")
		}
		a.Person = ask.Person
		if ask.Person != by.Person { // the body names who gets it, not who gives it
			a.Actor = ticket.Actor{Kind: ticket.ActorToken, Name: by.Name}
		}
	case escalation.ActNote:
		if a.Said.Text == "" {
			return a, badField("text", "it is needed")
		}
	default:
	}
	return a, nil
}

// apply does something to a ticket. A recheck without words gets those of the
// tool behind the ticket.
func (s *Server) apply(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error) {
	if a.Action == escalation.ActRecheck && a.Said.Text == "" {
		view, err := s.view(ctx, number)
		if err != nil {
			return ticket.Ticket{}, err
		}
		a.Said = s.look(ctx, &view)
	}
	t, err := s.engine.Act(ctx, number, a)
	if err != nil {
		return t, fmt.Errorf("web: %s ticket %s: %w", a.Action, number, err)
	}
	return t, nil
}

// asItIs is the ticket with its pages and timeline. What was done is done:
// where they cannot be read it is the ticket alone.
func (s *Server) asItIs(r *http.Request, t *ticket.Ticket) ticketBody {
	view, err := s.view(r.Context(), t.Number)
	if err != nil {
		s.log.Warn("a ticket was changed and could not be read again", zap.String("ticket", t.Number), zap.Error(err))
		return bodyOf(t, s.engine.Now())
	}
	return wholeBody(&view, s.engine.Now(), spoken(r))
}

func actionNames() string {
	var all []escalation.Action
	for a := range actions {
		all = append(all, a)
	}
	slices.Sort(all)
	return names(all)
}
