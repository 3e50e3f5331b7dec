package ready

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// Desk is all that is known of who can be woken.
type Desk struct {
	Proofs    *Proofs
	Handovers *Handovers
	Drills    *Drills
	links     records.Shelf[Link]
}

// NewDesk keeps it in a store.
func NewDesk(store records.Store) *Desk {
	return &Desk{
		Proofs: NewProofs(store), Handovers: NewHandovers(store), Drills: NewDrills(store),
		links: records.Shelf[Link]{Store: store, Home: records.House, Kind: kindLink},
	}
}

// Answered notes what a person did by hand: the drills and handovers that wait for an
// answer have it. An error says that they may not have it. The proof that it is too is
// for the caller to note, and no error: a full store takes no new one, and who answers
// a page then has answered all the same.
func (b *Desk) Answered(ctx context.Context, p paging.Proof) (waited paging.Waited, err error) {
	drill, err1 := b.Drills.Answer(ctx, p)
	handover, err2 := b.Handovers.Confirm(ctx, p)
	waited = paging.Waited{Handover: !handover.IsZero(), Drill: !drill.IsZero(), At: latestOf(drill, handover)}
	return waited, errors.Join(err1, err2)
}

// Fresh is a handover that is found. It is confirmed where its person did something just
// before that: who takes over by a text or a tap is known to be there. So is a
// replacement that was made for at once: whoever made it has arranged it, and sent home
// whom it replaces.
func (b *Desk) Fresh(ctx context.Context, d *contacts.Directory, h Handover, now time.Time) Handover {
	hand, err := b.Proofs.byHand(ctx, h.Person)
	if err == nil && now.Sub(hand) < fresh || h.replaces(d) && h.At.Sub(now) < fresh {
		h.Confirmed, h.How = now, paging.ByApp
	}
	return h
}

// replaces says whether the person comes on call by a replacement, and not by a turn.
func (h *Handover) replaces(d *contacts.Directory) bool {
	for _, span := range d.Schedule(h.Group, h.At, h.At.Add(1)) {
		for _, a := range span.People {
			if a.Person == h.Person {
				return strings.HasPrefix(a.Why, "replacement ")
			}
		}
	}
	return false
}

// fresh is how long ago that may be: as exact as proofs are, and a little more.
const fresh = 2 * Apart

// Link is what the link of a message before a handover, or of a drill, stands for.
type Link struct {
	Person  string `json:"person"`
	Channel string `json:"channel"`
	Address string `json:"address"`
}

const (
	kindLink = "ready link"
	// LinkFor is how long such a link works: over the day before a handover, and the one
	// after it.
	LinkFor = 72 * time.Hour
)

// Expiring are the kinds of records that are removed when they are due.
func Expiring() []string { return []string{kindLink, kindDrill} }

// ErrNoLink is of a token that stands for nothing, or not any more.
var ErrNoLink = errors.New("ready: there is no such link")

// NewLink files a link, and returns its token.
func (b *Desk) NewLink(ctx context.Context, l Link, now time.Time) (token string, err error) {
	token = strings.ToLower(rand.Text()[:16])
	write, err := b.links.Put(hashed(token), 0, l)
	if err == nil {
		write.Due = now.Add(LinkFor)
		_, err = b.links.Store.Write(ctx, records.House, write)
	}
	if err != nil {
		return "", fmt.Errorf("ready: make a link: %w", err)
	}
	return token, nil
}

// Link is what a token stands for; ErrNoLink if it is nothing.
func (b *Desk) Link(ctx context.Context, token string, now time.Time) (Link, error) {
	item, err := b.links.Get(ctx, hashed(token))
	switch {
	case errors.Is(err, records.ErrNotFound), err == nil && !now.Before(item.Due):
		return Link{}, ErrNoLink
	case err != nil:
		return Link{}, fmt.Errorf("ready: read a link: %w", err)
	}
	return item.Of, nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
