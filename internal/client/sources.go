package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Source is what is known of a source.
type Source struct {
	Name         string                   `json:"name"`
	Type         string                   `json:"type"`
	State        string                   `json:"state"` // well, refused, silent
	HeardAt      time.Time                `json:"heard_at"`
	TestedAt     time.Time                `json:"tested_at"`
	RefusedSince time.Time                `json:"refused_since"`
	Reason       string                   `json:"reason"`
	Counts       SourceCounts             `json:"counts"`
	Taken        *SourceRequest           `json:"taken"`
	Refused      *SourceRequest           `json:"refused"`
	Strange      *SourceRequest           `json:"strange"`
	Payloads     map[string]SourcePayload `json:"payloads"`
	Tried        *SourceTried             `json:"tried"`
}

// SourceCounts are how many of its requests had which outcome, since the daemon's start.
type SourceCounts struct{ Taken, Tests, Refused, Failed, Strange int64 }

// SourceRequest is the last request of an outcome.
type SourceRequest struct {
	At       time.Time `json:"at"`
	From     string    `json:"from"`
	Path     string    `json:"path"`
	Status   int       `json:"status"`
	Reason   string    `json:"reason"`
	Accepted int       `json:"accepted"`
	Tickets  []string  `json:"tickets"`
	Test     bool      `json:"test"`
}

// SourcePayload is what a request posted, its secrets masked.
type SourcePayload struct {
	Text  string `json:"text"`
	Whole bool   `json:"whole"`
}

// SourceTried is what a payload would be if it came now.
type SourceTried struct {
	Masked  bool   `json:"masked"`
	Test    bool   `json:"test"`
	Problem string `json:"problem"`
	More    int    `json:"more"`
	Alerts  []struct {
		Key     string            `json:"key"`
		Status  string            `json:"status"`
		Title   string            `json:"title"`
		Urgency string            `json:"urgency"`
		Labels  map[string]string `json:"labels"`
	} `json:"alerts"`
	Tickets []struct {
		Title    string    `json:"title"`
		Customer string    `json:"customer"`
		Urgency  string    `json:"urgency"`
		Policy   string    `json:"policy"`
		DueAt    time.Time `json:"due_at"`
		More     int       `json:"more"`
		Pages    []struct {
			At      time.Time `json:"at"`
			Person  string    `json:"person"`
			Channel string    `json:"channel"`
		} `json:"pages"`
	} `json:"tickets"`
}

// Sources lists all sources.
func (c *Client) Sources(ctx context.Context) (list []Source, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/sources", nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Sources []Source }
	err = decode("sources", raw, &body)
	return body.Sources, raw, err
}

// Source is one of them. try is the outcome whose payload is tried again; empty: nothing
// is.
func (c *Client) Source(ctx context.Context, name, try string) (s Source, raw json.RawMessage, err error) {
	query := url.Values{}
	if try != "" {
		query.Set("try", try)
	}
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/sources/"+url.PathEscape(name), query, nil)
	if err != nil {
		return s, nil, err
	}
	err = decode("source", raw, &s)
	return s, raw, err
}
