package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/astreinte/astreinte/internal/ticket"
)

// headerRoom is how many bytes of headers are read.
const headerRoom = 32 << 10

var (
	errLed  = errors.New("it leads to no plain address of the web")
	errLoop = errors.New("it leads on and on")
)

// http asks for a page and says the status. Each redirect is judged as the first
// address is, and dialled by the Guard.
func (p *Prober) http(ctx context.Context, address string, expect int) (text string, err error) {
	way := &http.Transport{
		DialContext: p.Guard.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: headerRoom,
		TLSClientConfig: &tls.Config{RootCAs: p.Roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	defer way.CloseIdleConnections()
	client := &http.Client{Transport: way, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		next.URL.Fragment, next.URL.RawFragment = "", "" // of /#/login: no server is told of it
		switch {
		case len(via) > ticket.MaxRedirects:
			return errLoop
		case checkURL(next.URL.String()) != nil:
			return errLed
		}
		next.Header.Del("Referer")
		return nil
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("probe: %w", err)
	}
	req.Header.Set("User-Agent", p.UserAgent)
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, errLoop):
		return "HTTP: " + errLoop.Error(), errStatus
	case errors.Is(err, errLed):
		return "", ErrForbidden
	case err != nil:
		return "", err //nolint:wrapcheck // judge sorts it
	}
	defer func() { _ = resp.Body.Close() }()
	// An answer counts once its body begins to come, or is all there.
	if _, err := io.CopyN(io.Discard, resp.Body, ticket.MaxProbeBody); err != nil && !errors.Is(err, io.EOF) {
		return "", err //nolint:wrapcheck // likewise
	}
	text = fmt.Sprintf("HTTP %d", resp.StatusCode)
	if expect == 0 && resp.StatusCode/100 == 2 || resp.StatusCode == expect {
		return text, nil
	}
	return text, errStatus
}
