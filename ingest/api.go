package ingest

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// api is another pager's address. Its senders post here as they do there.
// They need not say a source's name: their key says whose they are.
type api struct {
	at      []string // paths, as the other pager has them; each is served under /ingest/NAME too
	methods []string // HTTP methods
	most    int64    // how long a body may be; it may have to be read before its sender is known
	inBody  bool     // the key stands in the body
	// key is the key that a request carries. An error says why it has none. If
	// inBody is set, the body has been read.
	key func(c *call) (string, error)
	// hear reads a request whose key is right.
	hear func(c *call) (said, error)
	// wrong answers a request that is not taken.
	wrong func(c *call, f failure, faults []fault)
}

// call is one request to another pager's address.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	now    func() time.Time
	began  time.Time
	source *Source // nil until its key is known to be right
	named  string  // the source that the path names; empty: it names none
	body   []byte
	known  Knower
	lists  lists
	taken  Taken  // what became of it
	code   string // why it is refused
}

// said is what a request says.
type said struct {
	parsed
	answer func(c *call, t Taken) (status int) // a 2xx
}

// fault is one thing that is wrong with a request.
type fault struct{ field, reason string }

// misuse is a request that the other pager would refuse.
type misuse struct {
	status  int
	message string
	faults  []fault
}

func (m *misuse) Error() string {
	if len(m.faults) == 0 {
		return m.message
	}
	reasons := make([]string, len(m.faults))
	for i, f := range m.faults {
		reasons[i] = f.reason
	}
	return strings.Join(reasons, "; ")
}

// errKey says that a request's key is no source's, or another source's. It
// does not say which.
var errKey = errors.New("the key is no source's token")

// handleAPI serves another pager's paths, with and without a slash at their
// end.
func (h *Handler) handleAPI(kind string, p *api) {
	for _, at := range p.at {
		under := strings.TrimSuffix(at, deeper)
		for _, pattern := range []string{at, "/ingest/{source}" + at} {
			serve := func(w http.ResponseWriter, r *http.Request) { h.serveAPI(w, r, kind, p, under) } //nolint:contextcheck // the request's is passed on in a call
			h.mux.HandleFunc(pattern, serve)
			if under == at {
				h.mux.HandleFunc(pattern+"/{$}", serve)
			}
		}
	}
}

// deeper ends a path whose rest the other pager's API reads by itself.
const deeper = "/{rest...}"

func (h *Handler) serveAPI(w http.ResponseWriter, r *http.Request, kind string, p *api, under string) {
	c := &call{w: w, r: r, now: h.now, began: h.now(), named: r.PathValue("source"), known: h.known, lists: h.lists}
	status, reason := h.hear(c, kind, p, under)
	name := "unknown"
	if c.source != nil {
		name = c.source.Name
	} else if _, ok := h.source(c.named); ok {
		name = c.named
	}
	if r.Method == http.MethodGet { // who only asks is not heard of, and says nothing
		h.requests.WithLabelValues(name, strconv.Itoa(status)).Inc()
	} else {
		h.count(name, status, reason, c.source != nil)
		h.remember(r, &taking{source: name, taken: c.taken, body: c.body, code: c.code}, status, reason, c.source != nil)
	}
}

// hear does one request to another pager's address, and answers it.
func (h *Handler) hear(c *call, kind string, p *api, at string) (status int, reason string) {
	if !slices.Contains(p.methods, c.r.Method) {
		c.w.Header().Set("Allow", strings.Join(p.methods, ", "))
		return h.refuse(c, p, &misuse{status: http.StatusMethodNotAllowed, message: "send it by " + strings.Join(p.methods, " or ")})
	}
	room := &lease{of: h.budget}
	defer room.end()
	if err := h.identify(c, kind, p, room); err != nil {
		return h.refuse(c, p, err)
	}
	if c.source.Type != kind {
		return h.refuse(c, p, &misuse{status: http.StatusNotFound, message: h.tools.misplaced(c.source, at)})
	}
	t := &taking{taker: h.taker, source: c.source.Name}
	heard, err := p.hear(c)
	if c.r.Context().Err() != nil {
		err = errGone
	}
	if err == nil {
		c.source.addAll(&heard.parsed)
		err = t.ingest(c.r.Context(), heard.Batch)
	}
	if err != nil {
		return h.refuse(c, p, err)
	}
	h.cut.Add(float64(heard.cut))
	c.taken = t.taken
	return heard.answer(c, t.taken), ""
}

// refuse answers a request that is not taken.
func (h *Handler) refuse(c *call, p *api, err error) (status int, reason string) {
	source := c.source
	if source == nil {
		source = &Source{Name: "NAME", MaxBody: p.most}
	}
	var wrong *misuse
	var f failure
	var faults []fault
	switch {
	case errors.As(err, &wrong):
		f, faults = failure{wrong.status, "misuse", wrong.message}, wrong.faults
	case errors.Is(err, errKey):
		f = failure{http.StatusUnauthorized, "unauthorized", err.Error()}
	default:
		f = h.failure(err, source)
	}
	if f.status == http.StatusServiceUnavailable {
		c.w.Header().Set("Retry-After", "5")
	}
	c.code = f.code
	seen := &recorded{ResponseWriter: c.w}
	c.w = seen
	p.wrong(c, f, faults)
	return cmp.Or(seen.status, f.status), err.Error()
}

// recorded notes the status that is answered.
type recorded struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and passes it on.
func (r *recorded) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// identify finds the source of a request, and reads the body. A body that has
// to be read for its key gets less memory than a source's.
func (h *Handler) identify(c *call, kind string, p *api, room *lease) error {
	if c.named != "" {
		s, ok := h.source(c.named)
		switch {
		case !ok:
			return &misuse{status: http.StatusNotFound, message: fmt.Sprintf("no source named %q is configured", ticket.Logged(c.named))}
		case s.authorized(c.r):
			c.source = &s
		}
	}
	if err := h.readKey(c, kind, p, room); err != nil {
		return err
	}
	if !c.source.admits(h.client(c.r)) {
		c.source = nil
		return &misuse{status: http.StatusForbidden, message: "the source is not heard from this address"}
	}
	if c.body != nil {
		return nil // it has been read
	}
	room.source = c.source.Name
	body, err := readBody(c.w, c.r, min(p.most, c.source.MaxBody, h.budget.longest()), room)
	c.body = plain(body)
	return err
}

// readKey finds the source by the request's key, unless it is known.
func (h *Handler) readKey(c *call, kind string, p *api, room *lease) error {
	if c.source == nil && p.inBody {
		unknown := *c.r
		unknown.ContentLength = -1 // believed of nobody
		body, err := readBody(c.w, &unknown, min(p.most, h.budget.longest()), room)
		if err != nil {
			return err
		}
		c.body = plain(body)
	}
	if c.source == nil {
		key, err := p.key(c)
		if err != nil {
			return err
		}
		if c.source = h.holder(kind, c.named, key); c.source == nil {
			return errKey
		}
	}
	return nil
}

// addAll adds the source's own labels to the alerts of a request.
func (s *Source) addAll(p *parsed) {
	for i := range p.Alerts {
		if a := &p.Alerts[i]; a.Status == ticket.Firing {
			s.add(a)
			a.Bound(0)
		}
	}
}

// holder is the source whose token is key: that of a name, or if no name is
// given any of a type. Nil: there is none.
func (h *Handler) holder(kind, name, key string) *Source {
	if name == "" {
		name = (*h.keys.Load())[keyOf(kind, key)]
	}
	if s, ok := h.source(name); ok && s.has(key) {
		return &s
	}
	return nil
}

func (h *Handler) source(name string) (Source, bool) {
	s, ok := (*h.sources.Load())[name]
	return s, ok
}

// keyOf is a mark of a token among those of its type. Whoever sees how long a
// look-up of the mark takes learns nothing of the token.
func keyOf(kind, token string) [sha256.Size]byte { return sha256.Sum256([]byte(kind + "\x00" + token)) }

// keysOf are the names of sources by the marks of their tokens. Of two with one
// token it is the first by name; package config warns of them.
func keysOf(list []Source) map[[sha256.Size]byte]string {
	keys := make(map[[sha256.Size]byte]string, len(list))
	for i := range list {
		s := &list[i]
		if s.Token == "" {
			continue
		}
		k := keyOf(s.Type, s.Token)
		if other, ok := keys[k]; !ok || s.Name < other {
			keys[k] = s.Name
		}
	}
	return keys
}

// has reports whether a token is the source's. The comparison takes the same
// time whatever was sent.
func (s *Source) has(token string) bool {
	want, got := sha256.Sum256([]byte(s.Token)), sha256.Sum256([]byte(token))
	return s.Token != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// bare are the paths of other pagers, each once and in order: senders post
// there without a source's name.
func (t Table) bare() (all []string) {
	for i := range t {
		for k := range t[i].apis {
			all = append(all, t[i].apis[k].at...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
