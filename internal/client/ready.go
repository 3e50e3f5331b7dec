package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Proof is what last proved that a person can be reached at an address of theirs.
type Proof struct {
	Channel string    `json:"channel"`
	Address string    `json:"address"`
	At      time.Time `json:"at"`
	How     string    `json:"how"`
}

// Proofs lists those of a person, the last first.
func (c *Client) Proofs(ctx context.Context, person string) (list []Proof, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/people/"+url.PathEscape(person)+"/proofs", nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Proofs []Proof }
	err = decode("proofs", raw, &body)
	return body.Proofs, raw, err
}
