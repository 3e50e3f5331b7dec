package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Feed is an address at which a calendar reads who is on call.
type Feed struct {
	ID     string    `json:"id"`
	Person string    `json:"person"`
	Group  string    `json:"group,omitempty"` // empty: the person's turns in all groups
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	URL    string    `json:"url,omitempty"` // said once, when it is made
}

// Feeds lists those of a person.
func (c *Client) Feeds(ctx context.Context, person string) (list []Feed, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, feedsPath(person), nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Feeds []Feed }
	err = decode("feeds", raw, &body)
	return body.Feeds, raw, err
}

// MakeFeed makes one: of the person's turns, or of all of a group's.
func (c *Client) MakeFeed(ctx context.Context, person, group string) (made Feed, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodPost, feedsPath(person), nil, struct {
		Group string `json:"group,omitempty"`
	}{group})
	if err != nil {
		return made, nil, err
	}
	return made, raw, decode("feed", raw, &made)
}

// RevokeFeeds ends one by its ID, or all of a person if id is empty, and says how
// many there were.
func (c *Client) RevokeFeeds(ctx context.Context, person, id string) (int, error) {
	query := url.Values{}
	if id != "" {
		query.Set("id", id)
	}
	raw, err := c.do(ctx, http.MethodDelete, feedsPath(person), query, nil)
	if err != nil {
		return 0, err
	}
	var body struct{ Revoked int }
	return body.Revoked, decode("feeds", raw, &body)
}

func feedsPath(person string) string { return "/api/v1/people/" + url.PathEscape(person) + "/feeds" }
