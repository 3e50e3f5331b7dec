package ready

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Apart is how far apart two proofs of one channel and address are that are both
// written down: a night of receipts costs few writes.
const Apart = 5 * time.Minute

// kindProofs is a record a person, under the person's key.
const kindProofs = "proofs"

// proven is what is known of a person.
type proven struct {
	Proofs []paging.Proof `json:"proofs"`        // the last of each channel and address
	Hand   time.Time      `json:"hand,omitzero"` // when the person last did something, to Apart
}

// mostKnown is how many proofs a daemon remembers to be written: of more it reads.
const mostKnown = 5000

// Proofs keeps the last proof of each channel and address of each person. What
// devices showed is kept with the devices (paging.Device.ShownAt), and added by Of. It
// is safe for concurrent use.
type Proofs struct {
	store records.Store
	shelf records.Shelf[proven]

	mu    sync.Mutex
	known map[string]time.Time // when what was last written, by person, channel and address
}

// NewProofs keeps them in a store.
func NewProofs(store records.Store) *Proofs {
	return &Proofs{store: store, shelf: records.Shelf[proven]{Store: store, Home: records.House, Kind: kindProofs}, known: map[string]time.Time{}}
}

// Note keeps a proof, unless one like it was kept less than Apart ago.
func (b *Proofs) Note(ctx context.Context, p paging.Proof) error {
	p.At = records.Instant(p.At)
	hand := p.How.ByHand()
	if p.Person == "" || p.Channel == "" || b.lately(&p) {
		return nil
	}
	err := b.change(ctx, p.Person, func(is *proven) bool {
		i := slices.IndexFunc(is.Proofs, func(o paging.Proof) bool { return o.Channel == p.Channel && o.Address == p.Address })
		if hand && p.At.After(is.Hand) {
			is.Hand = p.At
		}
		switch {
		case i < 0:
			is.Proofs = append(is.Proofs, p)
		case p.At.Sub(is.Proofs[i].At) >= Apart, hand && !is.Proofs[i].How.ByHand():
			is.Proofs[i] = p
		default:
			return false // another daemon has noted one
		}
		slices.SortFunc(is.Proofs, latest)
		is.Proofs = is.Proofs[:min(len(is.Proofs), ticket.MaxProofs)]
		return true
	})
	if err != nil {
		b.forget(&p)
	}
	return err
}

// latest sorts proofs, the last first.
func latest(a, b paging.Proof) int {
	return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Channel, b.Channel), strings.Compare(a.Address, b.Address))
}

// nameOf is what two proofs have in common of which one is enough.
func nameOf(p *paging.Proof) string {
	name := p.Person + "\x00" + p.Channel + "\x00" + p.Address
	if p.How.ByHand() {
		name += "\x00by hand"
	}
	return name
}

// lately says that one like it was written here less than Apart ago. Else it counts
// as written, until forget.
func (b *Proofs) lately(p *paging.Proof) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	last, ok := b.known[nameOf(p)]
	if ok && p.At.Sub(last) < Apart {
		return true
	}
	if len(b.known) >= mostKnown {
		clear(b.known) // they are read again
	}
	b.known[nameOf(p)] = p.At
	return false
}

func (b *Proofs) forget(p *paging.Proof) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, nameOf(p))
}

// tries is how often a record is written anew if somebody else comes first.
const tries = 10

// change changes what is known of a person, unless do finds nothing to write.
func (b *Proofs) change(ctx context.Context, person string, do func(is *proven) bool) error {
	for try := 0; ; try++ {
		was, err := paging.Readable(b.shelf.Get(ctx, person))
		if err == nil {
			if !do(&was.Of) {
				return nil
			}
			var write records.Write
			if write, err = b.shelf.Put(person, was.Revision, was.Of); err == nil {
				_, err = b.store.Write(ctx, records.House, write)
			}
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, records.ErrConflict) || try == tries:
			return fmt.Errorf("ready: note a proof of %s: %w", ticket.Logged(person), err)
		}
	}
}

// Of lists the last proof of each channel and address of a person, the last first.
// devices are the person's.
func (b *Proofs) Of(ctx context.Context, person string, devices []paging.Device) ([]paging.Proof, error) {
	is, err := b.of(ctx, person)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(is.Proofs)
	for i := range devices {
		d := &devices[i]
		if d.ShownAt.IsZero() {
			continue
		}
		shown := paging.Proof{Channel: paging.WayPush, Address: d.ID, At: d.ShownAt, How: paging.ByShown}
		if at := slices.IndexFunc(list, func(p paging.Proof) bool { return p.Channel == shown.Channel && p.Address == d.ID }); at < 0 {
			list = append(list, shown)
		} else if shown.At.After(list[at].At) {
			list[at] = shown
		}
	}
	for i := range list {
		list[i].Person = person
	}
	slices.SortFunc(list, latest)
	return list, nil
}

// byHand is when a person last did something, to Apart; zero: it is not known.
func (b *Proofs) byHand(ctx context.Context, person string) (time.Time, error) {
	is, err := b.of(ctx, person)
	return is.Hand, err
}

func (b *Proofs) of(ctx context.Context, person string) (proven, error) {
	item, err := paging.Readable(b.shelf.Get(ctx, person))
	if err != nil {
		return item.Of, fmt.Errorf("ready: read the proofs of %s: %w", ticket.Logged(person), err)
	}
	return item.Of, nil
}
