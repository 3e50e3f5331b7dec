package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// HeartbeatAsk is a heartbeat that is asked for. Lengths are written as 5m, 1h, 1d.
type HeartbeatAsk struct {
	Name    string            `json:"name"`
	Every   string            `json:"every"`
	Grace   string            `json:"grace,omitempty"`
	RunsFor string            `json:"runs_for,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// Heartbeat is what must be heard of, and how it is.
type Heartbeat struct {
	Name       string            `json:"name"`
	Every      string            `json:"every"`
	Grace      string            `json:"grace"`
	RunsFor    string            `json:"runs_for"`
	Labels     map[string]string `json:"labels"`
	Source     string            `json:"source"` // whose alerts beat it
	Configured bool              `json:"configured"`
	By         string            `json:"by"`
	State      string            `json:"state"` // new, up, late, failed, overrun
	Since      time.Time         `json:"since"`
	LastAt     *time.Time        `json:"last_at"` // nil: never heard of
	LateAt     *time.Time        `json:"late_at"`
	Token      string            `json:"token"` // told once, when it is made
	Curl       string            `json:"curl"`
}

// Heartbeats lists those of a state, or all if it is empty.
func (c *Client) Heartbeats(ctx context.Context, state string) (list []Heartbeat, raw json.RawMessage, err error) {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/heartbeats", query, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Heartbeats []Heartbeat }
	err = decode("heartbeats", raw, &body)
	return body.Heartbeats, raw, err
}

// MakeHeartbeat makes one.
func (c *Client) MakeHeartbeat(ctx context.Context, ask HeartbeatAsk) (h Heartbeat, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodPost, "/api/v1/heartbeats", nil, ask)
	if err != nil {
		return h, nil, err
	}
	err = decode("heartbeat", raw, &h)
	return h, raw, err
}

// EndHeartbeat ends one that was made by hand.
func (c *Client) EndHeartbeat(ctx context.Context, name string) (h Heartbeat, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodDelete, "/api/v1/heartbeats/"+url.PathEscape(name), nil, nil)
	if err != nil {
		return h, nil, err
	}
	err = decode("heartbeat", raw, &h)
	return h, raw, err
}
