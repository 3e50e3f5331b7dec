package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/astreinte/astreinte/escalation"
)

// Due lists deadlines by the index alone. Tickets' deadlines come before
// alerts' at the same time.
func (s *Store) Due(
	ctx context.Context, now time.Time, limit int,
) (due []escalation.Deadline, next time.Time, err error) {
	if err := s.usable(ctx); err != nil {
		return nil, time.Time{}, fmt.Errorf("boltstore: list what is due: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	due, at := s.ix.due(stamp(now), limit)
	return due, instant(at), nil
}

// due takes what is due out of the heaps, in order, and puts it back.
func (ix *index) due(now int64, limit int) (due []escalation.Deadline, next int64) {
	var tickets []*liveTicket
	var alerts []*liveAlert
	for len(due) < limit {
		t, a := ix.deadlines.top(), ix.silence()
		at := min(t.time(), a.time())
		if at > now {
			break
		}
		if t.time() == at {
			tickets = append(tickets, ix.deadlines.pop())
			due = append(due, escalation.Deadline{Source: t.source.name, Ticket: t.number, At: instant(at)})
		} else {
			alerts = append(alerts, ix.silences.pop())
			due = append(due, escalation.Deadline{
				Source: a.ticket.source.name, Ticket: a.ticket.number, Alert: a.fingerprint, At: instant(at),
			})
		}
	}
	next = min(ix.deadlines.top().time(), ix.silence().time())
	for _, t := range tickets {
		ix.deadlines.put(t)
	}
	for _, a := range alerts {
		ix.silences.put(a)
	}
	if next == never {
		next = 0
	}
	return due, next
}

// silence is the alert that counts as silent first. It moves on the deadlines
// before it of alerts that were heard of in the meantime.
func (ix *index) silence() *liveAlert {
	for ix.silences.len() > 0 {
		a := ix.silences.top()
		if a.due == a.silentAt {
			return a
		}
		ix.expect(a)
	}
	return nil
}

// never is later than every deadline.
const never = math.MaxInt64

func (t *liveTicket) time() int64 {
	if t == nil {
		return never
	}
	return t.deadline
}

func (a *liveAlert) time() int64 {
	if a == nil {
		return never
	}
	return a.due
}

func byDeadline(a, b *liveTicket) bool {
	return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.number, b.number)) < 0
}
