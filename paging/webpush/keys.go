package webpush

import (
	"cmp"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/astreinte/astreinte/internal/records"
)

// Keys are what a house pushes by: made once, and the same for all its daemons for
// ever, for a subscription is bound to the public key that it was made with. What
// prints them shows the public one alone.
type Keys struct {
	private *ecdh.PrivateKey
	shown   [32]byte // of the tokens of what was shown
}

// Public is the key that a browser subscribes with (applicationServerKey): a point
// of P-256, uncompressed, in base64url.
func (k *Keys) Public() string {
	return base64.RawURLEncoding.EncodeToString(k.private.PublicKey().Bytes())
}

// String is the public key.
func (k *Keys) String() string { return k.Public() }

// GoString is the public key.
func (k *Keys) GoString() string { return k.Public() }

// kept are the keys as their record has them.
type kept struct {
	Private string `json:"private"` // the number, 32 bytes, in base64url
	Shown   string `json:"shown"`
}

const (
	kindKeys = "push keys"
	vapid    = "vapid" // the key of the one record
)

// NewKeys makes keys.
func NewKeys() (*Keys, error) {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: make keys: %w", err)
	}
	k := &Keys{private: private}
	_, _ = rand.Read(k.shown[:]) // never fails: crypto/rand
	return k, nil
}

func (k *Keys) kept() kept {
	return kept{
		Private: base64.RawURLEncoding.EncodeToString(k.private.Bytes()),
		Shown:   base64.RawURLEncoding.EncodeToString(k.shown[:]),
	}
}

func (k kept) keys() (*Keys, error) {
	number, err1 := base64.RawURLEncoding.DecodeString(k.Private)
	shown, err2 := base64.RawURLEncoding.DecodeString(k.Shown)
	if err := errors.Join(err1, err2); err != nil {
		return nil, errors.New("they are not base64")
	}
	private, err := ecdh.P256().NewPrivateKey(number)
	if err != nil || len(shown) != 32 {
		return nil, errors.New("they are no keys")
	}
	return &Keys{private: private, shown: [32]byte(shown)}, nil
}

// House finds the keys of a house, and makes them if it has none. It is safe for
// concurrent use.
type House struct {
	shelf  records.Shelf[kept]
	path   string        // of what is remembered (Remember); empty: nothing is
	asking chan struct{} // has a place for one who asks the store; the others wait no longer than they may

	mu         sync.Mutex // held for a moment: a store that hangs holds no push up
	keys       *Keys      // that the store has given
	remembered *Keys      // that the file has
}

// NewHouse keeps keys in a store. It asks nobody yet.
func NewHouse(store records.Store) *House {
	return &House{shelf: records.Shelf[kept]{Store: store, Home: records.House, Kind: kindKeys}, asking: make(chan struct{}, 1)}
}

// Keys are the house's, as the store has given them or as they are remembered; else
// the store is asked.
func (h *House) Keys(ctx context.Context) (*Keys, error) {
	if keys := h.known(); keys != nil {
		return keys, nil
	}
	keys, err := h.ask(ctx)
	if err == nil {
		_ = h.remember() // Ask says so
	}
	return keys, err
}

func (h *House) known() *Keys {
	h.mu.Lock()
	defer h.mu.Unlock()
	return cmp.Or(h.keys, h.remembered)
}

// Ask has the store give the keys, whatever is remembered, and remembers them. Where
// two daemons make them at once, both have those of the first. Keys that are there and
// cannot be read are an error and are not made anew: each phone would have to be
// enrolled again.
func (h *House) Ask(ctx context.Context) (*Keys, error) {
	keys, err := h.ask(ctx)
	if err == nil {
		err = h.remember()
	}
	return keys, err
}

func (h *House) ask(ctx context.Context) (*Keys, error) {
	select {
	case h.asking <- struct{}{}:
		defer func() { <-h.asking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("webpush: the keys of this house: somebody else asks for them: %w", ctx.Err())
	}
	h.mu.Lock()
	keys := h.keys
	h.mu.Unlock()
	if keys != nil {
		return keys, nil
	}
	item, err := h.shelf.Get(ctx, vapid)
	if errors.Is(err, records.ErrNotFound) {
		if err = h.make(ctx); err == nil {
			item, err = h.shelf.Get(ctx, vapid)
		}
	}
	if err == nil {
		keys, err = item.Of.keys()
	}
	if err != nil {
		return nil, fmt.Errorf("webpush: the keys of this house: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = keys
	return keys, nil
}

// make files new keys, unless there are some by now.
func (h *House) make(ctx context.Context) error {
	keys, err := NewKeys()
	if err != nil {
		return err
	}
	write, err := h.shelf.Put(vapid, 0, keys.kept())
	if err != nil {
		return err
	}
	_, err = h.shelf.Store.Write(ctx, records.House, write)
	if errors.Is(err, records.ErrConflict) {
		return nil
	}
	return err
}
