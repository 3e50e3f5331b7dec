package webpush

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const (
	timeout    = 30 * time.Second     // of a call whose context is more patient
	tokenHolds = 12 * time.Hour       // a signed token, which may hold 24 hours (RFC 8292, 2)
	maxAnswer  = ticket.MaxPushAnswer // bytes that are read of an answer
	maxID      = ticket.MaxPushID     // bytes that are kept of a message's name
	padTo      = 512                  // a push's length is a multiple of it, so that it tells little
	overhead   = 4096 - MaxPlain
)

// Send pushes one message to one browser. Result.Unregistered says that the
// subscription may be forgotten.
func (s *Sender) Send(ctx context.Context, m paging.Message) paging.Result {
	if m.Push == nil {
		return paging.Result{Class: paging.DeadAddress, Code: "no_subscription"}
	}
	name, err := serviceOf(m.Push.Endpoint, s.allow)
	if err != nil {
		return paging.Result{Class: paging.DeadAddress, Code: "not_allowed", Detail: paging.Quote(err.Error())}
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	keys, err := s.keys(ctx)
	if err != nil {
		return paging.Result{Class: paging.Transient, Code: "no_keys", Detail: paging.Quote(err.Error())}
	}
	c := &call{sender: s, service: name}
	if err := c.push(ctx, keys, &m); err != nil && !c.begun {
		return paging.Result{Class: paging.DeadAddress, Code: "not_encrypted", Detail: paging.Quote(err.Error(), m.Push.Endpoint)}
	}
	result := c.result(m.Push)
	s.note(name, result)
	return result
}

// call is one push on the wire: the client under webpush-go. It keeps the answer, of
// which the library leaves the reading and the bounds to its caller.
type call struct {
	sender  *Sender
	service string
	begun   bool // the library had no objection
	status  int  // 0: no answer, for the reason err
	header  http.Header
	body    []byte
	err     error
	left    bool // with err: the push may have reached its service
}

func (c *call) push(ctx context.Context, keys *Keys, m *paging.Message) error {
	token, err := keys.token(Shown{Source: m.Source, Key: m.Key, Device: m.Device})
	if err != nil {
		return err
	}
	plain, err := text(m, c.sender.public, token, c.sender.now())
	if err != nil {
		return err
	}
	life := m.Life
	if life <= 0 {
		life = paging.PageLife
	}
	answer, err := push.SendNotificationWithContext(ctx, plain,
		&push.Subscription{Endpoint: m.Push.Endpoint, Keys: push.Keys{P256dh: m.Push.P256dh, Auth: m.Push.Auth}},
		&push.Options{
			HTTPClient: c, RecordSize: recordSize(len(plain)), Subscriber: strings.TrimPrefix(c.sender.subject, "mailto:"),
			Topic: topic(m.Key.Ticket), TTL: int(life / time.Second), Urgency: push.UrgencyHigh,
			VAPIDPublicKey: keys.Public(), VAPIDPrivateKey: base64.RawURLEncoding.EncodeToString(keys.private.Bytes()),
			VapidExpiration: time.Now().Add(tokenHolds),
		})
	if answer != nil {
		_ = answer.Body.Close()
	}
	return err
}

// recordSize is the length of the one record of a push that carries so much.
func recordSize(plain int) uint32 {
	size := (plain + overhead + padTo - 1) / padTo * padTo
	return uint32(min(max(size, padTo), int(push.MaxRecordSize)))
}

// Do sends the library's request, once. Redirects are not followed.
func (c *call) Do(req *http.Request) (*http.Response, error) {
	c.begun = true
	var w paging.Wire
	res, err := c.sender.way(c.service).RoundTrip(req.WithContext(w.Watch(req.Context())))
	if err != nil {
		c.err, c.left = err, w.Left(err)
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	c.status, c.header = res.StatusCode, res.Header
	c.body, _ = io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status counts if the rest was lost
	res.Body = io.NopCloser(bytes.NewReader(c.body))
	return res, nil
}

// result sorts the answer.
func (c *call) result(to *paging.Subscription) paging.Result {
	if c.status == 0 {
		return c.failed(to)
	}
	reason, words := said(c.body)
	class := classOf(c.status, reason)
	if class == paging.Accepted {
		return paging.Result{Class: class, ProviderID: messageID(c.header)}
	}
	r := paging.Result{
		Class: class, Code: paging.HTTPCode(c.status), Detail: paging.Quote(words, to.Endpoint, to.Auth), Unregistered: gone(c.status),
		TooFast: c.status == http.StatusTooManyRequests,
	}
	if class == paging.Transient {
		r.RetryAfter = paging.RetryAfter(c.header, time.Now())
	}
	return r
}

// messageID is the name that a push service gave the message: the end of its
// Location (RFC 8030, 5), which is an address of its own.
func messageID(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil {
		return ""
	}
	id := path.Base(u.Path)
	if id == "." || id == "/" {
		return ""
	}
	return ticket.Cut(id, maxID)
}

// failed sorts a call without an answer by whether the push can have arrived.
func (c *call) failed(to *paging.Subscription) paging.Result {
	detail := paging.Quote(wordsOf(c.err), to.Endpoint)
	switch {
	case errors.Is(c.err, errInside):
		return paging.Result{Class: paging.DeadAddress, Code: "inside", Detail: detail}
	case c.left:
		return paging.Result{Class: paging.OutcomeUnknown, Code: networkCode(c.err, "connection_lost"), Detail: detail}
	}
	return paging.Result{Class: paging.Transient, Code: networkCode(c.err, "connect"), Detail: detail}
}

func networkCode(err error, other string) string {
	var dns *net.DNSError
	switch timed := net.Error(nil); {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "dns"
	}
	return other
}

// wordsOf is what an error says, without the address it is about.
func wordsOf(err error) string {
	if about := (*url.Error)(nil); errors.As(err, &about) {
		err = about.Err
	}
	return fmt.Sprint(err)
}
