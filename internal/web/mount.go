package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Route is one line of another package in the server's table. It is counted,
// timed, bounded and answered for as the server's own.
type Route struct {
	Method string    // GET answers HEAD too
	Path   string    // a pattern of http.ServeMux
	Needs  desk.Role // Nobody: whoever asks, and Do is told the zero Token
	Body   int64     // how much of a request is read; 0: as much as of the server's own
	// Do answers one request. If it returns an error, it has written nothing.
	Do func(w http.ResponseWriter, r *http.Request, by Token) error
	// Fail makes it a page: it says there what went wrong, by the status, who is not
	// signed in is led to where one signs in, and forms of other sites' pages are
	// refused. Nil: errors are JSON. by is
	// the zero Token if nobody knows who asks.
	Fail func(w http.ResponseWriter, r *http.Request, by Token, status int)
}

// Mount adds routes, before the server serves. All methods of a path come by one
// call.
func (s *Server) Mount(routes ...Route) {
	s.put(routes)
	s.mounted = append(s.mounted, routes...)
}

// Mounted are the paths that Mount added, one for each route.
func (s *Server) Mounted() []string {
	paths := make([]string, len(s.mounted))
	for i := range s.mounted {
		paths[i] = s.mounted[i].Path
	}
	return paths
}

// Table is the whole table that the server answers by: its own routes and those of
// others.
func (s *Server) Table() []Route { return slices.Concat(s.own(), s.mounted) }

// Answer writes a value as JSON, as the API's own routes do.
func Answer(w http.ResponseWriter, status int, value any) error { return writeJSON(w, status, value) }

// Desk is the server's desk.
func (s *Server) Desk() *desk.Desk { return s.desk }

// Tickets lists tickets in the server's turns, as the API does.
func (s *Server) Tickets(ctx context.Context, scope ticket.Scope, q *ticket.Search) (ticket.Listing, error) {
	return s.tickets(ctx, scope, q)
}

// Narrows reports whether lists can be asked for what an archive alone answers.
func (s *Server) Narrows() bool {
	_, alone := s.finder.(storeAlone)
	return !alone
}

// Standing lists tickets of the store in the server's turns, as they stand.
func (s *Server) Standing(ctx context.Context, of ticket.Scope, q ticket.Query) (tickets []ticket.Ticket, next string, err error) {
	q.Scope = of
	err = s.searches.do(ctx, func() error {
		tickets, next, err = s.store.Tickets(ctx, q)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("web: list tickets: %w", err)
	}
	return tickets, next, nil
}

// View reads a ticket in the server's turns; escalation.ErrNotFound if it is not there for
// that scope.
func (s *Server) View(ctx context.Context, of ticket.Scope, number string) (ticket.View, error) {
	return s.view(ctx, of, number)
}

// Own is the address of one of our own paths, as people reach it: that of
// "/tickets" is "/desk/tickets" if public_url has the path /desk.
func (s *Server) Own(path string) string { return *s.prefix.Load() + path }

// Link is the whole address of one of our own paths, as people reach it.
func (s *Server) Link(path string) string { return *s.public.Load() + path }

// Render writes what is to be shown in one of the server's turns: many pages at
// once leave alerts their share of the processor.
func (s *Server) Render(ctx context.Context, write func() error) error { return s.turns.do(ctx, write) }

// FromHere is a 403 if another site's page sends a browser here, for routes that
// need nobody.
func (s *Server) FromHere(r *http.Request) error { return s.fromHere(r) }

// failOn answers with an error on a route.
func (s *Server) failOn(w http.ResponseWriter, r *http.Request, rt *Route, by Token, err error) {
	if rt.Fail == nil || wantsJSON(r) {
		s.fail(w, r, err)
		return
	}
	status, _ := classify(err)
	switch status {
	case http.StatusUnauthorized:
		s.askToSignIn(w, r)
		return
	case http.StatusServiceUnavailable:
		if refused := (*refusal)(nil); errors.As(err, &refused) && refused.after > 0 {
			w.Header().Set("Retry-After", retryAfter(refused.after))
			break
		}
		w.Header().Set("Retry-After", "1")
		if !errors.Is(err, context.Canceled) {
			s.log.Error("a page failed", zap.String("method", r.Method), zap.String("route", r.Pattern), zap.Error(err))
		}
	}
	rt.Fail(w, r, by, status)
}

// SignInPath is where one signs in; next says where one wanted to go.
const SignInPath = "/sign-in"

// askToSignIn leads a browser to where one signs in, and back to the page after
// that. A page that asks for a part of itself is led there whole.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request) {
	next := r.URL.EscapedPath()
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.RawQuery != "" {
		next += "?" + r.URL.RawQuery
	}
	part := r.Header.Get("HX-Request") != ""
	if whole, err := url.Parse(r.Header.Get("HX-Current-URL")); part && err == nil {
		next = strings.TrimPrefix(whole.RequestURI(), *s.prefix.Load())
	}
	to := s.Own(SignInPath) + "?" + url.Values{"next": {OwnPath(next)}}.Encode()
	if part {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// maxNext is how long an address may be that one is led to.
const maxNext = ticket.MaxNext

// OwnPath is where an address may lead that came with a request: a path of ours,
// and "/" in the place of anything else.
func OwnPath(next string) string {
	u, err := url.Parse(next)
	own := err == nil && len(next) <= maxNext && u.Scheme == "" && u.Host == "" && u.User == nil && u.Opaque == "" &&
		strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.ContainsAny(next, "\\\r\n\t")
	if !own {
		return "/"
	}
	return next
}

// Refuse is an error of a route that answers with a status of its own, and words
// that its reader may see.
func Refuse(status int, code, message string) error {
	return &refusal{status: status, code: code, message: message}
}

// StatusOf is the status by which an error is answered.
func StatusOf(err error) int {
	status, _ := classify(err)
	return status
}

// RefuseFor is Refuse that says after how long to ask again.
func RefuseFor(after time.Duration, status int, code, message string) error {
	return &refusal{status: status, code: code, message: message, after: after}
}

// CodeOf is the code by which the API answers an error.
func CodeOf(err error) string {
	_, detail := classify(err)
	return detail.Code
}

// Via is by which way a request of the API acts. Its error is a 400.
func Via(r *http.Request) (string, error) { return via(r) }

// ParseQuery reads the parameters of the list of tickets, as the API does. Its
// error is a 400.
func ParseQuery(values url.Values) (ticket.Search, error) { return parseQuery(values) }

// Bodies are tickets as the API shows them.
func Bodies(list []ticket.Ticket, now time.Time) any { return bodiesOf(list, now) }

// OpenCursor is what SealCursor sealed. Its error is a 400.
func OpenCursor(text string) (string, error) { return openCursor(text) }

// Matched is the tag of If-Match, or ticket.AnyTag. Its error is a 428 or a 400.
func Matched(r *http.Request) (string, error) { return matched(r) }

// SealCursor makes a store's cursor fit for an address that ParseQuery reads.
func SealCursor(cursor string) string { return sealCursor(cursor) }
