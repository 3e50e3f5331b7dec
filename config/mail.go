package config

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/mail"
	"os"
	"slices"

	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/smtp"
)

// Mail is how mails are sent.
type Mail struct {
	From     mail.Address
	Address  string // host:port
	TLS      string // starttls, implicit or none
	User     string // empty: the server is not told who we are
	Password Secret
	Roots    *x509.CertPool `json:"-" yaml:"-"` // who signs the server's certificate; nil: the system's
}

// mail reads how mails are sent; nil: none are.
func (r *reader) mail(v value) *Mail {
	if !v.given() {
		return nil
	}
	t := v.table()
	m := &Mail{From: t.need("from", "who writes: an address, or \"Astreinte <pager@example.net>\",").writer()}
	server := t.need("smtp", "the mail server")
	s := server.table()
	address, protection := s.need("address", "the mail server, as host:port,"), s.get("tls")
	protection.note(noteDefault, smtp.StartTLS)
	if m.TLS = protection.oneOf("way to protect the connection", smtp.Protections()...); m.TLS == "" {
		m.TLS = smtp.StartTLS
	}
	m.Address = address.mailServer(m.TLS)
	m.Roots = r.roots(s.get("ca_file"))
	user := s.get("user")
	user.note(noteType, "name")
	m.User, _ = user.text()
	password, file := s.child("password"), s.child("password_file")
	if user.given() || password.given() || file.given() {
		m.Password = s.secret("password")
		if !user.given() {
			user.errorf("whose password is it?")
		}
	} else { // the keys are known all the same
		s.get("password").note(noteType, "secret")
		s.get("password_file").note(noteType, "file")
	}
	s.done()
	t.refuse("it stands in smtp: mail.smtp", "address", "user", "password", "password_file", "tls", "ca_file", "host", "server")
	t.done()
	protection.warnUnprotected(m)
	r.channels = append(r.channels, paging.WayMail)
	return m
}

// writer reads an address, with a name or without.
func (v value) writer() mail.Address {
	v.note(noteType, "e-mail address")
	text, ok := v.text()
	if !ok {
		return mail.Address{}
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		v.errorf("%q is no e-mail address", text)
		return mail.Address{}
	}
	return *a
}

func (v value) mailServer(protection string) string {
	v.note(noteType, "host:port")
	text, ok := v.text()
	if !ok {
		return ""
	}
	text = smtp.Port(text, protection)
	if err := smtp.CheckAddress(text); err != nil {
		v.errorf("%v", err)
	}
	return text
}

// roots reads a file of certificates; nil: the system's are meant.
func (r *reader) roots(v value) *x509.CertPool {
	v.note(noteType, "file")
	path, ok := v.text()
	if !ok {
		return nil
	}
	data, err := os.ReadFile(r.resolve(path))
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // we name the path ourselves
		}
		v.errorf("cannot read the file %s: %v", path, err)
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		v.errorf("the file %s has no certificate in PEM form", path)
	}
	return pool
}

// warnUnprotected is about mails in the clear: a password never goes to another host so.
func (v value) warnUnprotected(m *Mail) {
	if m.TLS != smtp.None || m.Address == "" {
		return
	}
	host, _, err := net.SplitHostPort(m.Address)
	switch {
	case err != nil || loopback(host):
	case m.User != "":
		v.errorf("none would show the password to whoever is on the way: starttls or implicit wanted, or a mail server on this machine")
	default:
		v.warnf("mail to another host in the clear: whoever is on the way reads it, the links in it too; starttls wanted")
	}
}

// warnAddresses names the people whom a step pages by mail, and who have no address.
func (r *reader) warnAddresses(cfg *Config) {
	if cfg.Mail == nil {
		return
	}
	asked, told := map[string]bool{}, map[string]bool{}
	for _, p := range cfg.Rules.Policies {
		for i := range p.Steps {
			if slices.Contains(p.Steps[i].By, paging.WayMail) {
				asked[p.Steps[i].Group] = true
			}
		}
	}
	for _, group := range cfg.Rules.Directory.Groups() {
		if !asked[group] {
			continue
		}
		g, _ := cfg.Rules.Directory.Group(group)
		people := slices.Clone(g.People)
		for i := range g.Rotations {
			people = append(people, slices.Concat(g.Rotations[i].People...)...)
		}
		for _, key := range people {
			if p, ok := cfg.Rules.Directory.Person(key); ok && p.Email == "" && !told[key] {
				told[key] = true
				r.at[join("people", key)].warnf("%s has no email, and a step pages %s by mail", p.Name, group)
			}
		}
	}
}
