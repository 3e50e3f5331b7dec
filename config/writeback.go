package config

import (
	"crypto/x509"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
)

// WriteBack is where a source's tool is told who has a ticket. Nil: it is not told.
type WriteBack struct {
	Icinga, Zabbix, Alertmanager, Checkmk *Upstream
	// Close has problems closed in Zabbix if a person resolved their ticket.
	Close   bool
	Webhook *Webhook
}

// Upstream is the API of a monitoring tool.
type Upstream struct {
	URL      string // absolute, without a slash at its end
	User     string // empty: none
	Password Secret
	Token    Secret         // empty: none
	Roots    *x509.CertPool `json:"-" yaml:"-"` // who signs its certificate; nil: the system's
}

// Receivers are the names, as effects have them, of the tools that a source tells.
func (b *WriteBack) Receivers(source string) (names []string) {
	if b == nil {
		return nil
	}
	for _, tool := range []struct {
		kind string
		at   *Upstream
	}{{"icinga", b.Icinga}, {"zabbix", b.Zabbix}, {"alertmanager", b.Alertmanager}, {"checkmk", b.Checkmk}} {
		if tool.at != nil {
			names = append(names, tool.kind+"/"+source)
		}
	}
	return names
}

// sourceHook is the name of a source's own webhook. No other webhook can have it.
func sourceHook(source string) string { return "source:" + source }

// How one proves to a tool who one is.
const (
	byPassword = "password"
	byToken    = "token"
	byEither   = "either" // or not at all
)

// writeBack reads where a source's tool is told of tickets. A tool's own alerts name what
// is to be acknowledged, so it goes with the types of that tool alone.
func (r *reader) writeBack(v value, s *Source) (*WriteBack, *escalation.Webhook) {
	if !v.given() {
		return nil, nil
	}
	t := v.table()
	b := &WriteBack{
		Icinga:       r.upstream(t.get("icinga"), byPassword, s, "icinga", "nagios"),
		Alertmanager: r.upstream(t.get("alertmanager"), byEither, s, "alertmanager"),
		Checkmk:      r.upstream(t.get("checkmk"), byPassword, s, "checkmk", "nagios"),
	}
	zabbix := t.get("zabbix")
	if zabbix.given() {
		z := zabbix.table()
		b.Close = z.get("close").flag(false)
		b.Zabbix = r.upstreamIn(z, byToken)
		z.done()
		zabbix.ofTypes(s, "zabbix")
	}
	var rule *escalation.Webhook
	if hook := t.get("webhook"); hook.given() {
		h := hook.table()
		b.Webhook = &Webhook{Name: sourceHook(s.Name), URL: NewSecret(h.need("url", "the address that is told").hookURL()), Secret: h.token("secret")}
		rule = &escalation.Webhook{Name: b.Webhook.Name, Source: s.Name, Events: h.get("events").events()}
		h.done()
	}
	t.refuse("it has no API: docs/sources/nagios.md says what one can do", "nagios")
	t.done()
	return b, rule
}

// upstream reads where a tool is; nil: it is not told.
func (r *reader) upstream(v value, by string, s *Source, types ...string) *Upstream {
	if !v.given() {
		return nil
	}
	t := v.table()
	u := r.upstreamIn(t, by)
	t.done()
	v.ofTypes(s, types...)
	return u
}

// ofTypes refuses a tool for sources of other types.
func (v value) ofTypes(s *Source, types ...string) {
	if s.Type != "" && !slices.Contains(types, s.Type) {
		v.errorf("alerts of type %q do not say what they are called there: it goes with %s", s.Type, either(types))
	}
}

// upstreamIn reads the address of a tool and who asks.
func (r *reader) upstreamIn(t *table, by string) *Upstream {
	u := &Upstream{URL: strings.TrimRight(t.need("url", "the address of the tool").address(), "/"), Roots: r.roots(t.get("ca_file"))}
	if by != byToken {
		user := t.get("user")
		user.note(noteType, "name")
		if by == byPassword {
			user.note(noteNeeded, "")
		}
		u.User, _ = user.text()
		password, file := t.child("password"), t.child("password_file")
		switch given := password.given() || file.given(); {
		case given || user.given() || by == byPassword:
			u.Password = t.secret("password")
			if !user.given() {
				user.errorf("the user wanted whom the tool knows")
			}
		default:
			t.get("password").note(noteType, "secret")
			t.get("password_file").note(noteType, "file")
		}
	}
	if by != byPassword {
		token, file := t.child("token"), t.child("token_file")
		switch given := token.given() || file.given(); {
		case given && u.User != "":
			t.get("token").note(noteType, "secret")
			t.get("token_file").note(noteType, "file")
			t.errorf("user and token: only one of them can be")
		case given || by == byToken:
			u.Token = t.secret("token")
		default:
			t.get("token").note(noteType, "secret")
			t.get("token_file").note(noteType, "file")
		}
	}
	for _, secret := range []Secret{u.Password, u.Token} {
		if strings.ContainsFunc(secret.Reveal(), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			t.errorf("a password or token is one line without control characters")
		}
	}
	return u
}

// hooksOfSources puts the webhooks of sources behind those of all tickets.
func hooksOfSources(cfg *Config, rules *escalation.Rules, own []escalation.Webhook) {
	for i := range cfg.Sources {
		if b := cfg.Sources[i].WriteBack; b != nil && b.Webhook != nil {
			cfg.Webhooks = append(cfg.Webhooks, *b.Webhook)
		}
	}
	rules.Webhooks = append(rules.Webhooks, own...)
}
