package smtp

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// How a connection is protected.
const (
	StartTLS = "starttls" // it begins in the clear and turns to TLS, or nothing is sent
	Implicit = "implicit" // it is TLS from its first byte
	None     = "none"     // it is in the clear
)

// Protections lists them; the first is the one where nothing is said.
func Protections() []string { return []string{StartTLS, Implicit, None} }

// Secret is a text that prints as stars.
type Secret = paging.Secret

// Dialer makes connections, as net.Dialer does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Config is one account with a mail server.
type Config struct {
	Address  string         // host:port; Port completes one without a port
	TLS      string         // of Protections; empty: StartTLS
	Roots    *x509.CertPool // who signs the server's certificate; nil: the system's
	User     string         // empty: the server is not told who we are
	Password Secret
	From     mail.Address     // who writes
	Hello    string           // our name in EHLO; empty: the machine's
	Dial     Dialer           // nil: the network
	Now      func() time.Time // for Date; nil: the machine's clock
}

// Port completes an address without a port by that of the protection (RFC 6409, 8314).
func Port(address, protection string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	port := map[string]string{Implicit: "465", None: "25"}[protection]
	if port == "" {
		port = "587"
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), port)
}

// CheckAddress says what is wrong with a server's address.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@ \t\r\n") {
		return errors.New("host or host:port wanted, such as mail.example.net:587")
	}
	return nil
}

// mostAtOnce is how many pages may be with the mail server at once. The outbox has 64
// senders: a mail server that hangs holds eight of them, and no page by another channel
// waits for it.
const mostAtOnce = 8

// Sender sends mails. It is safe for concurrent use.
type Sender struct {
	c      Config
	host   string
	port   int
	domain string // of Message-IDs
	pages  chan struct{}
}

var _ paging.Channel = (*Sender)(nil)

// New returns a Sender. It calls nobody.
func New(c Config) (*Sender, error) {
	if c.TLS == "" {
		c.TLS = StartTLS
	}
	c.Address = Port(c.Address, c.TLS)
	if err := CheckAddress(c.Address); err != nil {
		return nil, fmt.Errorf("smtp: address: %w", err)
	}
	host, text, _ := net.SplitHostPort(c.Address)
	port, _ := strconv.Atoi(text)
	from, err := mail.ParseAddress(c.From.String())
	if err != nil {
		return nil, fmt.Errorf("smtp: from: %w", err)
	}
	c.From = *from
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Sender{c: c, host: host, port: port, domain: domain, pages: make(chan struct{}, mostAtOnce)}, nil
}

// Provider is the Sender as a provider of pages.
func (s *Sender) Provider() paging.Provider { return paging.Provider{Name: "smtp", Channel: s} }
