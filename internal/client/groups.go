package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Schedule is who is on call in a group: spans that follow each other. If
// nobody is, one has no people.
type Schedule struct {
	Group string    `json:"group"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Spans []Span    `json:"spans"`
}

// Span is a stretch in which the same people are on call for the same reasons.
type Span struct {
	From   time.Time    `json:"from"`
	To     time.Time    `json:"to"`
	People []Assignment `json:"people"`
}

// Assignment is a person on call, and by which layer or override.
type Assignment struct {
	Person string `json:"person"`
	Why    string `json:"why"`
	// Until is until when somebody stays on at most, who does beside another one.
	Until time.Time `json:"until,omitzero"`
}

// Schedules is the schedule of a group, or of all if group is empty. If
// from or to is zero, the daemon says from when and how far.
func (c *Client) Schedules(ctx context.Context, group string, from, to time.Time) ([]Schedule, error) {
	query := url.Values{}
	for name, t := range map[string]time.Time{"from": from, "to": to} {
		if !t.IsZero() {
			query.Set(name, t.UTC().Format(time.RFC3339))
		}
	}
	if group != "" {
		data, err := c.do(ctx, http.MethodGet, "/api/v1/groups/"+url.PathEscape(group), query, nil)
		if err != nil {
			return nil, err
		}
		one := make([]Schedule, 1)
		return one, decode("group", data, &one[0])
	}
	data, err := c.do(ctx, http.MethodGet, "/api/v1/groups", query, nil)
	if err != nil {
		return nil, err
	}
	var all struct {
		Groups []Schedule `json:"groups"`
	}
	err = decode("groups", data, &all)
	return all.Groups, err
}
