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

// Drill is a drill, and who answered it by what.
type Drill struct {
	ID      string    `json:"id"`
	Group   string    `json:"group"`
	At      time.Time `json:"at"`
	EndsAt  time.Time `json:"ends_at"`
	Running bool      `json:"running"`
	People  []Drilled `json:"people"`

	Raw json.RawMessage `json:"-"` // as it was sent
}

// Drilled is one of the people of a drill.
type Drilled struct {
	Person     string    `json:"person"`
	AnsweredAt time.Time `json:"answered_at"`
	Late       bool      `json:"late"`
	How        string    `json:"how"`
	Channel    string    `json:"channel"`
	Address    string    `json:"address"`
	Messages   []TestTry `json:"messages"`
}

// StartDrill begins a drill of a group.
func (c *Client) StartDrill(ctx context.Context, group string) (Drill, error) {
	return c.drill(ctx, http.MethodPost, "/api/v1/drills", map[string]string{"group": group})
}

// Drill is a drill as it is now.
func (c *Client) Drill(ctx context.Context, id string) (Drill, error) {
	return c.drill(ctx, http.MethodGet, "/api/v1/drills/"+url.PathEscape(id), nil)
}

func (c *Client) drill(ctx context.Context, method, path string, body any) (d Drill, err error) {
	raw, err := c.do(ctx, method, path, nil, body)
	if err != nil {
		return d, err
	}
	err = decode("drill", raw, &d)
	d.Raw = raw
	return d, err
}
