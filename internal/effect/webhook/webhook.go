// Package webhook tells a web server what happens to tickets, by a POST that is
// signed: the receiver of effects whose name is webhook/NAME.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/ticket"
)

// SignatureHeader carries t=SECONDS,v1=HEX: the time of sending, and the
// HMAC-SHA256 of that time, a dot and the body, by the webhook's secret.
const SignatureHeader = "X-Astreinte-Signature"

const (
	timeout    = 10 * time.Second
	answerRead = 64 << 10 // of the answer, so that its connection can be used again
	// idleConnections are kept to each host.
	idleConnections = 4
)

// Config is what a Sender needs. All are required but HTTP and UserAgent.
type Config struct {
	URL    string
	Secret string
	// Body is what an effect says, the same at each try.
	Body func(e *ticket.Effect) ([]byte, error)
	Now  func() time.Time
	// HTTP carries the requests; nil: http.DefaultTransport. Redirects are not followed.
	HTTP      http.RoundTripper
	UserAgent string
}

// Transport is the way to webhooks over the network.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: timeout}).DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
		MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: answerRead, ForceAttemptHTTP2: true,
	}
}

// Sender posts effects to one address.
type Sender struct {
	c    Config
	http *http.Client
}

var _ effect.Receiver = (*Sender)(nil)

// New makes a Sender.
func New(c Config) *Sender {
	return &Sender{c: c, http: &http.Client{
		Transport: c.HTTP, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send posts an effect once (effect.Receiver). Taken is what any 2xx answers; 410
// ends the effect; anything else is tried again, a redirect too, which could lead
// anywhere.
func (s *Sender) Send(ctx context.Context, e *ticket.Effect) effect.Result {
	body, err := s.c.Body(e)
	if err != nil {
		return effect.Result{Class: effect.Never, Error: "it cannot be written: " + err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.c.URL, bytes.NewReader(body))
	if err != nil {
		return effect.Result{Class: effect.Never, Error: "its address is none"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, Sign(s.c.Secret, s.c.Now(), body))
	if s.c.UserAgent != "" {
		req.Header.Set("User-Agent", s.c.UserAgent)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return effect.Result{Class: effect.Again, Error: plain(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, answerRead) // whatever it says
	switch {
	case resp.StatusCode/100 == 2:
		return effect.Result{Class: effect.Taken}
	case resp.StatusCode == http.StatusGone:
		return effect.Result{Class: effect.Never, Error: status(resp)}
	}
	return effect.Result{Class: effect.Again, Error: status(resp), After: after(resp)}
}

// Sign is the value of SignatureHeader for a body that is sent at a time.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(t + ".")) // it never fails
	_, _ = mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

func status(resp *http.Response) string {
	text := fmt.Sprintf("HTTP %d", resp.StatusCode)
	if resp.StatusCode/100 == 3 {
		text += ": redirects are not followed"
	}
	return text
}

// after is what the answer asks for in seconds; 0 if it does not.
func after(resp *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// plain is an error without the address, which may hold a secret.
func plain(err error) string {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() {
		return "no answer in time"
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "its host is not found"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return "no connection: " + op.Err.Error()
	}
	return err.Error()
}
