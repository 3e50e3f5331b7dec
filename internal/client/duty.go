package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Replacement is a change of who is on call, as the API tells it.
type Replacement struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Group     string    `json:"group"`
	Person    string    `json:"person"`
	InsteadOf string    `json:"instead_of"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	With      string    `json:"with"`
	TheirFrom time.Time `json:"their_from"`
	TheirTo   time.Time `json:"their_to"`
	Note      string    `json:"note"`
	State     string    `json:"state"`
	Asks      string    `json:"asks"`
	Void      bool      `json:"void"`
	By        string    `json:"by"`

	Raw json.RawMessage `json:"-"` // as it was sent
}

// ReplacementAsk asks for one. Times are RFC 3339; an empty one is left out.
type ReplacementAsk struct {
	Kind      string `json:"kind,omitempty"`
	Group     string `json:"group"`
	Person    string `json:"person"`
	InsteadOf string `json:"instead_of,omitempty"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	With      string `json:"with,omitempty"`
	TheirFrom string `json:"their_from,omitempty"`
	TheirTo   string `json:"their_to,omitempty"`
	Note      string `json:"note,omitempty"`
	Replace   bool   `json:"replace,omitempty"`
}

// Replacements lists those of a group and a person from a time to another; empty or
// zero: all.
func (c *Client) Replacements(ctx context.Context, group, person string, from, to time.Time) (list []Replacement, raw json.RawMessage, err error) {
	query := url.Values{}
	for name, value := range map[string]string{"group": group, "person": person, "from": written(from), "to": written(to)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/replacements", query, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Replacements []Replacement }
	return body.Replacements, raw, decode("replacements", raw, &body)
}

func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// Replace makes a replacement, or offers it.
func (c *Client) Replace(ctx context.Context, ask ReplacementAsk) (Replacement, error) {
	return c.replacement(ctx, http.MethodPost, "/api/v1/replacements", ask)
}

// AnswerReplacement accepts or declines an offer.
func (c *Client) AnswerReplacement(ctx context.Context, id, answer string) (Replacement, error) {
	return c.replacement(ctx, http.MethodPost, "/api/v1/replacements/"+url.PathEscape(id)+"/"+answer, nil)
}

// DropReplacement takes one back.
func (c *Client) DropReplacement(ctx context.Context, id string) (Replacement, error) {
	return c.replacement(ctx, http.MethodDelete, "/api/v1/replacements/"+url.PathEscape(id), nil)
}

func (c *Client) replacement(ctx context.Context, method, path string, body any) (r Replacement, err error) {
	r.Raw, err = c.do(ctx, method, path, nil, body)
	if err != nil {
		return r, err
	}
	raw := r.Raw
	err = decode("replacement", raw, &r)
	r.Raw = raw
	return r, err
}
