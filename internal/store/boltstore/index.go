package boltstore

import (
	"cmp"

	"github.com/astreinte/astreinte/internal/ticket"
)

// index is what the store knows without reading the file: tickets that are not
// closed, their alerts, groups and deadlines, and pages that wait. Only the
// writer adds, moves and removes, under Store.mu; so the writer may read
// without the lock. Others, with the lock, also change the counters of alerts
// and the order of what waits.
type index struct {
	tickets map[string]*liveTicket // by number
	sources map[string]*source

	deadlines heap[*liveTicket]
	silences  heap[*liveAlert]

	waiting map[string]*waitingPage // by the page's key
	ready   map[string]*readyPages  // may be claimed, by source
	later   heap[*waitingPage]      // may be claimed at readyAt
	turns   int64                   // how many turns sources have had, in claims

	dirty  []*liveAlert // may have counters that the file lacks
	counts [ticket.Critical + 1][stateClosed]int

	logged, trimmed uint64 // versions: of the latest change, and up to which the log was cut off
}

// source is what can be found by a source's name and a key.
type source struct {
	name    string
	alerts  map[string]*liveAlert  // by fingerprint
	groups  map[string]*liveTicket // by group key
	senders map[string]*liveAlert  // by the sender's own group: the first alert of a chain
	active  int                    // tickets
	recent  recent
}

// liveTicket is a ticket that is not closed.
type liveTicket struct {
	number   string
	group    string
	source   *source
	deadline int64 // 0: none
	place    int   // among deadlines
	state    state
	urgency  ticket.Urgency
	logged   uint64 // the version of its place in the log; 0: none that is known
}

// liveAlert is an alert of a ticket that is not closed.
type liveAlert struct {
	fingerprint string
	ticket      *liveTicket // nil: no longer kept
	heard
	due     int64 // its place in time among silences; silentAt may be later by now
	place   int
	began   int64 // StartsAt of the record
	status  status
	urgency ticket.Urgency
	judged  bool // the writer has a change that rests on nobody hearing of it
	dirty   bool // counted since the file was last written
	filed   bool // the file has counters newer than its record

	sender     string
	prev, next *liveAlert // of the same sender's group
}

// waitingPage is a page that is queued or claimed.
type waitingPage struct {
	pageHead
	key     string // in the bucket tickets
	source  string
	place   int // in ready or later, or nowhere while the writer looks at it
	inReady bool
	gone    bool
}

func newIndex() *index {
	return &index{
		tickets:   map[string]*liveTicket{},
		sources:   map[string]*source{},
		waiting:   map[string]*waitingPage{},
		deadlines: heap[*liveTicket]{less: byDeadline, place: func(t *liveTicket) *int { return &t.place }},
		silences:  heap[*liveAlert]{less: byDue, place: func(a *liveAlert) *int { return &a.place }},
		ready:     map[string]*readyPages{},
		later:     heap[*waitingPage]{less: byReadiness, place: placeOf},
	}
}

func byDue(a, b *liveAlert) bool { return a.due < b.due }
func byReadiness(a, b *waitingPage) bool {
	return a.readyAt < b.readyAt
}

func placeOf(w *waitingPage) *int { return &w.place }

// byRank is the order in which pages are claimed: by urgency, then time, then
// the order of their commit.
func byRank(a, b *waitingPage) bool {
	return cmp.Or(cmp.Compare(b.urgency, a.urgency), cmp.Compare(a.at, b.at), cmp.Compare(a.sequence, b.sequence)) < 0
}

// source finds a source; nil if nothing of it lives.
func (ix *index) source(name string) *source { return ix.sources[name] }

// groupTicket is the ticket of a group; nil if there is none.
func (s *source) groupTicket(key string) *liveTicket {
	if s == nil {
		return nil
	}
	return s.groups[key]
}

func (s *source) alert(fingerprint string) *liveAlert {
	if s == nil {
		return nil
	}
	return s.alerts[fingerprint]
}

// putTicket files a ticket that is not closed, as its head says.
func (ix *index) putTicket(number string, h *ticketHead) *liveTicket {
	t := ix.tickets[number]
	if t == nil {
		t = &liveTicket{number: number, source: ix.addSource(h.source), place: nowhere}
		ix.tickets[number] = t
	} else {
		ix.counts[t.urgency][t.state]--
		t.source.active -= t.state.counts()
	}
	t.source.active += h.state.counts()
	t.group, t.state, t.urgency, t.deadline = h.group, h.state, h.urgency, h.deadline
	ix.counts[t.urgency][t.state]++
	if t.deadline == 0 {
		ix.deadlines.drop(t)
	} else {
		ix.deadlines.put(t)
	}
	return t
}

func (ix *index) addSource(name string) *source {
	s := ix.sources[name]
	if s == nil {
		s = &source{
			name: name, alerts: map[string]*liveAlert{},
			groups: map[string]*liveTicket{}, senders: map[string]*liveAlert{},
		}
		ix.sources[name] = s
	}
	return s
}

// closeTicket forgets a ticket; its alerts are forgotten one by one.
func (ix *index) closeTicket(number string) {
	t := ix.tickets[number]
	if t == nil {
		return
	}
	ix.counts[t.urgency][t.state]--
	t.source.active -= t.state.counts()
	ix.deadlines.drop(t)
	if t.source.groups[t.group] == t {
		delete(t.source.groups, t.group)
	}
	delete(ix.tickets, number)
}

// takeGroup makes t its group's ticket.
func (ix *index) takeGroup(t *liveTicket) { t.source.groups[t.group] = t }

// putAlert files an alert under its ticket.
func (ix *index) putAlert(t *liveTicket, h *alertHead) {
	a := t.source.alerts[h.fingerprint]
	if a == nil {
		a = &liveAlert{fingerprint: h.fingerprint, place: nowhere}
		t.source.alerts[h.fingerprint] = a
		t.source.link(a, h.sender)
	} else if a.sender != h.sender {
		t.source.unlink(a)
		t.source.link(a, h.sender)
	}
	a.ticket, a.status, a.urgency, a.heard, a.began = t, h.status, h.urgency, h.heard, h.began
	a.dirty, a.filed = false, false
	ix.expect(a)
}

// expect files the time at which an alert counts as silent among silences. A
// time before 1970 never comes: older versions wrote it for a time too late
// for a stamp.
func (ix *index) expect(a *liveAlert) {
	if a.status != statusFiring || a.silentAt <= 0 || a.silentAt == never {
		ix.silences.drop(a)
		return
	}
	a.due = a.silentAt
	ix.silences.put(a)
}

func (ix *index) dropAlert(source, fingerprint string) {
	s := ix.sources[source]
	a := s.alert(fingerprint)
	if a == nil {
		return
	}
	ix.silences.drop(a)
	s.unlink(a)
	delete(s.alerts, fingerprint)
	a.ticket, a.dirty = nil, false
}

// hear counts one more repeat.
func (ix *index) hear(a *liveAlert, at, silentAt int64) {
	a.count++
	if at >= a.lastAt {
		a.lastAt, a.silentAt = at, silentAt
		if silentAt == 0 || silentAt < a.due || a.place == nowhere {
			ix.expect(a) // later ones are moved when they are looked at (due.go)
		}
	}
	if !a.dirty {
		a.dirty = true
		ix.dirty = append(ix.dirty, a)
	}
}

func (s *source) link(a *liveAlert, sender string) {
	a.sender = sender
	if sender == "" {
		return
	}
	if first := s.senders[sender]; first != nil {
		a.sender, a.next, first.prev = first.sender, first, a
	}
	s.senders[a.sender] = a
}

func (s *source) unlink(a *liveAlert) {
	if a.sender == "" {
		return
	}
	switch {
	case a.prev != nil:
		a.prev.next = a.next
	case a.next != nil:
		s.senders[a.sender] = a.next
	default:
		delete(s.senders, a.sender)
	}
	if a.next != nil {
		a.next.prev = a.prev
	}
	a.prev, a.next, a.sender = nil, nil, ""
}
