package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/paging"
)

// past is what files say was handed out: numbers and codes.
type past struct {
	numbers map[string]int64 // the highest that may be out, by prefix
	codes   map[string]int   // the highest, by phone as written in keys

	restores int64 // this restore and all before it
}

// pastOf reads the file at path, which nobody may hold. A file that is missing
// or cannot be read says nothing.
func pastOf(path string, now time.Time) (*past, error) {
	p := &past{numbers: map[string]int64{}, codes: map[string]int{}}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	who := &holder{path: path + ".lock"}
	if err := who.hold(f, now); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	defer who.release()
	if verify(f) != nil || p.readFile(path, f) != nil {
		p.numbers, p.codes = map[string]int64{}, map[string]int{}
	}
	return p, f.Close()
}

// readFile reads a file that is open and locked.
func (p *past) readFile(path string, f *os.File) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s cannot be read: %v", path, r)
		}
	}()
	db, err := bolt.Open(path, 0, &bolt.Options{
		ReadOnly: true, OpenFile: func(string, int, os.FileMode) (*os.File, error) { return duplicate(f) },
	})
	if err != nil {
		return err
	}
	return errors.Join(db.View(p.read), db.Close())
}

// read takes in what a file says.
func (p *past) read(tx *bolt.Tx) error {
	if in(tx, inNumbers) == nil || in(tx, inCodes) == nil {
		return errDamaged
	}
	err := in(tx, inNumbers).ForEach(func(prefix, v []byte) error {
		high, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || high < 0 {
			high = highestNumber(tx, string(prefix))
		}
		p.numbers[string(prefix)] = max(p.numbers[string(prefix)], high)
		return nil
	})
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	return in(tx, inCodes).ForEach(func(k, _ []byte) error {
		at := bytes.LastIndexByte(k, 0)
		code, err := strconv.Atoi(string(k[at+1:]))
		if at < 0 || err != nil {
			return nil //nolint:nilerr // it says nothing; the others do
		}
		phone := string(k[:at])
		p.codes[phone] = max(p.codes[phone], code)
		return nil
	})
}

// leaveOut has a batch write down that what may have been handed out is taken,
// and that this file is no backup any more.
func (p *past) leaveOut(b *batch, r *Restoring) error {
	b.s.store, b.filed = newIdentity(), true // no earlier journal belongs to it now
	if err := b.remove(inMeta, savedKey); err != nil {
		return err
	}
	for _, prefix := range r.Prefixes {
		p.numbers[prefix] += p.restores * numbersLeftOut
	}
	for prefix, high := range p.numbers {
		if err := b.put(inNumbers, []byte(prefix), strconv.AppendInt(nil, high, 10)); err != nil {
			return err
		}
	}
	for _, phone := range r.Phones {
		p.codes[short(phone)] = max(p.codes[short(phone)], firstCode-1)
	}
	for phone, high := range p.codes {
		if err := b.restCodes(phone, high+codesLeftOut, r.Now); err != nil {
			return fmt.Errorf("codes of %s: %w", phone, err)
		}
	}
	return nil
}

// restCodes marks as recently released all of a phone's codes up to high that
// are nobody's. They are not given again for a while.
func (b *batch) restCodes(phone string, high int, now time.Time) error {
	for number := firstCode; number <= high; number++ {
		code := paging.Code{Code: number, Ticket: "before the restore/" + strconv.Itoa(number)}
		key := codeKeyUnder([]byte(phone+"\x00"), number)
		if v := b.in(inCodes).Get(key); v != nil {
			if json.Unmarshal(v, &code) != nil || code.Ticket == "" {
				code = paging.Code{Ticket: "before the restore/" + strconv.Itoa(number)}
			} else if code.ReleasedAt.IsZero() {
				continue
			}
			code.Code = number
		}
		if code.At.IsZero() {
			code.At = now
		}
		code.ReleasedAt = now
		if err := b.putJSON(inCodes, key, &code); err != nil {
			return err
		}
	}
	return nil
}
