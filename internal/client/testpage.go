package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// TestPage is what became of a person's last test page.
type TestPage struct {
	ID     string    `json:"id"`
	Person string    `json:"person"`
	At     time.Time `json:"at"`
	Pages  []TestTry `json:"pages"`

	Raw json.RawMessage `json:"-"` // the whole answer
}

// TestTry is one message of it. State is sending, sent, delivered, undelivered,
// failed or unknown.
type TestTry struct {
	Channel    string    `json:"channel"`
	Address    string    `json:"address"`
	Provider   string    `json:"provider"`
	ProviderID string    `json:"provider_id"`
	State      string    `json:"state"`
	Error      string    `json:"error"`
	ReceiptAt  time.Time `json:"receipt_at"`
	Receipts   bool      `json:"receipts"` // one is to come
}

// SendTest pages a person by a channel, or by all if that is empty, and
// returns what the providers answered.
func (c *Client) SendTest(ctx context.Context, person, channel string) (TestPage, error) {
	body := struct {
		Channel string `json:"channel,omitempty"`
	}{channel}
	data, err := c.do(ctx, http.MethodPost, testPath(person), nil, body)
	return testOf(data, err)
}

// LastTest is the person's last test page, with the receipts that have come.
func (c *Client) LastTest(ctx context.Context, person string) (TestPage, error) {
	data, err := c.do(ctx, http.MethodGet, testPath(person), nil, nil)
	return testOf(data, err)
}

func testPath(person string) string { return "/api/v1/people/" + url.PathEscape(person) + "/test" }

func testOf(data json.RawMessage, err error) (TestPage, error) {
	if err != nil {
		return TestPage{}, err
	}
	t := TestPage{Raw: data}
	return t, decode("test page", data, &t)
}
