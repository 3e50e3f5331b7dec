package report

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Past is what is kept of a ticket for counting: who was paged, and what people did.
type Past struct {
	Ticket string `json:"ticket"`
	Pages  []Call `json:"pages,omitempty"`
	Acts   []Act  `json:"acts,omitempty"`
	More   int    `json:"more,omitempty"` // pages that there was no room for
}

// Call is pages to one person within one minute.
type Call struct {
	Person string `json:"who"`
	At     int64  `json:"at"` // Unix seconds, of the first
	N      int    `json:"n"`
}

// Act is something that begins or ends work on a ticket.
type Act struct {
	What   What   `json:"what"`
	Person string `json:"who,omitempty"` // empty: no person
	At     int64  `json:"at"`
}

// What is what an Act is.
type What string

// The acts.
const (
	Begun   What = "begun"   // picked up
	Ended   What = "ended"   // resolved
	Undone  What = "undone"  // the resolve was taken back
	Dropped What = "dropped" // passed on, or it rose in urgency: it asks for somebody anew
)

// sameCall is how far apart pages to one person may be that are one Call.
const sameCall = time.Minute

// PastOf is what is kept of a ticket. pages and timeline are all that the store has.
// Pages by mail call nobody, and notices of who took it, or that it is over, are no
// pages; nor is what never left.
func PastOf(t *ticket.Ticket, pages []ticket.Page, timeline []ticket.Entry) Past {
	p := Past{Ticket: t.Number}
	for i := range pages {
		if page := &pages[i]; calls(page) {
			p.called(page.Person, sentAt(page))
		}
	}
	slices.SortStableFunc(p.Pages, func(a, b Call) int { return int(a.At - b.At) })
	if most := ticket.MaxPastPages; len(p.Pages) > most {
		for _, c := range p.Pages[most:] {
			p.More += c.N
		}
		p.Pages = p.Pages[:most]
	}
	for i := range timeline {
		e := &timeline[i]
		act := Act{Person: e.Actor.Person(), At: e.At.Unix()}
		switch e.Kind {
		case ticket.EntryPickedUp:
			act.What = Begun
		case ticket.EntryAcknowledged:
			if !t.PickupOnAck {
				continue
			}
			act.What = Begun
		case ticket.EntryResolved:
			act.What = Ended
		case ticket.EntryUndone:
			act.What = Undone
		case ticket.EntryEscalated, ticket.EntryEpisode, ticket.EntryAckExpired:
			act.What = Dropped
		default:
			continue
		}
		p.Acts = append(p.Acts, act)
	}
	return p
}

func calls(p *ticket.Page) bool {
	return (p.Kind == ticket.KindPage || p.Kind == ticket.KindJoined || p.Kind == ticket.KindClock || p.Kind == ticket.KindDue || p.Kind == ticket.KindReminder) && p.Channel != paging.WayMail && // it wakes nobody
		p.MayHaveArrived()
}

func sentAt(p *ticket.Page) time.Time {
	if !p.SentAt.IsZero() {
		return p.SentAt
	}
	return p.At
}

func (p *Past) called(person string, at time.Time) {
	for i := range slices.Backward(p.Pages) {
		c := &p.Pages[i]
		if near := at.Sub(time.Unix(c.At, 0)).Abs() < sameCall; near && c.Person == person {
			c.At, c.N = min(c.At, at.Unix()), c.N+1
			return
		}
	}
	p.Pages = append(p.Pages, Call{Person: person, At: at.Unix(), N: 1})
}

// Counts says whether there is anything to be counted.
func (p *Past) Counts() bool { return len(p.Pages)+len(p.Acts) > 0 }

// span is from when until when something happened.
func (p *Past) span() (from, to time.Time) {
	var all []int64
	for i := range p.Pages {
		all = append(all, p.Pages[i].At)
	}
	for i := range p.Acts {
		all = append(all, p.Acts[i].At)
	}
	return time.Unix(slices.Min(all), 0).UTC(), time.Unix(slices.Max(all), 0).UTC()
}

// work is one person's work on a ticket: an intervention.
type work struct {
	ticket, person string
	from, to       time.Time
	open           bool // it goes on
}

// works are the interventions on a ticket: from a pick-up until it is resolved, passed
// on, or picked up by somebody else. A resolve that was undone never was.
func (p *Past) works(now time.Time) (list []work) {
	var person string
	var from int64
	var undo *work // that the last resolve ended
	end := func(at int64) *work {
		if person == "" {
			return nil
		}
		list = append(list, work{ticket: p.Ticket, person: person, from: time.Unix(from, 0), to: time.Unix(at, 0)})
		person = ""
		return &list[len(list)-1]
	}
	for _, a := range p.Acts {
		switch a.What {
		case Begun:
			if a.Person == person {
				continue
			}
			end(a.At)
			person, from, undo = a.Person, a.At, nil
		case Ended:
			undo = end(a.At)
		case Dropped:
			end(a.At)
			undo = nil
		case Undone:
			if undo != nil {
				person, from, undo = undo.person, undo.from.Unix(), nil
				list = list[:len(list)-1]
			}
		}
	}
	if w := end(now.Unix()); w != nil {
		w.open = true
	}
	return slices.DeleteFunc(list, func(w work) bool { return !w.from.Before(w.to) })
}

// pastKey is the key of a past in a month, "2026-11/I261121_0001".
func pastKey(month time.Time, number string) string { return monthOf(month) + "/" + number }

func monthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// months are the months, by UTC, between two instants.
func months(from, to time.Time) (list []time.Time) {
	from = from.UTC()
	for m := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(to); m = m.AddDate(0, 1, 0) {
		list = append(list, m)
	}
	return list
}

// inMonth says whether a key is one of a month.
func inMonth(key string, month time.Time) bool { return strings.HasPrefix(key, monthOf(month)+"/") }
