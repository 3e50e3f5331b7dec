package source

import (
	"context"
	"fmt"
	"net/http"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

func (p *Pages) listAPI(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return web.Answer(w, http.StatusOK, map[string][]known{"sources": p.all(r.Context())})
}

// one is a source with what it posted last, as the API tells it.
type one struct {
	known
	Payloads map[string]payloadBody `json:"payloads"` // by their outcomes
	Tried    *tried                 `json:"tried,omitempty"`
}

type payloadBody struct {
	Text  string `json:"text"`  // masked
	Whole bool   `json:"whole"` // none of it was left out
}

func (p *Pages) getAPI(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	k, err := p.find(r)
	if err != nil {
		return err
	}
	body := one{known: k, Payloads: map[string]payloadBody{}}
	for _, outcome := range []string{outcomeTaken, outcomeRefused} {
		if was, ok := p.posted(r.Context(), k.Name, outcome, k.word().of(outcome)); ok {
			body.Payloads[outcome] = payloadBody{was.text, was.whole}
		}
	}
	if body.Tried, err = p.asked(r.Context(), r.URL.Query().Get("try"), &k); err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, &body)
}

// find is the source that a path names.
func (p *Pages) find(r *http.Request) (known, error) {
	said, ok := p.Door.Said(r.PathValue("name"))
	if !ok {
		return known{}, web.Refuse(http.StatusNotFound, "not_found", fmt.Sprintf("no source named %q is configured", ticket.Logged(r.PathValue("name"))))
	}
	stored, _ := p.Book.all(r.Context()) // what is written down is left out while the store is away
	return p.knownOf(&said, stored[said.Source], p.Engine.Now()), nil
}

func (k *known) word() word { return word{k.Taken, k.Refused, k.Strange} }

// asked tries again what ?try= asks for; nil if it asks for nothing.
func (p *Pages) asked(ctx context.Context, outcome string, k *known) (*tried, error) {
	switch outcome {
	case "":
		return nil, nil //nolint:nilnil // nothing is asked for
	case outcomeTaken, outcomeRefused:
	default:
		return nil, web.Refuse(http.StatusBadRequest, "bad_request", "try: taken or refused")
	}
	request := k.word().of(outcome)
	was, ok := p.posted(ctx, k.Name, outcome, request)
	if !ok {
		return nil, web.Refuse(http.StatusNotFound, "not_found", "nothing is known of what such a request posted")
	}
	var t tried
	err := p.House.Render(ctx, func() error { // in its turn: alerts come first
		t = p.try(ctx, k.Name, outcome, request, was)
		return nil
	})
	return &t, err //nolint:wrapcheck // it names itself
}
