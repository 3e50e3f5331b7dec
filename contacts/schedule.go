package contacts

import (
	"slices"
	"time"
)

// Span is a stretch of a group's schedule, To outside, in which the same people
// are on duty for the same reasons. A gap is a span without people.
type Span struct {
	From, To time.Time
	People   []Assignment // in the order of [Directory.On]
}

// Schedule is who is on duty in the group from from until to: spans in order,
// each beginning where the one before it ends, neighbours never alike. None if
// there is no such group, or no time in between.
func (d *Directory) Schedule(group string, from, to time.Time) []Span {
	r, ok := d.rosters[group]
	if !ok || !from.Before(to) {
		return nil
	}
	spans := []Span{{From: from, To: to, People: r.assigned(from)}}
	for _, t := range r.changes(from, to) {
		last := &spans[len(spans)-1]
		if people := r.assigned(t); !slices.Equal(people, last.People) {
			last.To = t
			spans = append(spans, Span{From: t, To: to, People: people})
		}
	}
	return spans
}
