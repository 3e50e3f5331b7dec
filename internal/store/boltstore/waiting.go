package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// pageRecord is a page as it is stored, with its claim. No two claims have the
// same token. A claim stands until Finish, even if a receipt came first.
type pageRecord struct {
	ticket.Page
	Owner string    `json:"owner,omitempty"`
	Until time.Time `json:"until,omitzero"`
	Token int64     `json:"token,omitempty"`
	Held  bool      `json:"held,omitempty"` // claimed by a receipt

	sequence uint64 // orders a ticket's pages; the key in the bucket queue
}

// head is the part of the page that the index needs.
func (rec *pageRecord) head() pageHead {
	return pageHead{
		sequence: rec.sequence, at: stamp(rec.At), readyAt: rec.readyAt(),
		claimed: rec.claimed(), urgency: rec.Urgency, owner: rec.Owner,
	}
}

// readPage reads a page of a ticket. Its key ends in rest.
func readPage(number string, rest, v []byte) (*pageRecord, error) {
	h, body, err := readPageHead(v)
	if err != nil {
		return nil, err
	}
	rec := &pageRecord{sequence: h.sequence}
	key, err := ticket.ParsePageKey(number + "/" + string(rest))
	if err == nil {
		err = json.Unmarshal(body, rec)
	}
	if err == nil {
		err = rec.Sound(key)
	}
	if err != nil {
		return nil, err
	}
	return rec, nil
}

// page reads a page; nil if there is none. If it cannot be read, that is
// noted.
func (b *batch) page(key []byte) (*pageRecord, error) {
	v := b.in(inTickets).Get(key)
	if v == nil {
		return nil, nil
	}
	number, rest, _ := bytes.Cut(key, []byte{0, kindPage})
	rec, err := readPage(string(number), rest, v)
	if err != nil {
		b.s.Note(ticket.RecordPage, string(number)+"/"+string(rest), err)
		return nil, fmt.Errorf("page %q: %w", key, err)
	}
	return rec, nil
}

// putPage stores a page, and files whether it waits.
func (b *batch) putPage(key string, rec *pageRecord) error {
	body, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	h := rec.head()
	if err := b.put(inTickets, []byte(key), h.with(body)); err != nil {
		return err
	}
	if rec.waits() {
		b.then(func(ix *index) { ix.wait(key, rec.Source, &h) })
		return nil
	}
	b.then(func(ix *index) { ix.leave(key) })
	return b.remove(inQueue, sequenceKey(rec.sequence))
}

// waits reports whether the page is in the queue: to be claimed, or to be
// claimed again if nobody finishes it.
func (rec *pageRecord) waits() bool {
	return rec.State == ticket.PageQueued || rec.claimed()
}

// claimed reports whether somebody has claimed the page and the claim has not
// ended.
func (rec *pageRecord) claimed() bool { return rec.State == ticket.PageSending || rec.Held }

// readyAt is the first moment at which the page may be claimed: not before
// RetryAt, or after the end of its claim.
func (rec *pageRecord) readyAt() int64 {
	if rec.claimed() {
		return stamp(rec.Until) + 1
	}
	return stamp(rec.RetryAt)
}
