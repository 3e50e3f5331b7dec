package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// Doubt is what is doubtful of the coming months, in the desk's words.
type Doubt struct {
	Kind   string   `json:"kind"`
	Groups []string `json:"groups"`
	Text   string   `json:"text"`
}

// Lookahead lists what is doubtful of the coming months, the worst first.
func (c *Client) Lookahead(ctx context.Context) (doubts []Doubt, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/lookahead", nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Doubts []Doubt }
	err = decode("what is doubtful", raw, &body)
	return body.Doubts, raw, err
}
