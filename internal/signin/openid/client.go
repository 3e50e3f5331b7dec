package openid

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// askTimeout bounds each question to a provider, and finishTakes all that one sign-in asks:
// for a token, in one way or the other, and for the keys.
const askTimeout, finishTakes = 10 * time.Second, 15 * time.Second

// atOnce is how many questions are asked of a provider at once: who comes then is
// told to come again, so that a flood of sign-ins is no flood of questions.
const atOnce = 8

// newClient asks a provider: bounded in time and in size, and never led elsewhere.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxConnsPerHost: atOnce, MaxResponseHeaderBytes: ticket.MaxAnswerHeader, IdleConnTimeout: time.Minute}
	}
	return &http.Client{
		Timeout: askTimeout, Transport: bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errLed },
	}
}

var errLed = errors.New("the identity provider leads elsewhere")

// bounded reads no more of an answer than ticket.MaxProviderAnswer.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	w, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("openid: %w", err)
	}
	w.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(w.Body, ticket.MaxProviderAnswer), w.Body}
	return w, nil
}

// short is foreign text as it may stand in an error.
func short(s string) string { return ticket.Logged(s) }
