package boltstore

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// layoutVersion is the version of the layout that doc.go describes.
const layoutVersion = 6

// bucket names one of the file's buckets.
type bucket int

const (
	inMeta bucket = iota
	inTickets
	inHeard
	inLists
	inQueue
	inProviders
	inNumbers
	inCodes
	inLinks
	inDevices
	inTokens
	inRecords
	inDues
	inLog
	buckets // how many there are
)

func (b bucket) name() []byte {
	return []byte([buckets]string{
		"meta", "tickets", "heard", "lists", "queue", "providers",
		"numbers", "codes", "links", "devices", "tokens",
		"records", "dues", "log",
	}[b])
}

// The kinds of records that lie under a ticket's number.
const (
	kindAlert = 'a'
	kindEntry = 'e'
	kindPage  = 'p'
)

// The classes of the bucket lists: the first byte of a ticket's key there.
const (
	classActive   = 'a'
	classClosed   = 'c'
	classResolved = 'r'
)

func ticketKey(number string) []byte {
	return append(append(make([]byte, 0, len(number)+1), number...), 0)
}

func partKey(number string, kind byte, rest string) []byte {
	k := make([]byte, 0, len(number)+2+len(rest))
	return append(append(append(k, number...), 0, kind), rest...)
}

func alertKey(number, fingerprint string) []byte {
	return partKey(number, kindAlert, short(fingerprint))
}

// hashed is the first byte of a hash that stands for a name too long to be
// (part of) a key.
const hashed = '\xff'

// short is a name as a part of a key: the name, or its hash if it is long. If
// the name itself is needed, the record holds it too.
func short(name string) string {
	if len(name) <= 512 && (name == "" || name[0] != hashed) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "\xff" + hex.EncodeToString(sum[:])
}

func entryKey(number string, sequence uint64) []byte {
	return binary.BigEndian.AppendUint64(partKey(number, kindEntry, ""), sequence)
}

func pageKey(k ticket.PageKey) []byte {
	return partKey(k.Ticket, kindPage, strings.TrimPrefix(k.String(), k.Ticket+"/"))
}

// logKey is a change's key in the log: versions ascend.
func logKey(version uint64, number string) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(number)), version), number...)
}

func sequenceKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// timeKey sorts the tickets of a class by time, then number.
func timeKey(class byte, at int64, number string) []byte {
	k := append(make([]byte, 0, 9+len(number)), class)
	return append(appendTime(k, at), number...)
}

func appendTime(k []byte, at int64) []byte { return binary.BigEndian.AppendUint64(k, bits(at)^(1<<63)) }

func codePrefix(phone string) []byte { return []byte(short(phone) + "\x00") }

func codeKey(phone string, code int) []byte { return codeKeyUnder(codePrefix(phone), code) }

func codeKeyUnder(prefix []byte, code int) []byte {
	digits := strconv.Itoa(code)
	pad := strings.Repeat("0", max(0, 8-len(digits)))
	return append(prefix, pad+digits...)
}

// bits are the bits of n, its sign included.
func bits(n int64) uint64 { return uint64(n) } //nolint:gosec // the bits are meant

// stamp is t in nanoseconds since 1970; 0 stands for the zero time. A time
// that is too early or too late for such a number becomes the first or the
// last one.
func stamp(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Before(firstStamp):
		return math.MinInt64
	case t.After(lastStamp):
		return math.MaxInt64
	}
	return t.UnixNano()
}

var firstStamp, lastStamp = time.Unix(0, math.MinInt64), time.Unix(0, math.MaxInt64)

// instant is the time of a stamp.
func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// errHead is the error of reading a head if the record is not whole.
var errHead = errors.New("the record is cut short, or none of ours")

// ticketHead is what the store decides by, before a ticket's JSON.
type ticketHead struct {
	revision int64
	deadline int64
	opened   int64
	took     uint64 // when it took its group, in the order of takings; 0: it is not the group's ticket
	episode  int64
	state    state
	urgency  ticket.Urgency
	source   string
	group    string
}

// alertHead is what the store decides by, before an alert's JSON.
type alertHead struct {
	status  status
	urgency ticket.Urgency
	heard
	sender      string
	fingerprint string
	began       int64 // StartsAt; only the JSON holds it
}

// pageHead is what the store decides by, before a page's JSON.
type pageHead struct {
	sequence uint64 // among all pages; its key in the bucket queue
	at       int64
	readyAt  int64 // may be claimed then; 0: at once
	claimed  bool
	urgency  ticket.Urgency
	owner    string // the claim's
}

// heard are the values that a repeat changes.
type heard struct {
	count    int64
	lastAt   int64
	silentAt int64
}

func (h *ticketHead) append(b []byte) []byte {
	b = append(b, byte(h.state), byte(h.urgency)) //nolint:gosec // the scale has four steps
	for _, n := range [...]int64{h.revision, h.deadline, h.opened, h.episode} {
		b = binary.BigEndian.AppendUint64(b, bits(n))
	}
	b = binary.BigEndian.AppendUint64(b, h.took)
	return appendText(appendText(b, h.source), h.group)
}

func (h *alertHead) append(b []byte) []byte {
	b = append(b, byte(h.status), byte(h.urgency)) //nolint:gosec // the scale has four steps
	b = appendText(h.heard.append(b), h.sender)
	if short(h.fingerprint) == h.fingerprint {
		return appendText(b, "") // the key has it
	}
	return appendText(b, h.fingerprint)
}

// with is the record of a page.
func (h *pageHead) with(body []byte) []byte {
	b := make([]byte, 0, 32+len(h.owner)+len(body))
	claimed := byte(0)
	if h.claimed {
		claimed = 1
	}
	b = append(b, claimed, byte(h.urgency)) //nolint:gosec // the scale has four steps
	for _, n := range [...]uint64{h.sequence, bits(h.at), bits(h.readyAt)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return append(appendText(b, h.owner), body...)
}

func (h heard) append(b []byte) []byte {
	for _, n := range [...]int64{h.count, h.lastAt, h.silentAt} {
		b = binary.BigEndian.AppendUint64(b, bits(n))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes a head apart; once short it stays so.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) next(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.short = nil, true
		return make([]byte, min(n, 8))
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte     { return r.next(1)[0] }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.next(8)) }
func (r *reader) int64() int64   { return int64(r.uint64()) } //nolint:gosec // the bits are meant

// text is valid as long as the record that it lies in.
func (r *reader) text() []byte {
	n, width := binary.Uvarint(r.rest)
	if width <= 0 || n > math.MaxInt32 {
		r.rest, r.short = nil, true
		return nil
	}
	r.next(width)
	return r.next(int(n))
}

func (r *reader) urgency() ticket.Urgency { return ticket.Urgency(r.byte()) } //nolint:gosec // the scale has four steps

func (r *reader) heard() heard {
	return heard{count: r.int64(), lastAt: r.int64(), silentAt: r.int64()}
}

func (r *reader) err() error {
	if r.short {
		return errHead
	}
	return nil
}

func readTicket(v []byte) (h ticketHead, body []byte, err error) {
	r := reader{rest: v}
	h.state, h.urgency = state(r.byte()), r.urgency()
	h.revision, h.deadline, h.opened, h.episode = r.int64(), r.int64(), r.int64(), r.int64()
	h.took = r.uint64()
	h.source, h.group = string(r.text()), string(r.text())
	return h, r.rest, cmp.Or(r.err(), h.check())
}

// check refuses a head that nobody wrote.
func (h *ticketHead) check() error {
	if h.state < stateOpen || h.state > stateClosed || h.urgency < ticket.UrgencyUnknown || h.urgency > ticket.Critical {
		return errHead
	}
	return nil
}

// readAlert reads an alert's record; key ends in what follows kindAlert.
func readAlert(key, v []byte) (h alertHead, body []byte, err error) {
	r := reader{rest: v}
	h.status, h.urgency = status(r.byte()), r.urgency()
	h.heard = r.heard()
	h.sender = string(r.text())
	if long := r.text(); len(long) > 0 {
		key = long
	}
	h.fingerprint = string(key)
	if h.status < statusFiring || h.status > statusResolved || h.urgency < ticket.UrgencyUnknown || h.urgency > ticket.Critical {
		r.short = true
	}
	return h, r.rest, r.err()
}

func readPageHead(v []byte) (h pageHead, body []byte, err error) {
	r := reader{rest: v}
	h.claimed, h.urgency = r.byte() == 1, r.urgency()
	h.sequence, h.at, h.readyAt = r.uint64(), r.int64(), r.int64()
	h.owner = string(r.text())
	if h.urgency < ticket.UrgencyUnknown || h.urgency > ticket.Critical {
		r.short = true
	}
	return h, r.rest, r.err()
}
