package ingest

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // SNS's first version of signatures
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/astreinte/astreinte/internal/ticket"
)

// snsMessage is what SNS posts.
type snsMessage struct{ object }

var snsFields = []string{
	"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "Token",
	"SignatureVersion", "Signature", "SigningCertURL", "SubscribeURL",
}

// snsHost are the hosts of SNS. Its certificates come from there alone, and
// subscriptions are confirmed there alone.
var snsHost = regexp.MustCompile(`^sns\.[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?$`)

// snsAddress reports whether an address is one of SNS's own.
func snsAddress(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "https" && u.User == nil && snsHost.MatchString(u.Host)
}

// snsCertificate says whether a link leads to a certificate of SNS: a file, and nothing
// that could be asked of its API.
func snsCertificate(link string) bool {
	u, err := url.Parse(link)
	return snsAddress(link) && err == nil && u.RawQuery == "" && strings.HasSuffix(u.Path, ".pem") && strings.Count(u.Path, "/") == 1
}

// snsConfirms says whether a link confirms a subscription of the topic, and does nothing
// else.
func snsConfirms(link, topic string) bool {
	u, err := url.Parse(link)
	if !snsAddress(link) || err != nil || strings.Trim(u.Path, "/") != "" {
		return false
	}
	asks := u.Query()
	return asks.Get("Action") == "ConfirmSubscription" && asks.Get("TopicArn") == topic && len(asks["Action"]) == 1
}

// ErrManySubscriptions says that as many subscriptions of a source wait to be confirmed
// as may (ticket.MaxSubscriptions).
var ErrManySubscriptions = errors.New("too many of its subscriptions wait to be confirmed: remove those that nobody confirms")

// errUnverified says that a signature cannot be judged now.
var errUnverified = errors.New("SNS's certificate cannot be fetched now: send it again")

// verify judges the signature.
func (m snsMessage) verify(ctx context.Context, certificates *snsCertificates) error {
	link := m.text("SigningCertURL")
	if !snsCertificate(link) {
		return errors.New("its SigningCertURL is no certificate of SNS")
	}
	signature, err := base64.StdEncoding.DecodeString(m.value("Signature").whole())
	if err != nil || len(signature) == 0 {
		return errors.New("it has no signature")
	}
	key, err := certificates.key(ctx, link)
	if err != nil {
		return err
	}
	signed := []byte(m.signed())
	switch m.text("SignatureVersion") {
	case "1":
		sum := sha1.Sum(signed) //nolint:gosec // as above
		err = rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256(signed)
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	default:
		return errors.New("its SignatureVersion is neither 1 nor 2")
	}
	if err != nil {
		return errors.New("its signature is wrong")
	}
	return nil
}

// signed is what the signature is over: names and values, a line each, in the
// order of the names.
func (m snsMessage) signed() string {
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if m.text("Type") != "Notification" {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	var b strings.Builder
	for _, name := range names {
		if v := m.value(name); v.kind() == '"' {
			b.WriteString(name + "\n" + v.whole() + "\n")
		}
	}
	return b.String()
}

// mostCertificates bounds the certificates that are remembered: SNS has a few
// for each region.
const mostCertificates = ticket.MaxCertificates

// snsCertificates are the keys of SNS, by the address of their certificates.
// The certificate at an address never changes.
type snsCertificates struct {
	fetch func(ctx context.Context, link string) ([]byte, error)
	mu    sync.Mutex
	known map[string]*rsa.PublicKey
}

// key is the key of a certificate. The error is errUnverified if it could not
// be fetched.
func (c *snsCertificates) key(ctx context.Context, link string) (*rsa.PublicKey, error) {
	c.mu.Lock()
	known := c.known[link]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if c.fetch == nil {
		return nil, errUnverified
	}
	data, err := c.fetch(ctx, link)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errUnverified, err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("there is no certificate at its SigningCertURL")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("the certificate at its SigningCertURL cannot be read")
	}
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the certificate at its SigningCertURL has no RSA key")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= mostCertificates {
		c.known = map[string]*rsa.PublicKey{}
	}
	c.known[link] = key
	return key, nil
}

// outside is what a source needs of the world beyond.
type outside struct {
	certificates *snsCertificates
	confirm      func(ctx context.Context, source, link string) error
}
