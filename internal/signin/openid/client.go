package openid

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// askTimeout bounds each question to a provider.
const askTimeout = 10 * time.Second

// maxAnswer is how much of a provider's answer is read.
const maxAnswer = 1 << 20

// newClient asks a provider: bounded in time and in size, and never led elsewhere.
func newClient() *http.Client {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		transport = &http.Transport{}
	}
	transport = transport.Clone()
	transport.ResponseHeaderTimeout = askTimeout
	transport.MaxConnsPerHost = 10
	return &http.Client{
		Timeout: askTimeout, Transport: bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errLed },
	}
}

var errLed = errors.New("the identity provider leads elsewhere")

// bounded reads no more of an answer than maxAnswer.
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
	}{io.LimitReader(w.Body, maxAnswer), w.Body}
	return w, nil
}

// short is foreign text as it may stand in an error.
func short(s string) string { return ticket.Logged(s) }
