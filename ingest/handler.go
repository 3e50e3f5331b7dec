package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Handler answers under /ingest/, and at the paths of other pagers.
type Handler struct {
	taker    Taker
	tools    Table
	known    Knower
	lists    lists // the turns of those who ask it for many
	sources  atomic.Pointer[map[string]Source]
	keys     atomic.Pointer[map[[sha256.Size]byte]string] // keysOf them
	now      func() time.Time
	client   func(*http.Request) string
	log      *zap.Logger
	requests *prometheus.CounterVec
	busy     prometheus.Counter
	cut      prometheus.Counter
	budget   *budget
	refusals refusals
	lasts    lasts
	heard    func(source string)
	out      *outside
	asks     Asker
	mux      *http.ServeMux
}

// Options are a Handler's parts; Taker is required.
type Options struct {
	Taker   Taker
	Tools   Table // none: Tools()
	Sources []Source
	Now     func() time.Time
	// Client is the address that a request comes from. Nil: the peer's.
	Client     func(*http.Request) string
	Log        *zap.Logger
	Registerer prometheus.Registerer
	// Memory is what all bodies that are being worked on may take together, in
	// bytes, with everything that is made of them; 0: DefaultMemory. A body
	// beyond it gets 503. The longest body that one may send follows from it.
	Memory int64
	// Fetch fetches a certificate of Amazon's SNS, by an address that was looked
	// at. Nil: what is signed so is answered 503.
	Fetch func(ctx context.Context, link string) ([]byte, error)
	// Confirm writes down that a subscription to SNS is to be confirmed, by a GET
	// of an address that was looked at. When it returns nil that will happen. Nil:
	// nobody confirms.
	Confirm func(ctx context.Context, source, link string) error
	// Heard is called for each request of a source that was taken. It must not
	// block.
	Heard func(source string)
	// Refused is called once when every request of a source has been refused for
	// five minutes although the source knows its token. reason is the last one.
	// It must not block for long.
	Refused func(source, reason string)
	// Asks answers what an Alertmanager is asked. Nil: nobody does.
	Asks Asker
	// Known says what is known of an alert, to senders that ask. Nil: they are
	// told that nothing is.
	Known Knower
}

// New makes a Handler.
func New(o Options) *Handler {
	h := &Handler{
		taker: o.Taker, known: o.Known, lists: make(lists, mostLists), asks: o.Asks, tools: o.Tools, now: o.Now, client: o.Client, log: o.Log, mux: http.NewServeMux(),
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
		refusals: refusals{tell: o.Refused}, heard: o.Heard,
		out: &outside{certificates: &snsCertificates{fetch: o.Fetch}, confirm: o.Confirm},
	}
	if len(h.tools) == 0 {
		h.tools = Tools()
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.client == nil {
		h.client = peer
	}
	if h.log == nil {
		h.log = zap.NewNop()
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(h.requests, h.busy, h.cut)
	}
	h.SetSources(o.Sources)
	for _, under := range h.tools.unders() {
		h.handle(under)
	}
	h.handleQuestions()
	for i := range h.tools {
		for k := range h.tools[i].apis {
			h.handleAPI(h.tools[i].Type, &h.tools[i].apis[k])
		}
	}
	return h
}

// handle serves a path for all sources, with and without a slash at its end.
func (h *Handler) handle(under string) {
	path := "/ingest/{source}" + under
	for _, pattern := range []string{path, path + "/{$}"} {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, under) })
	}
}

// SetSources puts other sources in force.
func (h *Handler) SetSources(list []Source) {
	byName := make(map[string]Source, len(list))
	for _, s := range list {
		s.MaxAlerts, s.out = cmp.Or(s.MaxAlerts, DefaultMaxAlerts), h.out
		byName[s.Name] = s
	}
	keys := keysOf(list)
	h.sources.Store(&byName)
	h.keys.Store(&keys)
}

// ServeHTTP answers a monitoring tool.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// plainAnswers are the answers of a path whose callers have no protocol of
// their own.
var plainAnswers = answers{
	taken: plainTaken(http.StatusAccepted),
	wrong: writeError,
}

// plainTaken answers with this status, how many alerts were accepted, and
// their tickets.
func plainTaken(status int) func(w http.ResponseWriter, t Taken) int {
	return func(w http.ResponseWriter, t Taken) int {
		if t.Tickets == nil {
			t.Tickets = []string{}
		}
		writeJSON(w, status, map[string]any{"accepted": t.Accepted, "tickets": t.Tickets})
		return status
	}
}

// peer is the address at the other end of a request's connection.
func peer(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return at.Addr().Unmap().String()
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, under string) {
	if under == questionOfAlerts && r.Method == http.MethodGet && h.asks != nil {
		h.asked(w, r, under)
		return
	}
	name := r.PathValue("source")
	source, ok := (*h.sources.Load())[name]
	if !ok {
		h.requests.WithLabelValues("unknown", "404").Inc()
		writeError(w, http.StatusNotFound, "unknown_source", fmt.Sprintf("no source named %q is configured", name))
		return
	}
	t := &taking{taker: h.taker, source: name}
	status, reason := h.serveSource(w, r, under, &source, t)
	its := status != http.StatusUnauthorized && status != http.StatusForbidden
	h.count(name, status, reason, its)
	h.remember(r, t, status, reason, its)
}

// count counts a request. its says whether it is known to be the source's.
func (h *Handler) count(name string, status int, reason string, its bool) {
	h.requests.WithLabelValues(name, strconv.Itoa(status)).Inc()
	switch {
	case status < http.StatusMultipleChoices:
		h.refusals.accepted(name, h.now())
		if h.heard != nil {
			h.heard(name)
		}
	case !its, status == http.StatusServiceUnavailable, status == statusGone:
		// It is not the source's fault, or perhaps not the source.
	default:
		if h.refusals.refused(name, reason, h.now()) {
			h.log.Warn("a source's request was refused", zap.String("source", name), zap.Int("status", status), zap.String("reason", ticket.Logged(reason)))
		}
	}
}

// serveSource does one request of a known source and answers it. The source's
// type decides which reader reads what is posted to a path.
func (h *Handler) serveSource(w http.ResponseWriter, r *http.Request, under string, s *Source, t *taking) (status int, reason string) {
	to, own := h.tools.find(s.Type, under)
	fail := func(status int, code, message string) (int, string) {
		to.answers.wrong(w, status, code, message)
		t.code = code
		return status, message
	}
	if !s.admits(h.client(r)) {
		return fail(http.StatusForbidden, "forbidden", "the source is not heard from this address")
	}
	if !s.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="astreinte"`)
		return fail(http.StatusUnauthorized, "unauthorized", "the source's token is wanted: as a bearer, as the password of basic authentication, or as ?token=")
	}
	if !own {
		return fail(http.StatusNotFound, "wrong_type", h.tools.misplaced(s, under))
	}
	if !slices.Contains(to.methods, r.Method) {
		w.Header().Set("Allow", strings.Join(to.methods, ", "))
		return fail(http.StatusMethodNotAllowed, "method_not_allowed", "send it by "+strings.Join(to.methods, " or "))
	}
	room := &lease{of: h.budget, source: s.Name}
	defer room.end()
	p, err := h.read(w, r, to, s, room, t)
	if err == nil {
		err = t.ingest(r.Context(), p.Batch)
	}
	if err != nil {
		failed := h.failure(err, s)
		if failed.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		return fail(failed.status, failed.code, failed.message)
	}
	h.cut.Add(float64(p.cut))
	if t.test = p.test; p.test {
		h.refusals.tested(s.Name, h.now())
	}
	if wrong := p.complaint(s, t.taken.Accepted); wrong != nil {
		return fail(http.StatusBadRequest, "bad_alerts", wrong.Error())
	}
	if to.own != nil {
		return to.own(s).taken(w, t.taken), ""
	}
	return to.answers.taken(w, t.taken), ""
}

// read reads a request's alerts. Of the body it keeps what is remembered of the
// source's last one.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, to *path, s *Source, room *lease, t *taking) (parsed, error) {
	data, err := readBody(w, r, min(s.MaxBody, h.budget.longest()), room)
	if err == nil && to.query && len(data) == 0 {
		data = query(r.URL.RawQuery)
		if !room.grow(int64(len(data))) {
			err = errBusy
		}
	}
	t.body = data
	var p parsed
	if err == nil {
		p, err = to.parse(r.Context(), plain(data), s, h.now(), func(ctx context.Context, some []ticket.Alert) error {
			return t.ingest(ctx, ticket.Batch{Alerts: some})
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

// statusGone is the status that is counted if the sender has gone. Nobody
// reads the answer.
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
	case errors.Is(err, errUnverified):
		h.log.Error("a certificate of SNS could not be fetched: the sender is asked to send again", zap.String("source", s.Name), zap.Error(err))
		return failure{http.StatusServiceUnavailable, "unverified", errUnverified.Error()}
	case errors.Is(err, errBusy):
		h.busy.Inc()
		return failure{http.StatusServiceUnavailable, "busy", err.Error()}
	case errors.Is(err, jq.ErrLate):
		return failure{http.StatusServiceUnavailable, "busy", "there was no time to read the body by the source's map: send it again"}
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

// notDurable tells the sender why it has to send again.
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
	_ = json.NewEncoder(w).Encode(v) // if the client is gone, nothing can be done
}
