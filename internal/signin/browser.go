package signin

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// browserFor is how long a browser counts as one that has signed in before.
const browserFor = 400 * 24 * time.Hour

// Mark makes the token of a browser that has just signed in as a person: tries from it
// are not slowed down by what others try.
func (b *Book) Mark(ctx context.Context, person string) (string, error) {
	now := b.now()
	token := newToken()
	key, _ := hashed(token)
	w, err := b.browsers.Put(key, 0, browser{Person: person, At: records.Instant(now)})
	if err == nil {
		w.Due = records.Instant(now.Add(browserFor))
		_, err = b.store.Write(ctx, records.House, w)
	}
	if err != nil {
		return "", fmt.Errorf("signin: mark a browser of %s: %w", person, err)
	}
	return token, nil
}

// cameBefore is the person as whom a browser has signed in before; empty: as
// nobody that is known.
func (b *Book) cameBefore(ctx context.Context, token string) (string, error) {
	key, ok := hashed(token)
	if !ok {
		return "", nil
	}
	item, err := paging.Readable(b.browsers.Get(ctx, key))
	if err != nil {
		return "", fmt.Errorf("signin: find a browser: %w", err)
	}
	if b.now().Sub(item.Of.At) > browserFor {
		return "", nil
	}
	return item.Of.Person, nil
}
