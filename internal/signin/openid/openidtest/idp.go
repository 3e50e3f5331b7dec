// Package openidtest is an identity provider for tests: the server side of
// another library than the one that is tested.
package openidtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// What the provider and the daemon have agreed on.
const (
	Issuer   = "https://login.example.net/realms/acme"
	ClientID = "astreinte"
	Secret   = "a client's secret"
)

// Provider is an identity provider whose people are signed in there already:
// whoever comes is somebody. It is asked as a http.RoundTripper.
type Provider struct {
	op.Storage // what is not asked for
	handler    http.Handler
	key        *ecdsa.PrivateKey
	callback   string

	mu       sync.Mutex
	subject  string                                        // who comes
	claims   map[string]any                                // what it says of who comes
	forge    func(claims map[string]any) *ecdsa.PrivateKey // makes another token of the right one, and signs it by a key
	down     bool
	requests map[string]*authorization
	codes    map[string]string
}

// New is a provider that leads browsers back to an address.
func New(t testing.TB, callback string) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &Provider{key: key, callback: callback, requests: map[string]*authorization{}, codes: map[string]string{}}
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true, AuthMethodPost: true}, (*realm)(i), op.StaticIssuer(Issuer),
		op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	i.handler = http.StripPrefix("/realms/acme", provider)
	return i
}

// RoundTrip answers what the daemon asks, and a browser.
func (i *Provider) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	down, forge := i.down, i.forge
	i.mu.Unlock()
	if down {
		return nil, errors.New("connection refused")
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	i.handler.ServeHTTP(w, in)
	if forge != nil && r.URL.Path == "/realms/acme/oauth/token" {
		return forged(w, forge), nil
	}
	return w.Result(), nil
}

// forged is an answer with another token in it.
func forged(right *httptest.ResponseRecorder, forge func(claims map[string]any) *ecdsa.PrivateKey) *http.Response {
	var answer, claims map[string]any
	_ = json.Unmarshal(right.Body.Bytes(), &answer) // a test that this fails sees nobody
	token, _ := answer["id_token"].(string)
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	_ = json.Unmarshal(payload, &claims)
	key := forge(claims)
	payload, _ = json.Marshal(claims)
	signer, _ := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	signed, _ := signer.Sign(payload)
	answer["id_token"], _ = signed.CompactSerialize()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
	return w.Result()
}

// Down has it answer nothing, or answer again.
func (i *Provider) Down(is bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = is
}

// Comes says who comes, and what the provider says of them.
func (i *Provider) Comes(subject string, claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.subject, i.claims = subject, claims
}

// Forge has each token made another one, which its own key signs or another.
func (i *Provider) Forge(change func(claims map[string]any), ownKey bool) {
	key := i.key
	if !ownKey {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // rand never fails
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forge = func(claims map[string]any) *ecdsa.PrivateKey { change(claims); return key }
}

// Browse follows the provider's pages as a browser does, until it leads back: the
// query with which it does.
func (i *Provider) Browse(t testing.TB, to string) url.Values {
	t.Helper()
	for range 5 {
		w, err := i.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, to, nil))
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		to = w.Header.Get("Location")
		if back, ok := strings.CutPrefix(to, i.callback+"?"); ok {
			query, err := url.ParseQuery(back)
			if err != nil {
				t.Fatal(err)
			}
			return query
		}
	}
	t.Fatalf("the provider leads to %q", to)
	return nil
}

// authorization is one sign-in at the provider.
type authorization struct {
	*oidc.AuthRequest
	id  string
	idp *Provider
	at  time.Time
}

func (a *authorization) GetID() string                      { return a.id }
func (a *authorization) GetACR() string                     { return "" }
func (a *authorization) GetAMR() []string                   { return []string{"pwd"} }
func (a *authorization) GetAuthTime() time.Time             { return a.at }
func (a *authorization) GetClientID() string                { return a.ClientID }
func (a *authorization) GetRedirectURI() string             { return a.RedirectURI }
func (a *authorization) GetResponseType() oidc.ResponseType { return a.ResponseType }
func (a *authorization) GetResponseMode() oidc.ResponseMode { return a.ResponseMode }
func (a *authorization) GetScopes() []string                { return a.Scopes }
func (a *authorization) GetState() string                   { return a.State }
func (a *authorization) Done() bool                         { return true }

func (a *authorization) GetSubject() string {
	a.idp.mu.Lock()
	defer a.idp.mu.Unlock()
	return a.idp.subject
}

func (a *authorization) GetAudience() []string {
	return []string{a.ClientID}
}

func (a *authorization) GetNonce() string {
	return a.Nonce
}

func (a *authorization) GetCodeChallenge() *oidc.CodeChallenge {
	if a.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: a.CodeChallenge, Method: a.CodeChallengeMethod}
}

// realm is a provider as the library asks for its people and clients.
type realm Provider

func (i *realm) Health(context.Context) error { return nil }

func (i *realm) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	a := &authorization{AuthRequest: r, id: "request" + strconv.Itoa(len(i.requests)), idp: (*Provider)(i), at: time.Unix(0, 0)}
	i.requests[a.id] = a
	return a, nil
}

func (i *realm) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if a, ok := i.requests[id]; ok {
		return a, nil
	}
	return nil, errors.New("no such request")
}

func (i *realm) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	i.mu.Lock()
	id := i.codes[code]
	i.mu.Unlock()
	return i.AuthRequestByID(ctx, id)
}

func (i *realm) SaveAuthCode(_ context.Context, id, code string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.codes[code] = id
	return nil
}

func (i *realm) DeleteAuthRequest(_ context.Context, id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	maps.DeleteFunc(i.codes, func(_, of string) bool { return of == id })
	return nil
}

func (i *realm) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return "access", time.Unix(1<<32, 0), nil
}

func (i *realm) SigningKey(context.Context) (op.SigningKey, error) { return &signing{i.key}, nil }

func (i *realm) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (i *realm) KeySet(context.Context) ([]op.Key, error) { return []op.Key{&public{i.key}}, nil }

func (i *realm) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errors.New("no such client")
	}
	return client{i.callback}, nil
}

func (i *realm) AuthorizeClientIDSecret(_ context.Context, id, given string) error {
	if id != ClientID || given != Secret {
		return errors.New("a wrong secret")
	}
	return nil
}

func (i *realm) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, scopes []string) error {
	info.Subject = subject
	i.mu.Lock()
	defer i.mu.Unlock()
	if slices.Contains(scopes, "email") {
		for k, v := range i.claims {
			info.AppendClaims(k, v)
		}
	}
	return nil
}

func (i *realm) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

type signing struct{ key *ecdsa.PrivateKey }

func (s *signing) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (s *signing) Key() any                                    { return s.key }
func (s *signing) ID() string                                  { return "one" }

type public struct{ key *ecdsa.PrivateKey }

func (p *public) ID() string                         { return "one" }
func (p *public) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (p *public) Use() string                        { return "sig" }
func (p *public) Key() any                           { return &p.key.PublicKey }

// client is the daemon, as the provider knows it.
type client struct{ callback string }

func (client) GetID() string                        { return ClientID }
func (c client) RedirectURIs() []string             { return []string{c.callback} }
func (client) PostLogoutRedirectURIs() []string     { return nil }
func (client) ApplicationType() op.ApplicationType  { return op.ApplicationTypeWeb }
func (client) AuthMethod() oidc.AuthMethod          { return oidc.AuthMethodBasic }
func (client) ResponseTypes() []oidc.ResponseType   { return []oidc.ResponseType{oidc.ResponseTypeCode} }
func (client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (client) LoginURL(id string) string            { return Issuer + "/authorize/callback?id=" + id }
func (client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (client) IDTokenLifetime() time.Duration       { return 5 * time.Minute }
func (client) DevMode() bool                        { return false }
func (client) IsScopeAllowed(string) bool           { return true }
func (client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (client) ClockSkew() time.Duration             { return 0 }

func (client) RestrictAdditionalIdTokenScopes() func([]string) []string { //nolint:revive // the library has named it
	return func(s []string) []string { return s }
}

func (client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}
