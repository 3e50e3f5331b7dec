package boltstore

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
)

// recent are the times at which a source's last tickets were opened, in order.
// They are in memory alone: a start forgets them.
type recent []int64

// recentKept is how many times are kept at least. Beyond that, times of more
// than a minute ago are forgotten.
const recentKept = 1024

// add notes one more time.
func (r *recent) add(at int64) {
	if kept := *r; len(kept) >= recentKept && len(kept) == cap(kept) {
		*r = slices.Clone(kept[kept.from(at):])
	}
	i := len(*r)
	if i > 0 && at < (*r)[i-1] { // another lane read its clock earlier
		i, _ = slices.BinarySearch(*r, at+1) // behind the equal ones
	}
	*r = slices.Insert(*r, i, at)
}

// from is the place of the first time in the minute before at.
func (r recent) from(at int64) int {
	i, _ := slices.BinarySearch(r, at-time.Minute.Nanoseconds()+1)
	return i
}

// counts is 1 for an active state, otherwise 0.
func (s state) counts() int {
	if s.active() {
		return 1
	}
	return 0
}

// has counts the source's tickets at a time. s may be nil.
func (s *source) has(at int64) escalation.Crowd {
	if s == nil {
		return escalation.Crowd{}
	}
	return escalation.Crowd{Active: s.active, Opened: len(s.recent) - s.recent.from(at)}
}

// kept is how many alerts the source has. s may be nil.
func (s *source) kept() int {
	if s == nil {
		return 0
	}
	return len(s.alerts)
}

// crowd is what a batch has added to a source so far.
type crowd struct{ active, opened int }

// fits reports whether the source may have one more ticket after what this
// batch has done so far.
func (b *batch) fits(d *draft) bool {
	has, added := b.s.ix.source(d.source).has(d.head.opened), b.crowds[d.source]
	has.Active += added.active
	has.Opened += added.opened
	return !has.Reaches(d.most)
}

// crowd counts what a change adds to its source.
func (b *batch) crowd(d *draft, old *ticketHead, known bool) {
	added := b.crowds[d.source]
	added.active += d.head.state.counts()
	if known {
		added.active -= old.state.counts()
	} else {
		added.opened++
		source, opened := d.source, d.head.opened
		b.then(func(ix *index) { ix.addSource(source).recent.add(opened) })
	}
	if b.crowds == nil {
		b.crowds = map[string]crowd{}
	}
	b.crowds[d.source] = added
}
