package customer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// shelf is a Book of many contacts, and whoever is given all of them.
type shelf struct {
	Book
	httptest.ResponseRecorder
	has           int
	given, taken  int    // contacts
	held          int    // at most, that were given and not written
	breaks        int    // the archive is away after so many
	gone          func() // the reader goes away after the first part
	begun, goesOn chan struct{}
}

// Contacts implements Book.
func (s *shelf) Contacts(ctx context.Context, _ ticket.Scope, q *ticket.ContactQuery) (l ticket.ContactListing, err error) {
	if err := ctx.Err(); err != nil {
		return l, err
	}
	if s.breaks > 0 && s.given >= s.breaks {
		return l, errors.New("the archive is away")
	}
	from, _ := strconv.Atoi(q.Cursor)
	to := min(from+q.Limit, s.has)
	for i := from; i < to; i++ {
		l.Contacts = append(l.Contacts, ticket.Contact{ID: fmt.Sprint("c", i), Customer: "acme", Name: "Ada", Notes: strings.Repeat("n", 2000)})
	}
	if to < s.has {
		l.Next = strconv.Itoa(to)
	}
	s.given = to
	s.held = max(s.held, s.given-s.taken)
	return l, nil
}

// Write implements http.ResponseWriter.
func (s *shelf) Write(p []byte) (int, error) {
	s.taken += bytes.Count(p, []byte("\n"))
	if s.gone != nil {
		s.gone()
	}
	if s.begun != nil {
		s.begun <- struct{}{}
		<-s.goesOn
		s.begun = nil
	}
	return len(p), nil
}

// exported has all of a shelf written; cut is whether the connection was.
func exported(p *Pages, s *shelf, r *http.Request) (cut bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			is, _ := v.(error)
			cut = errors.Is(is, http.ErrAbortHandler)
		}
	}()
	return false, p.export(s, r, web.Token{})
}

// TestAllContactsAreWrittenAsTheyAreRead: however many there are, a part of them is in
// memory; what breaks off looks so; nobody writes to who has gone.
func TestAllContactsAreWrittenAsTheyAreRead(t *testing.T) {
	ctx, goes := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		shelf shelf
		ctx   context.Context
		cut   bool
		taken int // with the head
	}{
		"all":                        {shelf{has: 50_000}, t.Context(), false, 50_001},
		"none":                       {shelf{}, t.Context(), false, 1},
		"the archive goes away":      {shelf{has: 50_000, breaks: 20_000}, t.Context(), true, 20_001},
		"whoever reads it goes away": {shelf{has: 50_000, gone: goes}, ctx, true, 0},
	} {
		p := New(&Pages{Book: &c.shelf})
		cut, err := exported(p, &c.shelf, httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/contacts.csv", nil))
		if err != nil || cut != c.cut || c.shelf.held > 2*exportPart || c.shelf.taken != c.taken && c.taken > 0 || c.shelf.given > 50_000 || c.taken == 0 && c.shelf.given > 2*exportPart {
			t.Errorf("%s: cut %v, %v; %d given, %d lines taken, %d held at once", name, cut, err, c.shelf.given, c.shelf.taken, c.shelf.held)
		}
		if len(p.exporting) != 0 {
			t.Errorf("%s: it holds a place still", name)
		}
	}
	away := shelf{has: 5, breaks: 1, given: 1}
	if cut, err := exported(New(&Pages{Book: &away}), &away, httptest.NewRequest(http.MethodGet, "/contacts.csv", nil)); cut || web.StatusOf(err) != http.StatusServiceUnavailable || away.taken > 0 {
		t.Errorf("an archive that was away: %v %v", cut, err)
	}
}

// TestFewAreGivenAllContactsAtOnce: the others are told when to come again.
func TestFewAreGivenAllContactsAtOnce(t *testing.T) {
	p := New(&Pages{Book: &shelf{has: 10}})
	done := make(chan error, exportsAtOnce)
	var readers []*shelf
	for range exportsAtOnce {
		s := &shelf{begun: make(chan struct{}), goesOn: make(chan struct{})}
		readers = append(readers, s)
		go func() {
			_, err := exported(p, s, httptest.NewRequest(http.MethodGet, "/contacts.csv", nil))
			done <- err
		}()
		<-s.begun
	}
	one := &shelf{}
	if _, err := exported(p, one, httptest.NewRequest(http.MethodGet, "/contacts.csv", nil)); web.StatusOf(err) != http.StatusServiceUnavailable || web.CodeOf(err) != "busy" || one.taken > 0 {
		t.Errorf("one more: %v", err)
	}
	for _, s := range readers {
		close(s.goesOn)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := exported(p, one, httptest.NewRequest(http.MethodGet, "/contacts.csv", nil)); err != nil || one.taken != 11 {
		t.Errorf("after them: %v, %d lines", err, one.taken)
	}
}
