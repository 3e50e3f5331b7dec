package smtp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/astreinte/astreinte/paging"
)

// timeout bounds a mail whose context is more patient.
const timeout = 30 * time.Second

// busyPause is how soon a page is tried again that found no place.
const busyPause = time.Second

// Send mails one page. If the mail server has as many as it may have, it is not asked.
func (s *Sender) Send(ctx context.Context, m paging.Message) paging.Result {
	select {
	case s.pages <- struct{}{}:
		defer func() { <-s.pages }()
	default:
		return paging.Result{
			Class: paging.Transient, Code: "busy", Known: true, TooFast: true, RetryAfter: busyPause,
			Detail: "the mail server still has others",
		}
	}
	return s.Mail(ctx, pageLetter(&m))
}

// Mail hands one letter to the mail server, once. It never panics.
func (s *Sender) Mail(ctx context.Context, l Letter) (r paging.Result) {
	defer func() {
		if what := recover(); what != nil { // the library reads what a server says
			r = paging.Result{Class: paging.OutcomeUnknown, Code: "fault", Detail: paging.Quote(fmt.Sprint(what), l.To)}
		}
	}()
	m, err := s.message(&l)
	if err != nil {
		return paging.Result{Class: paging.DeadAddress, Code: "bad_address", Known: true, Detail: paging.Quote(err.Error())}
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	var held holder
	defer held.close()
	client, err := s.client(s.opener(ctx, &held), ascii(l.To))
	if err != nil {
		return paging.Result{Class: paging.DeadAccount, Code: "settings", Known: true, Detail: paging.Quote(err.Error())}
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return greeted(err, &l)
	}
	result := sent(client.SendWithSMTPClient(talk, m), m.IsDelivered(), &l)
	if result.Class == paging.Accepted {
		result.ProviderID = m.GetMessageID()
	}
	held.hurry(farewell)
	_ = client.CloseWithSMTPClient(talk) // it says QUIT; what comes back changes nothing
	return result
}

// farewell is how long a mail server has to answer a QUIT.
const farewell = time.Second

// client is the library's, for one connection.
func (s *Sender) client(open gomail.DialContextFunc, plainAddress bool) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(timeout), gomail.WithoutNoop(), gomail.WithoutRset(),
		gomail.WithTLSConfig(s.security()), gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithDialContextFunc(open),
	}
	switch s.c.TLS {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.c.Hello != "" {
		options = append(options, gomail.WithHELO(s.c.Hello))
	}
	if plainAddress && ascii(s.c.From.Address) {
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	if s.c.User != "" {
		by := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5}
		if s.c.TLS == None {
			by = []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc, gomail.SMTPAuthCramMD5}
		}
		options = append(options, gomail.WithOpportunisticSMTPAuth(by...), gomail.WithUsername(s.c.User), gomail.WithPassword(string(s.c.Password)))
	}
	return gomail.NewClient(s.host, options...) //nolint:wrapcheck // its caller quotes it
}

func (s *Sender) security() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.c.Roots, MinVersion: tls.VersionTLS12}
}

// opener makes the one connection of a mail, which ends when ctx does. The library's
// own context ends once it is open, and its deadlines begin anew with each command.
func (s *Sender) opener(ctx context.Context, held *holder) gomail.DialContextFunc {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := s.c.Dial(ctx, network, address)
		if err != nil {
			return nil, err //nolint:wrapcheck // it is sorted by its type
		}
		end, _ := ctx.Deadline()
		held.take(ctx, conn, end)
		conn = &bounded{Conn: conn, end: end}
		if s.c.TLS != Implicit {
			return conn, nil
		}
		secure := tls.Client(conn, s.security())
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err //nolint:wrapcheck // it is sorted by its type
		}
		return secure, nil
	}
}

// holder has the connection of one mail, and ends it.
type holder struct {
	conn net.Conn
	stop func() bool
}

func (h *holder) take(ctx context.Context, conn net.Conn, end time.Time) {
	_ = conn.SetDeadline(end)
	h.conn, h.stop = conn, context.AfterFunc(ctx, func() { _ = conn.Close() })
}

// hurry gives what is left of the dialogue so long.
func (h *holder) hurry(d time.Duration) { _ = h.conn.SetDeadline(time.Now().Add(d)) }

func (h *holder) close() {
	if h.conn != nil {
		h.stop()
		_ = h.conn.Close()
	}
}

// bounded is a connection whose deadlines are never later than its end.
type bounded struct {
	net.Conn
	end time.Time
}

func (b *bounded) within(t time.Time) time.Time {
	if t.IsZero() || t.After(b.end) {
		return b.end
	}
	return t
}

// SetDeadline implements net.Conn.
func (b *bounded) SetDeadline(t time.Time) error { return b.Conn.SetDeadline(b.within(t)) }

// SetReadDeadline implements net.Conn.
func (b *bounded) SetReadDeadline(t time.Time) error { return b.Conn.SetReadDeadline(b.within(t)) }

// SetWriteDeadline implements net.Conn.
func (b *bounded) SetWriteDeadline(t time.Time) error { return b.Conn.SetWriteDeadline(b.within(t)) }
