package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// moveDevices turns devices into records. Layouts before the third kept them
// in two buckets. The empty buckets stay: an older journal names buckets by
// their number. A device that cannot be read stays in its bucket, where
// nothing looks.
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
