package lookahead

import (
	"time"

	"github.com/astreinte/astreinte/internal/duty"
)

// Bounds of what is remembered: a record has room for it.
const (
	mostTold      = 150
	mostToldTimes = 40
)

// Told is what managers know already.
type Told struct {
	At     time.Time `json:"at,omitzero"`
	Until  time.Time `json:"until,omitzero"` // how far was looked
	Doubts []Known   `json:"doubts,omitempty"`
}

// Known is one doubt that they know.
type Known struct {
	Key   string     `json:"key"`
	Since time.Time  `json:"since"`
	Times [][2]int64 `json:"times,omitempty"` // in seconds
	Many  bool       `json:"many,omitempty"`  // of more times: none is news
}

// Mark says of each doubt since when it is known, and which are news: the first of their
// kind about their person or group, or at times that had none when it was looked last. A
// time that only came into sight, of something that is known, is no news.
func (t *Told) Mark(doubts []Doubt) (news map[string]bool) {
	known := make(map[string]*Known, len(t.Doubts))
	for i := range t.Doubts {
		known[t.Doubts[i].Key] = &t.Doubts[i]
	}
	news = map[string]bool{}
	for i := range doubts {
		d := &doubts[i]
		k := known[d.Key()]
		if k != nil {
			d.Since = k.Since
		}
		if k == nil || !k.Many && !k.all(d.Times, t.Until) {
			news[d.Key()] = true
		}
	}
	return news
}

// all says whether all of the times were known as far as was looked.
func (k *Known) all(times []duty.Hours, until time.Time) bool {
	for _, h := range times {
		from, to := h.From.Unix(), min(h.To.Unix(), until.Unix())
		within := from >= to
		for _, t := range k.Times {
			within = within || t[0] <= from && to <= t[1]
		}
		if !within {
			return false
		}
	}
	return true
}

// Remember is what managers know once they were told of doubts at a time.
func (t *Told) Remember(doubts []Doubt, now time.Time) Told {
	next := Told{At: now.UTC(), Until: Until(now).UTC()}
	for i := range doubts[:min(len(doubts), mostTold)] {
		d := &doubts[i]
		k := Known{Key: d.Key(), Since: d.Since, Many: d.More > 0 || len(d.Times) > mostToldTimes}
		if k.Since.IsZero() {
			k.Since = now.UTC()
		}
		if !k.Many {
			for _, h := range d.Times {
				k.Times = append(k.Times, [2]int64{h.From.Unix(), h.To.Unix()})
			}
		}
		next.Doubts = append(next.Doubts, k)
	}
	return next
}
