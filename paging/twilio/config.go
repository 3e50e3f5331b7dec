package twilio

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// defaultBaseURL is Twilio's API.
const defaultBaseURL = "https://api.twilio.com"

// Secret is a text that prints as stars.
type Secret = paging.Secret

// Config is one Twilio account and the way back from it.
type Config struct {
	AccountSID string
	AuthToken  Secret

	// MessagingServiceSID or From says who sends: a service (MG…), which picks
	// one of its numbers, or a number, short code or name. If both are given, it
	// is that number of that service.
	MessagingServiceSID string
	From                string

	// BaseURL is the address of the API, with or without a path, without a query;
	// empty: Twilio's.
	BaseURL string

	// PublicURL is the daemon's address as Twilio sees it. Signatures cover it,
	// so with a wrong one every webhook is refused.
	PublicURL string

	// StatusCallbacks asks Twilio for receipts, at PublicURL. Twilio refuses an
	// order whose callback it cannot reach (21609: a host with an underscore,
	// localhost). So it is for public addresses only.
	StatusCallbacks bool

	// HTTP carries the calls; nil: a new client. Redirects are never followed.
	HTTP *http.Client
}

// check returns all that is wrong with the configuration.
func (c *Config) check() error {
	var errs []error
	if c.AccountSID == "" || strings.ContainsAny(c.AccountSID, "/?#%{} ") {
		errs = append(errs, fmt.Errorf("account SID %q: AC and 32 hex digits wanted", c.AccountSID))
	}
	if c.AuthToken == "" {
		errs = append(errs, errors.New("the auth token is empty"))
	}
	if c.MessagingServiceSID == "" && c.From == "" {
		errs = append(errs, errors.New("neither a messaging service nor a sender's number"))
	}
	if err := checkURL(c.BaseURL); c.BaseURL != "" && err != nil {
		errs = append(errs, fmt.Errorf("base URL: %w", err))
	}
	if err := checkURL(c.PublicURL); (c.PublicURL != "" || c.StatusCallbacks) && err != nil {
		errs = append(errs, fmt.Errorf("public URL: %w", err))
	}
	return errors.Join(errs...)
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("not a URL") // the parser's error may hold a password
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return fmt.Errorf("%q: http://host or https://host wanted", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q: has more than a scheme, a host and a path", u.Redacted())
	}
	return nil
}

// Sender is a paging.Channel for SMS. Any goroutine may use it.
type Sender struct {
	account string
	// Secrets are behind pointers: if somebody prints a Sender, only addresses
	// are shown.
	token    *Secret
	service  string
	from     string
	base     string
	callback string // where receipts go, without a query; empty: none are wanted
	http     *http.Client
}

var _ paging.Channel = (*Sender)(nil)

// New returns a Sender for that account. It calls nobody. The error names all
// that is wrong with c.
func New(c Config) (*Sender, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("twilio: configure: %w", err)
	}
	s := &Sender{
		account: c.AccountSID,
		token:   &c.AuthToken,
		service: c.MessagingServiceSID,
		from:    c.From,
		base:    defaultBaseURL,
		http:    ownClient(c.HTTP),
	}
	if c.BaseURL != "" {
		s.base = strings.TrimRight(c.BaseURL, "/")
	}
	if c.StatusCallbacks {
		s.callback = strings.TrimRight(c.PublicURL, "/") + statusPath
	}
	return s, nil
}

// Close closes idle connections. Calls under way go on.
func (s *Sender) Close() { s.http.CloseIdleConnections() }

// ownClient returns a copy of c that follows no redirects: an order goes where
// the configuration says, or nowhere.
func ownClient(c *http.Client) *http.Client {
	if c == nil {
		c = &http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}}
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}
