package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// SilenceAsk is a silence that is asked for. Times are RFC 3339.
type SilenceAsk struct {
	Source   string   `json:"source,omitempty"`
	Customer string   `json:"customer,omitempty"`
	Matchers []string `json:"matchers,omitempty"`
	From     string   `json:"from,omitempty"` // now where left out
	Until    string   `json:"until"`
	Every    string   `json:"every,omitempty"`
	Zone     string   `json:"zone,omitempty"`
	Why      string   `json:"why"`
}

// Silence is a silence or a maintenance window.
type Silence struct {
	ID       string    `json:"id"`
	Source   string    `json:"source"`
	Customer string    `json:"customer"`
	Matchers []string  `json:"matchers"`
	Every    string    `json:"every"`
	Why      string    `json:"why"`
	By       string    `json:"by"`
	State    string    `json:"state"` // pending, active, expired
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Next     *struct {
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
	} `json:"next"`
}

// Silences lists those of a state, or all if it is empty.
func (c *Client) Silences(ctx context.Context, state string) (list []Silence, raw json.RawMessage, err error) {
	query := url.Values{}
	if state != "" {
		query.Set("state", state)
	}
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/silences", query, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Silences []Silence }
	err = decode("silences", raw, &body)
	return body.Silences, raw, err
}

// MakeSilence makes one.
func (c *Client) MakeSilence(ctx context.Context, ask SilenceAsk) (s Silence, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodPost, "/api/v1/silences", nil, ask)
	if err != nil {
		return s, nil, err
	}
	err = decode("silence", raw, &s)
	return s, raw, err
}

// EndSilence ends one now.
func (c *Client) EndSilence(ctx context.Context, id string) (s Silence, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodDelete, "/api/v1/silences/"+url.PathEscape(id), nil, nil)
	if err != nil {
		return s, nil, err
	}
	err = decode("silence", raw, &s)
	return s, raw, err
}
