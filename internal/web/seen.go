package web

import (
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

const (
	unshown      = "x"
	betweenSeals = "-"
)

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
			seals[i] = look.Seal(t)
		}
	}
	return strings.Join(seals, betweenSeals)
}

// drawn is what a form's page showed, by ticket; nil if the form does not
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
		seen, ok := look.Unseal(seals[i])
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

// of is what was shown of a ticket; nil if the form does not say.
func (d drawn) of(number string) *escalation.Seen {
	if seen, ok := d[number]; ok {
		return &seen
	}
	return nil
}
