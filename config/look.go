package config

import "slices"

// When managers are told what is doubtful, if nothing is said; and between which hours
// it may be: nobody is woken for it.
const (
	defaultLook  = 8
	earliestLook = 7
	latestLook   = 21
)

// defaultBusiness is the calendar of the desk's own hours, where none is named.
const defaultBusiness = "business"

// look reads the time of the daily look; `off`: there is none.
func (v value) look() Look {
	v.note(noteType, "time of day, or off")
	if v.given() && v.n.kind == scalar && v.n.text == "off" {
		return Look{Off: true}
	}
	hour, minute := v.clock(defaultLook, 0)
	if hour < earliestLook || hour > latestLook {
		v.errorf("by day wanted, from 07:00 to 21:59: nobody is woken for it")
	}
	return Look{Hour: hour, Minute: minute}
}

// business reads the calendar of the desk's own hours.
func (r *reader) business(v value) string {
	v.note(noteDefault, defaultBusiness)
	if v.given() || !slices.Contains(r.names["calendar"], defaultBusiness) {
		return v.name("calendar")
	}
	if r.used["calendar"] == nil {
		r.used["calendar"] = map[string]bool{}
	}
	r.used["calendar"][defaultBusiness] = true
	return defaultBusiness
}
