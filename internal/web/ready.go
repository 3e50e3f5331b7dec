package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// Ready is what the package needs to know of whether people can be woken.
type Ready interface {
	paging.Prover
	// Proofs lists the last proof of each channel and address of a person, the last
	// first.
	Proofs(ctx context.Context, person string) ([]paging.Proof, error)
	// ReadyLink is what a link stands for; ready.ErrNoLink if it is nothing.
	ReadyLink(ctx context.Context, token string) (ready.Link, error)
	Drills
}

// readyRoutes are the routes of proofs.
func (s *Server) readyRoutes() []route {
	return []route{
		{http.MethodGet, "/api/v1/people/{name}/proofs", reader, s.listProofs},
		{http.MethodPost, "/api/v1/drills", technician, s.startDrill},
		{http.MethodGet, "/api/v1/drills/{id}", reader, s.showDrill},
		{http.MethodGet, ReadyPath + "{token}", open, s.showReady},
		{http.MethodPost, ReadyPath + "{token}", open, s.pressReady},
	}
}

// proofBody is a proof as the API tells it.
type proofBody struct {
	Channel string     `json:"channel"`
	Address string     `json:"address,omitempty"`
	At      time.Time  `json:"at"`
	How     paging.How `json:"how"`
}

// knowsReady answers 503 if nobody knows: the daemon runs on its second core.
func (s *Server) knowsReady() error {
	if s.ready == nil {
		return refusef(http.StatusServiceUnavailable, "unavailable", "who can be reached is not known while the store is away; try again")
	}
	return nil
}

func (s *Server) listProofs(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := s.knowsReady(); err != nil {
		return err
	}
	who, ok := s.engine.Rules().Directory.Recipient(r.PathValue("name")) // a group's telephone too, by its number
	if !ok {
		return refusef(http.StatusNotFound, "not_found", "nobody is named %q", logged(r.PathValue("name")))
	}
	person := who.Key
	proofs, err := s.ready.Proofs(r.Context(), person)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	whole := by.mayBe(person, "the addresses of") == nil
	list := make([]proofBody, len(proofs))
	for i := range proofs {
		p := &proofs[i]
		list[i] = proofBody{Channel: p.Channel, Address: p.Address, At: p.At.UTC(), How: p.How}
		if !whole {
			list[i].Address = masked(p.Address)
		}
	}
	return writeJSON(w, http.StatusOK, map[string][]proofBody{"proofs": list})
}

// masked is enough of an address to tell it from a person's others.
func masked(address string) string {
	switch n := len(address); {
	case n == 0:
		return ""
	case strings.HasPrefix(address, "+") && n > 8:
		return address[:3] + "…" + address[n-2:]
	default:
		return "…"
	}
}

// Acted notes that whoever is signed in did something: they can be reached, and what
// waits for an answer of theirs has one. A token that stands for no session proves
// nobody.
func (s *Server) Acted(ctx context.Context, by Token) {
	if by.Signed && by.Person != "" {
		s.prove(ctx, paging.Proof{Person: by.Person, Channel: paging.ChannelApp, How: paging.ByApp})
	}
}

// pressedBy notes that the holder of a link pressed a button behind it.
func (s *Server) pressedBy(ctx context.Context, h *holder) {
	if h.telephone != "" {
		return // whoever holds it may be another one
	}
	address := ""
	if way := paging.FindWay(paging.AllWays(), h.link.Channel); way != nil && way.Addresses != nil {
		if all := way.Addresses(h.person); len(all) == 1 {
			address = all[0]
		}
	}
	s.prove(ctx, paging.Proof{Person: h.person.Key, Channel: h.link.Channel, Address: address, How: paging.ByLink})
}

// proveTimeout bounds what a button waits for until it is noted that it was pressed.
const proveTimeout = 2 * time.Second

func (s *Server) prove(ctx context.Context, p paging.Proof) {
	if s.ready == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), proveTimeout)
	defer cancel()
	p.At = s.engine.Now()
	if _, err := s.ready.Answered(ctx, p); err != nil {
		s.log.Warn("that somebody acted was not noted", zap.String("person", p.Person), zap.Error(err))
	}
}
