package web

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/imported"
)

// calendarBody is what is told of a rotation that is kept elsewhere.
type calendarBody struct {
	Host    string    `json:"host"`               // the rest of its address may be a secret
	ReadAt  time.Time `json:"read_at,omitzero"`   // left out: never
	Every   string    `json:"every"`              // how often it is asked for
	Error   string    `json:"error,omitempty"`    // why the last try did not do
	Old     bool      `json:"old,omitempty"`      // it was not read for four times as long as it should be
	Before  bool      `json:"before,omitempty"`   // what holds was said by the group's address before this one
	Unknown []string  `json:"unknown,omitempty"`  // coming events that name nobody who is configured
	Odd     []string  `json:"odd,omitempty"`      // events that cannot be understood
	Ends    time.Time `json:"last_turn,omitzero"` // the end of the last turn that names somebody
}

// calendarsOf are those of the groups that have one.
func calendarsOf(f func() []imported.Status) map[string]*calendarBody {
	all := map[string]*calendarBody{}
	if f == nil {
		return all
	}
	for _, c := range f() {
		all[c.Group] = &calendarBody{
			Host: c.Host, ReadAt: c.At, Every: c.Every.String(), Error: c.Error, Old: c.Old, Before: c.Other,
			Unknown: c.Unknown, Odd: c.Odd, Ends: c.Until,
		}
	}
	return all
}

// describe adds what is configured of the groups beside who is on call.
func (s *Server) describe(list []scheduleBody, directory *contacts.Directory) {
	calendars := calendarsOf(s.calendars)
	for i := range list {
		g, _ := directory.Group(list[i].Group)
		list[i].Tier, list[i].Phones, list[i].Calendar = g.Tier, g.Phones, calendars[g.Key]
	}
}
