package paging

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// GoneDevice is a device that was removed because its provider said that it is
// gone. Its person is told until they register it anew, hide that line, or
// ProvenFor has passed.
type GoneDevice struct {
	ID       string    `json:"id"`
	Person   string    `json:"person"`
	Name     string    `json:"name,omitempty"`
	Platform string    `json:"platform"`
	Service  string    `json:"service,omitempty"` // the host of a browser's push service
	At       time.Time `json:"at"`
}

// GoneBook keeps them as records of the house, under the person and the device's
// id.
type GoneBook struct {
	store records.Store
	shelf records.Shelf[GoneDevice]
}

const (
	kindGone = "device that is gone"
	// betweenGone stands between a person's key and a device's id. No key has it.
	betweenGone = "\x1f"
)

// NewGoneBook keeps them in a store.
func NewGoneBook(store records.Store) *GoneBook {
	return &GoneBook{store: store, shelf: records.Shelf[GoneDevice]{Store: store, Home: records.House, Kind: kindGone}}
}

// Note writes down that a device is gone. Of a person as many are kept as a
// person may have devices.
func (b *GoneBook) Note(ctx context.Context, d *Device, at time.Time) error {
	gone := GoneDevice{ID: d.ID, Person: d.Person, Name: d.Name, Platform: d.Platform, At: records.Instant(at)}
	if d.Push != nil {
		if u, err := url.Parse(d.Push.Endpoint); err == nil {
			gone.Service = u.Host
		}
	}
	write, err := b.shelf.Put(d.Person+betweenGone+d.ID, records.Any, gone)
	var all []records.Item[GoneDevice]
	if err == nil {
		all, err = b.shelf.List(ctx)
	}
	if err == nil {
		_, err = b.store.Write(ctx, records.House, append(b.surplus(all, &gone), write)...)
	}
	if err != nil {
		return fmt.Errorf("paging: note that device %s of %s is gone: %w", d.ID, d.Person, err)
	}
	return nil
}

// surplus removes what is too old to be told, and the oldest of a person who has
// too many.
func (b *GoneBook) surplus(all []records.Item[GoneDevice], next *GoneDevice) (writes []records.Write) {
	var theirs []records.Item[GoneDevice]
	for i := range all {
		switch of := &all[i].Of; {
		case of.Person == next.Person && of.ID == next.ID:
		case next.At.Sub(of.At) > ProvenFor:
			if len(writes) < goneAtOnce {
				writes = append(writes, b.shelf.Remove(all[i].Key, records.Any))
			}
		case of.Person == next.Person:
			theirs = append(theirs, all[i])
		}
	}
	slices.SortFunc(theirs, func(a, b records.Item[GoneDevice]) int { return a.Of.At.Compare(b.Of.At) })
	for i := range theirs[:max(len(theirs)-ticket.MaxDevices+1, 0)] {
		writes = append(writes, b.shelf.Remove(theirs[i].Key, records.Any))
	}
	return writes
}

// goneAtOnce bounds what is removed with one write.
const goneAtOnce = 20

// Missed lists those that their people still have to be told of, the newest
// first. devices are all that are registered.
func (b *GoneBook) Missed(ctx context.Context, devices []Device, now time.Time) ([]GoneDevice, error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("paging: devices that are gone: %w", err)
	}
	var missed []GoneDevice
	for i := range items {
		if of := &items[i].Of; now.Sub(of.At) <= ProvenFor && !slices.ContainsFunc(devices, of.replaced) {
			missed = append(missed, *of)
		}
	}
	slices.SortFunc(missed, func(a, b GoneDevice) int { return b.At.Compare(a.At) })
	return missed, nil
}

// replaced says whether a device is the one that was gone: it was registered
// again under its id, or since then under its name.
func (g *GoneDevice) replaced(d Device) bool {
	return d.Person == g.Person && (d.ID == g.ID || d.Platform == g.Platform && d.Name == g.Name && d.At.After(g.At))
}

// Hide has a person be told of one no more; escalation.ErrNotFound if they were
// not.
func (b *GoneBook) Hide(ctx context.Context, person, id string) error {
	key := person + betweenGone + id
	_, err := b.shelf.Get(ctx, key)
	if err == nil || errors.Is(err, records.ErrUnreadable) {
		_, err = b.store.Write(ctx, records.House, b.shelf.Remove(key, records.Any))
	}
	if errors.Is(err, records.ErrNotFound) {
		err = escalation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("paging: hide that device %s of %s is gone: %w", ticket.Logged(id), ticket.Logged(person), err)
	}
	return nil
}

// GoneOf picks a person's.
func GoneOf(all []GoneDevice, person string) (theirs []GoneDevice) {
	for i := range all {
		if all[i].Person == person {
			theirs = append(theirs, all[i])
		}
	}
	return theirs
}
