package recheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kind is that of the records, under the tickets' numbers, in the homes of their
// sources. A record is due when somebody should see to it: at once, or when the time of
// whoever does is over, or when it may be forgotten.
const Kind = "recheck"

// asking is a re-check that somebody asked for.
type asking struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"` // it is answered by then
	Askers []asker   `json:"askers"`
	// Holder is whoever sees to it until the record is due; empty: nobody does.
	Holder  string        `json:"holder,omitempty"`
	Found   *ticket.Found `json:"found,omitempty"` // nil: it is not known yet
	FoundAt time.Time     `json:"found_at,omitzero"`
	Noted   bool          `json:"noted,omitempty"` // the ticket's timeline says so
}

// asker is somebody who asked. One without a phone looks for the answer where the
// question was put.
type asker struct {
	desk.Asked
	Told  bool `json:"told,omitempty"`
	Tries int  `json:"tries,omitempty"`
}

// waits says whether the asker is still to be told.
func (a *asker) waits() bool { return a.Phone != "" && !a.Told && a.Tries < tellTries }

// untold is the first who is still to be told; -1: nobody is.
func (a *asking) untold() int {
	return slices.IndexFunc(a.Askers, func(who asker) bool { return who.waits() })
}

// join adds somebody who asked. Nothing changes for one who is there already and was told
// just now, or will be: each text would be another message.
func (a *asking) join(who *desk.Asked) {
	same := func(one asker) bool { return one.Actor.Same(&who.Actor) && one.Phone == who.Phone }
	i := slices.IndexFunc(a.Askers, same)
	switch {
	case i >= 0 && (a.Found == nil || a.Askers[i].Told || a.Askers[i].waits()):
	case i >= 0:
		a.Askers[i] = asker{Asked: *who}
	case len(a.Askers) < ticket.MaxAskers:
		a.Askers = append(a.Askers, asker{Asked: *who})
	}
}

// book keeps what was asked.
type book struct{ store records.Store }

func (b *book) shelf(home string) *records.Shelf[asking] {
	return &records.Shelf[asking]{Store: b.store, Home: home, Kind: Kind}
}

// get reads what was asked of a ticket. Nothing asked, or a record that is damaged, is
// an asking without an ID.
func (b *book) get(ctx context.Context, home, number string) (records.Item[asking], error) {
	item, err := b.shelf(home).Get(ctx, number)
	switch {
	case err == nil:
		return item, nil
	case errors.Is(err, records.ErrNotFound):
		return records.Item[asking]{}, nil
	case errors.Is(err, records.ErrUnreadable), errors.Is(err, escalation.ErrDamaged):
		return records.Item[asking]{Record: records.Record{Revision: records.Any}}, nil
	}
	return item, fmt.Errorf("recheck: what was asked of %s: %w", number, err)
}

// changeTries is how often a change is tried if others write first.
const changeTries = 20

// errLeft says that there is nothing to write.
var errLeft = errors.New("recheck: nothing to write")

// change reads a record and writes it as edit leaves it, due when edit says. If somebody
// else writes first, it does so again. The error is errLeft if edit returns that.
func (b *book) change(ctx context.Context, home, number string, edit func(a *asking, due time.Time) (next time.Time, err error)) (asking, error) {
	for try := 0; ; try++ {
		item, err := b.get(ctx, home, number)
		if err != nil {
			return item.Of, err
		}
		due, err := edit(&item.Of, item.Due)
		if err != nil {
			return item.Of, err
		}
		write, err := b.shelf(home).Put(number, item.Revision, item.Of)
		if err != nil {
			return item.Of, fmt.Errorf("recheck: %w", err)
		}
		write.Due, write.Vital = due, true
		_, err = b.store.Write(ctx, home, write)
		if err == nil {
			return item.Of, nil
		}
		if !errors.Is(err, records.ErrConflict) || try == changeTries {
			return item.Of, fmt.Errorf("recheck: write what was asked of %s: %w", number, err)
		}
	}
}

// forget removes a record, unless somebody wrote it meanwhile.
func (b *book) forget(ctx context.Context, item *records.Item[asking]) error {
	_, err := b.store.Write(ctx, item.Home, b.shelf(item.Home).Remove(item.Key, item.Revision))
	if err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("recheck: forget %s: %w", item.Key, err)
	}
	return nil
}
