package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// workRoutes are those of work that people write down.
func (s *Server) workRoutes() []route {
	return []route{
		{http.MethodPost, "/api/v1/tickets/{number}/tasks", technician, s.addTask},
		{http.MethodPatch, "/api/v1/tickets/{number}/tasks/{id}", technician, s.changeTask},
		{http.MethodPost, "/api/v1/tickets/{number}/interventions", technician, s.addIntervention},
		{http.MethodPatch, "/api/v1/tickets/{number}/interventions/{id}", technician, s.changeIntervention},
		{http.MethodPost, "/api/v1/tickets/{number}/links", technician, s.addLink},
		{http.MethodDelete, "/api/v1/tickets/{number}/links", technician, s.dropLink},
		{http.MethodPatch, "/api/v1/tickets/{number}/checklist", technician, s.tick},
		{http.MethodPost, "/api/v1/tickets/{number}/meeting", technician, s.meet},
	}
}

// NewID is a new ID of something that a ticket's sheet holds.
func NewID() string { return strings.ToLower(rand.Text()[:12]) }

// instant reads a time of a request; nil if it is not said.
func instant(field string, text *string) (*time.Time, error) {
	if text == nil {
		return nil, nil //nolint:nilnil // nothing is said
	}
	if *text == "" {
		return &time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return nil, badField(field, "%q is no time as 2026-11-21T03:12:00Z (RFC 3339)", logged(*text))
	}
	return &at, nil
}

// taskRequest is a task, or what of it is to change.
type taskRequest struct {
	Kind    *string `json:"kind"`
	Text    *string `json:"text"`
	At      *string `json:"at"`
	Until   *string `json:"until"`
	Minutes *int    `json:"minutes"`
	Public  *bool   `json:"public"`
	Person  string  `json:"person"` // who did it
}

func (s *Server) addTask(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.task(w, r, by, NewID(), false)
}

func (s *Server) changeTask(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.task(w, r, by, r.PathValue("id"), true)
}

func (s *Server) task(w http.ResponseWriter, r *http.Request, by Token, id string, change bool) error {
	var ask taskRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	e := &ticket.TaskEdit{ID: id, Kind: ask.Kind, Text: ask.Text, Minutes: ask.Minutes, Public: ask.Public}
	var err error
	if e.At, err = instant("at", ask.At); err != nil {
		return err
	}
	if e.Until, err = instant("until", ask.Until); err != nil {
		return err
	}
	return s.worked(w, r, by, ask.Person, escalation.ActTask, &ticket.Work{Task: e, Change: change})
}

// interventionRequest is an intervention, or what of it is to change.
type interventionRequest struct {
	From   *string `json:"from"`
	Until  *string `json:"until"`
	Place  *string `json:"place"`
	Person *string `json:"person"` // who goes
	State  *string `json:"state"`
}

func (s *Server) addIntervention(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.intervention(w, r, by, NewID(), false)
}

func (s *Server) changeIntervention(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.intervention(w, r, by, r.PathValue("id"), true)
}

func (s *Server) intervention(w http.ResponseWriter, r *http.Request, by Token, id string, change bool) error {
	var ask interventionRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	e := &ticket.InterventionEdit{ID: id, Place: ask.Place, Person: ask.Person, State: ask.State}
	var err error
	if e.From, err = instant("from", ask.From); err != nil {
		return err
	}
	if e.Until, err = instant("until", ask.Until); err != nil {
		return err
	}
	return s.worked(w, r, by, "", escalation.ActIntervene, &ticket.Work{Intervention: e, Change: change})
}

// linkRequest is a link to another ticket.
type linkRequest struct {
	Kind   string `json:"kind"`
	Number string `json:"number"`
}

func (s *Server) addLink(w http.ResponseWriter, r *http.Request, by Token) error {
	var ask linkRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	l, err := s.LinkTo(r.Context(), by.scope, ask.Kind, ask.Number)
	if err != nil {
		return err
	}
	return s.worked(w, r, by, "", escalation.ActLink, &ticket.Work{Link: &ticket.Tying{Tie: l}})
}

// LinkTo is a link to a ticket that there is. Its error is the answer.
func (s *Server) LinkTo(ctx context.Context, of ticket.Scope, kind, number string) (ticket.Tie, error) {
	l := ticket.Tie{Kind: kind, Number: strings.TrimSpace(number)}
	view, err := s.view(ctx, of, l.Number)
	if errors.Is(err, escalation.ErrNotFound) {
		return l, badField("number", "there is no ticket %q", logged(l.Number))
	}
	if err != nil {
		return l, err
	}
	l.Number = view.Ticket.Number
	return l, nil
}

// dropLink takes a link away: that of the parameters kind, number and back.
func (s *Server) dropLink(w http.ResponseWriter, r *http.Request, by Token) error {
	q := r.URL.Query()
	l := ticket.Tie{Kind: q.Get("kind"), Number: q.Get("number"), Back: q.Get("back") == "true"}
	return s.worked(w, r, by, "", escalation.ActLink, &ticket.Work{Link: &ticket.Tying{Tie: l, Remove: true}})
}

// tickRequest is a point of a checklist that is done, or is not done after all.
type tickRequest struct {
	Point  string `json:"point"`
	Done   *bool  `json:"done"`
	Person string `json:"person"` // who did it
}

func (s *Server) tick(w http.ResponseWriter, r *http.Request, by Token) error {
	var ask tickRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	switch {
	case ask.Point == "":
		return badField("point", "it is needed: its id")
	case ask.Done == nil:
		return badField("done", "it is needed: true or false")
	}
	return s.worked(w, r, by, ask.Person, escalation.ActTick, &ticket.Work{Tick: &ticket.Tick{ID: ask.Point, Done: *ask.Done}})
}

// meetingRequest sets up a meeting with the user of a ticket. It may be left out.
type meetingRequest struct {
	URL    string `json:"url"`    // where; empty: as desk.meeting says
	Person string `json:"person"` // who sets it up
}

func (s *Server) meet(w http.ResponseWriter, r *http.Request, by Token) error {
	var ask meetingRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	return s.worked(w, r, by, ask.Person, escalation.ActMeet, &ticket.Work{Meeting: &ticket.Meeting{URL: ask.URL, Secret: NewID()}})
}

// worked does what a request asks for and answers with the ticket: 201 for what is new.
func (s *Server) worked(w http.ResponseWriter, r *http.Request, by Token, person string, verb escalation.Action, work *ticket.Work) error {
	who := desk.Actor{Role: by.role(), Person: by.Person, Scope: by.scope}
	var err error
	if who.Actor, err = s.actor(by, person); err != nil {
		return err
	}
	if who.Via, err = via(r); err != nil {
		return err
	}
	work.Any = by.role() >= manager
	number := r.PathValue("number")
	s.Acted(r.Context(), by)
	result := s.desk.Act(r.Context(), who, desk.Order{Verb: verb, Sure: true, Work: work}, desk.Target{Number: number})[0]
	if result.Err != nil {
		return fmt.Errorf("web: %s ticket %s: %w", verb, number, result.Err)
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
		w.Header().Set("Location", s.link("/api/v1/tickets/%s", url.PathEscape(number)))
	}
	return writeJSON(w, status, s.asItIs(w, r, &result.Ticket))
}
