package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The kinds of probes.
const (
	HTTP = "http"
	ICMP = "icmp"
	TCP  = "tcp"
)

// DefaultTimeout is how long a probe takes at most where nothing else is said, and
// LongestTimeout what may be said.
const (
	DefaultTimeout = 10 * time.Second
	LongestTimeout = 30 * time.Second
)

// Spec is a probe: of which alerts, and what it looks at.
type Spec struct {
	Matchers labels.Matchers
	Kind     string
	// Target is a URL, a host, or host:port.
	Target  Template
	Expect  int           // the status of HTTP that is well; 0: any from 200 to 299
	Timeout time.Duration // 0: DefaultTimeout
}

// Matches says whether the probe is for an alert.
func (s *Spec) Matches(set map[string]string) bool {
	of := make(model.LabelSet, len(set))
	for name, value := range set {
		of[model.LabelName(name)] = model.LabelValue(value)
	}
	return s.Matchers.Matches(of)
}

// Check says what is wrong with a probe, as far as that can be said without an alert.
func (s *Spec) Check() error {
	all := map[string]string{}
	for _, name := range s.Target.Labels() {
		all[name] = "1" // it may stand for a host and for a port
	}
	_, err := s.target(all)
	return err
}

// Render is what the probe would look at for an alert. The error wraps ErrLabel where a
// label is to blame.
func (s *Spec) Render(set map[string]string) (string, error) { return s.target(set) }

func (s *Spec) target(set map[string]string) (string, error) {
	text, err := s.Target.Fill(set, s.Kind != ICMP)
	if err != nil {
		return "", err
	}
	switch s.Kind {
	case HTTP:
		return text, checkURL(text)
	case TCP:
		return text, checkAddress(text)
	default:
		if _, ok := safe(text, false); !ok {
			return "", fmt.Errorf("%q is no host", ticket.Logged(text))
		}
	}
	return text, nil
}

// checkURL refuses what is no plain address of the web.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		return errors.New("an address that begins with http:// or https:// wanted")
	case u.User != nil || u.Fragment != "":
		return errors.New("an address without a password before an @ and without a # wanted")
	}
	if _, ok := safe(u.Hostname(), false); !ok {
		return errors.New("an address with a host wanted")
	}
	if port := u.Port(); port != "" && !isPort(port) {
		return fmt.Errorf("%q is no port", ticket.Logged(port))
	}
	return nil
}

func checkAddress(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return errors.New("an address host:port wanted")
	}
	if _, ok := safe(host, false); !ok {
		return errors.New("an address host:port wanted")
	}
	if !isPort(port) {
		return fmt.Errorf("%q is no port", ticket.Logged(port))
	}
	return nil
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// Prober runs probes.
type Prober struct {
	Guard     Guard
	Ping      Ping           // nil: unprivileged echoes
	Roots     *x509.CertPool // nil: the system's
	UserAgent string
	Now       func() time.Time
}

// Run looks at what a probe is for. Its finding says no word of since when.
func (p *Prober) Run(ctx context.Context, s *Spec, set map[string]string) ticket.Finding {
	f := ticket.Finding{By: s.Kind}
	target, err := s.target(set)
	if err != nil {
		f.State, f.Reason, f.At = ticket.FoundUnclear, ticket.ReasonLabel, p.Now()
		return f
	}
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	switch s.Kind {
	case HTTP:
		f.Text, err = p.http(ctx, target, s.Expect)
	case TCP:
		err = p.tcp(ctx, target)
	default:
		f.Text, err = p.icmp(ctx, target)
	}
	f.At = p.Now()
	f.State, f.Reason = judge(ctx, err)
	f.Text = ticket.Cut(f.Text, ticket.MaxFindingText)
	return f
}

// errStatus says that a service answers, and not as it should.
var errStatus = errors.New("another status than expected")

// judge says what an error means.
func judge(ctx context.Context, err error) (ticket.FindingState, ticket.FindingReason) {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case err == nil:
		return ticket.FoundBack, ""
	case errors.Is(err, errStatus):
		return ticket.FoundDown, ""
	case errors.Is(err, ErrForbidden):
		return ticket.FoundUnclear, ticket.ReasonForbidden
	case errors.Is(err, ErrName):
		return ticket.FoundUnclear, ticket.ReasonUnresolved
	case errors.Is(err, errNoPing):
		return ticket.FoundUnclear, ticket.ReasonNoPing
	case errors.As(err, &certificate), errors.As(err, &alert), errors.As(err, &record):
		return ticket.FoundDown, ticket.ReasonTLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return ticket.FoundDown, ticket.ReasonRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		return ticket.FoundDown, ticket.ReasonUnreachable
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return ticket.FoundDown, ticket.ReasonNoAnswer
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return ticket.FoundDown, ticket.ReasonCut
	case strings.Contains(err.Error(), "tls: "):
		return ticket.FoundDown, ticket.ReasonTLS
	}
	return ticket.FoundDown, ticket.ReasonNoAnswer
}

func (p *Prober) tcp(ctx context.Context, address string) error {
	conn, err := p.Guard.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close() //nolint:wrapcheck // judge sorts it
}
