package look

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A form carries what its page showed, as "o1.1.0.1": the state, the episode,
// the steps that had begun, the notes, and how many alerts fired. A bundle's
// has one for each ticket of the link, in the link's order, "-" between them
// and "x" for one that was not shown.
var sealed = regexp.MustCompile(`^([oaprc])(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})$`)

var letters = map[ticket.State]string{
	ticket.Open: "o", ticket.Acknowledged: "a", ticket.InProgress: "p", ticket.StateResolved: "r", ticket.Closed: "c",
}

// Seal writes what is to be seen of a ticket.
func Seal(t *ticket.Ticket) string {
	seen := escalation.SeenOf(t)
	return fmt.Sprintf("%s%d.%d.%d.%d", letters[seen.State], seen.Episode, seen.Steps, seen.Notes, seen.Firing)
}

// Unseal reads what Seal wrote; false if it is something else.
func Unseal(text string) (seen escalation.Seen, ok bool) {
	m := sealed.FindStringSubmatch(text)
	if m == nil {
		return seen, false
	}
	for state, letter := range letters {
		if letter == m[1] {
			seen.State = state
		}
	}
	for i, to := range []*int{&seen.Episode, &seen.Steps, &seen.Notes, &seen.Firing} {
		*to, _ = strconv.Atoi(m[i+2]) // nine digits at most
	}
	return seen, true
}

// Blind reports whether a button may act though its form does not say what its
// page showed: the page is an older version's, or there is none. To take a
// ticket, to ask and to write is never what nobody meant.
func Blind(action escalation.Action) bool {
	return action == escalation.ActAcknowledge || action == escalation.ActRecheck || action == escalation.ActNote
}
