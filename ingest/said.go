package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/mask"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Said is what is remembered of a source's requests, since this daemon's start.
type Said struct {
	Word
	Counts  Counts
	Taken   *Request // the last one that was taken
	Refused *Request // the last one of its own that was not
	Strange *Request // the last one that may be of anybody: its token or its address was wrong
}

// Counts are how many requests had which outcome.
type Counts struct {
	Taken   int64 `json:"taken"`
	Tests   int64 `json:"tests"`   // of those, what only tried the way here
	Refused int64 `json:"refused"` // for what they said
	Failed  int64 `json:"failed"`  // as the daemon could not take them just then
	Strange int64 `json:"strange"` // for their token, or for where they came from
}

// Request is one request, as it is remembered.
type Request struct {
	At       time.Time `json:"at"`
	From     string    `json:"from"` // the address that it came from
	Path     string    `json:"path"` // without its query, which may hold a token; SMTP: it is a mail
	Status   int       `json:"status"`
	Code     string    `json:"code,omitempty"`   // why it was not taken, as the answer said it
	Reason   string    `json:"reason,omitempty"` // … in words
	Length   int       `json:"length"`           // of its body, in bytes
	Accepted int       `json:"accepted"`         // alerts that were taken
	Tickets  []string  `json:"tickets,omitempty"`
	Test     bool      `json:"test,omitempty"`
	// Body is its beginning, as it came, of at most ticket.MaxSaidBody bytes. It may
	// hold secrets. Nobody may change it.
	Body []byte `json:"-"`
}

// Whole says whether all of the body is kept.
func (r *Request) Whole() bool { return len(r.Body) == r.Length }

// mostNamed is how many tickets of a request are remembered.
const mostNamed = ticket.MaxSaidTickets

// lasts remembers the last requests of each source, one of each outcome. The zero value
// is ready.
type lasts struct {
	mu      sync.Mutex
	sources map[string]*Said
}

// remember keeps a request of a source. its says whether it is known to be its own.
// What it costs is that of a lock: the body is the request's own memory.
func (h *Handler) remember(r *http.Request, t *taking, status int, reason string, its bool) {
	if _, known := h.source(t.source); !known || status == statusGone {
		return
	}
	last := &Request{
		At: h.now(), From: h.client(r), Path: ticket.Logged(r.URL.Path), Status: status, Code: t.code, Reason: ticket.Cut(reason, longestReason),
		Length: len(t.body), Accepted: t.taken.Accepted, Tickets: slices.Clone(t.taken.Tickets[:min(len(t.taken.Tickets), mostNamed)]), Test: t.test,
	}
	if its {
		last.Body = kept(t.body)
	}
	h.lasts.note(t.source, last, its)
}

// byMail is the path of a mail.
const byMail = "SMTP"

// rememberMail keeps a mail of a source, as remember does a request.
func (h *Handler) rememberMail(source string, mail *Request, its bool) {
	if _, known := h.source(source); !known {
		return
	}
	mail.At, mail.Path, mail.Reason = h.now(), byMail, ticket.Cut(mail.Reason, longestReason)
	mail.Tickets = slices.Clone(mail.Tickets[:min(len(mail.Tickets), mostNamed)])
	h.lasts.note(source, mail, its)
}

// kept is the beginning of a body, in no more memory than it takes.
func kept(body []byte) []byte {
	if cap(body) <= ticket.MaxSaidBody {
		return body
	}
	return bytes.Clone(body[:min(len(body), ticket.MaxSaidBody)])
}

func (l *lasts) note(source string, r *Request, its bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sources == nil {
		l.sources = map[string]*Said{}
	}
	said := l.sources[source]
	if said == nil {
		said = &Said{}
		l.sources[source] = said
	}
	switch {
	case !its:
		said.Strange = r
		said.Counts.Strange++
	case r.Status < http.StatusMultipleChoices:
		said.Taken = r
		said.Counts.Taken++
		if r.Test {
			said.Counts.Tests++
		}
	default:
		said.Refused = r
		if r.Status == http.StatusServiceUnavailable || r.Status == mailLater {
			said.Counts.Failed++
		} else {
			said.Counts.Refused++
		}
	}
}

// Said is what is remembered of a source; false if no such source is configured.
func (h *Handler) Said(source string) (Said, bool) {
	s, known := h.source(source)
	if !known {
		return Said{}, false
	}
	h.lasts.mu.Lock()
	var said Said
	if of := h.lasts.sources[source]; of != nil {
		said = *of
	}
	h.lasts.mu.Unlock()
	said.Word = h.refusals.last(source)
	said.Source, said.Type = source, s.Type
	return said, true
}

// Masked is a text of a source's without secrets: its token, and what looks like one.
func (h *Handler) Masked(source string, text []byte) string {
	s, _ := h.source(source)
	return mask.Text(text, s.Token)
}

// ErrOrder says that a body cannot be tried by itself: its path says what it is about.
var ErrOrder = errors.New("what it asks for is in its path, and about an alert that is known already: it opens nothing")

// Reread reads a body that was posted to a path, as its source's type and map are now.
// Nothing is taken. An error is one of [Table.Read]'s.
func (h *Handler) Reread(ctx context.Context, source, path string, body []byte) ([]ticket.Alert, error) {
	s, known := h.source(source)
	if !known {
		return nil, fmt.Errorf("ingest: no source named %q is configured", ticket.Logged(source))
	}
	tool := h.tools.tool(s.Type)
	if tool == nil {
		return nil, fmt.Errorf("ingest: sources of type %q are not in this version", s.Type)
	}
	under := strings.TrimSuffix(strings.TrimPrefix(path, "/ingest/"+source), "/")
	if p := tool.path(under); p != nil {
		return read(ctx, p.parse, s, plain(body), h.now())
	}
	if tool.reads != nil {
		if tool.orders(under) {
			return nil, ErrOrder
		}
		return read(ctx, tool.reads, s, plain(body), h.now())
	}
	return read(ctx, tool.fitting(plain(body)).parse, s, plain(body), h.now())
}

// orders says whether a path of another pager's is below one where alerts begin.
func (t *Tool) orders(path string) bool {
	for i := range t.apis {
		for _, at := range t.apis[i].at {
			if above, deep := strings.CutSuffix(at, deeper); deep && strings.HasPrefix(path, above+"/") {
				return true
			}
		}
	}
	return false
}
