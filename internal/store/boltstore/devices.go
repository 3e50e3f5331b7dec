package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Devices reads them all; there are few.
func (s *Store) Devices(ctx context.Context, person string) (devices []paging.Device, err error) {
	err = s.peek(ctx, func(tx *bolt.Tx) error {
		return in(tx, inDevices).ForEach(func(k, v []byte) error {
			d, err := readDevice(v)
			if err != nil {
				s.Note(ticket.RecordDevice, string(k), err)
				return nil
			}
			if person == "" || d.Person == person {
				devices = append(devices, d)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: list devices of %q: %w", person, err)
	}
	slices.SortFunc(devices, func(a, b paging.Device) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return devices, nil
}

// PutDevice files a device by its id, and its id by its token.
func (s *Store) PutDevice(ctx context.Context, d paging.Device) (paging.Device, error) {
	var put paging.Device
	made := rand.Text()
	err := s.write(ctx, 1, func(b *batch) error {
		put = d
		switch known := b.in(inTokens).Get([]byte(short(d.Token))); {
		case known != nil:
			put.ID = string(known)
		case d.ID == "":
			put.ID = made
		}
		if was := b.device(put.ID); was != nil && was.Token != d.Token {
			if err := b.remove(inTokens, []byte(short(was.Token))); err != nil {
				return err
			}
		}
		return errors.Join(b.put(inTokens, []byte(short(d.Token)), []byte(put.ID)), b.putJSON(inDevices, []byte(short(put.ID)), &put))
	})
	if err != nil {
		return paging.Device{}, fmt.Errorf("boltstore: file a device of %s: %w", d.Person, err)
	}
	return put, nil
}

// DropDevice removes a device and its token.
func (s *Store) DropDevice(ctx context.Context, person, id string) error {
	found := false
	err := s.write(ctx, 1, func(b *batch) error {
		d := b.device(id)
		if found = d != nil && d.Person == person; !found {
			return nil
		}
		return errors.Join(b.remove(inDevices, []byte(short(id))), b.remove(inTokens, []byte(short(d.Token))))
	})
	if err == nil && !found {
		err = escalation.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("boltstore: drop device %q of %s: %w", id, person, err)
	}
	return nil
}

// device reads a device, nil where there is none, or none that can be read.
func (b *batch) device(id string) *paging.Device {
	v := bytes.Clone(b.in(inDevices).Get([]byte(short(id))))
	if v == nil {
		return nil
	}
	d, err := readDevice(v)
	if err != nil {
		b.s.Note(ticket.RecordDevice, id, err)
		return nil
	}
	return &d
}

func readDevice(v []byte) (d paging.Device, err error) {
	if err = json.Unmarshal(v, &d); err == nil && (d.Person == "" || d.Token == "") {
		err = errHead
	}
	return d, err
}
