package config

import (
	"net/url"
	"time"
)

// SignIn is how people sign in to the console.
type SignIn struct {
	Passwords bool
	Passkeys  bool
	Session   time.Duration // how long a session lasts without a request
	OIDC      *OIDC         // nil: there is no identity provider
}

func (r *reader) signIn(v value) SignIn {
	t := v.table()
	s := SignIn{
		Passwords: t.get("passwords").flag(true),
		Passkeys:  t.get("passkeys").flag(true),
		Session:   t.get("session").duration(DefaultSession, positive),
	}
	s.OIDC = t.get("oidc").oidc()
	t.done()
	return s
}

// OIDC is the identity provider that people sign in by.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret
	TrustEmail   bool // an address counts even if the provider does not say that it is verified
}

// oidc reads the identity provider; nil if none is given.
func (v value) oidc() *OIDC {
	if !v.given() {
		return nil
	}
	t := v.table()
	o := &OIDC{Issuer: t.need("issuer", "the provider's address").issuer(), TrustEmail: t.get("trust_email").flag(false)}
	o.ClientID, _ = t.need("client_id", "what the provider calls this daemon").text()
	o.ClientSecret = t.secret("client_secret")
	t.done()
	return o
}

// issuer reads an identity provider's name, as its discovery document has it:
// an https address, or an address of this machine.
func (v value) issuer() string {
	text := v.address()
	if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme != "https" && !loopback(u.Hostname())) {
		v.errorf("an address by https wanted: whoever stands between could say who signs in")
	}
	return text
}
