package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// bundleBody is what came of a button that was pressed for all tickets of a
// link. Done counts those where it was done, or was so already; Unchanged
// those that were left as they were: somebody else has them, or they are over.
type bundleBody struct {
	Done      int          `json:"done"`
	Unchanged int          `json:"unchanged"`
	Tickets   []ticketBody `json:"tickets"`
}

// showBundle shows what a link stands for that stands for several tickets.
func (s *Server) showBundle(w http.ResponseWriter, r *http.Request, h *holder, query url.Values, here string) error {
	tickets, err := s.bundle(r.Context(), h)
	if err != nil {
		return err
	}
	l := s.listOf(tickets, h, query)
	l.Here = here
	return s.render(w, r, http.StatusOK, "bundle.html", l)
}

// bundle reads the tickets of a link that are not closed, one call a source,
// worst first. If all are it is errOver, or escalation.ErrNotFound once the
// links of each of them have ended.
func (s *Server) bundle(ctx context.Context, h *holder) ([]ticket.Ticket, error) {
	bySource := map[string][]string{}
	for _, ref := range h.link.Bundle {
		bySource[ref.Source] = append(bySource[ref.Source], ref.Number)
	}
	var tickets []ticket.Ticket
	over := fmt.Errorf("web: the tickets of a link: %w", escalation.ErrNotFound)
	for source, numbers := range bySource {
		var records []ticket.Record
		if err := s.turns.do(ctx, func() (err error) {
			records, err = s.store.Load(ctx, source, numbers)
			return err
		}); err != nil {
			return nil, fmt.Errorf("web: load %d tickets of a link: %w", len(numbers), err)
		}
		for i := range records {
			switch err := s.stands(&records[i].Ticket); {
			case err == nil:
				tickets = append(tickets, records[i].Ticket)
			case errors.Is(err, errOver):
				over = err
			}
		}
	}
	if len(tickets) == 0 {
		return nil, over
	}
	slices.SortFunc(tickets, look.WorstFirst)
	return tickets, nil
}

// pressAll does what a button says to each ticket of a bundle: to those that
// are as the button's page showed them.
func (s *Server) pressAll(w http.ResponseWriter, r *http.Request, h *holder, order desk.Order, shown drawn) error {
	action := order.Verb
	tickets, err := s.bundle(r.Context(), h)
	if err != nil {
		return err
	}
	if shown == nil && !wantsJSON(r) && !look.Blind(action) {
		s.lead(w, r, h, url.Values{"done": {look.DoneStale}})
		return nil
	}
	done, empty, err := s.orderForAll(r.Context(), h, tickets, order, shown)
	if err != nil {
		return err
	}
	if empty && wantsJSON(r) {
		return errEmptyNote
	}
	if empty {
		s.lead(w, r, h, url.Values{"done": {look.DoneEmpty}})
		return nil
	}
	unchanged := len(tickets) - done
	if wantsJSON(r) {
		return writeJSON(w, http.StatusOK, bundleBody{Done: done, Unchanged: unchanged, Tickets: s.bodiesOf(r.Context(), h, tickets)})
	}
	s.lead(w, r, h, url.Values{"done": {string(action)}, "n": {strconv.Itoa(done)}, "left": {strconv.Itoa(unchanged)}})
	return nil
}

// bodiesOf are a bundle's tickets after they were acted on. What was done is
// done: if they cannot be read again, they are shown as they were.
func (s *Server) bodiesOf(ctx context.Context, h *holder, was []ticket.Ticket) []ticketBody {
	tickets, err := s.bundle(ctx, h)
	if err != nil {
		s.log.Warn("tickets were changed and could not be read again", zap.Int("tickets", len(was)), zap.Error(err))
		tickets = was
	}
	return bodiesOf(tickets, s.engine.Now())
}

// bundleTimeout bounds the work on all of them.
const bundleTimeout = 30 * time.Second

// orderForAll has the desk act on many tickets and counts those where it was done. A
// phone that loses its network meanwhile does not stop it half way. The error says
// that the store could not be asked about some; empty, that words were missing.
func (s *Server) orderForAll(ctx context.Context, h *holder, tickets []ticket.Ticket, o desk.Order, shown drawn) (done int, empty bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bundleTimeout)
	defer cancel()
	o.Shared = true
	var targets []desk.Target
	for i := range tickets {
		target := desk.Target{Number: tickets[i].Number, Was: &tickets[i], Seen: shown.of(tickets[i].Number)}
		if shown == nil || target.Seen != nil {
			targets = append(targets, target)
		}
	}
	var errs []error
	results := s.desk.Act(ctx, h.actor(), o, targets...)
	for i := range results {
		switch r := &results[i]; {
		case r.Outcome == desk.Failed:
			errs = append(errs, fmt.Errorf("web: %s ticket %s: %w", o.Verb, r.Number, r.Err))
		case r.Did():
			done++
		case r.Outcome == desk.Empty:
			empty = true
		}
	}
	return done, empty, errors.Join(errs...)
}
