package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Recheck is how a re-check of a ticket stands. Text says it in the caller's language.
type Recheck struct {
	State  string `json:"state"`  // none, checking or answered
	Result string `json:"result"` // down, back or unclear
	Text   string `json:"text"`
}

// AskRecheck has a ticket checked again. The ticket's Recheck is empty if nothing can be
// asked about it: then what was last heard was written down.
func (c *Client) AskRecheck(ctx context.Context, number, person string) (t Ticket, is Recheck, err error) {
	data, err := c.do(ctx, http.MethodPost, recheckPath(number), nil, map[string]string{"person": person})
	if err != nil {
		return t, is, err
	}
	var has struct {
		Recheck Recheck `json:"recheck"`
	}
	if err := decode("the re-check", data, &has); err != nil {
		return t, is, err
	}
	if err = decode("the ticket", data, &t); err == nil {
		t.Raw = data
	}
	return t, has.Recheck, err
}

// AwaitRecheck waits for the answer, for so long.
func (c *Client) AwaitRecheck(ctx context.Context, number string, wait time.Duration) (is Recheck, raw json.RawMessage, err error) {
	raw, err = c.do(ctx, http.MethodGet, recheckPath(number), url.Values{"wait": {wait.String()}}, nil)
	if err == nil {
		err = decode("the re-check", raw, &is)
	}
	return is, raw, err
}

func recheckPath(number string) string {
	return "/api/v1/tickets/" + url.PathEscape(number) + "/recheck"
}
