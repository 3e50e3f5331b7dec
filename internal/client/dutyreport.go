package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DutyTimes are seconds by kind of hour, with their total.
type DutyTimes map[string]int64

// DutyRow is what one person did on call in a month, or in a year.
type DutyRow struct {
	Person      string    `json:"person"`
	Name        string    `json:"name"`
	Period      string    `json:"period"`
	OnCall      DutyTimes `json:"on_call"`
	Nights      int       `json:"nights"`
	WeekendDays int       `json:"weekend_days"`
	Holidays    int       `json:"holidays"`
	Pages       int       `json:"pages"`
	Woken       int       `json:"woken"`
	Worked      DutyTimes `json:"worked"`
	Rests       []struct {
		Rest string `json:"rest"`
	} `json:"rests"`
	StoodIn struct {
		Times int `json:"times"`
	} `json:"stood_in"`
	Replaced struct {
		Times int `json:"times"`
	} `json:"replaced"`
	Compensation *struct {
		Currency string `json:"currency"`
		Total    int64  `json:"total_cents"`
		Whole    bool   `json:"whole"`
	} `json:"compensation"`
}

// DutyReport is what people did on call.
type DutyReport struct {
	From  string    `json:"from"`  // a day
	Since time.Time `json:"since"` // nothing is known of the time before; zero: that is not said
	Rows  []DutyRow `json:"rows"`
}

// DutyReport says what people did on call. query is the API's: from, to, person, by.
func (c *Client) DutyReport(ctx context.Context, query url.Values) (report DutyReport, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/duty-report", query, nil)
	if err != nil {
		return report, nil, err
	}
	err = decode("duty report", raw, &report)
	return report, raw, err
}

// DutyTable is the duty report as a table for a spreadsheet; query says in which format.
func (c *Client) DutyTable(ctx context.Context, query url.Values) ([]byte, error) {
	return c.sheet(ctx, "/api/v1/duty-report", query)
}

// TicketsSheet is a list of tickets as a sheet.
func (c *Client) TicketsSheet(ctx context.Context, q Query) ([]byte, error) {
	return c.sheet(ctx, "/api/v1/tickets", q.values())
}

// ProofPage is the page that proves a ticket, in a language; empty: the client's.
func (c *Client) ProofPage(ctx context.Context, number, language string) ([]byte, error) {
	return c.file(ctx, "/api/v1/tickets/"+url.PathEscape(number)+"/proof", "text/html", language)
}

// sheet asks for CSV.
func (c *Client) sheet(ctx context.Context, path string, query url.Values) ([]byte, error) {
	return c.file(ctx, path+"?"+query.Encode(), "text/csv", "")
}

// file asks for what is no JSON.
func (c *Client) file(ctx context.Context, path, kind, language string) ([]byte, error) {
	req, err := c.request(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("client: GET %s: %w", path, err)
	}
	req.Header.Set("Accept", kind)
	if language != "" {
		req.Header.Set("Accept-Language", language)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(c.base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, unreachable(c.base, err)
	case len(text) > maxReply:
		return nil, fmt.Errorf("client: GET %s: the answer is longer than %d bytes", path, maxReply)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) {
		return nil, refused(resp, text)
	}
	return text, nil
}
