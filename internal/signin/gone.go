package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin/openid"
)

// kindGone marks who has something to sign in by and is no longer configured, under
// the person's key.
const kindGone = "sign-in gone"

// GoneFor is how long somebody is no longer configured before what the person signs in
// by is forgotten. It lets nobody in meanwhile; a mistake in a file, and a daemon that
// still has the file from before, take nothing away.
const GoneFor = 7 * 24 * time.Hour

type gone struct {
	Since time.Time `json:"since"`
}

// Sweep ends the sessions of those who are no longer configured, and forgets what they
// sign in by some time after that: password, passkeys, and whom the identity provider
// knows them as.
func (p *Pages) Sweep(ctx context.Context) error {
	if err := p.Book.Sweep(ctx); err != nil {
		return err
	}
	marks := shelf[gone](p.Book, kindGone)
	list, err := marks.List(ctx)
	if err != nil {
		return fmt.Errorf("signin: who is gone: %w", err)
	}
	marked := map[string]records.Item[gone]{}
	for i := range list {
		marked[list[i].Key] = list[i]
	}
	holders, err := p.holders(ctx)
	if err != nil {
		return err
	}
	now := p.Book.now()
	for person := range holders {
		_, configured := p.Book.person(person)
		mark, known := marked[person]
		switch {
		case configured:
			continue
		case !known:
			w, err := marks.Put(person, 0, gone{records.Instant(now)})
			if err == nil {
				_, err = p.Book.store.Write(ctx, records.House, w)
			}
			if err != nil && !errors.Is(err, records.ErrConflict) { // another daemon did
				return fmt.Errorf("signin: note that %s is gone: %w", person, err)
			}
			continue
		case now.Sub(mark.Of.Since) < GoneFor:
			delete(marked, person) // it stays
			continue
		}
		if err := p.forget(ctx, person); err != nil {
			return err
		}
	}
	for person := range marked { // of who is back, or has nothing left
		if _, err := p.Book.store.Write(ctx, records.House, marks.Remove(person, records.Any)); err != nil && !errors.Is(err, records.ErrNotFound) {
			return fmt.Errorf("signin: forget that %s was gone: %w", person, err)
		}
	}
	return nil
}

// holders are those who have something to sign in by.
func (p *Pages) holders(ctx context.Context) (map[string]bool, error) {
	accounts, err := p.Book.accounts.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("signin: accounts: %w", err)
	}
	all := map[string]bool{}
	for i := range accounts {
		all[accounts[i].Key] = true
	}
	for _, list := range []func(context.Context) ([]string, error){
		p.keys.Owners, func(ctx context.Context) ([]string, error) { return openid.Bound(ctx, p.Book.store) },
	} {
		people, err := list(ctx)
		if err != nil {
			return nil, err
		}
		for _, person := range people {
			all[person] = true
		}
	}
	return all, nil
}

// forget removes all that a person signs in by.
func (p *Pages) forget(ctx context.Context, person string) error {
	if _, err := p.keys.RemoveAll(ctx, person); err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	if err := openid.Unbind(ctx, p.Book.store, person); err != nil {
		return err //nolint:wrapcheck // likewise
	}
	_, err := p.Book.store.Write(ctx, records.House, p.Book.accounts.Remove(person, records.Any))
	if err != nil && !errors.Is(err, records.ErrNotFound) {
		return fmt.Errorf("signin: forget the account of %s: %w", person, err)
	}
	p.Log.Info("what somebody signed in by is forgotten, who is no longer configured", zap.String("person", cut(person)))
	return nil
}
