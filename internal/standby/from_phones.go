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

// Links leads the links of pages that were sent from the spool to where their
// tickets are: away has those that are paged from there.
func (s *Standby) Links(own, away http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known, moved, runs := s.whereIs(r.Context(), strings.TrimPrefix(r.URL.Path, "/a/"))
		switch {
		case known && runs:
			away.ServeHTTP(w, r)
		case !known || moved:
			own.ServeHTTP(w, r)
		default: // it is being merged
			w.Header().Set("Retry-After", "2")
			http.Error(w, "one moment: open the link again", http.StatusServiceUnavailable)
		}
	})
}

// whereIs says where the ticket of a link is. Nothing is held while the request is
// answered: a peer that is slow holds nobody up.
func (s *Standby) whereIs(ctx context.Context, token string) (known, moved, runs bool) {
	s.core.RLock()
	defer s.core.RUnlock()
	link, known := s.link(ctx, token)
	_, moved = s.moved[link.Ticket]
	return known, moved, s.second != nil && s.second.runs()
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
