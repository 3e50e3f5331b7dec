package board

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

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// entryBody is a heartbeat as the API tells it.
type entryBody struct {
	Name       string            `json:"name"`
	Every      string            `json:"every"`
	Grace      string            `json:"grace"`
	RunsFor    string            `json:"runs_for,omitempty"`
	Labels     map[string]string `json:"labels"`
	Source     string            `json:"source,omitempty"` // whose alerts beat it
	Configured bool              `json:"configured"`
	By         string            `json:"by,omitempty"`
	State      heartbeat.State   `json:"state"`
	Since      time.Time         `json:"since"`
	LastAt     *time.Time        `json:"last_at,omitempty"` // nil: never
	StartedAt  *time.Time        `json:"started_at,omitempty"`
	LateAt     *time.Time        `json:"late_at,omitempty"`
	Text       string            `json:"text,omitempty"`
	// Token and Curl are told once, when it is made.
	Token string `json:"token,omitempty"`
	Curl  string `json:"curl,omitempty"`
}

func bodyOf(e *heartbeat.Entry) entryBody {
	b := entryBody{
		Name: e.Name, Every: e.Every.String(), Grace: e.Grace.String(), Labels: e.Labels, Configured: e.Configured, By: e.By,
		State: e.Beat.State, Since: e.Beat.Since.UTC(), LastAt: moment(e.Beat.Heard), StartedAt: moment(e.Beat.Started), Text: e.Beat.Text,
	}
	if e.RunsFor > 0 {
		b.RunsFor = e.RunsFor.String()
	}
	if b.Labels == nil {
		b.Labels = map[string]string{}
	}
	if e.From != nil {
		b.Source = e.From.Source
	}
	if s := e.Beat.State; !s.Bad() || s == heartbeat.Failed {
		b.LateAt = moment(e.Due)
	}
	return b
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// ask is what is asked for.
type ask struct {
	Name    string            `json:"name"`
	Every   string            `json:"every"`
	Grace   string            `json:"grace"`
	RunsFor string            `json:"runs_for"`
	Labels  map[string]string `json:"labels"`
}

// read makes a heartbeat of it.
func (a *ask) read() (heartbeat.Heartbeat, error) {
	h := heartbeat.Heartbeat{Name: strings.TrimSpace(a.Name), Labels: a.Labels}
	for _, f := range []struct {
		name, text string
		into       *model.Duration
	}{{"every", a.Every, &h.Every}, {"grace", a.Grace, &h.Grace}, {"runs_for", a.RunsFor, &h.RunsFor}} {
		if strings.TrimSpace(f.text) == "" {
			continue
		}
		d, err := model.ParseDuration(strings.TrimSpace(f.text))
		if err != nil {
			return h, &heartbeat.FieldError{Field: f.name, Why: "write 5m, 1h or 1d, not " + ticket.Logged(f.text)}
		}
		*f.into = d
	}
	return h, nil
}

func (p *Pages) listAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	all, err := p.Book.All(r.Context(), p.Engine.Now())
	if err != nil {
		return err
	}
	state := heartbeat.State(r.URL.Query().Get("state"))
	if state != "" && !slices.Contains([]heartbeat.State{heartbeat.New, heartbeat.Up, heartbeat.Late, heartbeat.Failed, heartbeat.Overrun}, state) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "state: new, up, late, failed or overrun")
	}
	list := []entryBody{}
	for i := range all {
		if seen(&all[i].Heartbeat, by) && (state == "" || all[i].Beat.State == state) {
			list = append(list, bodyOf(&all[i]))
		}
	}
	return web.Answer(w, http.StatusOK, map[string][]entryBody{"heartbeats": list})
}

func (p *Pages) getAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	e, err := p.get(r.Context(), r.PathValue("name"), by)
	if err != nil {
		return refused(err)
	}
	return web.Answer(w, http.StatusOK, bodyOf(&e))
}

func (p *Pages) makeAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	var a ask
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object of a heartbeat: name, every, grace, runs_for, labels")
	}
	e, token, err := p.make(r.Context(), &a, by)
	if err != nil {
		return refused(err)
	}
	body := bodyOf(&e)
	body.Token, body.Curl = token, p.curl(e.Name, token)
	w.Header().Set("Location", p.House.Link("/api/v1/heartbeats/"+e.Name))
	w.Header().Set("Cache-Control", "no-store")
	return web.Answer(w, http.StatusCreated, body)
}

func (p *Pages) endAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	e, err := p.end(r.Context(), r.PathValue("name"), by)
	if err != nil {
		return refused(err)
	}
	return web.Answer(w, http.StatusOK, bodyOf(&e))
}

// curl is the line that beats a heartbeat.
func (p *Pages) curl(name, token string) string {
	return "curl -fsS -m 10 --retry 5 -o /dev/null -H 'Authorization: Bearer " + token + "' " + p.House.Link("/heartbeat/"+name)
}

// make makes what somebody asks for.
func (p *Pages) make(ctx context.Context, a *ask, by web.Token) (heartbeat.Entry, string, error) {
	h, err := a.read()
	if err != nil {
		return heartbeat.Entry{}, "", err
	}
	if !seen(&h, by) {
		return heartbeat.Entry{}, "", &heartbeat.FieldError{Field: "labels." + escalation.LabelCustomer, Why: "one whose tickets you see is wanted"}
	}
	h.By = cmp.Or(by.Person, by.Name)
	e, token, err := p.Book.Make(ctx, h, p.Engine.Rules(), p.Engine.Now())
	if err != nil {
		return e, "", err
	}
	p.Log.Info("a heartbeat was made", zap.String("heartbeat", e.Name), zap.Stringer("every", e.Every), zap.Stringer("grace", e.Grace), zap.String("by", e.By))
	p.Changed()
	return e, token, nil
}

// seen says whether somebody may see a heartbeat: that of a customer whose tickets he sees.
func seen(h *heartbeat.Heartbeat, by web.Token) bool {
	scope := by.Scope()
	return scope.SeesCustomer(h.Labels[escalation.LabelCustomer])
}

// get is a heartbeat that somebody may see.
func (p *Pages) get(ctx context.Context, name string, by web.Token) (heartbeat.Entry, error) {
	e, err := p.Book.Get(ctx, name, p.Engine.Now())
	if err == nil && !seen(&e.Heartbeat, by) {
		return heartbeat.Entry{}, heartbeat.ErrNotFound
	}
	return e, err //nolint:wrapcheck // refused words it
}

func (p *Pages) end(ctx context.Context, name string, by web.Token) (heartbeat.Entry, error) {
	if e, err := p.get(ctx, name, by); err != nil {
		return e, err
	}
	e, err := p.Book.End(ctx, name, p.Engine.Now())
	if err != nil {
		return e, err
	}
	p.Log.Info("a heartbeat was ended", zap.String("heartbeat", e.Name), zap.String("by", cmp.Or(by.Person, by.Name)))
	p.Changed()
	return e, nil
}

// refused puts an error of this package into the API's form.
func refused(err error) error {
	var field *heartbeat.FieldError
	switch {
	case errors.As(err, &field):
		return web.Refuse(http.StatusUnprocessableEntity, "bad_field", field.Field+": "+field.Why)
	case errors.Is(err, heartbeat.ErrNotFound):
		return web.Refuse(http.StatusNotFound, "not_found", "there is no such heartbeat")
	case errors.Is(err, heartbeat.ErrConfigured):
		return web.Refuse(http.StatusConflict, "configured", strings.TrimPrefix(err.Error(), "heartbeat: "))
	case errors.Is(err, heartbeat.ErrMany):
		return web.Refuse(http.StatusConflict, "too_many", strings.TrimPrefix(err.Error(), "heartbeat: "))
	}
	return err
}
