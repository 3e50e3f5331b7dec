package peer

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// mostAlerts is how many alerts an answer has at most.
	mostAlerts = ticket.MaxPeerAlerts
	// longestSilence is how long a silence may be that is posted, in bytes.
	longestSilence = ticket.MaxPeerSilence
	// mostAtOnce is how many questions are answered at a time.
	mostAtOnce = ticket.MaxPeerAtOnce
	// within is how long an answer may take.
	within = 30 * time.Second
)

// Alerts is what a Desk needs of the store.
type Alerts interface {
	// Tickets lists those that a query selects, and the cursor of the next ones.
	Tickets(ctx context.Context, q ticket.Query) (list []ticket.Ticket, next string, err error)
	// Firing reads the alerts of a ticket that are not over, most at most.
	Firing(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error)
}

// Engine is what a Desk needs of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Desk answers as an Alertmanager does. It is safe for concurrent use.
type Desk struct {
	Book    *silence.Book
	Alerts  Alerts
	Engine  Engine
	Log     *zap.Logger
	Version string
	// Changed is called once a silence is written, so that this daemon knows it at once.
	Changed func()

	began time.Time
	turns chan struct{}
}

// New makes a Desk of its parts.
func New(d *Desk) *Desk {
	d.began, d.turns = d.Engine.Now().UTC(), make(chan struct{}, mostAtOnce)
	return d
}

// question is one request about a source.
type question struct {
	*http.Request
	desk     *Desk
	source   string
	customer string // whose the source is; empty: nobody's in particular
	rules    *escalation.Rules
	now      time.Time
}

// answers are what each path is answered by.
var answers = map[string]func(q *question) (answer any, err error){
	"GET /api/v2/alerts":          (*question).alerts,
	"GET /api/v2/alerts/groups":   (*question).groups,
	"GET /api/v2/silences":        (*question).silences,
	"POST /api/v2/silences":       (*question).silence,
	"GET /api/v2/silence/{id}":    (*question).one,
	"DELETE /api/v2/silence/{id}": (*question).expire,
	"GET /api/v2/status":          (*question).status,
	"GET /api/v2/receivers":       (*question).receivers,
}

// Ask answers a question about one source (ingest.Asker).
func (d *Desk) Ask(w http.ResponseWriter, r *http.Request, source, under string) (status int) {
	do := answers[r.Method+" "+under]
	if do == nil {
		return answer(w, http.StatusMethodNotAllowed, "the path is not asked so")
	}
	ctx, cancel := context.WithTimeout(audit.By(r.Context(), source, "api"), within)
	defer cancel()
	select {
	case d.turns <- struct{}{}:
		defer func() { <-d.turns }()
	case <-ctx.Done():
		return answer(w, http.StatusServiceUnavailable, "others are being answered: ask again")
	}
	r.Body = http.MaxBytesReader(w, r.Body, longestSilence)
	rules := d.Engine.Rules()
	q := &question{Request: r.WithContext(ctx), desk: d, source: source, customer: rules.Sources[source].Customer, rules: rules, now: d.Engine.Now()}
	said, err := do(q)
	if err != nil {
		return d.refuse(w, q, err)
	}
	return answer(w, http.StatusOK, said)
}

func answer(w http.ResponseWriter, status int, said any) int {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said) // the client is gone: nothing to do about it
	return status
}

// wrong is a question that cannot be answered.
type wrong struct {
	status int
	text   string
}

func (e *wrong) Error() string { return e.text }

func badly(text string) error { return &wrong{http.StatusBadRequest, text} }

// refuse answers an error as an Alertmanager does: by a JSON string.
func (d *Desk) refuse(w http.ResponseWriter, q *question, err error) int {
	var said *wrong
	var field *silence.FieldError
	plain := strings.TrimPrefix(err.Error(), "silence: ")
	switch {
	case errors.As(err, &said):
		return answer(w, said.status, said.text)
	case errors.As(err, &field), errors.Is(err, silence.ErrMany), errors.Is(err, silence.ErrCostly):
		return answer(w, http.StatusBadRequest, plain)
	case errors.Is(err, silence.ErrNotFound):
		return answer(w, http.StatusNotFound, plain)
	}
	d.Log.Error("a question to a source could not be answered", zap.String("source", q.source), zap.String("path", ticket.Logged(q.URL.Path)), zap.Error(err))
	return answer(w, http.StatusServiceUnavailable, "the store cannot be asked now: ask again")
}

func (q *question) status() (any, error) {
	var s statusShape
	s.Cluster.Status, s.Cluster.Peers = "disabled", []named{}
	s.Version.Version, s.Uptime = q.desk.Version, q.desk.began
	return &s, nil
}
