package paging

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// DeviceBook keeps people's devices as records of the house. A device is under
// its id, and its id is under the hash of its token or endpoint. DeviceBook is
// the part of a Directory that deals with devices.
type DeviceBook struct {
	store         records.Store
	devices       records.Shelf[Device]
	subscriptions records.Shelf[Device]
	tokens        records.Shelf[string]
}

// The kinds of records. A device with a subscription has a kind that older
// daemons do not read: they would take it for one of Firebase's and forget it
// as gone.
const (
	kindDevice       = "device"
	kindSubscription = "push subscription"
	kindDeviceToken  = "device token"
)

// webPrefix begins the ids of devices with a subscription.
const webPrefix = "web-"

// kindOf is the kind of record for a device.
func kindOf(id string) string {
	if strings.HasPrefix(id, webPrefix) {
		return kindSubscription
	}
	return kindDevice
}

// shelf returns the shelf that keeps the device of this id.
func (b *DeviceBook) shelf(id string) *records.Shelf[Device] {
	if kindOf(id) == kindSubscription {
		return &b.subscriptions
	}
	return &b.devices
}

// NewDeviceBook keeps devices in a store. damaged is called for a record that
// is no device; it may be nil.
func NewDeviceBook(store records.Store, damaged func(r records.Record, err error)) DeviceBook {
	return DeviceBook{
		store:         store,
		devices:       records.Shelf[Device]{Store: store, Home: records.House, Kind: kindDevice, Damaged: damaged},
		subscriptions: records.Shelf[Device]{Store: store, Home: records.House, Kind: kindSubscription, Damaged: damaged},
		tokens:        records.Shelf[string]{Store: store, Home: records.House, Kind: kindDeviceToken, Damaged: damaged},
	}
}

// deviceTries is how often a device is filed again if somebody else files the
// same one.
const deviceTries = 10

// errNoDevice is the error for a record that names no person, or no token.
var errNoDevice = errors.New("it names nobody, or no token")

// Devices implements Phonebook. It reads all devices: there are about as many
// as people and their phones.
func (b *DeviceBook) Devices(ctx context.Context, person string) ([]Device, error) {
	items, err := b.devices.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("paging: devices of %q: %w", person, err)
	}
	subscribed, err := b.subscriptions.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("paging: devices of %q: %w", person, err)
	}
	items = append(items, subscribed...)
	devices := make([]Device, 0, len(items))
	for i := range items {
		switch d := items[i].Of; {
		case d.Person == "" || d.address() == "":
			if b.devices.Damaged != nil {
				b.devices.Damaged(items[i].Record, errNoDevice)
			}
		case person == "" || person == d.Person:
			d.ID = items[i].Key
			devices = append(devices, d)
		}
	}
	slices.SortFunc(devices, func(a, b Device) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return devices, nil
}

// PutDevice implements Phonebook.
func (b *DeviceBook) PutDevice(ctx context.Context, d Device) (Device, error) {
	made := strings.ToLower(rand.Text()[:16])
	if d.Push != nil {
		made = webPrefix + made
	}
	if (d.Push != nil) != (kindOf(d.ID) == kindSubscription) {
		d.ID = "" // its present id would lead to the other kind
	}
	for try := 0; ; try++ {
		put, err := b.file(ctx, d, made)
		if err == nil || !errors.Is(err, records.ErrConflict) || try == deviceTries {
			if err != nil {
				return Device{}, fmt.Errorf("paging: file a device of %s: %w", d.Person, err)
			}
			return put, nil
		}
	}
}

// file files a device, by what is known of its token and its id.
func (b *DeviceBook) file(ctx context.Context, d Device, made string) (Device, error) {
	token, err := Readable(b.tokens.Get(ctx, tokenKey(d.address())))
	switch {
	case err != nil:
		return d, err
	case token.Of != "":
		d.ID = token.Of
	case d.ID == "":
		d.ID = made
	}
	was, err := Readable(b.shelf(d.ID).Get(ctx, d.ID))
	if err != nil {
		return d, err
	}
	if was.Of.Person == d.Person && was.Of.address() == d.address() && d.ShownAt.Before(was.Of.ShownAt) {
		d.ShownAt = was.Of.ShownAt
	}
	writes, err := DeviceWrites(d.ID, d)
	if err != nil {
		return d, err
	}
	writes[0].Revision, writes[1].Revision = was.Revision, token.Revision
	if old := was.Of.address(); old != "" && old != d.address() {
		writes = append(writes, b.tokens.Remove(tokenKey(old), records.Any))
	}
	_, err = b.store.Write(ctx, records.House, writes...)
	return d, err
}

// DeviceWrites are the writes of a device's two records, at any revision: the
// device itself, and its token.
func DeviceWrites(id string, d Device) ([]records.Write, error) {
	device, err1 := json.Marshal(d)
	under, err2 := json.Marshal(id)
	return []records.Write{
		{Kind: kindOf(id), Key: id, Revision: records.Any, Value: device},
		{Kind: kindDeviceToken, Key: tokenKey(d.address()), Revision: records.Any, Value: under},
	}, errors.Join(err1, err2)
}

// Readable is an item, or an empty one if there is none or it cannot be read:
// a write overwrites such a record.
func Readable[T any](item records.Item[T], err error) (records.Item[T], error) {
	switch {
	case err == nil:
		return item, nil
	case errors.Is(err, records.ErrNotFound):
		return records.Item[T]{}, nil
	case errors.Is(err, records.ErrUnreadable), errors.Is(err, escalation.ErrDamaged):
		return records.Item[T]{Record: records.Record{Revision: records.Any}}, nil
	}
	return item, err
}

// DropDevice implements Phonebook.
func (b *DeviceBook) DropDevice(ctx context.Context, person, id string) error {
	shelf := b.shelf(id)
	was, err := shelf.Get(ctx, id)
	switch {
	case errors.Is(err, records.ErrNotFound), err == nil && was.Of.Person != person:
		err = escalation.ErrNotFound
	case err == nil:
		_, err = b.store.Write(ctx, records.House, shelf.Remove(id, was.Revision), b.tokens.Remove(tokenKey(was.Of.address()), records.Any))
	}
	if errors.Is(err, records.ErrConflict) { // it belongs to somebody else now
		err = escalation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("paging: remove device %s of %s: %w", id, person, err)
	}
	return nil
}

// shownApart is how exact Device.ShownAt is: a phone that shows twenty pushes
// at once costs one write.
const shownApart = time.Minute

// DeviceShown implements Phonebook.
func (b *DeviceBook) DeviceShown(ctx context.Context, person, id string, at time.Time) error {
	for try := 0; ; try++ {
		err := b.shown(ctx, person, id, at)
		if err == nil || !errors.Is(err, records.ErrConflict) || try == deviceTries {
			if err != nil {
				return fmt.Errorf("paging: device %s of %s has shown a push: %w", ticket.Logged(id), ticket.Logged(person), err)
			}
			return nil
		}
	}
}

func (b *DeviceBook) shown(ctx context.Context, person, id string, at time.Time) error {
	shelf := b.shelf(id)
	was, err := shelf.Get(ctx, id)
	switch {
	case errors.Is(err, records.ErrNotFound), err == nil && was.Of.Person != person:
		return escalation.ErrNotFound
	case err != nil:
		return err
	case at.Sub(was.Of.ShownAt) < shownApart:
		return nil
	}
	was.Of.ShownAt = records.Instant(at)
	write, err := shelf.Put(id, was.Revision, was.Of)
	if err == nil {
		_, err = b.store.Write(ctx, records.House, write)
	}
	return err
}

func tokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
