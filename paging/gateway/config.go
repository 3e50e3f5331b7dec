package gateway

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// Secret is a text that prints as stars.
type Secret = paging.Secret

// Config is one account with a gateway and the way back from it.
type Config struct {
	Name    string // in the paths of its webhooks and before its ids: a word
	From    string // the sender, for the templates; may be empty
	Spec    Spec
	Secrets map[string]Secret // by the names that the Spec uses

	// PublicURL is the daemon's address as the gateway sees it.
	PublicURL string

	// Client says who sent a request, behind trusted proxies; nil: the peer.
	Client func(*http.Request) netip.Addr

	// HTTP carries the calls; nil: a new client. Redirects are never followed.
	HTTP *http.Client
}

// Sender is a paging.Channel for SMS. Any goroutine may use it.
type Sender struct {
	name    string
	from    string
	public  string
	program *program
	// Secrets are behind a pointer: if somebody prints a Sender, only an address
	// is shown.
	secrets *vault
	http    *http.Client
	sent    sent
}

var _ paging.Channel = (*Sender)(nil)

// New returns a Sender. It calls nobody. The error names all that is wrong.
func New(c Config) (*Sender, error) {
	p, secrets, err := c.build()
	if err != nil {
		return nil, err
	}
	return &Sender{
		name: c.Name, from: c.From, public: strings.TrimRight(c.PublicURL, "/"),
		program: p, secrets: secrets, http: ownClient(c.HTTP),
	}, nil
}

func (c *Config) build() (*program, *vault, error) {
	names := make([]string, 0, len(c.Secrets))
	for name := range c.Secrets {
		names = append(names, name)
	}
	var errs []error
	for _, f := range c.Spec.Check(names) {
		errs = append(errs, fmt.Errorf("%s: %w", strings.Join(f.Path, "."), f.Err))
	}
	if c.Name == "" || strings.ContainsAny(c.Name, "/?#% ") {
		errs = append(errs, fmt.Errorf("name %q: a word wanted", c.Name))
	}
	if len(errs) > 0 {
		return nil, nil, fmt.Errorf("gateway: configure %s: %w", c.Name, errors.Join(errs...))
	}
	p, _ := build(c.Spec) // Check found no fault
	return p, newVault(c.Secrets), nil
}

// Close closes idle connections. Calls under way go on.
func (s *Sender) Close() { s.http.CloseIdleConnections() }

// receiptURL is where the gateway reports what became of a message. If the
// token goes in the query, the address has it. key is empty for a message that
// is no page.
func (s *Sender) receiptURL(source, key string) string {
	if s.program.spec.Receipts == nil {
		return ""
	}
	query := s.tokenQuery(s.program.spec.Receipts.Auth)
	if key != "" {
		query.Set("source", source)
		query.Set("page", key)
	}
	return s.hook("receipt", query)
}

func (s *Sender) replyURL() string {
	if s.program.spec.Replies == nil {
		return ""
	}
	return s.hook("reply", s.tokenQuery(s.program.spec.Replies.Auth))
}

func (s *Sender) hook(what string, query url.Values) string {
	u := s.public + "/sms/" + s.name + "/" + what
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	return u
}

func (s *Sender) tokenQuery(a Auth) url.Values {
	query := url.Values{}
	if a.Token != "" && a.Query != "" {
		query.Set(a.Query, s.secrets.values[a.Token])
	}
	return query
}

// vault holds the secrets, and every form in which somebody might repeat them.
type vault struct {
	values map[string]string
	forms  []string
}

func newVault(secrets map[string]Secret) *vault {
	v := &vault{values: map[string]string{}}
	for name, secret := range secrets {
		v.values[name] = string(secret)
		v.forms = append(v.forms, forms(string(secret))...)
	}
	return v
}

// forms are the forms that a text may have in somebody's words.
func forms(s string) []string {
	if s == "" {
		return nil
	}
	quoted, _ := jsonText(s) // a text always becomes JSON
	return []string{
		s, strings.Join(strings.Fields(s), " "), url.QueryEscape(s), url.PathEscape(s), strings.Trim(quoted, `"`),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)),
	}
}

// quote makes words fit to keep: bounded, quoted, and without the secrets and
// the texts in more.
func (v *vault) quote(words string, more ...string) string {
	hide := slices.Clone(v.forms)
	for _, m := range more {
		hide = append(hide, forms(m)...)
	}
	slices.SortFunc(hide, func(a, b string) int { return len(b) - len(a) }) // the longest first
	return paging.Quote(words, hide...)
}

// in reports whether the words hold a secret.
func (v *vault) in(words string) bool {
	return slices.ContainsFunc(v.forms, func(form string) bool { return form != "" && strings.Contains(words, form) })
}

// ownClient returns a copy of c that follows no redirects: a message goes
// where the configuration says, or nowhere.
func ownClient(c *http.Client) *http.Client {
	if c == nil {
		c = &http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: dialTimeout,
		}}
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

const dialTimeout = 10 * time.Second
