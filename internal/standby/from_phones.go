package standby

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

// Links serves the links of pages that were sent from the spool: it leads them
// to where their tickets are now.
func (s *Standby) Links(own http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.URL.Path, "/a/")
		s.core.RLock()
		defer s.core.RUnlock()
		link, known := s.link(r.Context(), token)
		_, moved := s.moved[link.Ticket]
		switch {
		case known && s.second.runs():
			s.second.web.Handler().ServeHTTP(w, r)
		case !known || moved:
			own.ServeHTTP(w, r)
		default: // it is being merged
			w.Header().Set("Retry-After", "2")
			http.Error(w, "one moment: open the link again", http.StatusServiceUnavailable)
		}
	})
}

// link finds the link of a page that was sent from the spool. The caller holds
// core.
func (s *Standby) link(ctx context.Context, token string) (paging.Link, bool) {
	if s.second == nil {
		return paging.Link{}, false
	}
	link, err := s.second.store.Link(ctx, paging.LinkHash(token))
	return link, err == nil
}

// Answer acts on a text that is the token of such a link. ok is false for any
// other text.
func (s *Standby) Answer(ctx context.Context, t paging.Text) (reply string, ok bool, err error) {
	a := answer.ParseAnswer(t.Body)
	if a.Verb != answer.VerbToken {
		return "", false, nil
	}
	s.core.RLock()
	defer s.core.RUnlock()
	if _, known := s.link(ctx, a.Token); !known || !s.second.runs() {
		return "", false, nil
	}
	reply, err = s.second.pager.Answer(ctx, t)
	return reply, true, err
}

// Receive records a receipt of a page that was sent from the spool. ok is
// false if the store has to hear of the receipt: it is for another page, or
// the ticket is in the store too.
func (s *Standby) Receive(ctx context.Context, r paging.Receipt, class paging.Class) (ok bool, err error) {
	s.core.RLock()
	defer s.core.RUnlock()
	if s.second != nil && s.second.runs() {
		err = s.second.pager.Receive(ctx, r, class)
		_, moved := s.moved[r.Key.Ticket]
		return !moved && !errors.Is(err, escalation.ErrNotFound), err
	}
	return false, nil
}
