package look

import (
	"cmp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Line is a ticket as a list shows it.
type Line struct {
	Number, Title, Facts string
	Class                string // of its urgency
	State, StateClass    string
	GTI, GTIClass        string
}

// maxListed is how many characters of a title a list shows.
const maxListed = 120

// Line is one ticket of a list.
func (v *Viewer) Line() Line {
	line := Line{
		Number: v.Ticket.Number, Title: cmp.Or(Abridged(strings.TrimSpace(v.Ticket.Title), maxListed), v.Ticket.Number),
		Class: "u-" + v.Ticket.Urgency.String(), Facts: v.Words.UrgencyWord(v.Ticket.Urgency),
	}
	if where := v.Where(); where != "" {
		line.Facts += " · " + where
	}
	line.Facts += " · " + v.SinceWord + " " + v.At(v.Ticket.OpenedAt)
	line.State, line.StateClass = v.State()
	if v.Ticket.State.Active() {
		line.GTI, line.GTIClass = v.GTI()
	} else {
		line.Class = "u-over"
	}
	return line
}

// Abridged cuts a text to so many characters.
func Abridged(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// WorstFirst puts open tickets before those that are taken, and these before
// those that are over; then the most urgent, then the one whose GTI ends
// first, then the oldest.
func WorstFirst(a, b ticket.Ticket) int {
	return cmp.Or(
		cmp.Compare(rank(a.State), rank(b.State)),
		cmp.Compare(b.Urgency, a.Urgency),
		earlier(a.GTI.DueAt, b.GTI.DueAt),
		a.OpenedAt.Compare(b.OpenedAt),
		cmp.Compare(a.Number, b.Number),
	)
}

func rank(s ticket.State) int {
	switch {
	case s == ticket.Open:
		return 0
	case s.Taken():
		return 1
	}
	return 2
}

// earlier compares two times, one that never comes being the last.
func earlier(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
