package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/paging"
)

// Ahead is what the package needs to know of the coming months.
type Ahead interface {
	// Ahead lists what is doubtful of them, the worst first, and when that was so.
	Ahead(ctx context.Context) (doubts []lookahead.Doubt, at time.Time, err error)
}

// aheadBody is what is doubtful of the coming months.
type aheadBody struct {
	At     time.Time   `json:"at"`
	Until  time.Time   `json:"until"`
	Doubts []doubtBody `json:"doubts"`
}

type doubtBody struct {
	lookahead.Doubt
	Text string `json:"text"` // in the reader's language
}

func (s *Server) showAhead(w http.ResponseWriter, r *http.Request, by Token) error {
	if s.ahead == nil {
		return refusef(http.StatusServiceUnavailable, "unavailable", "proofs and replacements are in the store, which is away; try again")
	}
	doubts, at, err := s.ahead.Ahead(r.Context())
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	rules := s.engine.Rules()
	person, _ := rules.Directory.Person(by.Person) // nobody's language is the desk's
	reader := lookahead.Reader{Language: paging.Language(person, rules), Directory: rules.Directory, Location: rules.Location, Now: at}
	body := aheadBody{At: at.UTC(), Until: lookahead.Until(at).UTC(), Doubts: []doubtBody{}}
	for i := range doubts {
		if c := doubts[i].Customer; !by.scope.All() {
			if c != "" && !by.scope.SeesCustomer(c) {
				continue
			}
			doubts[i].Others = 0 // they are not for this reader
		}
		body.Doubts = append(body.Doubts, doubtBody{doubts[i], reader.Say(&doubts[i])})
	}
	return writeJSON(w, http.StatusOK, body)
}
