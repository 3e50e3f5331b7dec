package twilio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/astreinte/astreinte/paging"
)

// Validity is how long an SMS may wait in Twilio's queue. Twilio takes 1 s to
// 36000 s, and 36000 s is its default. A page that comes hours late wakes
// somebody for nothing. What expired comes back as 30036, Transient, and the
// outbox sends it again if it is still wanted.
const Validity = paging.PageLife

// timeout bounds a call whose context is more patient.
const timeout = 30 * time.Second

// Send orders one SMS. A 201 is Accepted even if its body cannot be read: the
// id is then empty, and the receipts carry the page's key.
func (s *Sender) Send(ctx context.Context, m paging.Message) paging.Result {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c := &call{ctx: ctx, sender: s}
	// The handler is made by hand: with the library's constructor, environment
	// variables could move the API elsewhere.
	api := openapi.NewApiService(&client.RequestHandler{Client: c})
	message, err := api.CreateMessage(s.order(m))
	if c.status == 0 && c.err == nil {
		c.err = err
	}
	return c.result(message)
}

func (s *Sender) order(m paging.Message) *openapi.CreateMessageParams {
	p := (&openapi.CreateMessageParams{}).
		SetTo(m.To).
		SetBody(m.Text).
		SetValidityPeriod(int(Validity / time.Second))
	if s.service != "" {
		p.SetMessagingServiceSid(s.service)
	}
	if s.from != "" {
		p.SetFrom(s.from)
	}
	if s.callback != "" {
		p.SetStatusCallback(s.callback +
			"?page=" + url.QueryEscape(m.Key.String()) + "&source=" + url.QueryEscape(m.Source))
	}
	return p
}

// result sorts the answer. message is what the library read of a success; nil
// if it could not read it.
func (c *call) result(message *openapi.ApiV2010Message) paging.Result {
	if c.status == 0 {
		return c.failed()
	}
	if c.status < 200 || c.status > 299 {
		return c.refused()
	}
	if message == nil {
		message = &openapi.ApiV2010Message{}
	}
	if code := deref(message.ErrorCode); code != 0 {
		return paging.Result{
			Class: Classify(code, 0), Code: strconv.Itoa(code), Known: isKnown(code), Detail: c.quote(deref(message.ErrorMessage)),
		}
	}
	sid := deref(message.Sid)
	if c.status != http.StatusCreated && sid == "" {
		// It is not Twilio's answer, but perhaps that of a portal on the way.
		return paging.Result{Class: paging.OutcomeUnknown, Code: paging.HTTPCode(c.status), Detail: c.quote(string(c.body))}
	}
	return paging.Result{Class: paging.Accepted, ProviderID: paging.BoundID(sid)}
}

// refused is the result for an answer that is no success: Twilio's JSON or a
// proxy's HTML.
func (c *call) refused() paging.Result {
	var said client.TwilioRestError
	if json.Unmarshal(c.body, &said) != nil || said.Message == "" {
		said.Message = string(c.body)
	}
	r := paging.Result{
		Class:  Classify(said.Code, c.status),
		Code:   paging.HTTPCode(c.status),
		Detail: c.quote(said.Message),
		// Twilio's 20429 comes with that status, and other codes may do so too.
		TooFast: c.status == http.StatusTooManyRequests || said.Code == tooManyRequests,
	}
	if said.Code != 0 {
		r.Code, r.Known = strconv.Itoa(said.Code), isKnown(said.Code)
	}
	if r.Class == paging.Transient {
		r.RetryAfter = paging.RetryAfter(c.header, time.Now())
	}
	return r
}

// failed is the result for a call without an answer. It depends on whether the
// order can have arrived.
func (c *call) failed() paging.Result {
	r := paging.Result{Class: paging.Transient, Code: "connect"}
	if c.left {
		r.Class, r.Code = paging.OutcomeUnknown, "connection_lost"
	}
	var dns *net.DNSError
	switch timed := net.Error(nil); {
	case errors.Is(c.err, context.Canceled):
		r.Code = "cancelled"
	case errors.Is(c.err, context.DeadlineExceeded), errors.As(c.err, &timed) && timed.Timeout():
		r.Code = "timeout"
	case errors.As(c.err, &dns):
		r.Code = "dns"
	}
	err := c.err
	if about := (*url.Error)(nil); errors.As(err, &about) {
		err = about.Err // without the address
	}
	r.Detail = c.quote(err.Error())
	return r
}

// quote makes somebody else's words fit to keep: on one line, bounded, quoted,
// and without our secret.
func (c *call) quote(words string) string {
	secret := string(*c.sender.token)
	basic := base64.StdEncoding.EncodeToString([]byte(c.sender.account + ":" + secret))
	return paging.Quote(words, secret, basic)
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
