package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// namePrefix begins the names of the providers, one for each push service: what is
// wrong with one of them does not hold up the others.
const namePrefix = "webpush-"

// other is the service of what push.allow names.
const other = "other"

// service is who carries pushes for a make of browsers.
type service struct {
	name string
	// hosts are those of its endpoints; one that begins with a dot stands for all
	// below it.
	hosts []string
}

// services are the push services of the browsers that there are.
var services = []service{
	{"google", []string{"fcm.googleapis.com", "jmt17.google.com"}}, // Chrome, Edge on Android, Samsung, Brave, Opera
	{"mozilla", []string{".push.services.mozilla.com"}},            // Firefox
	{"apple", []string{".push.apple.com"}},                         // Safari, and all browsers of iOS
	{"microsoft", []string{".notify.windows.com"}},                 // Edge on Windows
}

// KnownHosts lists the hosts of the push services that a subscription may be of; one
// that begins with "*." stands for all below it.
func KnownHosts() (hosts []string) {
	for _, s := range services {
		for _, h := range s.hosts {
			if strings.HasPrefix(h, ".") {
				h = "*" + h
			}
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// Errors of a subscription.
var (
	errEndpoint = errors.New("endpoint: the https address of a push service wanted, without a port, a user or a fragment")
	errKey      = errors.New("keys.p256dh: a point of P-256 wanted, 65 bytes in base64url")
	errAuth     = errors.New("keys.auth: 16 bytes in base64url wanted")
)

// Check says what is wrong with a subscription, and returns it in the form in which
// it is kept. allow are the origins of push.allow.
func Check(s paging.Subscription, allow []string) (paging.Subscription, error) {
	if _, err := serviceOf(s.Endpoint, allow); err != nil {
		return s, err
	}
	key, err := decode(s.P256dh)
	if err != nil {
		return s, errKey
	}
	if _, err := ecdh.P256().NewPublicKey(key); err != nil { // it checks that the point is on the curve
		return s, errKey
	}
	auth, err := decode(s.Auth)
	if err != nil || len(auth) != 16 {
		return s, errAuth
	}
	s.P256dh, s.Auth = base64.RawURLEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(auth)
	return s, nil
}

// maxKey is more than either key takes, in base64.
const maxKey = ticket.MaxPushKey

// decode reads base64 as browsers and their libraries write it.
func decode(s string) ([]byte, error) {
	if len(s) > maxKey {
		return nil, errors.New("too long")
	}
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// serviceOf names the push service of an endpoint: one that is known, or other if
// allow has its origin. An error says that it may not be asked.
func serviceOf(endpoint string, allow []string) (string, error) {
	if len(endpoint) > ticket.MaxPushEndpoint {
		return "", fmt.Errorf("endpoint: %d bytes at most, not %d", ticket.MaxPushEndpoint, len(endpoint))
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || strings.ContainsFunc(endpoint, odd) {
		return "", errEndpoint
	}
	if slices.Contains(allow, origin(u)) {
		return other, nil
	}
	host := strings.ToLower(u.Host) // with its port, which no known one has
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || u.Scheme != "https" || u.Port() != "" {
		return "", errEndpoint
	}
	for _, s := range services {
		for _, h := range s.hosts {
			if host == h || (strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)) {
				return s.name, nil
			}
		}
	}
	return "", fmt.Errorf("endpoint: %s is no push service that is known, and push.allow does not name it", ticket.Cut(host, 80))
}

func odd(c rune) bool { return c <= ' ' || c == '\\' || c > '~' }

// origin is the scheme, host and port of an address, as two of them are compared.
func origin(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	case scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host
}

// CheckAllowed reads the origin of a push service that push.allow names: https, or
// http to this machine itself.
func CheckAllowed(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return "", errors.New("the origin of a push service wanted, such as https://push.example.net")
	case strings.EqualFold(u.Scheme, "https"):
		return origin(u), nil
	case strings.EqualFold(u.Scheme, "http") && isLoopback(u.Hostname()):
		return origin(u), nil
	}
	return "", errors.New("https wanted: what is pushed is encrypted, but not where it goes")
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return (err == nil && a.IsLoopback()) || host == "localhost"
}

// CheckSubject says what is wrong with the address that stands for us at push
// services (RFC 8292, 2.1). Apple's refuses those that lead nowhere with 403.
func CheckSubject(subject string) error {
	address, mail := strings.CutPrefix(subject, "mailto:")
	if !mail {
		u, err := url.Parse(subject)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			return errors.New("mailto: and a mail address wanted, or an https address")
		}
		return checkHost(u.Hostname())
	}
	user, domain, found := strings.Cut(address, "@")
	if !found || user == "" || strings.ContainsAny(address, " ?&<>\"\\") || strings.Contains(domain, "@") {
		return errors.New("mailto: and a mail address wanted, such as mailto:ops@example.net")
	}
	return checkHost(domain)
}

// nowhere are names that lead nowhere from outside (RFC 6761, RFC 6762).
var nowhere = []string{"localhost", "local", "invalid", "test", "example", "localdomain", "internal"}

func checkHost(host string) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return errors.New("a name wanted and no IP address: push services refuse what they cannot reach")
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == host || last == "" || slices.Contains(nowhere, last) {
		return fmt.Errorf("%q leads nowhere from outside: Apple's push service refuses it with 403", ticket.Cut(host, 80))
	}
	return nil
}
