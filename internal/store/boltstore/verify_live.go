package boltstore

import (
	"bytes"
	"slices"
)

// living finds what a start has to check: everything except what belongs to
// closed tickets alone. Left out are most of the buckets tickets and lists,
// and all of links and providers. nil checks everything.
type living struct {
	keys  [][]byte // the first part of keys: of tickets that live, or have a page that waits
	table []byte   // the bucket of tickets, to be checked once keys are known
}

// wanted says which keys of a bucket are checked. nil: all.
type wanted struct {
	nothing bool
	spans   [][2][]byte // in order; each from its first key to before its second; nil: all
	note    func(key, value []byte)
}

func (w *wanted) none() bool { return w != nil && w.nothing }

// between reports whether any key from low to before high is wanted. If high
// is nil, there is no end.
func (w *wanted) between(low, high []byte) bool {
	if w == nil || w.spans == nil {
		return true
	}
	i, _ := slices.BinarySearchFunc(w.spans, low, func(s [2][]byte, low []byte) int {
		if bytes.Compare(s[1], low) <= 0 {
			return -1
		}
		return 1
	})
	return i < len(w.spans) && (high == nil || bytes.Compare(w.spans[i][0], high) < 0)
}

func (w *wanted) found(key, value []byte) {
	if w != nil && w.note != nil {
		w.note(key, value)
	}
}

func (l *living) root() *wanted { return nil }

// bucket says what is checked of the bucket of that name.
func (l *living) bucket(name, value []byte) *wanted {
	if l == nil {
		return nil
	}
	switch string(name) {
	case string(inTickets.name()):
		l.table = bytes.Clone(value)
		return &wanted{nothing: true}
	case string(inLinks.name()), string(inProviders.name()):
		return &wanted{nothing: true}
	case string(inLists.name()):
		return &wanted{spans: [][2][]byte{classSpan(classActive), classSpan(classResolved)}, note: func(key, _ []byte) {
			if len(key) > 9 && key[0] != classClosed {
				l.keys = append(l.keys, ticketKey(string(key[9:])))
			}
		}}
	case string(inQueue.name()):
		return &wanted{note: func(_, value []byte) {
			if number, _, ok := bytes.Cut(value, []byte{0}); ok {
				l.keys = append(l.keys, ticketKey(string(number)))
			}
		}}
	}
	return nil
}

func classSpan(class byte) [2][]byte { return [2][]byte{{class}, {class + 1}} }

// tickets checks the bucket of tickets, as far as they live.
func (v *verifier) tickets() error {
	if v.live == nil || v.live.table == nil {
		return nil
	}
	keys := v.live.keys
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	want := &wanted{spans: make([][2][]byte, len(keys))}
	for i, k := range keys {
		end := bytes.Clone(k)
		end[len(end)-1] = 1 // after the 0
		want.spans[i] = [2][]byte{k, end}
	}
	return v.bucket(v.live.table, want)
}
