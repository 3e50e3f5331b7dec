package gateway

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the gateway's choice
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/net/http/httpguts"
)

var algorithms = map[string]func() hash.Hash{"": sha256.New, "sha256": sha256.New, "sha1": sha1.New, "sha512": sha512.New}

// auth reports what is wrong with an Auth. Whether its secrets exist is
// checked with the others.
func (b *builder) auth(a Auth, section string) {
	given := 0
	for _, secret := range []string{a.Token, a.Basic, a.HMAC} {
		if secret != "" {
			given++
		}
	}
	at := []string{section, "auth"}
	switch {
	case given == 0 && len(a.Networks) == 0:
		b.fault(errors.New("token, basic, hmac or networks wanted: anybody could send here"), at...)
	case given > 1:
		b.fault(errors.New("one of token, basic and hmac wanted"), at...)
	case a.Token != "" && (a.Query == "") == (a.Header == ""):
		b.fault(errors.New("query or header wanted: where the token is sent, by name"), at...)
	case a.HMAC != "" && (a.Header == "" || a.Query != ""):
		b.fault(errors.New("header wanted: where the HMAC is sent"), at...)
	case a.Token == "" && a.HMAC == "" && (a.Query != "" || a.Header != ""):
		b.fault(errors.New("query and header are where a token or hmac is sent: there is none"), at...)
	case a.HMAC == "" && (a.Algorithm != "" || a.Encoding != "" || a.Prefix != ""):
		b.fault(errors.New("algorithm, encoding and prefix are of an hmac: there is none"), at...)
	}
	if algorithms[a.Algorithm] == nil {
		b.fault(fmt.Errorf("no algorithm %q: sha256, sha1 or sha512", a.Algorithm), section, "auth", "algorithm")
	}
	if a.Encoding != "" && a.Encoding != "hex" && a.Encoding != "base64" {
		b.fault(fmt.Errorf("no encoding %q: hex or base64", a.Encoding), section, "auth", "encoding")
	}
	if a.Header != "" && !httpguts.ValidHeaderFieldName(a.Header) {
		b.fault(errors.New("not the name of a header"), section, "auth", "header")
	}
}

// admits reports whether a request may be read. It checks everything except an
// HMAC, which needs the body. Secrets are compared in constant time.
func (a *Auth) admits(r *http.Request, client netip.Addr, secrets map[string]string) bool {
	if len(a.Networks) > 0 && !within(a.Networks, client) {
		return false
	}
	switch {
	case a.Token != "" && a.Query != "":
		return same(r.URL.Query().Get(a.Query), secrets[a.Token])
	case a.Token != "":
		return same(r.Header.Get(a.Header), secrets[a.Token])
	case a.Basic != "":
		user, password, ok := r.BasicAuth()
		return ok && same(user+":"+password, secrets[a.Basic])
	}
	return a.HMAC != "" || len(a.Networks) > 0
}

// signed reports whether the body's HMAC is right, if the Auth asks for one.
func (a *Auth) signed(r *http.Request, body []byte, secrets map[string]string) bool {
	if a.HMAC == "" {
		return true
	}
	sent, prefixed := strings.CutPrefix(r.Header.Get(a.Header), a.Prefix)
	if !prefixed || secrets[a.HMAC] == "" {
		return false
	}
	decode := hex.DecodeString
	if a.Encoding == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	got, err := decode(sent)
	if err != nil {
		return false
	}
	m := hmac.New(algorithms[a.Algorithm], []byte(secrets[a.HMAC]))
	m.Write(body)
	return hmac.Equal(got, m.Sum(nil))
}

func same(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(g[:], w[:]) == 1
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
