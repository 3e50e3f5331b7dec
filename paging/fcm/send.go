package fcm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"github.com/astreinte/astreinte/paging"
)

// timeout bounds a call whose context is more patient.
const timeout = 30 * time.Second

// Send pushes one message to one device. Result.Unregistered says that the
// token may be forgotten.
func (s *Sender) Send(ctx context.Context, m paging.Message) paging.Result {
	if m.To == "" {
		return paging.Result{Class: paging.DeadAddress, Code: "no_token"}
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	c := &call{sender: s, stop: stop}
	client, err := s.client(ctx, c)
	if err != nil {
		return c.unsendable(err)
	}
	name, err := client.Send(ctx, push(m, time.Now()))
	switch {
	case !c.begun:
		return c.unsendable(err)
	case c.status == 0:
		return c.failed()
	case c.status >= 200 && c.status <= 299:
		return c.taken(name)
	}
	return c.refused()
}

// client returns the SDK's client over one call. It costs little: it holds
// only the call and the project's name.
func (s *Sender) client(ctx context.Context, c *call) (*messaging.Client, error) {
	options := []option.ClientOption{option.WithHTTPClient(&http.Client{
		Transport:     c,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})}
	if s.endpoint != "" {
		options = append(options, option.WithEndpoint(s.endpoint))
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: s.project}, options...)
	if err != nil {
		return nil, err
	}
	return app.Messaging(ctx)
}

// unsendable is the result for a message that the SDK would not send: a bug of
// ours.
func (c *call) unsendable(err error) paging.Result {
	return paging.Result{Class: paging.DeadAccount, Code: "invalid_message", Detail: c.quote(err.Error())}
}

// taken is the result for a success. If the message has no name, the answer is
// not FCM's, but perhaps that of a portal on the way.
func (c *call) taken(name string) paging.Result {
	if name == "" {
		return paging.Result{Class: paging.OutcomeUnknown, Code: paging.HTTPCode(c.status), Detail: c.quote(string(c.body))}
	}
	return paging.Result{Class: paging.Accepted, ProviderID: paging.BoundID(name)}
}

// refused is the result for an answer that is no success: FCM's JSON or a
// proxy's HTML.
func (c *call) refused() paging.Result {
	a := readAnswer(c.body)
	class, gone := a.classify(c.status)
	r := paging.Result{Class: class, Code: a.code, Known: a.known(), Detail: c.quote(a.message), Unregistered: gone, TooFast: a.tooFast(c.status)}
	if r.Code == "" {
		r.Code = paging.HTTPCode(c.status)
	}
	if class == paging.Transient {
		r.RetryAfter = paging.RetryAfter(c.header, time.Now())
		if r.RetryAfter == 0 && c.status == http.StatusTooManyRequests {
			r.RetryAfter = quotaPause
		}
	}
	return r
}

// failed is the result for a call without an answer. It depends on whether the
// push can have arrived.
func (c *call) failed() paging.Result {
	if c.noToken {
		return c.unauthorized()
	}
	r := paging.Result{Class: paging.Transient, Code: networkCode(c.err, "connect"), Detail: c.quote(words(c.err))}
	if c.left {
		r.Class, r.Code = paging.OutcomeUnknown, networkCode(c.err, "connection_lost")
	}
	return r
}

// unauthorized is the result for a push that never left, because there was no
// access token. If the key was refused, the account is dead. A failing token
// endpoint will recover.
func (c *call) unauthorized() paging.Result {
	status, header, code, text, answered := tokenRefusal(c.err)
	if !answered {
		return paging.Result{Class: paging.Transient, Code: "oauth_" + networkCode(c.err, "failed"), Detail: c.quote(words(c.err))}
	}
	if code == "" {
		code = paging.HTTPCode(status)
	}
	r := paging.Result{Class: paging.DeadAccount, Code: "oauth_" + code, Detail: c.quote(text)}
	if byStatus(status) == paging.Transient {
		r.Class, r.RetryAfter, r.TooFast = paging.Transient, paging.RetryAfter(header, time.Now()), status == http.StatusTooManyRequests
	}
	return r
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

// words is what an error says, without the address in it.
func words(err error) string {
	if about := (*url.Error)(nil); errors.As(err, &about) {
		err = about.Err
	}
	return err.Error()
}

// quote makes somebody else's words fit to keep: on one line, bounded, quoted,
// and without our access token.
func (c *call) quote(words string) string {
	if c.bearer == nil {
		return paging.Quote(words)
	}
	return paging.Quote(words, c.bearer.AccessToken)
}
