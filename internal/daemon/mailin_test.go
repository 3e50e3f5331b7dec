package daemon

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/smtp"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// postOffice is a daemon that takes mails.
type postOffice struct {
	t      *testing.T
	daemon *Daemon
	config *config.Config
	store  *storetest.Memory
	roots  *x509.CertPool
	dir    string
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	p := &postOffice{t: t, store: storetest.New(), dir: t.TempDir()}
	p.roots = selfSigned(t, p.dir, 1)
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	t.Cleanup(world.Close)
	section := fmt.Sprintf("\nmail_in:\n  listen: \"127.0.0.1:0\"\n  max_size: 64KiB\n  from_relays: [127.0.0.1]\n  certificate: %s/a.crt\n  key: %[1]s/a.key\n  to: {tool@pager.test: {source: tool}}\n", p.dir)
	p.config = exampleConfig(t, world, replaced("\nsources:", "\nsources:\n  tool: {type: mail, customer: acme}"), func(text []byte) []byte { return append(text, section...) })
	p.config.Server = config.Server{Listen: "127.0.0.1:0"}
	var err error
	if p.daemon, err = New(t.Context(), Options{Config: p.config, Log: zaptest.NewLogger(t), Store: p.store, Transport: world.RoundTripper()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := p.daemon.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := p.daemon.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// brings brings a mail as a mail server does, with STARTTLS, and returns the
// answer.
func (p *postOffice) brings(to, subject string) string {
	p.t.Helper()
	c, err := smtp.Dial(p.daemon.MailAddr())
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	if err := c.StartTLS(&tls.Config{RootCAs: p.roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}); err != nil {
		return err.Error()
	}
	err = c.Mail("monitor@tools.test")
	if err == nil {
		err = c.Rcpt(to)
	}
	if err != nil {
		return err.Error()
	}
	w, err := c.Data()
	if err != nil {
		return err.Error()
	}
	if _, err := fmt.Fprintf(w, "From: monitor@tools.test\r\nSubject: %s\r\n\r\ntext\r\n", subject); err != nil {
		return err.Error()
	}
	if err := w.Close(); err != nil {
		return err.Error()
	}
	return "250"
}

// answers checks how a mail is answered.
func (p *postOffice) answers(to, subject, want string) {
	p.t.Helper()
	if got := p.brings(to, subject); !strings.HasPrefix(got, want) {
		p.t.Errorf("%s to %s: %s, want %s", subject, to, got, want)
	}
}

// tickets are what the API says of all tickets.
func (p *postOffice) tickets() string {
	p.t.Helper()
	code, said := status(p.t, http.MethodGet, "http://"+p.daemon.Addr()+"/api/v1/tickets?limit=100", apiToken, nil)
	if code != http.StatusOK {
		p.t.Fatal(code, said)
	}
	return said
}

// TestMailsOfTools: a mail is a ticket; while the store does not take it the
// mail server keeps it; a reload changes who may bring mails, and for whom.
func TestMailsOfTools(t *testing.T) {
	p := newPostOffice(t)
	p.answers("tool@pager.test", "DOWN: srv-mail-01", "250")
	if said := p.tickets(); strings.Count(said, `"DOWN: srv-mail-01"`) != 1 || !strings.Contains(said, `"tool"`) {
		t.Errorf("%s", said)
	}
	p.answers("nobody@pager.test", "x", "550")
	p.answers("tool@pager.test", "DOWN: srv\r\nX-Astreinte: 1", "250")
	if m := (vitals{p.daemon}).Health(t.Context()).MailIn; m == nil || !m.Listening || m.Address != p.daemon.MailAddr() || m.LastAt.IsZero() || m.Refused != 1 || m.Returned != 1 {
		t.Errorf("health says of mails %+v", m)
	}
	p.store.Fail(storetest.On(storetest.FailBefore, "Commit"))
	p.answers("tool@pager.test", "DOWN: srv-mail-02", "451")
	p.store.Fail(nil)
	p.answers("tool@pager.test", "DOWN: srv-mail-02", "250")
	p.answers("tool@pager.test", "DOWN: srv-mail-02", "250")
	p.answers("tool@pager.test", "UP: srv-mail-01", "250")
	if said := p.tickets(); strings.Count(said, `"DOWN: srv-mail-02"`) != 1 || strings.Count(said, `"resolved"`) == 0 {
		t.Errorf("%s", said)
	}
	_, metrics := status(t, http.MethodGet, "http://"+p.daemon.Addr()+"/metrics", "", nil)
	for _, line := range []string{`astreinte_mail_in_returned_total 1`, `astreinte_ingest_requests_total{code="250",source="tool"} 5`, `astreinte_ingest_requests_total{code="451",source="tool"} 1`, `astreinte_mail_in_refused_total{reason="receiver"} 1`} {
		if !strings.Contains(metrics, "\n"+line+"\n") {
			t.Errorf("no %s", line)
		}
	}
	p.reloads()
}

func (p *postOffice) reloads() {
	t := p.t
	other := *p.config
	mails := *p.config.MailIn
	other.MailIn = &mails
	mails.To = map[string]string{"new@pager.test": "tool"}
	next := t.TempDir()
	mails.TLS = &config.TLS{Certificate: filepath.Join(next, "a.crt"), Key: filepath.Join(next, "a.key")}
	if err := p.daemon.Reload(t.Context(), &other); err == nil {
		t.Error("files that are not there were put in force")
	}
	p.answers("tool@pager.test", "DOWN: srv-mail-03", "250")
	p.roots = selfSigned(t, next, 2)
	if err := p.daemon.Reload(t.Context(), &other); err != nil {
		t.Fatal(err)
	}
	p.answers("tool@pager.test", "x", "550")
	p.answers("new@pager.test", "DOWN: srv-mail-04", "250")
	for what, change := range map[string]func(c *config.Config){
		"mail_in was": func(c *config.Config) { c.MailIn = nil },
		"mail_in.listen": func(c *config.Config) {
			m := *c.MailIn
			m.Listen = "127.0.0.1:1"
			c.MailIn = &m
		},
		"mail_in.certificate": func(c *config.Config) {
			m := *c.MailIn
			m.TLS = nil
			c.MailIn = &m
		},
	} {
		changed := other
		change(&changed)
		if err := p.daemon.Reload(t.Context(), &changed); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s has changed: %v", what, err)
		}
	}
}
