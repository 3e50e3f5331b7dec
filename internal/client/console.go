package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Filter is a list of tickets that its person has given a name.
type Filter struct {
	Name  string    `json:"name"`
	Query string    `json:"query"` // of the API's list of tickets
	At    time.Time `json:"at"`
}

// Wall is an address of a page for a screen on a wall.
type Wall struct {
	ID  string    `json:"id"`
	By  string    `json:"by"`
	At  time.Time `json:"at"`
	URL string    `json:"url,omitempty"` // said once, when it is made
}

const (
	filtersPath = "/api/v1/filters"
	wallsPath   = "/api/v1/walls"
)

// Filters lists the caller's own.
func (c *Client) Filters(ctx context.Context) (list []Filter, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, filtersPath, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Filters []Filter }
	err = decode("filters", raw, &body)
	return body.Filters, raw, err
}

// SaveFilter saves one under a name, in the place of one of that name.
func (c *Client) SaveFilter(ctx context.Context, name, query string) (saved Filter, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodPost, filtersPath, nil, map[string]string{"name": name, "query": query})
	if err != nil {
		return saved, nil, err
	}
	return saved, raw, decode("filter", raw, &saved)
}

// ForgetFilter removes one.
func (c *Client) ForgetFilter(ctx context.Context, name string) error {
	_, err := c.do(ctx, http.MethodDelete, filtersPath, url.Values{"name": {name}}, nil)
	return err
}

// Walls lists all.
func (c *Client) Walls(ctx context.Context) (list []Wall, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, wallsPath, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Walls []Wall }
	err = decode("walls", raw, &body)
	return body.Walls, raw, err
}

// MakeWall makes one.
func (c *Client) MakeWall(ctx context.Context) (made Wall, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodPost, wallsPath, nil, nil)
	if err != nil {
		return made, nil, err
	}
	return made, raw, decode("wall", raw, &made)
}

// RevokeWall ends one.
func (c *Client) RevokeWall(ctx context.Context, id string) error {
	_, err := c.do(ctx, http.MethodDelete, wallsPath, url.Values{"id": {id}}, nil)
	return err
}
