package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Why somebody is not let in. Any other error means that the store could not be
// asked.
var (
	// ErrStale: this browser has not begun, or too long ago.
	ErrStale = errors.New("openid: this browser has begun no such sign-in, or too long ago")
	// ErrRefused: the provider has not let the person in.
	ErrRefused = errors.New("openid: the identity provider refuses")
	// ErrAway: the provider could not be asked, or its answer cannot be trusted.
	ErrAway = errors.New("openid: the identity provider cannot be asked")
	// ErrNobody: the provider's answer is nobody of the configuration.
	ErrNobody = errors.New("openid: this is nobody here")
)

// Settings are what a provider needs. All but TrustEmail are required.
type Settings struct {
	Issuer       string // as its discovery document names it
	ClientID     string
	ClientSecret string
	// TrustEmail takes an address for a verified one if the provider does not
	// say: not if it says that it is none.
	TrustEmail bool
	Callback   string // the address where browsers come back to
}

// Options are a Provider's parts. All but Transport are required.
type Options struct {
	Settings
	Records records.Store
	Now     func() time.Time
	People  func() *contacts.Directory // in force
	// Transport asks the provider; nil: the machine's.
	Transport http.RoundTripper
}

// Provider is one identity provider. It is safe for concurrent use.
type Provider struct {
	Settings
	bonds  bonds
	now    func() time.Time
	people func() *contacts.Directory
	client *http.Client
	turns  chan struct{}
	found  atomic.Pointer[oidc.Provider] // nil until it was asked for the first time
}

// New makes a Provider, which is asked for nothing yet.
func New(o Options) *Provider {
	return &Provider{Settings: o.Settings, bonds: newBonds(o.Records), now: o.Now, people: o.People, client: newClient(o.Transport), turns: make(chan struct{}, atOnce)}
}

// turn is leave to ask the provider, ErrAway if too many ask.
func (p *Provider) turn() (leave func(), err error) {
	select {
	case p.turns <- struct{}{}:
		return func() { <-p.turns }, nil
	default:
		return nil, fmt.Errorf("%w: too many sign in by it at once", ErrAway)
	}
}

// provider asks for the provider's own addresses, once.
func (p *Provider) provider(ctx context.Context) (*oidc.Provider, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	if err := p.inClear(found); err != nil {
		return nil, err
	}
	p.found.Store(found)
	return found, nil
}

// inClear refuses addresses of a provider that would carry a code, our secret or its keys
// in clear, where the provider's own is not.
func (p *Provider) inClear(found *oidc.Provider) error {
	var says struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&says); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	if !strings.HasPrefix(p.Issuer, "https://") {
		return nil
	}
	for _, address := range []string{found.Endpoint().AuthURL, found.Endpoint().TokenURL, says.Keys} {
		if !strings.HasPrefix(address, "https://") {
			return fmt.Errorf("%w: %q is no address with https", ErrAway, short(address))
		}
	}
	return nil
}

func (p *Provider) flow(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.Callback,
		Scopes: []string{oidc.ScopeOpenID, "email"},
	}
}

// Begin is where a browser is sent, and what it keeps for Finish: for KeptFor, and
// only here. next is where its person goes afterwards.
func (p *Provider) Begin(ctx context.Context, next string) (to, kept string, err error) {
	leave, err := p.turn()
	if err != nil {
		return "", "", err
	}
	defer leave()
	found, err := p.provider(oidc.ClientContext(ctx, p.client))
	if err != nil {
		return "", "", err
	}
	b := begin(p.now(), next)
	to = p.flow(found).AuthCodeURL(b.derive("state"), oidc.Nonce(b.derive("nonce")), oauth2.S256ChallengeOption(b.derive("verifier")))
	return to, b.String(), nil
}

// Finish is the person of whom the provider answers, and where the person wanted
// to go. query is what the browser came back with.
func (p *Provider) Finish(ctx context.Context, kept string, query url.Values) (person, next string, err error) {
	b, err := parse(kept, p.now())
	if err != nil {
		return "", "", err
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(b.derive("state"))) != 1 {
		return "", "", ErrStale
	}
	if iss := query.Get("iss"); iss != "" && iss != p.Issuer { // RFC 9207
		return "", "", fmt.Errorf("%w: the answer is another provider's", ErrRefused)
	}
	if code := query.Get("error"); code != "" || query.Get("code") == "" {
		return "", "", fmt.Errorf("%w: %q", ErrRefused, short(code))
	}
	leave, err := p.turn()
	if err != nil {
		return "", "", err
	}
	defer leave()
	asking, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), finishTakes)
	defer cancel()
	who, err := p.redeem(asking, query.Get("code"), b)
	if err != nil {
		return "", "", err
	}
	person, err = p.person(ctx, who)
	return person, b.next, err
}

// claims are what is read of an ID token beside what go-oidc reads.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some write a string
	Party    string `json:"azp"`
}

// identity is somebody as the provider knows them.
type identity struct {
	issuer, subject string
	email           string // one that may be believed; empty: none
}

// redeem exchanges a code, and believes no more than the signed token that comes
// for it.
func (p *Provider) redeem(ctx context.Context, code string, b beginning) (identity, error) {
	found, err := p.provider(ctx)
	if err != nil {
		return identity{}, err
	}
	token, err := p.flow(found).Exchange(ctx, code, oauth2.VerifierOption(b.derive("verifier")))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		return identity{}, fmt.Errorf("%w the code: %s %q", ErrRefused, refused.Response.Status, short(refused.ErrorCode))
	}
	if err != nil {
		return identity{}, fmt.Errorf("%w: exchange a code: %w", ErrAway, err)
	}
	raw, _ := token.Extra("id_token").(string)
	if len(raw) > ticket.MaxProviderToken { // what signs so much costs minutes to check
		return identity{}, fmt.Errorf("%w: its token has %d bytes", ErrAway, len(raw))
	}
	signed, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return identity{}, fmt.Errorf("%w: its token: %w", ErrAway, err)
	}
	var c claims
	if err := signed.Claims(&c); err != nil {
		return identity{}, fmt.Errorf("%w: its token: %w", ErrAway, err)
	}
	if subtle.ConstantTimeCompare([]byte(signed.Nonce), []byte(b.derive("nonce"))) != 1 {
		return identity{}, fmt.Errorf("%w: its token is of another sign-in", ErrStale)
	}
	if (c.Party != "" || len(signed.Audience) > 1) && c.Party != p.ClientID {
		return identity{}, fmt.Errorf("%w: its token is for another application", ErrAway)
	}
	if signed.Subject == "" || len(signed.Subject) > maxSubject {
		return identity{}, fmt.Errorf("%w: a subject has 1 to %d bytes", ErrAway, maxSubject)
	}
	who := identity{issuer: signed.Issuer, subject: signed.Subject}
	if p.believes(c.Verified) {
		who.email = strings.TrimSpace(c.Email)
	}
	return who, nil
}

// maxSubject is how long a subject is at most (OpenID Connect Core, section 2).
const maxSubject = ticket.MaxSubject

// believes reports whether an address counts, by its email_verified.
func (p *Provider) believes(verified any) bool {
	switch v := verified.(type) {
	case bool:
		return v
	case string:
		return v == "true"
	case nil:
		return p.TrustEmail
	default:
		return false
	}
}

// person is whom an identity is bound to; one that is bound to nobody yet is bound
// to the person with its address.
func (p *Provider) person(ctx context.Context, who identity) (string, error) {
	people := p.people()
	bound, err := p.bonds.of(ctx, who)
	if err != nil {
		return "", err
	}
	if _, known := people.Person(bound); known {
		return bound, nil
	}
	if bound != "" {
		return "", fmt.Errorf("%w: it was bound to %q, who is no longer configured", ErrNobody, bound)
	}
	person, err := addressed(people.People(), who.email)
	if err != nil {
		return "", err
	}
	if err := p.bonds.bind(ctx, who, person, p.now()); err != nil {
		return "", err
	}
	return person, nil
}

// addressed is the one person with an address.
func addressed(people []contacts.Person, email string) (string, error) {
	if email == "" {
		return "", fmt.Errorf("%w: the provider gives no verified address", ErrNobody)
	}
	people = slices.DeleteFunc(slices.Clone(people), func(p contacts.Person) bool { return !strings.EqualFold(p.Email, email) })
	switch len(people) {
	case 0:
		return "", fmt.Errorf("%w: no person has the address %q", ErrNobody, short(email))
	case 1:
		return people[0].Key, nil
	default:
		return "", fmt.Errorf("%w: %d people have the address %q", ErrNobody, len(people), short(email))
	}
}

// Forget unbinds a person, whom the provider's next answer with the person's
// address binds anew.
func (p *Provider) Forget(ctx context.Context, person string) error {
	return p.bonds.forget(ctx, p.Issuer, person)
}
