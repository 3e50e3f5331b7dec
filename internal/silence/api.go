package silence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// silenceBody is a silence as the API tells it.
type silenceBody struct {
	Silence
	State State `json:"state"`
	// Next are the hours in which it holds, or will hold next.
	Next *hoursBody `json:"next,omitempty"`
}

type hoursBody struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

func bodyOf(s *Silence, now time.Time) silenceBody {
	body := silenceBody{Silence: *s}
	span := hoursBody{}
	state, next := s.StateAt(now)
	if body.State = state; state != Expired {
		span = hoursBody{next.From.UTC(), next.Until.UTC()}
		body.Next = &span
	}
	return body
}

// ask is what is asked for.
type ask struct {
	Source   string   `json:"source"`
	Customer string   `json:"customer"`
	Matchers []string `json:"matchers"`
	From     string   `json:"from"`
	Until    string   `json:"until"`
	For      string   `json:"for"` // in the place of until
	Every    string   `json:"every"`
	Zone     string   `json:"zone"`
	Why      string   `json:"why"`
}

// read makes a silence of it.
func (a *ask) read(now time.Time) (Silence, error) {
	s := Silence{Source: a.Source, Customer: a.Customer, Matchers: a.Matchers, Every: strings.TrimSpace(a.Every), Zone: a.Zone, Why: a.Why, From: now}
	for _, f := range []struct {
		name, text string
		into       *time.Time
	}{{"from", a.From, &s.From}, {"until", a.Until, &s.Until}} {
		if f.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, f.text)
		if err != nil {
			return s, &FieldError{f.name, "write 2026-12-25T03:00:00+01:00, not " + ticket.Logged(f.text)}
		}
		*f.into = at
	}
	if a.For != "" {
		d, err := model.ParseDuration(a.For)
		switch {
		case err != nil:
			return s, &FieldError{"for", "write 30m, 2h or 1d, not " + ticket.Logged(a.For)}
		case a.Until != "":
			return s, &FieldError{"for", "it has until already"}
		}
		s.Until = s.From.Add(time.Duration(d))
	}
	return s, nil
}

func (p *Pages) listAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	all, err := p.Book.All(r.Context())
	if err != nil {
		return err
	}
	state, now := State(r.URL.Query().Get("state")), p.Engine.Now()
	if state != "" && !slices.Contains([]State{Pending, Active, Expired}, state) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "state: pending, active or expired")
	}
	list, scope := []silenceBody{}, by.Scope()
	for i := range all {
		if !scope.SeesCustomer(all[i].Customer) {
			continue
		}
		if body := bodyOf(&all[i], now); state == "" || body.State == state {
			list = append(list, body)
		}
	}
	return web.Answer(w, http.StatusOK, map[string][]silenceBody{"silences": list})
}

func (p *Pages) getAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	s, err := p.seen(r.Context(), r.PathValue("id"), by)
	if err != nil {
		return refusal(err)
	}
	return web.Answer(w, http.StatusOK, bodyOf(&s, p.Engine.Now()))
}

func (p *Pages) makeAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	var a ask
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object of a silence: matchers, customer, from, until or for, every, why")
	}
	s, err := p.make(r.Context(), &a, by)
	if err != nil {
		return refusal(err)
	}
	w.Header().Set("Location", p.House.Link("/api/v1/silences/"+s.ID))
	return web.Answer(w, http.StatusCreated, bodyOf(&s, p.Engine.Now()))
}

func (p *Pages) endAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	s, err := p.end(r.Context(), r.PathValue("id"), by)
	if err != nil {
		return refusal(err)
	}
	return web.Answer(w, http.StatusOK, bodyOf(&s, p.Engine.Now()))
}

// seen is a silence that somebody may see: that of a customer whose tickets he sees.
func (p *Pages) seen(ctx context.Context, id string, by web.Token) (Silence, error) {
	s, err := p.Book.Get(ctx, id)
	if scope := by.Scope(); err == nil && !scope.SeesCustomer(s.Customer) {
		return Silence{}, ErrNotFound
	}
	return s, err
}

// make makes what somebody asks for.
func (p *Pages) make(ctx context.Context, a *ask, by web.Token) (Silence, error) {
	if scope := by.Scope(); !scope.SeesCustomer(a.Customer) {
		return Silence{}, &FieldError{"customer", "one whose tickets you see is wanted"}
	}
	s, err := a.read(p.Engine.Now())
	if err != nil {
		return s, err
	}
	s.By = cmp.Or(by.Person, by.Name)
	s, err = p.Book.Make(ctx, s, p.Engine.Rules(), p.Engine.Now())
	if err != nil {
		return s, err
	}
	p.Log.Info("a silence was made", zap.String("silence", s.ID), zap.String("matchers", ticket.Logged(strings.Join(s.Matchers, ", "))), zap.String("customer", s.Customer),
		zap.Time("from", s.From), zap.Time("until", s.Until), zap.String("every", ticket.Logged(s.Every)), zap.String("by", s.By), zap.String("why", ticket.Logged(s.Why)))
	p.Changed()
	return s, nil
}

func (p *Pages) end(ctx context.Context, id string, by web.Token) (Silence, error) {
	if s, err := p.seen(ctx, id, by); err != nil {
		return s, err
	}
	s, err := p.Book.End(ctx, id, cmp.Or(by.Person, by.Name), p.Engine.Now())
	if err != nil {
		return s, err
	}
	p.Log.Info("a silence was ended", zap.String("silence", id), zap.String("by", s.EndedBy))
	p.Changed()
	return s, nil
}

// refusal puts an error of this package into the API's form.
func refusal(err error) error {
	var field *FieldError
	switch {
	case errors.As(err, &field):
		return web.Refuse(http.StatusUnprocessableEntity, "bad_field", field.Field+": "+field.Why)
	case errors.Is(err, ErrNotFound):
		return web.Refuse(http.StatusNotFound, "not_found", "there is no such silence")
	case errors.Is(err, ErrOver):
		return web.Refuse(http.StatusConflict, "over", "it is over already")
	case errors.Is(err, ErrMany), errors.Is(err, ErrCostly):
		return web.Refuse(http.StatusConflict, "too_many", strings.TrimPrefix(err.Error(), "silence: "))
	}
	return err
}
