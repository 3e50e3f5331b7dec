package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// pageRecord is a page as it is stored, with its claim. No two claims share a
// token; it stands until Finish, also where a receipt came first.
type pageRecord struct {
	ticket.Page
	Owner string    `json:"owner,omitempty"`
	Until time.Time `json:"until,omitzero"`
	Token int64     `json:"token,omitempty"`
	Held  bool      `json:"held,omitempty"` // claimed by a receipt

	sequence uint64 // orders a ticket's pages; key in the bucket queue
}

// head is what the index needs of the page.
func (rec *pageRecord) head() pageHead {
	return pageHead{
		sequence: rec.sequence, at: stamp(rec.At), readyAt: rec.readyAt(),
		claimed: rec.claimed(), urgency: rec.Urgency, owner: rec.Owner,
	}
}

// readPage reads a page of a ticket, whose key ends in rest.
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

// page reads a page, nil where there is none. One that cannot be read is noted.
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

// putPage stores a page, and has the queue know whether it waits.
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
		b.then(func(ix *index) { ix.wait(key, &h) })
		return nil
	}
	b.then(func(ix *index) { ix.leave(key) })
	return b.remove(inQueue, sequenceKey(rec.sequence))
}

// waits reports whether the page is in the queue: to be claimed, or to be
// claimed again should nobody finish it.
func (rec *pageRecord) waits() bool {
	return rec.State == ticket.PageQueued || rec.claimed()
}

// claimed reports whether somebody has the page in hand until its claim ends.
func (rec *pageRecord) claimed() bool { return rec.State == ticket.PageSending || rec.Held }

// readyAt is the first moment at which the page may be claimed: not before
// RetryAt, or after the end of its claim.
func (rec *pageRecord) readyAt() int64 {
	if rec.claimed() {
		return stamp(rec.Until) + 1
	}
	return stamp(rec.RetryAt)
}

// wait files a page among those that wait, at its place.
func (ix *index) wait(key string, h *pageHead) {
	w := ix.waiting[key]
	if w == nil {
		w = &waitingPage{key: key, place: nowhere}
		ix.waiting[key] = w
	}
	ix.unqueue(w)
	w.pageHead = *h
	ix.enqueue(w)
}

// enqueue puts a page where Claim finds it.
func (ix *index) enqueue(w *waitingPage) {
	if w.gone {
		return
	}
	ix.unqueue(w)
	if w.inReady = w.readyAt == 0; w.inReady {
		ix.ready.put(w)
	} else {
		ix.later.put(w)
	}
}

func (ix *index) unqueue(w *waitingPage) {
	if w.inReady {
		ix.ready.drop(w)
	} else {
		ix.later.drop(w)
	}
}

// leave forgets a page that waits no longer.
func (ix *index) leave(key string) {
	if w := ix.waiting[key]; w != nil {
		ix.unqueue(w)
		w.gone = true
		delete(ix.waiting, key)
	}
}

// next takes out the page that is to be claimed first, nil where none that is
// urgent enough is ready at now.
func (ix *index) next(now int64, atLeast ticket.Urgency) *waitingPage {
	ix.promote(now)
	for ix.ready.len() > 0 && ix.ready.top().urgency >= atLeast {
		w := ix.ready.pop()
		if w.readyAt <= now {
			return w
		}
		ix.enqueue(w) // made ready by a clock that ran ahead of this one
	}
	return nil
}

// promote moves pages whose time has come to those that are ready.
func (ix *index) promote(now int64) {
	for ix.later.len() > 0 && ix.later.top().readyAt <= now {
		w := ix.later.pop()
		w.inReady = true
		ix.ready.put(w)
	}
}

// nextReady is when the next page becomes ready, 0 where none waits.
func (ix *index) nextReady(now int64) int64 {
	switch {
	case ix.ready.len() > 0:
		return now
	case ix.later.len() > 0:
		return ix.later.top().readyAt
	}
	return 0
}
