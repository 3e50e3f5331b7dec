package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A record that cannot be read stops nothing but itself. It is noted
// (escalation.Damages), and the others go on. The store uses what the record's
// head, its key or the index still say: a page goes out, an alert keeps its
// ticket. A ticket is given up: nothing in the index leads to it any more, so
// its alerts open another ticket when they are heard of again. If it asked for
// work, people are told (GivenUp).

// abandon gives tickets up. The writer must not call it.
func (s *Store) abandon(ctx context.Context, numbers []string) error {
	if len(numbers) == 0 {
		return nil
	}
	return s.write(ctx, 1, func(b *batch) error {
		b.abandon(numbers...)
		return nil
	})
}

func (b *batch) abandon(numbers ...string) {
	b.then(func(ix *index) {
		for _, number := range numbers {
			if t := ix.tickets[number]; t != nil && t.state.active() {
				b.s.lost.note(number)
			}
			ix.abandon(number)
		}
	})
}

// abandon forgets a ticket and its alerts. Its pages wait on.
func (ix *index) abandon(number string) {
	t := ix.tickets[number]
	if t == nil {
		return
	}
	for fingerprint, a := range t.source.alerts {
		if a.ticket == t {
			ix.dropAlert(t.source.name, fingerprint)
		}
	}
	ix.closeTicket(number)
}

// damagedTicket notes a ticket that cannot be read, and returns the error that
// says so.
func (s *Store) damagedTicket(number string, why error) error {
	s.Note(ticket.RecordTicket, number, why)
	return fmt.Errorf("ticket %s: %w", number, escalation.ErrDamaged)
}

// decodeTicket reads what follows the head of a ticket.
func decodeTicket(number string, body []byte) (t ticket.Ticket, err error) {
	if err = json.Unmarshal(body, &t); err == nil {
		err = t.Sound(number)
	}
	return t, err
}

// foundAlert is what the index, or the alert's head, says of an alert.
type foundAlert struct {
	source, number, fingerprint, sender string
	status                              status
	urgency                             ticket.Urgency
	heard
}

func (a *liveAlert) found() foundAlert {
	return foundAlert{a.ticket.source.name, a.ticket.number, a.fingerprint, a.sender, a.status, a.urgency, a.heard}
}

// loadAlert reads an alert's record, with the counters that the index has for
// it. If the record cannot be read, loadAlert makes one from what was found
// and from the labels that the alert is said to have now.
func (s *Store) loadAlert(tx *bolt.Tx, f *foundAlert, said *ticket.Alert) (record ticket.AlertRecord) {
	_, body, err := readAlert(nil, in(tx, inTickets).Get(alertKey(f.number, f.fingerprint)))
	if err == nil {
		err = json.Unmarshal(body, &record)
	}
	if err == nil {
		err = record.Sound(f.fingerprint)
	}
	if err != nil {
		s.Note(ticket.RecordAlert, f.number+" "+f.fingerprint, err)
		a := ticket.Alert{}
		if said != nil {
			a = *said
		}
		a.Source, a.Fingerprint, a.SenderGroup = f.source, f.fingerprint, f.sender
		record = ticket.DamagedAlert(a, f.number, statuses[f.status], f.urgency)
		record.FirstAt = instant(f.lastAt)
	}
	f.heard.apply(&record)
	return record
}

// waitingPage reads a page that waits. If it cannot be read, waitingPage makes
// one from its key and the index. It is nil if there is no such page, or too
// little to send it.
func (b *batch) waitingPage(w *waitingPage, now int64) *pageRecord {
	rec, err := b.page([]byte(w.key))
	if err == nil {
		return rec
	}
	number, rest, _ := strings.Cut(w.key, "\x00p")
	key, errKey := ticket.ParsePageKey(number + "/" + rest)
	h, _, errHead := readTicket(b.in(inTickets).Get(ticketKey(number)))
	if errKey != nil || errHead != nil {
		return nil
	}
	at := instant(cmp.Or(w.at, now))
	rec = &pageRecord{Page: ticket.DamagedPage(key, h.source, h.urgency, at), sequence: w.sequence}
	if w.claimed {
		rec.State, rec.Until = ticket.PageSending, instant(w.readyAt-1)
	} else {
		rec.RetryAt = instant(w.readyAt)
	}
	return rec
}

// dropWaiting takes a page that cannot be sent out of the queue.
func (b *batch) dropWaiting(w *waitingPage) error {
	key := w.key
	b.then(func(ix *index) { ix.leave(key) })
	return b.remove(inQueue, sequenceKey(w.sequence))
}

// highestNumber finds how far the numbers of a prefix went if their record
// cannot be read. It is the highest ticket, plus as many as may have been
// handed out besides.
func highestNumber(tx *bolt.Tx, prefix string) (high int64) {
	c := in(tx, inTickets).Cursor()
	for k, _ := c.Seek([]byte(prefix)); bytes.HasPrefix(k, []byte(prefix)); k, _ = c.Next() {
		number, _, _ := bytes.Cut(k, []byte{0})
		if n, err := strconv.ParseInt(string(number[len(prefix):]), 10, 64); err == nil {
			high = max(high, n)
		}
	}
	return high + numbersLeftOut
}
