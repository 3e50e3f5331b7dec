package upstream

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	timeout = 10 * time.Second
	// maxAnswer is the most that is read of an answer: a list of a large tool.
	maxAnswer = ticket.MaxToolAnswer
	// maxSaid is the most that is kept of what a tool says of an error.
	maxSaid = ticket.MaxToolError
	// idleConnections are kept to a tool.
	idleConnections = 4
)

// Options say where a tool is, and who asks. URL is required.
type Options struct {
	URL      string // absolute, without a query
	User     string // for basic authentication; empty: none
	Password string
	Token    string         // for those tools that take one
	Roots    *x509.CertPool // who signs the tool's certificate; nil: the system's
	// HTTP carries the requests; nil: connections of its own.
	HTTP      http.RoundTripper
	UserAgent string
}

// Client makes requests to one tool. It is safe for concurrent use.
type Client struct {
	base string
	o    Options
	http *http.Client
	// authorization is that header; empty: it says Options.User, if there is one.
	authorization string
}

// NewClient makes a Client.
func NewClient(o Options) *Client {
	way := o.HTTP
	if way == nil {
		way = &http.Transport{
			Proxy:       http.ProxyFromEnvironment,
			DialContext: (&net.Dialer{Timeout: timeout}).DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
			TLSClientConfig:     &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: ticket.MaxAnswerHeader, ForceAttemptHTTP2: true,
		}
	}
	return &Client{
		base: strings.TrimRight(o.URL, "/"), o: o,
		http: &http.Client{
			Transport: way, Timeout: timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close gives up connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Error is what a tool answered that did not do what it was asked.
type Error struct {
	Status int    // of HTTP; 0: it was answered, and says no in its body
	Said   string // in its own words, cut; may be empty
	// Never says that asking again changes nothing.
	Never bool
}

// Error tells the status and the tool's words.
func (e *Error) Error() string {
	switch {
	case e.Status == 0:
		return e.Said
	case e.Said == "":
		return fmt.Sprintf("HTTP %d", e.Status)
	}
	return fmt.Sprintf("HTTP %d: %s", e.Status, e.Said)
}

// IsNever says whether an error is one that asking again does not change.
func IsNever(err error) bool {
	var said *Error
	return errors.As(err, &said) && said.Never
}

// request is one call of a tool.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	body         any // becomes JSON; nil: none
}

// answer is what came back, whatever its status.
type answer struct {
	status int
	body   []byte
}

// do makes a request. The error says that there is no whole answer; a status that
// tells of a failure is none.
func (c *Client) do(ctx context.Context, r request) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body io.Reader = http.NoBody
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return a, fmt.Errorf("upstream: a request cannot be written: %w", err)
		}
		body = bytes.NewReader(text)
	}
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return a, &Error{Said: "its address is none", Never: true}
	}
	c.dress(req, r)
	resp, err := c.http.Do(req)
	if err != nil {
		return a, unnamed(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	a.status = resp.StatusCode
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return a, unnamed(ctx, err)
	}
	if len(a.body) > maxAnswer {
		return a, &Error{Said: fmt.Sprintf("its answer has more than %d bytes", maxAnswer)}
	}
	if values(a.body) > ticket.MaxToolValues {
		return a, &Error{Said: fmt.Sprintf("its answer has more than %d values", ticket.MaxToolValues)}
	}
	return a, nil
}

// values is about how many values an answer in JSON has: each takes many times the three
// bytes that it may be written in.
func values(body []byte) (n int) {
	for _, mark := range []string{",", "{", "["} {
		n += bytes.Count(body, []byte(mark))
	}
	return n
}

func (c *Client) dress(req *http.Request, r request) {
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.o.UserAgent != "" {
		req.Header.Set("User-Agent", c.o.UserAgent)
	}
	switch {
	case c.authorization != "":
		req.Header.Set("Authorization", c.authorization)
	case c.o.User != "":
		req.SetBasicAuth(c.o.User, c.o.Password)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
}

// ok reads the JSON of an answer of 2xx into out, if out is not nil.
func (a *answer) ok(out any) error {
	if a.status/100 != 2 {
		return a.refused("")
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return &Error{Said: "what it answers is not what this tool answers: is the address right?"}
	}
	return nil
}

// refused is the error of an answer. What the tool said is in its body, where nothing
// else is known.
func (a *answer) refused(said string) *Error {
	if a.status/100 == 3 {
		said = "redirects are not followed"
	}
	if said == "" {
		said = saidIn(a.body)
	}
	return &Error{Status: a.status, Said: ticket.Cut(said, maxSaid), Never: never(a.status)}
}

// never says which statuses asking again does not change. A wrong password, missing
// rights, and an address that is no API yet can be mended within a day.
func never(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusProxyAuthRequired,
		http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status/100 == 4
}

// saidIn is what a tool says of an error in JSON: in one of the members that tools have
// for that, or as a string.
func saidIn(body []byte) string {
	var text string
	if json.Unmarshal(body, &text) == nil {
		return text
	}
	var has map[string]any
	if json.Unmarshal(body, &has) != nil {
		return ""
	}
	for _, name := range []string{"detail", "status", "title", "message", "error"} {
		if text, ok := has[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// unnamed is an error without the address.
func unnamed(ctx context.Context, err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	var network net.Error
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return errors.New("no answer in time")
	case errors.As(err, &dns):
		return errors.New("its host is not found")
	case errors.As(err, &op):
		return fmt.Errorf("no connection: %w", op.Err)
	}
	return errors.New(ticket.Cut(err.Error(), ticket.MaxEffectError))
}
