package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/ticket"
)

// handler answers one request. by is the caller's token, the zero Token if
// the route is open. An error is answered by Server.fail, so a handler that
// returns one has written nothing.
type handler func(w http.ResponseWriter, r *http.Request, by Token) error

// route is one line of the table that everything is served from.
type route struct {
	method string // GET answers HEAD too
	path   string // a pattern of http.ServeMux
	needs  role   // open: no token
	do     handler
}

// routes is the whole surface of the package; openapi.json describes each.
func (s *Server) routes() []route {
	return append(slices.Concat(s.dutyRoutes(), s.readyRoutes(), s.workRoutes()), []route{
		{http.MethodGet, "/api/v1/audit", manager, s.listAudit},
		{http.MethodGet, "/api/v1/lookahead", reader, s.showAhead},
		{http.MethodGet, "/healthz", open, s.healthz},
		{http.MethodGet, "/readyz", open, s.readyz},
		{http.MethodGet, "/a/{token}", open, s.showPage},
		{http.MethodPost, "/a/{token}", open, s.pressButton},
		{http.MethodGet, "/api/v1/openapi.json", open, s.describeAPI},
		{http.MethodGet, "/api/v1/zabbix-media-type.yaml", open, s.zabbixMediaType},
		{http.MethodGet, "/api/v1/tickets", reader, s.listTickets},
		{http.MethodPost, "/api/v1/tickets", technician, s.openTicket},
		{http.MethodGet, "/api/v1/tickets/{number}", reader, s.showTicket},
		{http.MethodPatch, "/api/v1/tickets/{number}", technician, s.qualify},
		{http.MethodGet, "/api/v1/tickets/{number}/clock", reader, s.showClock},
		{http.MethodPost, "/api/v1/tickets/{number}/{action}", technician, s.act},
		{http.MethodPost, "/api/v1/tickets/{number}/resolve", technician, s.resolve},
		{http.MethodPost, "/api/v1/tickets/{number}/recheck", technician, s.askRecheck},
		{http.MethodGet, "/api/v1/tickets/{number}/recheck", reader, s.showRecheck},
		{http.MethodGet, "/api/v1/tickets/{number}/proposal", technician, s.showProposal},
		{http.MethodGet, "/api/v1/people/{name}/devices", reader, s.listDevices},
		{http.MethodPost, "/api/v1/people/{name}/devices", technician, s.putDevice},
		{http.MethodDelete, "/api/v1/people/{name}/devices/{id}", technician, s.dropDevice},
		{http.MethodGet, "/api/v1/push", reader, s.pushKey},
		{http.MethodPost, "/push/shown/{token}", open, s.pushShown},
		{http.MethodGet, "/api/v1/people/{name}/test", technician, s.lastTest},
		{http.MethodPost, "/api/v1/people/{name}/test", technician, s.testPage},
		{http.MethodGet, "/api/v1/rooms", reader, s.listRooms},
		{http.MethodPost, "/api/v1/rooms/{name}/test", manager, s.testRoom},
		{http.MethodGet, "/api/v1/oncall", reader, s.onCall},
		{http.MethodGet, "/api/v1/groups", reader, s.listGroups},
		{http.MethodGet, "/api/v1/groups/{group}", reader, s.showGroup},
		{http.MethodGet, "/api/v1/events", reader, s.stream},
		{http.MethodGet, "/api/v1/backup", admin, s.backUp},
	}...)
}

// own are they, as those of others are.
func (s *Server) own() []Route {
	own := s.routes()
	table := make([]Route, len(own))
	for i, rt := range own {
		table[i] = Route{Method: rt.method, Path: rt.path, Needs: rt.needs, Do: rt.do}
	}
	return table
}

// mount puts the server's own table into the mux.
func (s *Server) mount() {
	s.put(s.own())
	nothing := func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errNothing)
	}
	s.mux.HandleFunc("/api/v1/", s.measured("other", nothing))
	s.mux.HandleFunc("/a/", s.measured("other", nothing))
	s.mux.HandleFunc(ReadyPath, s.measured("other", nothing))
}

// put puts routes into the mux: one entry a path, so that a method that is not
// there is answered in the shape of all other errors.
func (s *Server) put(table []Route) {
	byPath := map[string]map[string]*Route{}
	for i := range table {
		rt := &table[i]
		if byPath[rt.Path] == nil {
			byPath[rt.Path] = map[string]*Route{}
		}
		byPath[rt.Path][rt.Method] = rt
	}
	for path, methods := range byPath {
		first := methods[slices.Sorted(maps.Keys(methods))[0]]
		if get, ok := methods[http.MethodGet]; ok {
			methods[http.MethodHead] = get
		}
		allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		s.mux.HandleFunc(path, s.measured(path, func(w http.ResponseWriter, r *http.Request) {
			rt, ok := methods[r.Method]
			if !ok {
				rt = first
			}
			if rt.hidden(r) {
				s.failOn(w, r, rt, Token{}, errNothing)
				return
			}
			if !ok {
				w.Header().Set("Allow", allow)
				s.failOn(w, r, first, Token{}, refusef(http.StatusMethodNotAllowed, "method", "%s is not possible here: %s", r.Method, allow))
				return
			}
			s.serve(w, r, rt)
		}))
	}
}

// bodyLimit is how much of a request is read, in bytes.
const bodyLimit = ticket.MaxRequestBody

func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt *Route) {
	by := Token{}
	if err := s.fromHere(r); rt.Fail != nil && err != nil { // a page's form is the page's own
		s.failOn(w, r, rt, by, err)
		return
	}
	outside := rt.isAPI() && IsOutside(r)
	if rt.Needs != open || outside {
		var err error
		find := s.authenticate
		if rt.Fail != nil || outside { // it is for people
			find = s.signedIn
		}
		if by, err = find(r); err == nil {
			err = by.may(rt.Needs, "this")
		}
		if err != nil {
			s.failOn(w, r, rt, by, err)
			return
		}
	}
	if by.Name != "" {
		r = r.WithContext(audit.By(r.Context(), cmp.Or(by.Person, by.Name), by.via()))
	}
	r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(rt.Body, bodyLimit))
	if err := rt.Do(w, r, by); err != nil {
		s.failOn(w, r, rt, by, err)
	}
}

// measured counts and times a route's answers, and sets the headers that all
// of them share.
func (s *Server) measured(name string, do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if s.secure.Load() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		answered := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		do(answered, r)
		s.requests.WithLabelValues(name, strconv.Itoa(answered.status)).Inc()
		s.seconds.WithLabelValues(name).Observe(time.Since(began).Seconds())
	}
}

// statusWriter remembers its status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers and passes on.
func (a *statusWriter) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (a *statusWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }
