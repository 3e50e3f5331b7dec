package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// verify reads a bbolt file whole and checks everything that bbolt trusts. If
// that is not as bbolt expects, bbolt panics, partly in its own goroutines.
// verify also brings the file into the page cache in time for load.
func verify(f *os.File) error { return verifyPart(f, false) }

// verifyLive is verify, but leaves out what belongs to closed tickets alone.
// So it costs the same however many of them there are. It does so only if the
// file's list of free pages is the one that we noted (free.go). Damage in what
// it leaves out is found when that is read.
func verifyLive(f *os.File) error { return verifyPart(f, true) }

func verifyPart(f *os.File, live bool) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() == 0:
		return errEmpty
	}
	v := verifier{f: f, size: info.Size()}
	if err = v.findMeta(); err == nil {
		v.seen = make([]bool, v.pages)
		if live && v.isNoted() {
			v.live = &living{}
		}
		err = v.check()
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", errDamaged, err)
	}
	return nil
}

// The format of a bbolt file, version 2. Numbers are in the machine's order.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
	flagBucket   = 0x01 // a flag of a leaf's element

	pageStart    = 16 // id 8, flags 2, count 2, overflow 4
	elementStart = 16
	metaLength   = 64
	bucketStart  = 16 // root 8, sequence 8
)

var machine = binary.NativeEndian

type verifier struct {
	f    io.ReaderAt
	size int64

	page     uint64 // bytes
	pages    uint64
	root     uint64
	freelist uint64
	txid     uint64
	seen     []bool
	live     *living  // nil: all of the file is checked
	spare    [][]byte // unused buffers of a page
}

// findMeta reads the newer of those meta pages that are whole.
func (v *verifier) findMeta() error {
	v.readMeta(0)
	for at := int64(1024); at <= 1024<<14; at <<= 1 { // the second follows the first, whose size is unknown
		v.readMeta(at)
	}
	switch {
	case v.page == 0:
		return errors.New("it does not begin as one does")
	case v.pages < 4 || v.pages > uint64(v.size)/v.page: //nolint:gosec // a size
		return fmt.Errorf("it is cut short: %d pages of %d bytes were written, %d bytes are there", v.pages, v.page, v.size)
	}
	return nil
}

func (v *verifier) readMeta(at int64) {
	b := make([]byte, pageStart+metaLength)
	if _, err := v.f.ReadAt(b, at); err != nil {
		return
	}
	b = b[pageStart:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:metaLength-8])
	page := uint64(machine.Uint32(b[8:]))
	if machine.Uint32(b) != boltMagic || machine.Uint32(b[4:]) != boltVersion ||
		machine.Uint64(b[56:]) != sum.Sum64() || page < 1024 || (at != 0 && uint64(at) != page) { //nolint:gosec // an offset
		return
	}
	if txid := machine.Uint64(b[48:]); v.page == 0 || txid > v.txid {
		v.page, v.txid = page, txid
		v.root, v.freelist, v.pages = machine.Uint64(b[16:]), machine.Uint64(b[32:]), machine.Uint64(b[40:])
	}
}

func (v *verifier) check() error {
	var free []uint64
	if v.freelist != noFreelist {
		p, err := v.read(v.freelist, flagFreelist)
		if err != nil {
			return err
		}
		if free, err = freeIDs(p); err != nil {
			return fmt.Errorf("page %d: %w", v.freelist, err)
		}
	}
	if err := v.tree(v.root, nil, nil, v.live.root()); err != nil {
		return err
	}
	if err := v.tickets(); err != nil {
		return err
	}
	for _, id := range free {
		if id < 2 || id >= v.pages || v.seen[id] {
			return fmt.Errorf("page %d: it counts as free, and is used or beyond the end", id)
		}
	}
	return nil
}

// read reads a page with its overflow. Nothing may have referred to it before.
func (v *verifier) read(id uint64, kinds uint16) ([]byte, error) {
	if id < 2 || id >= v.pages {
		return nil, fmt.Errorf("page %d: there are %d", id, v.pages)
	}
	p := v.buffer()
	if _, err := v.f.ReadAt(p, int64(id*v.page)); err != nil { //nolint:gosec // within the file
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	flags, more := machine.Uint16(p[8:]), uint64(machine.Uint32(p[12:]))
	switch {
	case machine.Uint64(p) != id:
		return nil, fmt.Errorf("page %d: it says that it is page %d", id, machine.Uint64(p))
	case flags == 0 || flags&^kinds != 0 || flags&(flags-1) != 0:
		return nil, fmt.Errorf("page %d: it is of kind %#x", id, flags)
	case id+more >= v.pages:
		return nil, fmt.Errorf("page %d: it goes on for %d pages, beyond the end", id, more)
	}
	for i := id; i <= id+more; i++ {
		if v.seen[i] {
			return nil, fmt.Errorf("page %d: it is used twice", i)
		}
		v.seen[i] = true
	}
	if more > 0 {
		p = make([]byte, (more+1)*v.page)
		if _, err := v.f.ReadAt(p, int64(id*v.page)); err != nil { //nolint:gosec // within the file
			return nil, fmt.Errorf("page %d: %w", id, err)
		}
	}
	return p, nil
}

// tree checks a page and what is below it. Their keys must be in order, from
// low on and before high.
func (v *verifier) tree(id uint64, low, high []byte, want *wanted) error {
	p, err := v.read(id, flagBranch|flagLeaf)
	if err != nil {
		return err
	}
	if err := v.elements(p, low, high, want); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	v.spare = append(v.spare, p[:v.page])
	return nil
}

func (v *verifier) buffer() []byte {
	if last := len(v.spare) - 1; last >= 0 {
		p := v.spare[last]
		v.spare = v.spare[:last]
		return p
	}
	return make([]byte, v.page)
}

func (v *verifier) elements(p, low, high []byte, want *wanted) error {
	n, branch := int(machine.Uint16(p[10:])), machine.Uint16(p[8:]) == flagBranch
	if pageStart+n*elementStart > len(p) {
		return fmt.Errorf("%d elements have no room", n)
	}
	var last []byte
	for i := range n {
		at := pageStart + i*elementStart
		key, value, err := element(p, at, branch)
		switch {
		case err != nil:
			return fmt.Errorf("element %d: %w", i, err)
		case i == 0 && low != nil && bytes.Compare(key, low) < 0, i > 0 && bytes.Compare(key, last) <= 0,
			high != nil && bytes.Compare(key, high) >= 0:
			return fmt.Errorf("element %d: key %q is out of order", i, key)
		}
		last = key
		switch {
		case branch:
			end := high
			if i+1 < n {
				if end, _, err = element(p, at+elementStart, branch); err != nil {
					return fmt.Errorf("element %d: %w", i+1, err)
				}
			}
			if want.between(key, end) {
				err = v.tree(machine.Uint64(p[at+8:]), key, end, want)
			}
		case machine.Uint32(p[at:])&flagBucket != 0:
			err = v.bucket(value, v.live.bucket(key, value))
		default:
			want.found(key, value)
		}
		if err != nil {
			return fmt.Errorf("below %q: %w", key, err)
		}
	}
	return nil
}

// element reads the element at an offset: its key, and in a leaf its value.
func element(p []byte, at int, branch bool) (key, value []byte, err error) {
	head := p[at : at+elementStart]
	pos, keys, values := uint64(machine.Uint32(head)), uint64(machine.Uint32(head[4:])), uint64(0)
	if !branch {
		pos, keys, values = keys, uint64(machine.Uint32(head[8:])), uint64(machine.Uint32(head[12:]))
	}
	pos += uint64(at) //nolint:gosec // an offset in a page
	if pos+keys+values > uint64(len(p)) {
		return nil, nil, errors.New("it has no room")
	}
	return p[pos : pos+keys], p[pos+keys : pos+keys+values], nil
}

// bucket checks a bucket. It is a tree or, while it is small, one page in its
// parent.
func (v *verifier) bucket(value []byte, want *wanted) error {
	if len(value) < bucketStart {
		return errors.New("the bucket is cut short")
	}
	if root := machine.Uint64(value); root != 0 {
		if want.none() {
			return nil
		}
		return v.tree(root, nil, nil, want)
	}
	p := value[bucketStart:]
	if len(p) < pageStart || machine.Uint16(p[8:]) != flagLeaf {
		return errors.New("the bucket has no page")
	}
	return v.elements(p, nil, nil, want)
}
