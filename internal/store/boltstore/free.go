package boltstore

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
)

// bbolt can write its list of free pages with each transaction. Otherwise it
// finds them by reading the whole file when it opens it. We have it write the
// list while the list is short, so that opening costs the same whatever the
// file holds. bbolt has no checksum over the list, and a wrong list would
// overwrite pages that are in use. So we write a note with the list's checksum
// and the number of its transaction. The note stands in the head page behind
// bbolt's own bytes. The transaction after the next clears it. If the note is
// missing or wrong, the whole file is verified.

const (
	noFreelist = 1<<64 - 1
	noteAt     = 512 // in the head's page
	noteMark   = "astrfree"
	noteLength = len(noteMark) + 20

	// freeListed is how many free pages the list may hold to be written with each
	// transaction: 8 bytes each.
	freeListed = 16 << 10
)

// errFreelist is a list of free pages that cannot be read.
var errFreelist = errors.New("the list of free pages is cut short or out of order")

// freeIDs reads a list of free pages.
func freeIDs(p []byte) ([]uint64, error) {
	n, at := uint64(machine.Uint16(p[10:])), pageStart
	if n == 0xFFFF {
		n, at = machine.Uint64(p[pageStart:]), pageStart+8
	}
	if n > uint64(len(p)-at)/8 { //nolint:gosec // a page has room for its head
		return nil, errFreelist
	}
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = machine.Uint64(p[at+8*i:])
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != int(n) { //nolint:gosec // a count of pages
		return nil, errFreelist
	}
	return ids, nil
}

// listFree says whether the next transaction writes the list of free pages. A
// long list is not worth the room; neither is any list while the disk is full.
func (s *Store) listFree(closing bool) {
	stats := s.db.Stats()
	s.db.NoFreelistSync = s.short.Load() != nil || !closing && stats.FreePageN+stats.PendingPageN > freeListed
}

// settleFree writes down the file's list of free pages at Close, however long
// it is. If that fails, the next opening is slower; nothing else happens.
func (s *Store) settleFree() {
	if s.noted || s.tx != nil || len(s.redo) > 0 {
		return
	}
	if s.listFree(true); s.db.NoFreelistSync {
		return
	}
	if tx, err := s.db.Begin(true); err == nil && tx.Commit() == nil {
		s.noteFree()
	}
}

// noteFree notes the list of free pages of the last transaction. Only the next
// opening uses it: a failure here makes that slower.
func (s *Store) noteFree() {
	s.noted = false
	if s.db.NoFreelistSync {
		return
	}
	info, err := s.file.Stat()
	if err != nil {
		return
	}
	v := verifier{f: s.file, size: info.Size()}
	if v.findMeta() != nil {
		return
	}
	if sum, ok := v.sumFree(); ok {
		_, err = s.file.WriteAt(v.noteOf(sum), v.notePlace())
		s.noted = err == nil
	}
}

// notePlace is where the note of the newer head is.
func (v *verifier) notePlace() int64 { return int64(v.txid%2*v.page) + noteAt } //nolint:gosec // within two pages

func (v *verifier) noteOf(sum uint32) []byte {
	b := binary.BigEndian.AppendUint64([]byte(noteMark), v.txid)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, v.freelist), sum)
}

// sumFree is the checksum of the list of free pages.
func (v *verifier) sumFree() (sum uint32, ok bool) {
	if v.freelist == noFreelist || v.freelist < 2 || v.freelist >= v.pages {
		return 0, false
	}
	w := verifier{f: v.f, size: v.size, page: v.page, pages: v.pages, seen: make([]bool, v.pages)}
	p, err := w.read(v.freelist, flagFreelist)
	return crc32.Checksum(p, castagnoli), err == nil
}

// isNoted reports whether the list of free pages is the one that we noted.
func (v *verifier) isNoted() bool {
	sum, ok := v.sumFree()
	if !ok {
		return false
	}
	note := make([]byte, noteLength)
	_, err := v.f.ReadAt(note, v.notePlace())
	return err == nil && string(note) == string(v.noteOf(sum))
}
