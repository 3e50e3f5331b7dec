package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Handler answers under /ingest/.
type Handler struct {
	taker    Taker
	sources  atomic.Pointer[map[string]Source]
	now      func() time.Time
	log      *zap.Logger
	requests *prometheus.CounterVec
	busy     prometheus.Counter
	cut      prometheus.Counter
	budget   *budget
	refusals refusals
	mux      *http.ServeMux
}

// Options are a Handler's parts; Taker is required.
type Options struct {
	Taker      Taker
	Sources    []Source
	Now        func() time.Time
	Log        *zap.Logger
	Registerer prometheus.Registerer
	// Memory is what all bodies that are being worked on may take together, in
	// bytes, with what becomes of them; 0: DefaultMemory. What goes beyond is
	// answered 503, and the longest body that one may send follows from it.
	Memory int64
	// Refused is told once when a source that knows its token has had every
	// request refused for five minutes, with the last reason; it must not
	// block for long.
	Refused func(source, reason string)
}

// New makes a Handler.
func New(o Options) *Handler {
	h := &Handler{
		taker: o.Taker, now: o.Now, log: o.Log, mux: http.NewServeMux(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_ingest_requests_total", Help: "Requests of monitoring tools, by source and status of the answer.",
		}, []string{"source", "code"}),
		busy: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_ingest_busy_total", Help: "Requests answered 503, as the bodies in flight took all memory set aside for them.",
		}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_ingest_cut_alerts_total", Help: "Alerts that were taken without what is too long or too much of them.",
		}),
		budget:   newBudget(o.Memory),
		refusals: refusals{tell: o.Refused},
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.log == nil {
		h.log = zap.NewNop()
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(h.requests, h.busy, h.cut)
	}
	h.SetSources(o.Sources)
	h.handle("/ingest/{source}", webhookForm, http.MethodPost, http.MethodPut)
	h.handle("/ingest/{source}/api/v2/alerts", apiForm, http.MethodPost)
	return h
}

// handle serves a path, and the same with a slash at its end.
func (h *Handler) handle(path string, f form, methods ...string) {
	for _, pattern := range []string{path, path + "/{$}"} {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, f, methods...) })
	}
}

// SetSources puts other sources in force.
func (h *Handler) SetSources(list []Source) {
	byName := make(map[string]Source, len(list))
	for _, s := range list {
		s.MaxAlerts = cmp.Or(s.MaxAlerts, DefaultMaxAlerts)
		byName[s.Name] = s
	}
	h.sources.Store(&byName)
}

// ServeHTTP answers a monitoring tool.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// form is how a path reads a body and words its answers.
type form struct {
	status int // of an answer to what was taken
	parse  func(ctx context.Context, data []byte, s *Source, now time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error)
	taken  func(w http.ResponseWriter, t Taken)
	wrong  func(w http.ResponseWriter, status int, code, message string)
}

var webhookForm = form{
	status: http.StatusAccepted,
	parse: func(ctx context.Context, data []byte, s *Source, _ time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error) {
		return parseWebhook(ctx, data, s, hand)
	},
	taken: func(w http.ResponseWriter, t Taken) {
		if t.Tickets == nil {
			t.Tickets = []string{}
		}
		writeJSON(w, http.StatusAccepted, map[string]any{"accepted": t.Accepted, "tickets": t.Tickets})
	},
	wrong: writeError,
}

// apiForm answers as Alertmanager does: nothing, or a JSON string.
var apiForm = form{
	status: http.StatusOK,
	parse:  parsePosted,
	taken:  func(w http.ResponseWriter, _ Taken) { w.WriteHeader(http.StatusOK) },
	wrong:  func(w http.ResponseWriter, status int, _, message string) { writeJSON(w, status, message) },
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, f form, methods ...string) {
	name := r.PathValue("source")
	source, ok := (*h.sources.Load())[name]
	if !ok {
		h.requests.WithLabelValues("unknown", "404").Inc()
		writeError(w, http.StatusNotFound, "unknown_source", fmt.Sprintf("no source named %q is configured", name))
		return
	}
	status, reason := h.take(w, r, f, &source, methods)
	h.requests.WithLabelValues(name, strconv.Itoa(status)).Inc()
	switch status {
	case http.StatusAccepted, http.StatusOK:
		h.refusals.accepted(name)
	case http.StatusUnauthorized, http.StatusServiceUnavailable, statusGone:
		// Not the source's trouble, or perhaps not the source.
	default:
		if h.refusals.refused(name, reason, h.now()) {
			h.log.Warn("a source's request was refused", zap.String("source", name), zap.Int("status", status), zap.String("reason", ticket.Logged(reason)))
		}
	}
}

// take does one request of a known source and answers it.
func (h *Handler) take(w http.ResponseWriter, r *http.Request, f form, s *Source, methods []string) (status int, reason string) {
	fail := func(status int, code, message string) (int, string) {
		f.wrong(w, status, code, message)
		return status, message
	}
	if !s.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="astreinte"`)
		return fail(http.StatusUnauthorized, "unauthorized", "the source's token is wanted: as a bearer, as the password of basic authentication, or as ?token=")
	}
	if !slices.Contains(methods, r.Method) {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		return fail(http.StatusMethodNotAllowed, "method_not_allowed", "send it by "+strings.Join(methods, " or "))
	}
	room := &lease{of: h.budget, source: s.Name}
	defer room.end()
	t := &taking{taker: h.taker, source: s.Name}
	p, err := h.read(w, r, f, s, room, t)
	if err == nil {
		err = t.take(r.Context(), p.Batch)
	}
	if err != nil {
		failed := h.failure(err, s)
		if failed.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		return fail(failed.status, failed.code, failed.message)
	}
	h.cut.Add(float64(p.cut))
	if wrong := p.complaint(s, t.taken.Accepted); wrong != nil {
		return fail(http.StatusBadRequest, "bad_alerts", wrong.Error())
	}
	f.taken(w, t.taken)
	return f.status, ""
}

// read reads a request's alerts. The body itself is not kept.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, f form, s *Source, room *lease, t *taking) (parsed, error) {
	data, err := readBody(w, r, min(s.MaxBody, h.budget.longest()), room)
	var p parsed
	if err == nil {
		p, err = f.parse(r.Context(), plain(data), s, h.now(), func(ctx context.Context, some []ticket.Alert) error {
			return t.take(ctx, Batch{Alerts: some})
		})
	}
	if gone := r.Context().Err(); gone != nil {
		return p, errGone
	}
	return p, err
}

// failure is why a request was not taken.
type failure struct {
	status        int
	code, message string
}

// statusGone is counted where the sender has gone; nobody reads the answer.
const statusGone = 499

var errGone = errors.New("the sender has gone")

func (h *Handler) failure(err error, s *Source) failure {
	var encoding *unsupported
	var left *notTaken
	switch {
	case errors.Is(err, errGone):
		return failure{statusGone, "gone", err.Error()}
	case errors.As(err, &left):
		h.log.Error("alerts could not be made durable: their sender is asked to send again", zap.String("source", s.Name), zap.Error(err))
		return failure{http.StatusServiceUnavailable, "not_durable", notDurable(err)}
	case errors.Is(err, errBusy):
		h.busy.Inc()
		return failure{http.StatusServiceUnavailable, "busy", err.Error()}
	case errors.Is(err, errTooLarge):
		most, remedy := s.MaxBody, fmt.Sprintf("raise sources.%s.max_body", s.Name)
		if longest := h.budget.longest(); longest < most {
			most, remedy = longest, "give the daemon more memory"
		}
		return failure{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the body is larger than %d bytes: %s, or send less at once", most, remedy)}
	case errors.As(err, &encoding):
		return failure{http.StatusUnsupportedMediaType, "unsupported_encoding", err.Error()}
	}
	return failure{http.StatusBadRequest, "bad_body", err.Error()}
}

// notDurable tells a sender why he has to send again.
func notDurable(err error) string {
	var half interface{ Unconfirmed() bool }
	if errors.As(err, &half) && half.Unconfirmed() {
		return "the alerts were written down, but no replica of the store has confirmed it: send them again"
	}
	return "the alerts could not be written down: send them again"
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nothing to do about it
}
