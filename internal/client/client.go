package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	timeout  = 30 * time.Second // of one request, its answer read
	maxReply = 64 << 20         // bytes of an answer
)

// Options say which daemon, and by which right.
type Options struct {
	URL   string // absolute, http or https, with or without a path
	Token string
	// Language is what the daemon is asked to answer in: a language tag, or a
	// locale as in $LANG. Empty, or one that it has not: English.
	Language string
	HTTP     *http.Client // nil: one with a timeout of 30 s
}

// Client makes requests to one daemon. It is safe for concurrent use.
type Client struct {
	base     string
	token    string
	language string
	http     *http.Client
}

// New checks the options. It asks nothing of the daemon.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("the daemon's URL is no absolute address: write it as https://astreinte.example.net")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the daemon's URL has nothing before an @, no ? and no #: the token is given by itself")
	case o.Token == "":
		return nil, errors.New("no API token")
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return nil, errors.New("the API token has a space or a character that no token has")
	}
	c := &Client{base: strings.TrimRight(o.URL, "/"), token: o.Token, language: languageTag(o.Language), http: o.HTTP}
	if c.http == nil {
		c.http = &http.Client{Timeout: timeout}
	}
	return c, nil
}

// Error is an answer of the API that is no success.
type Error struct {
	Status  int    // of HTTP
	Code    string // the API's word for it: not_found, state, unauthorized, …; empty if something else answered
	Message string // what to tell the person
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// do makes one request and returns the body of its answer.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body any) (json.RawMessage, error) {
	data, _, err := c.exchange(ctx, method, path, query, body, nil)
	return data, err
}

// exchange makes one request with more headers, and returns its answer's too.
func (c *Client) exchange(ctx context.Context, method, path string, query url.Values, body any, more http.Header) (json.RawMessage, http.Header, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := c.request(ctx, method, target, body)
	if err != nil {
		return nil, nil, fmt.Errorf("client: %s %s: %w", method, path, err)
	}
	for name, values := range more {
		req.Header[name] = values
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, unreachable(c.base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, nil, unreachable(c.base, err)
	case len(data) > maxReply:
		return nil, nil, fmt.Errorf("client: %s %s: the answer is longer than %d bytes", method, path, maxReply)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, nil, refused(resp, data)
	}
	return data, resp.Header, nil
}

func (c *Client) request(ctx context.Context, method, target string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Astreinte-Via", "cli") // a person typed
	if c.language != "" {
		req.Header.Set("Accept-Language", c.language)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// languageTag makes "fr-FR" of the locale "fr_FR.UTF-8@euro", and nothing of
// what is no language.
func languageTag(locale string) string {
	tag, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), ".")
	tag, _, _ = strings.Cut(tag, "@")
	strange := func(r rune) bool {
		return r != '-' && (r < '0' || r > 'z' || (r > '9' && r < 'A') || (r > 'Z' && r < 'a'))
	}
	if len(tag) < 2 || len(tag) > 35 || strings.ContainsFunc(tag, strange) || tag == "POSIX" {
		return ""
	}
	return tag
}

// unreachable drops what url.Error repeats: the method and the whole address.
func unreachable(base string, err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("no daemon answers at %s (start it, or check the URL): %w", base, err)
}

// refused reads an error in the API's shape, or says what answered instead.
func refused(resp *http.Response, data []byte) error {
	var shape struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &shape) == nil && shape.Error.Message != "" {
		if shape.Error.Code == "no_such_path" {
			shape.Error.Message = "Astreinte answers here, but not with its API: where the daemon has a server.private_listen, give that address as --url or ASTREINTE_URL"
		}
		return &Error{Status: resp.StatusCode, Code: shape.Error.Code, Message: shape.Error.Message}
	}
	return &Error{Status: resp.StatusCode, Message: notOurs(resp)}
}

// notOurs describes an answer that this API does not give.
func notOurs(resp *http.Response) string {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "no content type"
	}
	return fmt.Sprintf("%s (%s): that is not Astreinte's API; check the URL", resp.Status, kind)
}

// decode reads an answer of the API into a value of ours.
func decode(what string, data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("client: %s: the answer is not Astreinte's API's; check the URL: %w", what, err)
	}
	return nil
}
