package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
)

// scheduleBody is one group's schedule. Spans follow each other without a gap;
// if nobody is on call, one has no people.
type scheduleBody struct {
	Group string     `json:"group"`
	From  time.Time  `json:"from"`
	To    time.Time  `json:"to"`
	Spans []spanBody `json:"spans"`

	Tier     string        `json:"tier,omitempty"`
	Phones   []string      `json:"phones,omitempty"` // telephones that belong to the group
	Calendar *calendarBody `json:"calendar,omitempty"`
}

type spanBody struct {
	From   time.Time        `json:"from"`
	To     time.Time        `json:"to"`
	People []assignmentBody `json:"people"`
}

type assignmentBody struct {
	Person string `json:"person"`
	Why    string `json:"why"`
	// Until is until when somebody stays on at most, beside who has not confirmed.
	Until time.Time `json:"until,omitzero"`
}

func (s *Server) listGroups(w http.ResponseWriter, r *http.Request, _ Token) error {
	from, to, err := s.stretch(r.URL.Query())
	if err != nil {
		return err
	}
	directory := s.engine.Rules().Directory
	list, err := schedules(directory, directory.Groups(), from, to)
	if err != nil {
		return err
	}
	s.describe(list, directory)
	return writeJSON(w, http.StatusOK, map[string][]scheduleBody{"groups": list})
}

func (s *Server) showGroup(w http.ResponseWriter, r *http.Request, _ Token) error {
	from, to, err := s.stretch(r.URL.Query())
	if err != nil {
		return err
	}
	directory, group := s.engine.Rules().Directory, r.PathValue("group")
	if _, ok := directory.Group(group); !ok {
		return refusef(http.StatusNotFound, "not_found", "no group named %q: %s", logged(group), names(directory.Groups()))
	}
	list, err := schedules(directory, []string{group}, from, to)
	if err != nil {
		return err
	}
	s.describe(list, directory)
	return writeJSON(w, http.StatusOK, list[0])
}

// stretch reads from and to: now and 30 days later if they are left out, and
// no more than one answer may hold.
func (s *Server) stretch(values url.Values) (from, to time.Time, err error) {
	for name, given := range values {
		if name != "from" && name != "to" {
			return from, to, badField(logged(name), "there is no such parameter")
		}
		if len(given) > 1 {
			return from, to, badField(name, "given %d times", len(given))
		}
	}
	if from, err = parseTime("from", values.Get("from")); err != nil {
		return from, to, err
	}
	if to, err = parseTime("to", values.Get("to")); err != nil {
		return from, to, err
	}
	if from.IsZero() {
		from = s.engine.Now()
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, ticket.ScheduleDays)
	}
	from, to = from.UTC(), to.UTC()
	switch {
	case !from.Before(to):
		err = badField("to", "it is not after from")
	case to.After(from.AddDate(0, 0, ticket.MaxScheduleDays)):
		err = badField("to", "%d days from from on, at most", ticket.MaxScheduleDays)
	case from.Year() < 1 || to.Year() > 9999:
		err = badField("from", "the years 1 to 9999 are possible")
	}
	return from, to, err
}

// schedules is the schedules of the groups. How often duty may change in all is
// asked before anybody is looked for, so no request takes long.
func schedules(directory *contacts.Directory, groups []string, from, to time.Time) ([]scheduleBody, error) {
	changes := 0
	for _, group := range groups {
		changes += len(directory.Changes(group, from, to))
	}
	if changes > ticket.MaxScheduleChanges {
		return nil, badField("to", "duty may change %d times until then, and an answer holds %d: ask for fewer days, or for one group", changes, ticket.MaxScheduleChanges)
	}
	list := make([]scheduleBody, len(groups))
	for i, group := range groups {
		list[i] = scheduleBody{Group: group, From: from, To: to, Spans: []spanBody{}}
		for _, span := range directory.Schedule(group, from, to) {
			list[i].Spans = append(list[i].Spans, spanBody{
				From: span.From.UTC(), To: span.To.UTC(), People: assignmentBodies(directory, group, span.From, span.People),
			})
		}
	}
	return list, nil
}

func assignmentBodies(d *contacts.Directory, group string, at time.Time, people []contacts.Assignment) []assignmentBody {
	list := make([]assignmentBody, len(people))
	for i, a := range people {
		list[i] = assignmentBody{Person: a.Person, Why: a.Why}
		if _, stays := ready.StaysFor(a.Why); stays {
			list[i].Until = ready.StaysUntil(d, group, a.Person, at).UTC()
		}
	}
	return list
}
