package signin

import (
	"context"
	"fmt"
	"net/http"

	"go.uber.org/zap"
)

// ByDemo is a way to sign in that proves nothing. Only the demo has such sessions.
const ByDemo = "demo"

// EnterAs signs a browser in as a person who has proven nothing, and ends the session
// that the browser had. It is refused by ErrOff unless Site.Open, which the demo's is
// and no other. No route leads here.
func (p *Pages) EnterAs(w http.ResponseWriter, r *http.Request, person string, phone bool) error {
	if !p.Open {
		return ErrOff
	}
	before := p.read(r, cookieName)
	if s, err := p.Book.Find(r.Context(), before); err == nil && s.Person == person && s.Phone == phone {
		return nil // it is signed in so already
	}
	session, err := p.Book.begin(r.Context(), person, p.from(r), phone)
	if err != nil {
		return err
	}
	if err := p.Book.SignOut(r.Context(), before); err != nil {
		return err
	}
	p.enter(w, r, session, person)
	p.Log.Info("somebody signed in", zap.String("person", person), zap.String("how", ByDemo), zap.Bool("phone", phone), zap.String("address", p.Client(r)))
	return nil
}

// begin begins a session of a person without a proof, ErrNotFound if there is no such
// person.
func (b *Book) begin(ctx context.Context, person string, from From, phone bool) (session string, err error) {
	if _, ok := b.person(person); !ok {
		return "", ErrNotFound
	}
	err = again(func() error {
		was, err := b.account(ctx, person)
		if err == nil {
			session, err = b.enter(ctx, person, was, ByDemo, from, phone)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("signin: begin a session of %s: %w", person, err)
	}
	return session, nil
}
