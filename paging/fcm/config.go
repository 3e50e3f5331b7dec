package fcm

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/jwt"

	"github.com/astreinte/astreinte/paging"
)

// scope is all that our access tokens allow.
const scope = "https://www.googleapis.com/auth/firebase.messaging"

// Secret is a text that prints as stars.
type Secret = paging.Secret

// Config is one Firebase project.
type Config struct {
	// CredentialsJSON is a service account's key file, as Firebase's console
	// makes it. Its token_uri is the address for access tokens.
	CredentialsJSON Secret

	// Endpoint is the address of the API, without its /v1; empty: Google's.
	Endpoint string

	// ProjectID is the project; empty: the service account's own.
	ProjectID string

	// HTTP carries all calls, those to the token endpoint too. Only its Transport
	// is used; nil: a new transport. Redirects are never followed.
	HTTP *http.Client
}

// Sender is a paging.Channel for pushes. Any goroutine may use it. Secrets are
// behind pointers: if somebody prints a Sender, only addresses are shown.
type Sender struct {
	project  string
	endpoint string // with /v1; empty: Google's
	base     *network
	tokens   *tokens
}

var _ paging.Channel = (*Sender)(nil)

// network is the transport under all calls. The type keeps it from being
// printed.
type network struct{ http.RoundTripper }

// New returns a Sender for that project. It calls nobody. A key that cannot
// sign is an error here, not at three in the morning. The error names all that
// is wrong with c, and nothing of the key.
func New(ctx context.Context, c Config) (*Sender, error) {
	account, project, err := readKey([]byte(c.CredentialsJSON))
	var errs []error
	if err != nil {
		errs = append(errs, fmt.Errorf("credentials: %w", err))
	}
	if c.ProjectID != "" {
		project = c.ProjectID
	}
	if err == nil && (project == "" || strings.ContainsAny(project, "/?#% ")) {
		errs = append(errs, fmt.Errorf("project %q: a project's id wanted", project))
	}
	endpoint := ""
	if c.Endpoint != "" {
		if err := checkURL(c.Endpoint); err != nil {
			errs = append(errs, fmt.Errorf("endpoint: %w", err))
		}
		endpoint = strings.TrimRight(c.Endpoint, "/") + "/v1"
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("fcm: configure: %w", errors.Join(errs...))
	}
	base := &network{transportOf(c.HTTP)}
	s := &Sender{project: project, endpoint: endpoint, base: base, tokens: newTokens(account, base)}
	if _, err := s.client(ctx, &call{}); err != nil {
		return nil, fmt.Errorf("fcm: configure: %w", err)
	}
	return s, nil
}

// Close closes idle connections. Calls under way go on.
func (s *Sender) Close() { (&http.Client{Transport: s.base.RoundTripper}).CloseIdleConnections() }

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

// readKey reads a service account's key file, and checks that its key can
// sign.
func readKey(raw []byte) (account *jwt.Config, project string, err error) {
	var file struct {
		ProjectID string `json:"project_id"`
		Email     string `json:"client_email"`
	}
	if json.Unmarshal(raw, &file) != nil {
		return nil, "", errors.New("not JSON: the key file of a service account wanted")
	}
	account, err = google.JWTConfigFromJSON(raw, scope)
	if err != nil {
		return nil, "", fmt.Errorf("the key file of a service account wanted: %w", err)
	}
	if file.Email == "" {
		return nil, "", errors.New("client_email is missing")
	}
	if err := checkURL(account.TokenURL); err != nil {
		return nil, "", fmt.Errorf("token_uri: %w", err)
	}
	return account, file.ProjectID, checkPrivateKey(account.PrivateKey)
}

func checkPrivateKey(key []byte) error {
	block, _ := pem.Decode(key)
	if block == nil {
		return errors.New("private_key: PEM wanted")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if _, ok := parsed.(*rsa.PrivateKey); err != nil || !ok {
		return errors.New("private_key: an RSA key wanted, in PKCS 8 or PKCS 1")
	}
	return nil
}

func transportOf(c *http.Client) http.RoundTripper {
	switch {
	case c == nil:
		return &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}
	case c.Transport == nil:
		return http.DefaultTransport
	}
	return c.Transport
}
