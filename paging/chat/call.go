package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// answerRead is what is read of an answer.
const answerRead = ticket.MaxSendAnswer

// Transport is the way to products over the network.
func Transport() *http.Transport {
	const timeout = 10 * time.Second
	return &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: timeout}).DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
		MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: answerRead, ForceAttemptHTTP2: true,
	}
}

// caller asks a product. Redirects are not followed: they would carry a token
// elsewhere.
type caller struct {
	http  *http.Client
	token string // empty: the address is the secret
	agent string
}

func newCaller(way http.RoundTripper, token, agent string) caller {
	return caller{token: token, agent: agent, http: &http.Client{
		Transport:     way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a product said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a body as JSON. Its error is a *Refusal, without the address, which may be
// a secret.
func (c *caller) ask(ctx context.Context, method, address string, body any) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, &Refusal{Code: "unwritable", Final: true}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(text))
	if err != nil {
		return answer{}, &Refusal{Code: "no_address", Advice: "its address is none"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.agent != "" {
		req.Header.Set("User-Agent", c.agent)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, unanswered(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, answerRead)); err != nil {
		return a, unanswered(err)
	}
	return a, nil
}

// refusal is that of a status that says nothing else.
func (a *answer) refusal() *Refusal {
	r := &Refusal{Code: fmt.Sprintf("http_%d", a.status)}
	switch {
	case a.status == http.StatusTooManyRequests:
		r.TooFast, r.After = true, a.after()
	case a.status/100 == 3:
		r.Advice = "redirects are not followed: write the address that it leads to"
	}
	return r
}

// after is how long the answer asks to wait, in seconds.
func (a *answer) after() time.Duration {
	for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
		if seconds, err := strconv.ParseUint(a.header.Get(name), 10, 16); err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}

// unanswered says what kept an answer away.
func unanswered(err error) *Refusal {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	var network net.Error
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &Refusal{Code: "timeout", Advice: "no answer in time"}
	case errors.As(err, &dns):
		return &Refusal{Code: "no_host", Advice: "its host is not found"}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return &Refusal{Code: "no_connection", Advice: err.Error()}
}
