package fcm

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// maxAnswer bounds what is read of an answer; FCM's are under 1 KiB.
const maxAnswer = ticket.MaxSendAnswer

// call is one push on the wire: the http.RoundTripper under the SDK's client,
// a new one for each push. It keeps the answer. The SDK would lose its
// Retry-After and, for a 503, all of it.
//
// The SDK repeats a 503 and every network failure up to four times. So the
// call ends the SDK's context at the first failure. The SDK then gives up at
// once, and nobody looks at what it says.
type call struct {
	sender *Sender
	stop   context.CancelFunc // of the SDK's context
	begun  bool               // the SDK accepted the message

	status  int // 0: no answer, because of err
	header  http.Header
	body    []byte
	err     error
	left    bool // with err: the push may have reached FCM
	noToken bool // with err: there is no access token, so the push never left
	bearer  *oauth2.Token
}

// RoundTrip sends the SDK's request, once.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	c.begun = true
	c.converse(req)
	if c.status < 200 || c.status > 299 {
		c.stop()
	}
	if c.status == 0 {
		return nil, c.err
	}
	return &http.Response{
		StatusCode: c.status, Header: c.header, Request: req,
		Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)),
	}, nil
}

// converse sends the push. If FCM refuses the access token, it sends the push
// again with a new one: FCM looks no further at a push with a refused token,
// so nothing is sent twice.
func (c *call) converse(req *http.Request) {
	fresh := c.authorize(req.Context(), nil)
	if c.err != nil {
		return
	}
	c.exchange(req)
	if c.status != http.StatusUnauthorized || fresh || readAnswer(c.body).thirdParty() {
		return
	}
	again := req.Clone(req.Context())
	body, err := req.GetBody()
	if err != nil {
		return
	}
	again.Body = body
	c.status = 0
	c.authorize(req.Context(), c.bearer)
	if c.err != nil {
		return
	}
	c.exchange(again)
}

// authorize gets another token than the refused one. fresh says that it is
// new.
func (c *call) authorize(ctx context.Context, refused *oauth2.Token) (fresh bool) {
	if c.err = ctx.Err(); c.err != nil {
		return false
	}
	c.bearer, fresh, c.err = c.sender.tokens.get(ctx, refused)
	c.noToken = c.err != nil
	return fresh
}

// exchange makes one request and reads its answer.
func (c *call) exchange(req *http.Request) {
	var w paging.Wire
	req = req.Clone(w.Watch(req.Context()))
	c.bearer.SetAuthHeader(req)
	res, err := c.sender.base.RoundTrip(req)
	if err != nil {
		c.err, c.left = err, w.Left(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	c.status, c.header = res.StatusCode, res.Header
	c.body, _ = io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status counts even if the rest is lost
}
