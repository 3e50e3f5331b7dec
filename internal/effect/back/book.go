package back

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// entry is what a tool was told of a ticket.
type entry struct {
	Ticket string `json:"ticket"`
	To     string `json:"to"` // the receiver's name
	Held   []Held `json:"held"`
}

// book keeps entries of one receiver.
type book struct {
	store    records.Store
	home, to string
	every    time.Duration
	now      func() time.Time
}

// errBusy says that a Keeper has the entry just now.
var errBusy = errors.New("its silences are being looked over")

func (b *book) shelf() *records.Shelf[entry] {
	return &records.Shelf[entry]{Store: b.store, Home: b.home, Kind: ticket.BackRecords}
}

func (b *book) key(number string) string { return number + " " + b.to }

// get reads the entry of a ticket. If there is none, or it cannot be read, it is empty.
func (b *book) get(ctx context.Context, number string) (records.Item[entry], error) {
	item, err := b.shelf().Get(ctx, b.key(number))
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		item.Key, item.Of = b.key(number), entry{Ticket: number, To: b.to}
		return item, nil
	case err != nil:
		return item, fmt.Errorf("back: what %s was told of %s: %w", b.to, number, err)
	case item.Owner != "" && item.Until.After(b.now()):
		return item, errBusy
	}
	return item, nil
}

// put writes what is held now, over what was read. An entry that holds nothing is
// removed.
func (b *book) put(ctx context.Context, item *records.Item[entry], held []Held) error {
	var w records.Write
	switch {
	case len(held) == 0 && item.Revision == 0:
		return nil
	case len(held) == 0:
		w = b.shelf().Remove(item.Key, item.Revision)
	default:
		item.Of.Held = held
		var err error
		if w, err = b.shelf().Put(item.Key, item.Revision, item.Of); err != nil {
			return err
		}
		if b.every > 0 {
			w.Due = b.now().Add(b.every)
		}
		w.Vital = true
	}
	if _, err := b.store.Write(ctx, b.home, w); err != nil {
		return fmt.Errorf("back: write what %s was told of %s: %w", b.to, item.Of.Ticket, err)
	}
	return nil
}
