package config

import (
	"crypto/tls"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// MailIn is how mails of tools come in.
type MailIn struct {
	Listen  string            // host:port
	MaxSize int64             // bytes of a mail
	Relays  []netip.Prefix    // the mail servers that may bring mails
	TLS     *TLS              // nil: no STARTTLS
	To      map[string]string // the name of a source by address, in small letters
	// From are the senders that each address takes, in small letters: addresses, or
	// domains after an @. An address that is missing here takes all.
	From map[string][]string
}

const (
	// DefaultMailSize is the largest mail that is taken if nobody says.
	DefaultMailSize = 25 << 20
	// leastMailSize and mostMailSize are sizes that make sense: a mail is read to
	// its end, whatever is kept of it.
	leastMailSize, mostMailSize = 64 << 10, 100 << 20
)

// tokenOf reads the token of a source, unless it sends mails.
func (t *table) tokenOf(kind string) Secret {
	if t.r.opts.Tools.Mailed(kind) {
		return Secret{}
	}
	return t.token("token")
}

// mailed reads what is different in a source that sends mails: nobody posts for
// it. A ticket that no mail ends stays open, unless resolve_timeout is given.
func (t *table) mailed(s *Source) {
	for _, key := range []string{"token", "token_file", "max_body", "max_alerts"} {
		if v := t.child(key); v.given() {
			t.asked = append(t.asked, key)
			v.errorf("sources of type %q come by mail, which mail_in takes: leave it out", s.Type)
		}
	}
	if !t.child("resolve_timeout").given() {
		s.ResolveTimeout = 0
	}
}

// mailIn reads how mails come in; nil: none do.
func (r *reader) mailIn(v value, sources []Source) *MailIn {
	if !v.given() {
		return nil
	}
	t := v.table()
	m := &MailIn{To: map[string]string{}, From: map[string][]string{}}
	m.Listen = t.need("listen", "an address to listen at, such as 127.0.0.1:2525,").listen("")
	size := t.get("max_size")
	if m.MaxSize = size.size(DefaultMailSize); m.MaxSize < leastMailSize || m.MaxSize > mostMailSize {
		size.errorf("from 64KiB to 100MiB wanted")
	}
	for _, item := range t.need("from_relays", "the mail servers that may bring mails, such as [127.0.0.1/32],").list() {
		if p, ok := item.network(); ok {
			m.Relays = append(m.Relays, p)
			if p.Bits() == 0 {
				item.warnf("the whole world may open tickets by mail: write the address of your mail server")
			}
		}
	}
	m.TLS = r.mailTLS(t)
	m.receivers(t.need("to", "addresses, each with its source,"), sources)
	t.refuse("it is called from_relays", "relays", "networks")
	t.refuse("certificate and key stand in mail_in itself", "tls")
	t.done()
	return m
}

// mailTLS reads the names of the certificate and its key; nil: there are none.
func (r *reader) mailTLS(t *table) *TLS {
	certificate, key := t.get("certificate"), t.get("key")
	certificate.note(noteType, "file")
	key.note(noteType, "file")
	switch {
	case !certificate.given() && !key.given():
		return nil
	case !certificate.given():
		key.errorf("the certificate of this key wanted too: mail_in.certificate")
		return nil
	case !key.given():
		certificate.errorf("the key of this certificate wanted too: mail_in.key")
		return nil
	}
	public, ok := certificate.text()
	secret, both := key.text()
	if !ok || !both {
		return nil
	}
	files := &TLS{Certificate: r.resolve(public), Key: r.resolve(secret)}
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	switch {
	case err != nil:
		certificate.errorf("certificate and key cannot be used: %s", strings.TrimPrefix(err.Error(), "tls: "))
	case r.opts.Now.After(pair.Leaf.NotAfter):
		certificate.warnf("the certificate ended on %s", pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return files
}

// receivers reads the addresses.
func (m *MailIn) receivers(v value, sources []Source) {
	to := v.table()
	if to.n == nil {
		return
	}
	tools, found := v.r.opts.Tools, map[string]bool{}
	for _, f := range to.n.fields {
		item := to.child(f.key)
		row := item.table()
		desk, given := row.get("desk"), row.get("source")
		desk.note(noteType, "true")
		given.note(noteType, "name of a source")
		senders := row.get("from").mailSenders()
		row.done()
		address, name := strings.ToLower(f.key), given.textOr("")
		i := slices.IndexFunc(sources, func(s Source) bool { return s.Name == name })
		switch a, err := mail.ParseAddress(f.key); {
		case err != nil || a.Address != f.key || a.Name != "" || len(f.key) > ticket.MaxLetterName:
			item.errorf("%q is no e-mail address", ticket.Logged(f.key))
		case m.To[address] != "":
			item.errorf("the address is given twice")
		case desk.given():
			desk.errorf("the mails of people: %s; source: NAME wanted, of a source of type mail", notYet)
		case name == "":
			given.errorf("source wanted: the name of a source of type mail")
		case i < 0:
			given.errorf("no source named %q%s", name, suggest(name, names(sources)))
		case !tools.Mailed(sources[i].Type):
			given.errorf("the source %s is of type %s, which comes by HTTP: one of type mail wanted", name, sources[i].Type)
		default:
			m.To[address], found[name] = name, true
			if len(senders) > 0 {
				m.From[address] = senders
			}
		}
	}
	for i := range sources {
		if tools.Mailed(sources[i].Type) && !found[sources[i].Name] {
			v.warnf("no address leads to the source %s", sources[i].Name)
		}
	}
}

// mailSenders reads whose mails an address takes.
func (v value) mailSenders() (all []string) {
	if !v.given() {
		return nil
	}
	for _, item := range v.list() {
		text, ok := item.text()
		_, domain, at := strings.Cut(text, "@")
		if ok && (!at || domain == "" || strings.ContainsAny(text, " <>,") || len(text) > ticket.MaxLetterName) {
			item.errorf("a sender's address wanted, or @ and a domain")
		}
		all = append(all, strings.ToLower(text))
	}
	switch {
	case len(all) == 0:
		v.errorf("none: leave it out to take mails of all senders")
	case len(all) > ticket.MaxMailSenders:
		v.errorf("%d at most", ticket.MaxMailSenders)
	}
	return all
}

func names(sources []Source) []string {
	all := make([]string, len(sources))
	for i := range sources {
		all[i] = sources[i].Name
	}
	return all
}

// warnMailed names the sources that nothing can reach.
func (r *reader) warnMailed(cfg *Config) {
	if cfg.MailIn != nil {
		return
	}
	for i := range cfg.Sources {
		if s := &cfg.Sources[i]; r.opts.Tools.Mailed(s.Type) {
			r.at[join("sources", s.Name)].warnf("its mails cannot come in: there is no mail_in")
		}
	}
}
