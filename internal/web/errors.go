package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// refusal is an error that says its own status, and words that its reader may
// see.
type refusal struct {
	status        int
	code, message string
	after         time.Duration // of a 429, 409 or 503: when to ask again; zero: it is not said
}

// Error is the message.
func (r *refusal) Error() string { return r.message }

func refusef(status int, code, format string, args ...any) error {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// badField is a 400 that names the field.
func badField(field, format string, args ...any) error {
	return refusef(http.StatusBadRequest, "bad_request", "%s: %s", field, fmt.Sprintf(format, args...))
}

// errorBody is the shape of every error of the API.
type errorBody struct {
	Error errorDetail `json:"error"`
}

// errorDetail says what went wrong. State, Allowed, By and At are those of a
// ticket that is not in a state for what was asked (code "state").
type errorDetail struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	State   ticket.State   `json:"state,omitempty"`
	Allowed []ticket.State `json:"allowed,omitempty"`
	By      string         `json:"by,omitempty"`
	At      time.Time      `json:"at,omitzero"`
	// Fields are what somebody else changed first, and ETag the state that it is in
	// now (code "overtaken").
	Fields []ticket.Overwrite `json:"fields,omitempty"`
	ETag   string             `json:"etag,omitempty"`
	// Field is the field that is wrong, and Values what it may be (code
	// "bad_request", of a qualification).
	Field  string   `json:"field,omitempty"`
	Values []string `json:"values,omitempty"`
	// Why says what stands in the way of a clock (code "clock"), and Reasons are those for
	// which the ticket's contract lets it rest.
	Why     escalation.ClockWhy  `json:"why,omitempty"`
	Reasons []ticket.PauseReason `json:"reasons,omitempty"`
	// Points are those of the ticket's checklist that are to be done first (code "unfinished").
	Points []string `json:"points,omitempty"`
}

// classify maps an error to its status and words. What is not known here comes
// from the store: its detail is the operator's and goes to the log.
func classify(err error) (int, errorDetail) {
	var refused *refusal
	var state *escalation.StateError
	var clock *escalation.ClockError
	var large *http.MaxBytesError
	var overtaken *escalation.ConflictError
	var field *ticket.FieldError
	var unfinished *escalation.UnfinishedError
	switch {
	case errors.As(err, &unfinished):
		return http.StatusConflict, errorDetail{Code: "unfinished", Message: unfinished.Error(), Points: unfinished.Points}
	case errors.As(err, &overtaken):
		return http.StatusPreconditionFailed, errorDetail{
			Code: "overtaken", Message: overtaken.Error(), Fields: overtaken.Fields, ETag: overtaken.Tag,
		}
	case errors.As(err, &field):
		return http.StatusBadRequest, errorDetail{Code: "bad_request", Message: field.Error(), Field: field.Field, Values: field.Values}
	case errors.Is(err, escalation.ErrManyLines):
		return http.StatusConflict, errorDetail{Code: "too_many", Message: escalation.ErrManyLines.Error()}
	case errors.Is(err, escalation.ErrManyParts):
		return http.StatusConflict, errorDetail{Code: "too_many", Message: escalation.ErrManyParts.Error()}
	case errors.Is(err, escalation.ErrNoPart):
		return http.StatusNotFound, errorDetail{Code: "not_found", Message: escalation.ErrNoPart.Error()}
	case errors.Is(err, escalation.ErrNotTheirs):
		return http.StatusForbidden, errorDetail{Code: "forbidden", Message: escalation.ErrNotTheirs.Error() + ": it needs a manager's role"}
	case errors.Is(err, escalation.ErrSheetFull):
		return http.StatusConflict, errorDetail{Code: "sheet_full", Message: escalation.ErrSheetFull.Error()}
	case errors.As(err, &refused):
		return refused.status, errorDetail{Code: refused.code, Message: refused.message}
	case errors.As(err, &state):
		return http.StatusConflict, errorDetail{
			Code: "state", Message: stateMessage(state), State: state.State, Allowed: state.Allowed,
			By: state.By.Name, At: state.At.UTC(),
		}
	case errors.As(err, &clock):
		return http.StatusConflict, errorDetail{Code: "clock", Message: clock.Error(), Why: clock.Why, Reasons: clock.Reasons, At: clock.At.UTC()}
	case errors.Is(err, escalation.ErrManyNotes):
		return http.StatusConflict, errorDetail{Code: "too_many_notes", Message: escalation.ErrManyNotes.Error()}
	case errors.Is(err, escalation.ErrManyHelpers):
		return http.StatusConflict, errorDetail{Code: "too_many_helpers", Message: escalation.ErrManyHelpers.Error()}
	case errors.Is(err, escalation.ErrNoTier):
		return http.StatusConflict, errorDetail{Code: "no_tier", Message: escalation.ErrNoTier.Error()}
	case errors.Is(err, escalation.ErrNobodyLeft):
		return http.StatusConflict, errorDetail{Code: "nobody_left", Message: escalation.ErrNobodyLeft.Error()}
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, errorDetail{
			Code: "too_large", Message: fmt.Sprintf("the request is longer than %d bytes", large.Limit),
		}
	case errors.Is(err, escalation.ErrDamaged):
		return http.StatusInternalServerError, errorDetail{
			Code: "damaged", Message: "its record in the store is damaged and cannot be read; to try again does not help",
		}
	case errors.Is(err, escalation.ErrNotFound):
		return http.StatusNotFound, errorDetail{Code: "not_found", Message: "there is no such thing"}
	case errors.Is(err, escalation.ErrStopping):
		return http.StatusServiceUnavailable, errorDetail{Code: "unavailable", Message: "the daemon is stopping; try again"}
	}
	return http.StatusServiceUnavailable, errorDetail{
		Code: "unavailable", Message: "the store does not answer; whether anything was done is not known; try again",
	}
}

// stateMessage says which state would allow it. An undo that comes too late
// is refused in the very state that allows undos.
func stateMessage(e *escalation.StateError) string {
	if e.Action == escalation.ActUndo && e.State == ticket.StateResolved {
		return fmt.Sprintf("undo: ticket %s can no longer be undone: possible while it is resolved, within %s of a person's resolve",
			e.Number, short(escalation.UndoWithin))
	}
	return e.Error()
}

// fail answers a request with an error: the one place where errors become
// statuses.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := classify(err)
	refused := (*refusal)(nil)
	later := errors.As(err, &refused) && refused.after > 0
	if later {
		w.Header().Set("Retry-After", retryAfter(refused.after))
	}
	switch {
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="astreinte"`)
	case status == http.StatusServiceUnavailable && !later:
		w.Header().Set("Retry-After", "1")
		if !errors.Is(err, context.Canceled) {
			s.log.Error("a request failed", zap.String("method", r.Method), zap.String("route", r.Pattern), zap.Error(err))
		}
	}
	if strings.HasPrefix(r.URL.Path, "/a/") && !wantsJSON(r) {
		s.failPage(w, r, status)
		return
	}
	_ = writeJSON(w, status, errorBody{detail}) // the peer may have gone
}

// writeJSON answers with a value. It fails only before anything is written.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("web: write %T: %w", value, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
	return nil
}
