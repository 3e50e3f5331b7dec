package imported

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// fetchTakes is how long a calendar may take, from asking to its last byte.
	fetchTakes = 30 * time.Second
	// mostRedirects are those that are followed, to the same host.
	mostRedirects = ticket.MaxCalendarRedirects
)

var (
	errTooLarge = errors.New("it names more than can be kept: ask for a calendar of this group alone")
	errThin     = errors.New("it names nobody for most of the hours of the coming week in which it named somebody: what it said before holds until that is over, or the address is changed")
	errEmpty    = errors.New("it names nobody any more: what it said before holds until that is over, or the address is changed")
	errElse     = errors.New("it leads to another host: write that address, if it is right")
)

// Transport are connections to calendars.
func Transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: fetchTakes, MaxResponseHeaderBytes: ticket.MaxAnswerHeader, MaxIdleConns: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
}

// host is what may be said of an address: the rest of it may be a secret.
func (s *Source) host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// get asks for a calendar. What it says of an error names no address.
func (k *Keeper) get(ctx context.Context, s *Source) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTakes)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		return nil, errors.New("its address is none")
	}
	r.Header.Set("User-Agent", k.UserAgent)
	r.Header.Set("Accept", "text/calendar, */*;q=0.1")
	switch {
	case s.Token != "":
		r.Header.Set("Authorization", "Bearer "+s.Token)
	case s.User != "":
		r.SetBasicAuth(s.User, s.Password)
	}
	client := http.Client{Transport: k.HTTP, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if next.URL.Host != r.URL.Host || next.URL.Scheme != r.URL.Scheme {
			return errElse
		}
		if len(via) > mostRedirects {
			return fmt.Errorf("it leads on more than %d times", mostRedirects)
		}
		return nil
	}}
	answer, err := client.Do(r)
	if err != nil {
		return nil, unnamed(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %d", answer.StatusCode)
	}
	// The body is unpacked already, if it came packed.
	body, err := io.ReadAll(io.LimitReader(answer.Body, ticket.MaxCalendarBody+1))
	if err != nil {
		return nil, unnamed(ctx, err)
	}
	if len(body) > ticket.MaxCalendarBody {
		return nil, fmt.Errorf("it has more than %d bytes", ticket.MaxCalendarBody)
	}
	return body, nil
}

// unnamed is an error without the address, which may be a secret.
func unnamed(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", fetchTakes)
	}
	if at := (*url.Error)(nil); errors.As(err, &at) {
		err = at.Err
	}
	return errors.New(ticket.Cut(err.Error(), ticket.MaxEffectError))
}
