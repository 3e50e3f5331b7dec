package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// Rechecks has tickets checked again, and knows what came of it.
type Rechecks interface {
	desk.Checker
	// State is how the latest re-check of a ticket stands.
	State(ctx context.Context, source, number string) (ticket.Recheck, error)
	// Wait is State once the answer is there, or d has passed.
	Wait(ctx context.Context, source, number string, d time.Duration) (ticket.Recheck, error)
}

const (
	// pressWaits is how long a press waits for its answer: what a tool says at once
	// needs no second look.
	pressWaits = 1500 * time.Millisecond
	// pageWaits is how long a page waits that looks for an answer, and callerWaits how
	// long a caller of the API may.
	pageWaits   = 20 * time.Second
	callerWaits = 55 * time.Second
)

// Check is what is known of checking a ticket again. If that cannot be read, nothing is.
// A wait is how long the answer is waited for.
func (s *Server) Check(ctx context.Context, v *ticket.View, wait time.Duration) look.Check {
	if s.rechecks == nil {
		return look.Check{}
	}
	latest, err := s.rechecks.Wait(ctx, v.Ticket.Source, v.Ticket.Number, wait)
	if err != nil {
		s.log.Warn("what came of a re-check could not be read", zap.String("ticket", v.Ticket.Number), zap.Error(err))
	}
	return look.Check{Can: s.rechecks.Can(v), Latest: latest}
}

// recheckBody is how a re-check stands, as the API shows it. Text says it in the
// caller's language, by the clocks of the desk.
type recheckBody struct {
	State   string              `json:"state"` // none, checking or answered
	AskedAt time.Time           `json:"asked_at,omitzero"`
	Result  ticket.FindingState `json:"result,omitempty"`

	CheckedAt time.Time            `json:"checked_at,omitzero"`
	Since     time.Time            `json:"since,omitzero"`
	Reason    ticket.FindingReason `json:"reason,omitempty"`
	Said      string               `json:"said,omitempty"` // by the tool, or by the service
	By        string               `json:"by,omitempty"`
	Alert     string               `json:"alert,omitempty"` // the title of the alert that this is of
	Down      int                  `json:"down"`
	Back      int                  `json:"back"`
	Unclear   int                  `json:"unclear"`
	Left      int                  `json:"left"` // alerts that were not checked: there are too many
	Text      string               `json:"text,omitempty"`
}

func (s *Server) recheckOf(r *ticket.Recheck, words *lang.Words) recheckBody {
	b := recheckBody{State: "none", AskedAt: r.Asked.UTC()}
	if r.Waits() {
		b.State, b.Text = "checking", words.Recheck.Waits
	}
	f := r.Found
	if f == nil {
		return b
	}
	reader := look.For("", words, s.engine.Rules(), s.engine.Now()).Reader()
	b.State, b.Result, b.CheckedAt, b.Since, b.Reason, b.Said, b.By, b.Alert = "answered", f.State, f.At.UTC(), f.Since.UTC(), f.Reason, f.Text, f.By, f.Title
	b.Down, b.Back, b.Unclear, b.Left, b.Text = f.Down, f.Back, f.Unclear, f.Left, words.Found(f, reader)
	return b
}

// askRecheck has a ticket checked again. The answer is under way, and GET reads it.
func (s *Server) askRecheck(w http.ResponseWriter, r *http.Request, by Token) error {
	return s.actAs(w, r, by, escalation.ActRecheck)
}

// showRecheck tells how the latest re-check of a ticket stands. With wait=20s it waits
// for the answer for so long.
func (s *Server) showRecheck(w http.ResponseWriter, r *http.Request, by Token) error {
	wait := time.Duration(0)
	if text := r.URL.Query().Get("wait"); text != "" {
		var err error
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 || wait > callerWaits {
			return badField("wait", "it is a time such as 20s, %s at most", short(callerWaits))
		}
	}
	view, err := s.view(r.Context(), by.scope, r.PathValue("number"))
	if err != nil {
		return err
	}
	state := ticket.Recheck{}
	if s.rechecks != nil {
		if state, err = s.rechecks.Wait(r.Context(), view.Ticket.Source, view.Ticket.Number, wait); err != nil {
			return fmt.Errorf("web: how a re-check stands: %w", err)
		}
	}
	return writeJSON(w, http.StatusOK, s.recheckOf(&state, spoken(r)))
}

// underWay answers whoever has just asked for a re-check: with the ticket, and with the
// answer if it is there already.
func (s *Server) underWay(w http.ResponseWriter, r *http.Request, t *ticket.Ticket) error {
	body := s.asItIs(w, r, t)
	state, err := s.rechecks.Wait(r.Context(), t.Source, t.Number, pressWaits)
	if err != nil {
		state = ticket.Recheck{Asked: s.engine.Now()} // it was asked, and an answer comes
	}
	is := s.recheckOf(&state, spoken(r))
	body.Recheck = &is
	return writeJSON(w, http.StatusAccepted, body)
}

// errChecks refuses whoever asks too often.
func errChecks() error {
	return &refusal{
		status: http.StatusTooManyRequests, code: "too_many", after: time.Minute / ticket.MaxRechecks,
		message: fmt.Sprintf("%d checks within a minute, as many as one may begin", ticket.MaxRechecks),
	}
}

// waitFor is how long a page waits for the answer to a re-check before it is shown.
func (s *Server) waitFor(r *http.Request, query url.Values) time.Duration {
	switch {
	case escalation.Action(query.Get("done")) != escalation.ActRecheck:
		return 0
	case r.Method == http.MethodPost:
		return pressWaits
	case query.Has("wait"):
		return pageWaits
	}
	return 0
}

// again is where a page looks that waits for an answer.
func (s *Server) again(r *http.Request, h *holder) string {
	query := url.Values{"done": {string(escalation.ActRecheck)}, "wait": {"1"}}
	if len(h.link.Bundle) > 0 {
		query.Set("ticket", h.number)
	}
	return s.link("/a/%s", r.PathValue("token")) + "?" + query.Encode()
}
