package twilio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// maxAnswer bounds what is read of an answer; a message is about 1 KiB.
const maxAnswer = ticket.MaxSendAnswer

// errRefused ends the client library's work on an answer that is no success.
// The call has already kept what matters.
var errRefused = errors.New("refused")

// call is one HTTP call under Twilio's client library. The library asks for a
// client.BaseClient and knows no contexts, so each call has its own. It keeps
// the answer, whatever the library does with it.
type call struct {
	ctx    context.Context
	sender *Sender

	status int // 0: no answer, because of err
	header http.Header
	body   []byte
	err    error
	left   bool // with err: the request may have reached Twilio
}

var _ client.BaseClient = (*call)(nil)

// AccountSid is the account that the library puts in the path.
func (c *call) AccountSid() string { return c.sender.account }

// SetTimeout does nothing: the context bounds the call.
func (c *call) SetTimeout(time.Duration) {}

// SetOauth does nothing: calls are authenticated by the auth token.
func (c *call) SetOauth(client.OAuth) {}

// OAuth is nil.
func (c *call) OAuth() client.OAuth { return nil }

// SendRequest makes the one request of this call. The response that it returns
// is already read and closed. The error only says that there is none, or no
// success: the call keeps the reason.
func (c *call) SendRequest(method, rawURL string, data url.Values,
	headers map[string]any, _ ...byte,
) (*http.Response, error) {
	if c.err = c.ctx.Err(); c.err != nil {
		return nil, c.err
	}
	var w paging.Wire
	req, err := c.request(w.Watch(c.ctx), method, rawURL, data, headers)
	if err != nil {
		c.err = err
		return nil, err
	}
	res, err := c.sender.http.Do(req)
	if err != nil {
		c.err, c.left = err, w.Left(err)
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	c.status, c.header = res.StatusCode, res.Header
	c.body, _ = io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status counts even if the rest is lost
	if c.status < 200 || c.status > 299 {
		return nil, errRefused
	}
	return &http.Response{StatusCode: c.status, Header: c.header, Body: io.NopCloser(bytes.NewReader(c.body))}, nil
}

func (c *call) request(ctx context.Context, method, rawURL string, data url.Values, headers map[string]any) (*http.Request, error) {
	s := c.sender
	target := s.base + strings.TrimPrefix(rawURL, defaultBaseURL)
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(data.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	for name, value := range headers {
		req.Header.Set(name, fmt.Sprint(value))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "astreinte")
	req.SetBasicAuth(s.account, string(*s.token))
	return req, nil
}
