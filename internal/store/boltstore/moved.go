package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// moveDevices makes records of the devices that a layout before the third kept in
// buckets of their own. The buckets stay, empty: a journal of before names buckets
// by their places. A device that cannot be read stays where nobody looks.
func (s *Store) moveDevices() error {
	some := false
	err := s.db.View(func(tx *bolt.Tx) error {
		k, _ := in(tx, inDevices).Cursor().First()
		some = k != nil
		return nil
	})
	if err != nil || !some {
		return err
	}
	return s.db.Update(s.moveDevicesIn)
}

func (s *Store) moveDevicesIn(tx *bolt.Tx) error {
	b := &batch{s: s, tx: tx, redo: newFrame()}
	var errs []error
	for k, v := in(tx, inDevices).Cursor().First(); k != nil; k, v = in(tx, inDevices).Cursor().First() {
		var d paging.Device
		if err := json.Unmarshal(v, &d); err == nil && d.Person != "" && d.Token != "" {
			writes, err := paging.DeviceWrites(string(k), d)
			if err == nil {
				_, err = b.putRecords(records.House, writes)
			}
			errs = append(errs, err)
		}
		errs = append(errs, in(tx, inDevices).Delete(bytes.Clone(k)))
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}
