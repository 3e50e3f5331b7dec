package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/events"
	"github.com/astreinte/astreinte/paging"
)

// Store is what the lists and pages read. Any error but
// escalation.ErrNotFound means that the store could not be asked.
type Store interface {
	// Tickets lists the tickets that the query selects, newest first, Limit at
	// most, and the cursor of the next ones (empty: that was all).
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads everything of one ticket; escalation.ErrNotFound if there
	// is none.
	View(ctx context.Context, number string) (ticket.View, error)
	// Load reads tickets of one source by number, leaving out those that do
	// not exist.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)
}

// Engine is what the package needs of escalation.Engine.
type Engine interface {
	// Act does something to a ticket: escalation.ErrNotFound, a
	// *escalation.StateError, or the store could not be asked.
	Act(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
	// OpenByHand opens a ticket that no alert stands behind.
	OpenByHand(ctx context.Context, d escalation.Draft) (ticket.Ticket, error)
	// WouldPage names whom passing a ticket on would page now, by key.
	WouldPage(t ticket.Ticket) []string
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

var _ Engine = (*escalation.Engine)(nil)

// Options are a Server's parts. Engine, Store, Directory and PublicURL are
// required.
type Options struct {
	Engine    Engine
	Store     Store
	Directory paging.Phonebook
	// Finder lists tickets. Nil: it lists those of Store.
	Finder Finder
	// Contacts are those of customers. Nil: there are none.
	Contacts  Contacts
	Tokens    []Token
	PublicURL string // where people reach this server, without a slash at the end

	// Check returns an error if the store cannot be written; several joined
	// ones are several reasons. Nil: always ready.
	Check func(context.Context) error
	// Warnings are what a probe should tell although it is ready, such as a
	// clock that is off. Nil: none.
	Warnings func() []string
	// Rechecks has tickets checked again. Nil: what was last heard is said.
	Rechecks Rechecks
	// Rooms are the rooms of chat. Nil: there are none.
	Rooms Rooms
	// Tests sends test pages. Nil: there are none.
	Tests Tests
	// Push knows of pushes to browsers. Nil: there are none.
	Push Push
	// Duty changes who is on call. Nil: it cannot be changed.
	Duty Duty
	// Ready knows whether people can be woken. Nil: nobody does.
	Ready Ready
	// Calendars are the rotations that are kept elsewhere. Nil: there are none.
	Calendars func() []imported.Status
	// Ahead says what is doubtful of the coming months. Nil: nobody knows.
	Ahead Ahead
	// Audit is who changed what; nil: nobody knows.
	Audit Audit
	// Presence knows who is at a ticket. Nil: nobody knows.
	Presence *presence.Book
	// Gone are devices that are gone. Nil: nobody knows of any.
	Gone *paging.GoneBook
	// Backup makes a copy of the store. Nil: it is backed up by other means.
	Backup Backup
	// Whole writes a backup of store, archive and attachments (package backup). Nil: there
	// is nothing of it here.
	Whole func(ctx context.Context, to io.Writer) error

	// Sessions finds who is signed in. Nil: nobody can sign in.
	Sessions Sessions

	// Away says since when the store is away, of a server over what is paged
	// meanwhile. Nil: it is over the store.
	Away func() time.Time

	// Speed is how fast the Engine's time passes. Nil: as everybody's does.
	Speed func() float64

	// Events are told to whoever listens. Nil: nothing happens.
	Events *events.Hub

	Log        *zap.Logger
	Version    string // of the daemon, in the API's description
	Registerer prometheus.Registerer
}

// Server answers the API, the links and the probes. It is safe for concurrent
// use.
type Server struct {
	engine    Engine
	store     Store
	finder    Finder
	contacts  Contacts
	directory paging.Phonebook
	check     func(context.Context) error
	warnings  func() []string
	rechecks  Rechecks
	desk      *desk.Desk
	backup    Backup
	whole     func(ctx context.Context, to io.Writer) error
	away      func() time.Time
	duty      Duty
	ready     Ready
	ahead     Ahead
	audit     Audit
	calendars func() []imported.Status
	gone      *paging.GoneBook
	presence  *presence.Book
	speed     func() float64
	tests     Tests
	rooms     Rooms
	sessions  Sessions
	push      Push
	events    *events.Hub
	mounted   []Route     // other packages'
	secure    atomic.Bool // public_url is https
	log       *zap.Logger
	public    atomic.Pointer[string] // the public URL, without a slash at its end
	prefix    atomic.Pointer[string] // path of the public URL
	crossSite atomic.Pointer[http.CrossOriginProtection]
	openapi   []byte
	policy    string // Content-Security-Policy of the pages
	turns     turns  // of who reads or shows a ticket
	searches  turns  // of who lists tickets
	byHand    byHand
	backups   chan struct{} // holds who reads a backup: one at a time
	tokens    atomic.Pointer[[]hashedToken]
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	mux       *http.ServeMux
}

// New makes a Server.
func New(o Options) *Server {
	s := &Server{
		engine: o.Engine, store: o.Store, finder: o.Finder, directory: o.Directory,
		check: o.Check, warnings: o.Warnings, backup: o.Backup, whole: o.Whole, tests: o.Tests, sessions: o.Sessions, push: o.Push, gone: o.Gone, speed: o.Speed, log: o.Log,
		openapi: describe(o.Version), policy: pagePolicy(), mux: http.NewServeMux(), turns: newTurns(), searches: newTurns(), backups: make(chan struct{}, 1),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_http_requests_total", Help: "Requests to the API, the links and the probes, by route and status.",
		}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "astreinte_http_request_seconds", Help: "How long the answers to those requests took.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
	}
	if s.finder == nil {
		s.finder = storeAlone{o.Store}
	}
	s.SetPublicURL(o.PublicURL)
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(s.requests, s.seconds)
	}
	s.rechecks = o.Rechecks
	s.duty, s.ready, s.audit, s.ahead = o.Duty, o.Ready, o.Audit, o.Ahead
	s.calendars, s.rooms = o.Calendars, o.Rooms
	s.contacts = o.Contacts
	s.away, s.presence = o.Away, o.Presence
	if s.events = o.Events; s.events == nil {
		s.events = events.NewHub()
	}
	s.SetTokens(o.Tokens)
	s.desk = desk.New(o.Engine, readings{s}, o.Rechecks).Afterwards(s.finder)
	s.mount()
	return s
}

// SetPublicURL says where people reach this server; its path matters here,
// for addresses that are answered start with it, and its origin: forms come from
// there. A URL that cannot be read has
// none.
func (s *Server) SetPublicURL(public string) {
	prefix := ""
	u, err := url.Parse(public)
	if err == nil {
		prefix = strings.TrimRight(u.EscapedPath(), "/")
	}
	s.secure.Store(err == nil && strings.EqualFold(u.Scheme, "https"))
	s.prefix.Store(&prefix)
	whole := strings.TrimRight(public, "/")
	s.public.Store(&whole)
	s.crossSite.Store(crossSite(u))
}

// Handler serves /api/v1/…, /a/{token}, /healthz and /readyz.
func (s *Server) Handler() http.Handler { return s.mux }

// checkTimeout bounds what a probe waits for.
const checkTimeout = 2 * time.Second

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request, _ Token) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readiness is the answer of /readyz.
type readiness struct {
	Status   string   `json:"status"` // ready or unavailable
	Reasons  []string `json:"reasons,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request, _ Token) error {
	answer := readiness{Status: "ready"}
	if s.warnings != nil {
		answer.Warnings = s.warnings()
	}
	if s.check == nil {
		return writeJSON(w, http.StatusOK, answer)
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	if err := s.check(ctx); err != nil {
		s.log.Warn("not ready", zap.Error(err))
		answer.Status, answer.Reasons = "unavailable", reasons(err)
		return writeJSON(w, http.StatusServiceUnavailable, answer)
	}
	return writeJSON(w, http.StatusOK, answer)
}

// reasons is what joined errors say, each by itself.
func reasons(err error) []string {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || strings.Count(err.Error(), "\n") == 0 {
		return []string{err.Error()}
	}
	var all []string
	for _, e := range joined.Unwrap() {
		all = append(all, reasons(e)...)
	}
	return all
}

// link is the path of one of our own addresses, as people reach it.
func (s *Server) link(format string, args ...any) string {
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = url.PathEscape(text)
		}
	}
	return *s.prefix.Load() + fmt.Sprintf(format, args...)
}
