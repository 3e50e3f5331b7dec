package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

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

const (
	unshown      = "x"
	betweenSeals = "-"
)

// seal writes what is to be seen of a ticket.
func seal(t *ticket.Ticket) string {
	seen := escalation.SeenOf(t)
	return fmt.Sprintf("%s%d.%d.%d.%d", letters[seen.State], seen.Episode, seen.Steps, seen.Notes, seen.Firing)
}

// sealAll writes it of all tickets of a link, in the link's order.
func sealAll(refs []ticket.Ref, shown []ticket.Ticket) string {
	by := make(map[string]*ticket.Ticket, len(shown))
	for i := range shown {
		by[shown[i].Number] = &shown[i]
	}
	seals := make([]string, len(refs))
	for i, ref := range refs {
		seals[i] = unshown
		if t := by[ref.Number]; t != nil {
			seals[i] = seal(t)
		}
	}
	return strings.Join(seals, betweenSeals)
}

// unseal reads what seal wrote; false where it is something else.
func unseal(text string) (seen escalation.Seen, ok bool) {
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

// drawn is what a form's page showed, by ticket; nil where the form does not
// say.
type drawn map[string]escalation.Seen

// drawn reads a form's seal. One that is of other tickets, or nothing that a page
// of ours has, is an error.
func (h *holder) drawn(text string) (drawn, error) {
	if text == "" {
		return nil, nil
	}
	seals := strings.Split(text, betweenSeals)
	refs := h.link.Bundle
	if h.number != "" && len(seals) == 1 {
		refs = []ticket.Ref{{Number: h.number}}
	}
	if len(seals) != len(refs) {
		return nil, badSeen()
	}
	all := make(drawn, len(refs))
	for i, ref := range refs {
		seen, ok := unseal(seals[i])
		switch {
		case ok:
			all[ref.Number] = seen
		case seals[i] != unshown:
			return nil, badSeen()
		}
	}
	return all, nil
}

func badSeen() error { return badField("seen", "it is not what a page of this link has") }

// of is what was shown of a ticket; nil where the form does not say.
func (d drawn) of(number string) *escalation.Seen {
	if seen, ok := d[number]; ok {
		return &seen
	}
	return nil
}

// blind reports whether a button may act though its form does not say what its
// page showed: the page is an older version's, or there is none. To take a
// ticket, to ask and to write is never what nobody meant.
func blind(action escalation.Action) bool {
	return action == escalation.ActAcknowledge || action == escalation.ActRecheck || action == escalation.ActNote
}
