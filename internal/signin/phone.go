package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Current is the session that a request carries, ErrNotFound if it carries none that
// is good.
func (p *Pages) Current(r *http.Request) (Session, error) {
	return p.Book.Find(r.Context(), p.read(r, cookieName))
}

// InvitePhone makes an address that signs one phone in as a person, once.
func (p *Pages) InvitePhone(ctx context.Context, person, by string) (address string, until time.Time, err error) {
	token, made, err := p.Book.Invite(ctx, person, by, true)
	if err != nil {
		return "", until, err
	}
	return p.link(invitationPath(token, true)), made.Expires, nil
}

// EndPhone ends a person's session by its ID; one that has ended is no error.
func (p *Pages) EndPhone(ctx context.Context, person, id string) error {
	if _, err := p.Book.End(ctx, id, person); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("signin: end the session of a phone of %s: %w", person, err)
	}
	return nil
}
