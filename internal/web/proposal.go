package web

import (
	"context"
	"net/http"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// proposalsBody are those who fit a ticket best, the best first.
type proposalsBody struct {
	Proposals []proposalBody `json:"proposals"`
}

type proposalBody struct {
	Person  string       `json:"person"`
	Points  int          `json:"points"`
	Reasons []reasonBody `json:"reasons"`
}

// reasonBody is why. Text says it in the caller's language.
type reasonBody struct {
	desk.Reason
	Text string `json:"text"`
}

func (s *Server) showProposal(w http.ResponseWriter, r *http.Request, by Token) error {
	view, err := s.view(r.Context(), by.scope, r.PathValue("number"))
	if err != nil {
		return err
	}
	list, err := s.Proposals(r.Context(), by.scope, &view)
	if err != nil {
		return err
	}
	words, body := spoken(r), proposalsBody{Proposals: []proposalBody{}}
	for i := range list {
		p := proposalBody{Person: list[i].Person, Points: list[i].Points, Reasons: []reasonBody{}}
		for _, reason := range list[i].Reasons {
			p.Reasons = append(p.Reasons, reasonBody{reason, words.Pool.Reason(string(reason.Why), reason.Group, reason.Skill, reason.N)})
		}
		body.Proposals = append(body.Proposals, p)
	}
	return writeJSON(w, http.StatusOK, body)
}

// Proposals names those who fit a ticket that asks for work best, of those who are at work
// now (desk.Propose). How many tickets each has is counted of those that the reader sees.
func (s *Server) Proposals(ctx context.Context, of ticket.Scope, v *ticket.View) ([]desk.Proposal, error) {
	if !v.Ticket.State.Active() {
		return nil, nil
	}
	f := desk.Fit{Rules: s.engine.Rules(), Now: s.engine.Now()}
	if v.Sheet != nil {
		f.Complexity = v.Sheet.Complexity
	}
	busy, _, err := s.Standing(ctx, of, ticket.Query{States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: maxLimit})
	if err != nil {
		return nil, err
	}
	f.Load = desk.LoadOf(busy)
	return desk.Propose(&v.Ticket, &f), nil
}
