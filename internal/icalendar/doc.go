// Package icalendar reads calendars of somebody else's (RFC 5545), as far as they say
// who is on call when: the events in a stretch of time, each recurrence on its own, with
// whom they name.
//
// It is pure, and bounded whatever it is given ([Read]): by bytes, lines, components,
// turns, and by the end of its context, which is looked at between events. Lines are
// read in lines.go, events in event.go, their recurrences in recur.go. What a time
// without an offset means is in zone.go: names of the time zone database, names of
// Windows (windows.go), and the zones that a calendar describes itself (custom.go).
package icalendar
