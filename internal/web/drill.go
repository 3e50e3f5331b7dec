package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Drills asks people whether they can be woken.
type Drills interface {
	// StartDrill begins one of a group, or of one person if group is empty, and
	// returns when the providers have answered: ready.ErrDrillRuns, ready.ErrNobody.
	StartDrill(ctx context.Context, group, person, by string) (ready.Drill, error)
	// Drill is one; ready.ErrNoDrill if there is none.
	Drill(ctx context.Context, id string) (ready.Drill, error)
}

type drillBody struct {
	ID      string        `json:"id"`
	Group   string        `json:"group,omitempty"`
	By      string        `json:"by"`
	At      time.Time     `json:"at"`
	EndsAt  time.Time     `json:"ends_at"`
	Running bool          `json:"running"`
	People  []drilledBody `json:"people"`
}

type drilledBody struct {
	Person     string     `json:"person"`
	AnsweredAt time.Time  `json:"answered_at,omitzero"`
	Late       bool       `json:"late,omitempty"` // after ends_at
	How        paging.How `json:"how,omitempty"`
	Channel    string     `json:"channel,omitempty"`
	Address    string     `json:"address,omitempty"`
	Messages   []sentBody `json:"messages"`
}

type sentBody struct {
	Channel string           `json:"channel"`
	Address string           `json:"address"`
	State   ticket.PageState `json:"state"`
	Error   string           `json:"error,omitempty"`
}

func (s *Server) drillOf(d *ready.Drill, by *Token) drillBody {
	body := drillBody{
		ID: d.ID, Group: d.Group, By: d.By, At: d.At.UTC(), EndsAt: d.Ends().UTC(), Running: d.Running(s.engine.Now()), People: []drilledBody{},
	}
	for i := range d.People {
		p := &d.People[i]
		shown := func(address string) string {
			if by.mayBe(p.Person, "the addresses of") == nil {
				return address
			}
			return masked(address)
		}
		line := drilledBody{
			Person: p.Person, AnsweredAt: p.Answered.UTC(), Late: p.Answered.After(d.Ends()), How: p.How, Channel: p.Channel, Address: shown(p.Address), Messages: []sentBody{},
		}
		for k := range p.Tries {
			line.Messages = append(line.Messages, sentBody{p.Tries[k].Channel, shown(p.Tries[k].Address), p.Tries[k].State, p.Tries[k].Error})
		}
		body.People = append(body.People, line)
	}
	return body
}

// MayDrill is a 403 if somebody may not begin a drill: a manager of the group may,
// and everybody of themselves. Both wake people.
func (s *Server) MayDrill(by Token, group, person string) error {
	if group == "" {
		return by.mayBe(person, "a drill of")
	}
	return by.manages(s.engine.Rules().Directory, group, "a drill of the group")
}

// manages returns a 403 if the token is no manager of a group.
func (t *Token) manages(d *contacts.Directory, group, what string) error {
	if d.Manages(group, t.Person, contacts.Role(t.Role)) {
		return nil
	}
	return refusef(http.StatusForbidden, "forbidden", "%s is a %s's and no manager of the group %q (groups.X.managers); %s needs one", t.called(), t.Role, logged(group), what)
}

func (s *Server) startDrill(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.knowsReady(); err != nil {
		return err
	}
	var ask struct{ Group, Person string }
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	if (ask.Group == "") == (ask.Person == "") {
		return badField("group", "a group or a person, one of the two")
	}
	d, err := s.Drilled(r.Context(), by, ask.Group, ask.Person)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.link("/api/v1/drills/%s", d.ID))
	return writeJSON(w, http.StatusCreated, s.drillOf(&d, &by))
}

// Drilled begins a drill in the name of whoever asks. Its errors are the API's.
func (s *Server) Drilled(ctx context.Context, by Token, group, person string) (ready.Drill, error) {
	directory := s.engine.Rules().Directory
	if _, ok := directory.Group(group); group != "" && !ok {
		return ready.Drill{}, refusef(http.StatusNotFound, "not_found", "no group named %q: %s", logged(group), names(directory.Groups()))
	}
	if _, ok := directory.Person(person); group == "" && !ok {
		return ready.Drill{}, refusef(http.StatusNotFound, "not_found", "nobody has the key %q", logged(person))
	}
	if err := s.MayDrill(by, group, person); err != nil {
		return ready.Drill{}, err
	}
	d, err := s.ready.StartDrill(ctx, group, person, by.OnDuty().Name)
	switch {
	case errors.Is(err, ready.ErrDrillRuns):
		return d, &refusal{status: http.StatusConflict, code: "running", after: ready.DrillFor, message: "a drill of it is under way: it lasts a minute"}
	case errors.Is(err, ready.ErrNobody):
		return d, refusef(http.StatusUnprocessableEntity, "nobody", "nobody is in the group %q", logged(group))
	case err != nil:
		return d, fmt.Errorf("web: %w", err)
	}
	return d, nil
}

func (s *Server) showDrill(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.knowsReady(); err != nil {
		return err
	}
	d, err := s.ready.Drill(r.Context(), r.PathValue("id"))
	if errors.Is(err, ready.ErrNoDrill) {
		return refusef(http.StatusNotFound, "not_found", "there is no such drill")
	}
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return writeJSON(w, http.StatusOK, s.drillOf(&d, &by))
}
