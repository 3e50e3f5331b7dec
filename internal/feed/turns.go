package feed

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Turn is a stretch of time in which the same people of a group are on call.
type Turn struct {
	Group    string
	People   []string // by key; in a person's feed the person alone
	From, To time.Time
}

// Range is what a feed tells of: the month before that of now, and a year from it. It
// begins and ends with a month, so that what it tells changes once a month, and a turn
// that is cut keeps its name for that long.
func Range(now time.Time, in *time.Location) (from, to time.Time) {
	now = now.In(in)
	return time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, in), time.Date(now.Year()+1, now.Month()+1, 1, 0, 0, 0, 0, in)
}

// Turns are those of a feed from from until to, in order, ticket.MaxFeedTurns at most.
// Who is always on call in a group takes no turns there.
func Turns(d *contacts.Directory, f *Feed, from, to time.Time) (list []Turn) {
	groups := d.Groups()
	if f.Group != "" {
		groups = []string{f.Group}
	}
	for _, group := range groups {
		for _, span := range d.Schedule(group, from, to) {
			turn := Turn{Group: group, From: span.From, To: span.To}
			for _, a := range span.People {
				if a.Why != contacts.Always && (f.Group != "" || a.Person == f.Person) && !slices.Contains(turn.People, a.Person) {
					turn.People = append(turn.People, a.Person)
				}
			}
			last := len(list) - 1
			switch {
			case len(turn.People) == 0:
			case last >= 0 && list[last].Group == group && list[last].To.Equal(turn.From) && slices.Equal(list[last].People, turn.People):
				list[last].To = turn.To
			default:
				list = append(list, turn)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Turn) int { return a.From.Compare(b.From) })
	return list[:min(len(list), ticket.MaxFeedTurns)]
}
