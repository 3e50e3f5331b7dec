package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// AuditLine is one change: who made it, when, from what to what.
type AuditLine struct {
	At    time.Time                  `json:"at"`
	Who   string                     `json:"who"`
	Via   string                     `json:"via"`
	About string                     `json:"about"`
	Of    string                     `json:"of"`
	What  string                     `json:"what"`
	From  map[string]json.RawMessage `json:"from"`
	To    map[string]json.RawMessage `json:"to"`
}

// Audit lists who changed what, the newest first. query is the API's: about, of,
// since, limit, cursor.
func (c *Client) Audit(ctx context.Context, query url.Values) (lines []AuditLine, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, "/api/v1/audit", query, nil)
	if err != nil {
		return nil, nil, err
	}
	var body struct{ Lines []AuditLine }
	err = decode("audit log", raw, &body)
	return body.Lines, raw, err
}
