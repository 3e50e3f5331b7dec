package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin/openid"
	"github.com/astreinte/astreinte/internal/web"
)

const (
	providerPath   = web.SignInPath + "/oidc"
	backPath       = providerPath + "/back" // the redirect URI that the provider must know
	providerCookie = "astreinte-oidc"
)

// SetProvider has people sign in by an identity provider too; nil: not. Its
// Callback is ours to say, by the address that SetPublic said.
func (p *Pages) SetProvider(s *openid.Settings) {
	if s == nil {
		p.provider.Store(nil)
		return
	}
	set := *s
	set.Callback = p.link(backPath)
	if was := p.provider.Load(); was != nil && was.Settings == set {
		return // it knows the provider's addresses already
	}
	p.provider.Store(openid.New(openid.Options{Settings: set, Records: p.Book.store, Now: p.Book.now, People: p.Book.people, Transport: p.Transport}))
}

// Enter signs in a person who has proved who they are by a passkey or to an
// identity provider, in one commit with what is to be written of the proof: ErrWrong
// if that counts no more.
func (b *Book) Enter(ctx context.Context, person, how string, from From, proof ...records.Write) (session string, err error) {
	err = again(func() error {
		if _, known := b.person(person); !known {
			return ErrWrong
		}
		was, err := b.account(ctx, person)
		if err != nil {
			return err
		}
		session, err = b.enter(ctx, person, was, how, from, false, proof...)
		return err
	})
	if errors.Is(err, records.ErrConflict) {
		return "", ErrWrong
	}
	if err != nil && !errors.Is(err, ErrWrong) {
		return "", fmt.Errorf("signin: sign in %s: %w", person, err)
	}
	return session, err
}

var errNoProvider = web.Refuse(http.StatusNotFound, "not_found", "no identity provider is configured (sign_in.oidc)")

// askProvider sends a browser to the identity provider.
func (p *Pages) askProvider(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	provider := p.provider.Load()
	if provider == nil {
		return errNoProvider
	}
	next := nextOf(r.URL.Query())
	to, kept, err := provider.Begin(r.Context(), next)
	if err != nil {
		return p.notProvided(w, r, err, next)
	}
	p.set(w, providerCookie, kept, openid.KeptFor)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// comeBack takes a browser that the identity provider sends back.
func (p *Pages) comeBack(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	provider := p.provider.Load()
	if provider == nil {
		return errNoProvider
	}
	kept := p.read(r, providerCookie)
	pay, err := p.Book.slow.back(p.Book.now(), p.Client(r))
	person, next, session := "", "", ""
	if err == nil {
		person, next, err = provider.Finish(r.Context(), kept, r.URL.Query())
		pay(!errors.Is(err, openid.ErrRefused))
	}
	if err == nil {
		session, err = p.Book.Enter(r.Context(), person, ByProvider, p.from(r))
	}
	if err != nil {
		return p.notProvided(w, r, err, nextOf(nil))
	}
	p.set(w, providerCookie, "", 0)
	p.enter(w, r, session, person)
	p.Log.Info("somebody signed in", zap.String("person", person), zap.String("how", ByProvider), zap.String("address", p.Client(r)))
	return p.lead(w, next)
}

// notProvided says on the sign-in page why the identity provider lets nobody in.
func (p *Pages) notProvided(w http.ResponseWriter, r *http.Request, err error, next string) error {
	words := &p.words(r, "").SignIn
	status, text := http.StatusUnauthorized, words.ProviderWrong
	var slow *Slow
	switch {
	case errors.As(err, &slow):
		status, text = wrong(w, words, err)
	case errors.Is(err, openid.ErrAway):
		status, text = http.StatusServiceUnavailable, words.ProviderAway
		w.Header().Set("Retry-After", "10")
	case errors.Is(err, openid.ErrNobody), errors.Is(err, ErrWrong):
		status, text = http.StatusForbidden, words.ProviderUnknown
	case !errors.Is(err, openid.ErrStale) && !errors.Is(err, openid.ErrRefused):
		return err //nolint:wrapcheck // it is the store's, and names itself
	}
	p.refused(zap.String("how", ByProvider), zap.String("address", p.Client(r)), zap.String("why", cut(err.Error())))
	return p.signInPage(w, r, status, text, next, "")
}

// unbind has the identity provider's next answer with a person's address bind the
// person anew.
func (p *Pages) unbind(ctx context.Context, person string) error {
	provider := p.provider.Load()
	if provider == nil {
		return errNoProvider
	}
	if err := provider.Forget(ctx, person); err != nil && !errors.Is(err, records.ErrConflict) {
		return err //nolint:wrapcheck // it names itself
	}
	return nil
}
