package redisstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

var errNoDevice = errors.New("it names nobody, or no token")

// Devices implements paging.Directory. All devices are in one slot, and read
// together: they are as many as the people and their phones.
func (s *Store) Devices(ctx context.Context, person string) ([]paging.Device, error) {
	texts := redis.NewMapStringStringCmd(ctx, "hgetall", deviceKey()+"json")
	if err := s.run(ctx, texts); err != nil {
		return nil, failed(err, "devices of %q", person)
	}
	devices := make([]paging.Device, 0, len(texts.Val()))
	for id, text := range texts.Val() {
		device, err := decode[paging.Device](text)
		if err == nil && (device.Person == "" || device.Token == "") {
			err = errNoDevice
		}
		if err != nil {
			s.Note(ticket.RecordDevice, id, err)
			continue
		}
		device.ID = id
		if person == "" || person == device.Person {
			devices = append(devices, device)
		}
	}
	slices.SortFunc(devices, func(a, b paging.Device) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
	})
	return devices, nil
}

// PutDevice implements paging.Directory.
func (s *Store) PutDevice(ctx context.Context, d paging.Device) (paging.Device, error) {
	if d.ID == "" {
		d.ID = strings.ToLower(rand.Text()[:16])
	}
	text, err := encode(&d)
	if err != nil {
		return paging.Device{}, failed(err, "file a device of %s", d.Person)
	}
	c := s.scripts.device.on(ctx, deviceKey(), d.ID, d.Person, d.Token, text)
	if err := s.save(ctx, c); err != nil {
		return paging.Device{}, failed(err, "file a device of %s", d.Person)
	}
	if d.ID, err = c.Text(); err != nil {
		return paging.Device{}, failed(err, "file a device of %s", d.Person)
	}
	return d, nil
}

// DropDevice implements paging.Directory.
func (s *Store) DropDevice(ctx context.Context, person, id string) error {
	c := s.scripts.drop.on(ctx, deviceKey(), person, id)
	if err := s.save(ctx, c); err != nil {
		return failed(err, "remove device %s of %s", id, person)
	}
	if c.Val() != int64(1) {
		return failed(escalation.ErrNotFound, "remove device %s of %s", id, person)
	}
	return nil
}
