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
	Doubts    *Doubts   `json:"doubts"` // of one that has just been made

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

// Preview is what a replacement would come to.
type Preview struct {
	Replacement Replacement  `json:"replacement"`
	Overlaps    *Replacement `json:"overlaps"`
	Doubts      Doubts       `json:"doubts"`

	Raw json.RawMessage `json:"-"` // as it was sent
}

// Doubts are what is doubtful of a replacement.
type Doubts struct {
	Gaps []struct {
		Group    string    `json:"group"`
		From, To time.Time // hours without anybody
	} `json:"gaps"`
	Rests []struct {
		Person   string `json:"person"`
		Of       string `json:"of"`      // day, week
		Due      int    `json:"due"`     // hours
		Minutes  int    `json:"minutes"` // of a day: the rest that there is
		From, To time.Time
	} `json:"rests"`
	Twice []struct {
		Person   string   `json:"person"`
		Groups   []string `json:"groups"`
		From, To time.Time
	} `json:"twice"`
}

// Replacements lists those of a group and a person from a time to another; empty or
// zero: all.
func (c *Client) Replacements(ctx context.Context, group, person string, from, to time.Time) (list []Replacement, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/replacements", replacementsQuery(group, person, from, to), nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Replacements []Replacement }
	return body.Replacements, raw, decode("replacements", raw, &body)
}

// ReplacementsYAML is what Replacements lists, as YAML.
func (c *Client) ReplacementsYAML(ctx context.Context, group, person string, from, to time.Time) ([]byte, error) {
	query := replacementsQuery(group, person, from, to)
	query.Set("format", "yaml")
	return c.do(ctx, http.MethodGet, "/api/v1/replacements", query, nil)
}

func replacementsQuery(group, person string, from, to time.Time) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"group": group, "person": person, "from": written(from), "to": written(to)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
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

// PreviewReplacement says what one would come to; nothing is kept.
func (c *Client) PreviewReplacement(ctx context.Context, ask ReplacementAsk) (p Preview, err error) {
	raw, err := c.do(ctx, http.MethodPost, "/api/v1/replacements", url.Values{"preview": {"true"}}, ask)
	if err != nil {
		return p, err
	}
	err = decode("preview", raw, &p)
	p.Raw = raw
	return p, err
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
