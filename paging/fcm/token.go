package fcm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// tokens keeps the access token that calls share. When it has run out, one
// caller at a time fetches the next, within its own context. (The oauth2
// package's own sources keep the context that they were made with.)
type tokens struct {
	account *jwt.Config
	base    *network
	turn    chan struct{} // whoever fetches holds it
	current atomic.Pointer[oauth2.Token]
}

func newTokens(account *jwt.Config, base *network) *tokens {
	return &tokens{account: account, base: base, turn: make(chan struct{}, 1)}
}

// get returns a token that is good for at least ten more seconds, and is not
// the refused one. fresh says that it was fetched for this caller.
func (s *tokens) get(ctx context.Context, refused *oauth2.Token) (token *oauth2.Token, fresh bool, err error) {
	usable := func() bool {
		token = s.current.Load()
		return token.Valid() && token != refused
	}
	if usable() {
		return token, false, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	if usable() { // the caller before us fetched it
		return token, false, nil
	}
	token, err = s.fetch(ctx)
	if err != nil {
		return nil, false, err
	}
	s.current.Store(token)
	return token, true, nil
}

// fetch asks the token endpoint, for as long as ctx holds.
func (s *tokens) fetch(ctx context.Context) (*oauth2.Token, error) {
	under := &bound{ctx: ctx, base: s.base}
	client := &http.Client{
		Transport:     under,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	token, err := s.account.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, client)).Token()
	switch {
	case under.err != nil:
		return nil, under.err
	case err != nil:
		return nil, err
	case token.AccessToken == "":
		return nil, errors.New("the token endpoint answered without a token")
	}
	return token, nil
}

// bound gives every request a context: the oauth2 package sends requests
// without one. It also keeps the error, of which that package returns only the
// words.
type bound struct {
	ctx  context.Context
	base *network
	err  error
}

// RoundTrip sends req within the context.
func (b *bound) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.base.RoundTrip(req.WithContext(b.ctx))
	b.err = err
	return res, err
}

// tokenRefusal is what the token endpoint said (RFC 6749, 5.2). ok is false if
// err is no answer of the endpoint.
func tokenRefusal(err error) (status int, header http.Header, code, text string, ok bool) {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) || refusal.Response == nil {
		return 0, nil, "", "", false
	}
	var said struct {
		Error string `json:"error"`
		Text  string `json:"error_description"`
	}
	_ = json.Unmarshal(refusal.Body, &said) // for a proxy's page, the status is enough
	return refusal.Response.StatusCode, refusal.Response.Header, said.Error, said.Text, true
}
