package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Duty is what the package needs to change who is on call. The errors are those of
// package duty, or the store's.
type Duty interface {
	// Replacements are all of them.
	Replacements(ctx context.Context) ([]duty.Replacement, error)
	// PreviewReplacement says what one would come to, and keeps nothing.
	PreviewReplacement(ctx context.Context, r duty.Replacement, by duty.Actor) (duty.Preview, error)
	// Replace makes one. The later one wins if over is set.
	Replace(ctx context.Context, r duty.Replacement, by duty.Actor, over bool) (duty.Replacement, error)
	// AnswerReplacement accepts or declines what was offered.
	AnswerReplacement(ctx context.Context, id string, accepted bool, by duty.Actor) (duty.Replacement, error)
	// DropReplacement takes one back.
	DropReplacement(ctx context.Context, id string, by duty.Actor) (duty.Replacement, error)
}

// dutyRoutes are the routes of replacements.
func (s *Server) dutyRoutes() []route {
	return []route{
		{http.MethodGet, "/api/v1/replacements", reader, s.listReplacements},
		{http.MethodPost, "/api/v1/replacements", technician, s.makeReplacement},
		{http.MethodPost, "/api/v1/replacements/{id}/{answer}", technician, s.answerReplacement},
		{http.MethodDelete, "/api/v1/replacements/{id}", technician, s.dropReplacement},
	}
}

// replacementBody is a replacement as the API tells it.
type replacementBody struct {
	ID        string     `json:"id"`
	Kind      duty.Kind  `json:"kind"`
	Group     string     `json:"group"`
	Person    string     `json:"person"`
	InsteadOf string     `json:"instead_of,omitempty"`
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	With      string     `json:"with,omitempty"`
	TheirFrom time.Time  `json:"their_from,omitzero"`
	TheirTo   time.Time  `json:"their_to,omitzero"`
	Note      string     `json:"note,omitempty"`
	State     duty.State `json:"state"`
	Asks      string     `json:"asks,omitempty"` // who has to accept it
	Void      bool       `json:"void,omitempty"` // whom it names is not configured any more
	By        string     `json:"by"`
	At        time.Time  `json:"at"`
	Ended     string     `json:"ended_by,omitempty"`
	Since     time.Time  `json:"since"`

	Doubts *doubtsBody `json:"doubts,omitempty"` // of one that has just been made
}

func (s *Server) replacementOf(r *duty.Replacement) replacementBody {
	return replacementBody{
		ID: r.ID, Kind: r.Kind, Group: r.Group, Person: r.Person, InsteadOf: r.InsteadOf, From: r.From.UTC(), To: r.To.UTC(),
		With: r.With, TheirFrom: r.Theirs.From.UTC(), TheirTo: r.Theirs.To.UTC(), Note: r.Note, State: r.State, Asks: r.Asks(),
		Void: !r.Stands(s.engine.Rules().Directory), By: r.By, At: r.At.UTC(), Ended: r.Ended, Since: r.Since.UTC(),
	}
}

// replacementAsk is what is asked for.
type replacementAsk struct {
	Kind      string `json:"kind"`
	Group     string `json:"group"`
	Person    string `json:"person"`
	InsteadOf string `json:"instead_of"`
	From      string `json:"from"`
	To        string `json:"to"`
	With      string `json:"with"`
	TheirFrom string `json:"their_from"`
	TheirTo   string `json:"their_to"`
	Note      string `json:"note"`
	Replace   bool   `json:"replace"`
}

func (a *replacementAsk) read() (r duty.Replacement, err error) {
	r = duty.Replacement{
		Kind: duty.Kind(a.Kind), Group: a.Group, Person: a.Person, InsteadOf: a.InsteadOf, With: a.With, Note: strings.TrimSpace(a.Note),
	}
	if r.Kind == "" {
		r.Kind = duty.Cover
	}
	for _, f := range []struct {
		name, text string
		into       *time.Time
	}{{"from", a.From, &r.From}, {"to", a.To, &r.To}, {"their_from", a.TheirFrom, &r.Theirs.From}, {"their_to", a.TheirTo, &r.Theirs.To}} {
		if *f.into, err = parseTime(f.name, f.text); err != nil {
			return r, err
		}
	}
	return r, within("note", r.Note, ticket.MaxNote)
}

// OnDuty is who acts by the token, of a change of duty.
func (t *Token) OnDuty() duty.Actor {
	who := duty.Actor{Name: t.Name, Person: t.Person, Manager: t.role() >= manager, Role: contacts.Role(t.Role)}
	if who.Person != "" {
		who.Name = who.Person
	}
	return who
}

// keepsDuty answers 404 if there is no duty to change: the daemon runs on its
// second core.
func (s *Server) keepsDuty() error {
	if s.duty == nil {
		return refusef(http.StatusServiceUnavailable, "unavailable", "who is on call cannot be changed while the store is away; try again")
	}
	return nil
}

func (s *Server) listReplacements(w http.ResponseWriter, r *http.Request, _ Token) error {
	if err := s.keepsDuty(); err != nil {
		return err
	}
	query := r.URL.Query()
	asYAML, err := wantsYAML(r)
	if err != nil {
		return err
	}
	from, err := parseTime("from", query.Get("from"))
	if err != nil {
		return err
	}
	to, err := parseTime("to", query.Get("to"))
	if err != nil {
		return err
	}
	all, err := s.duty.Replacements(r.Context())
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	list := []replacementBody{}
	for i := range all {
		one := &all[i]
		group, person := query.Get("group"), query.Get("person")
		switch {
		case group != "" && one.Group != group:
		case person != "" && !slices.Contains([]string{one.Person, one.InsteadOf, one.With}, person):
		case !one.Meets(from, to):
		default:
			list = append(list, s.replacementOf(one))
		}
	}
	slices.SortFunc(list, func(a, b replacementBody) int { return a.From.Compare(b.From) })
	body := map[string][]replacementBody{"replacements": list}
	if asYAML {
		return writeYAML(w, body)
	}
	return writeJSON(w, http.StatusOK, body)
}

func (s *Server) makeReplacement(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.keepsDuty(); err != nil {
		return err
	}
	preview, err := wantsPreview(r.URL.Query())
	if err != nil {
		return err
	}
	var ask replacementAsk
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	one, err := ask.read()
	if err != nil {
		return err
	}
	shown, err := s.duty.PreviewReplacement(r.Context(), one, by.OnDuty())
	if err != nil {
		return s.dutyError(&by, err)
	}
	doubts := doubtsOf(&shown.Doubts)
	if preview {
		return writeJSON(w, http.StatusOK, s.previewOf(&shown, doubts))
	}
	s.Acted(r.Context(), by)
	one, err = s.duty.Replace(r.Context(), one, by.OnDuty(), ask.Replace)
	if err != nil {
		return s.dutyError(&by, err)
	}
	w.Header().Set("Location", s.link("/api/v1/replacements/%s", one.ID))
	body := s.replacementOf(&one)
	body.Doubts = &doubts
	return writeJSON(w, http.StatusCreated, body)
}

func (s *Server) answerReplacement(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.keepsDuty(); err != nil {
		return err
	}
	answer := r.PathValue("answer")
	if answer != "accept" && answer != "decline" {
		return refusef(http.StatusNotFound, "not_found", "there is no answer %q: accept or decline", logged(answer))
	}
	s.Acted(r.Context(), by)
	one, err := s.duty.AnswerReplacement(r.Context(), r.PathValue("id"), answer == "accept", by.OnDuty())
	if err != nil {
		return s.dutyError(&by, err)
	}
	return writeJSON(w, http.StatusOK, s.replacementOf(&one))
}

func (s *Server) dropReplacement(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.keepsDuty(); err != nil {
		return err
	}
	one, err := s.duty.DropReplacement(r.Context(), r.PathValue("id"), by.OnDuty())
	if err != nil {
		return s.dutyError(&by, err)
	}
	return writeJSON(w, http.StatusOK, s.replacementOf(&one))
}

// dutyError puts an error of package duty into the API's words.
func (s *Server) dutyError(by *Token, err error) error {
	var field *duty.FieldError
	var overlap *duty.OverlapError
	switch {
	case errors.As(err, &field):
		return badField(field.Field, "%s", field.Why)
	case errors.As(err, &overlap):
		o := &overlap.With
		return refusef(http.StatusConflict, "overlap", "it takes the place that replacement %s takes (%s, from %s to %s): replace: true lets the later one win",
			o.ID, o.Person, o.From.UTC().Format(time.RFC3339), o.To.UTC().Format(time.RFC3339))
	case errors.Is(err, duty.ErrNothing):
		return refusef(http.StatusUnprocessableEntity, "nothing", "nobody's duty is touched: whose place it takes is not on call then")
	case errors.Is(err, duty.ErrTooMany):
		return refusef(http.StatusTooManyRequests, "too_many", "%s made too many replacements: %d are not over, or %d are of the last 24 hours", by.called(), ticket.MaxReplacements, ticket.MaxReplacementsDay)
	case errors.Is(err, duty.ErrOver):
		return refusef(http.StatusConflict, "over", "it is accepted, declined, dropped or over by now")
	case errors.Is(err, duty.ErrForbidden):
		return refusef(http.StatusForbidden, "forbidden", "%s may change its own person's duty and answer its own person's offers; all else is a manager's", by.called())
	case errors.Is(err, duty.ErrNotFound):
		return refusef(http.StatusNotFound, "not_found", "there is no such replacement")
	}
	return fmt.Errorf("web: %w", err)
}
