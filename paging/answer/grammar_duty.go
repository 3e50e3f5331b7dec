package answer

import (
	"strconv"
	"strings"
)

// DutyAsk is what a text asks about who is on call: GARDE, GARDE 8h, GARDE 0,
// or, with a group's number before the hours, GARDE 2 8h.
type DutyAsk struct {
	Group int  // its number in the list, from 1; 0: none is chosen
	Hours int  // take over for so long from now; 0: do not
	Back  bool // give back what was taken over
	Wrong bool // cannot be read; nothing else is set
}

// String writes what follows the word.
func (a DutyAsk) String() string {
	var s string
	if a.Group > 0 {
		s = " " + strconv.Itoa(a.Group)
	}
	switch {
	case a.Wrong:
		return " 1 1"
	case a.Back:
		return s + " 0"
	case a.Hours > 0:
		return s + " " + strconv.Itoa(a.Hours) + "h"
	}
	return s
}

// mostDutyWords is how many words may follow GARDE in what looks like an
// order. Longer lines are notes.
const mostDutyWords = 4

// dutyAsk reads a line that begins with the word for duty, if nothing or a
// number follows it.
func dutyAsk(line string, ws []word) (a DutyAsk, ok bool) {
	switch ws[0].text {
	case "garde", "duty", "turno":
	default:
		return a, false
	}
	rest := ws[1:]
	if len(rest) == 0 {
		return a, true
	}
	if !rest[0].number || len(rest) > mostDutyWords {
		return a, false
	}
	apart := true // only spaces are between numbers: 1.5h and 8:30 are no order
	for i := 1; i < len(ws); i++ {
		apart = apart && strings.Trim(line[ws[i-1].end:ws[i].start], " ") == ""
	}
	numbers := make([]int, 0, len(rest))
	for len(rest) > 0 && rest[0].number && apart {
		n, err := strconv.Atoi(rest[0].text)
		apart = err == nil
		numbers, rest = append(numbers, n), rest[1:]
	}
	last := len(numbers) - 1
	hours := len(rest) == 1 && isHours(rest[0].text)
	switch {
	case !apart, last > 1, last == 1 && numbers[0] == 0, len(rest) > 0 && !hours:
		return DutyAsk{Wrong: true}, true
	case last == 1:
		a.Group = numbers[0]
	}
	switch n := numbers[last]; {
	case n == 0:
		a.Back = true
	case hours:
		a.Hours = n
	case last == 0:
		a.Group = n
	default:
		return DutyAsk{Wrong: true}, true
	}
	return a, true
}

// isHours reports whether a folded word says that the number before it is one
// of hours.
func isHours(word string) bool {
	switch word {
	case "h", "hr", "hrs", "heure", "heures", "hour", "hours", "ora", "ore":
		return true
	}
	return false
}
