package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// resolve says that a ticket is over: why, how one knows that it works again, and what of
// its qualification was not right, in one commit (S1-34 to 36). Fields of the qualification
// need an If-Match, as in a PATCH; the synthesis need not, for only one resolves.
func (s *Server) resolve(w http.ResponseWriter, r *http.Request, by Token) error {
	fields, err := readFields(r)
	if err != nil {
		return err
	}
	var ask actRequest
	for name, into := range map[string]*string{"person": &ask.Person, "text": &ask.Text, "pressed_at": &ask.PressedAt} {
		raw, given := fields[name]
		if !given {
			continue
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return badField(name, "a text is wanted")
		}
		delete(fields, name)
	}
	order := desk.Order{Verb: escalation.ActResolve, Words: strings.TrimSpace(ask.Text), Sure: true}
	if order.Edits, err = editsOf(fields); err != nil {
		return err
	}
	if order.Edits, err = s.ofContacts(r.Context(), by, r.PathValue("number"), order.Edits); err != nil {
		return err
	}
	if err := s.engine.Rules().Vet(order.Edits); err != nil {
		return err //nolint:wrapcheck // it names the field
	}
	qualifies := slices.ContainsFunc(order.Edits, func(e ticket.Edit) bool { return !slices.Contains(ticket.Closing(), e.Field) })
	if qualifies || r.Header.Get("If-Match") != "" {
		if order.Tag, err = matched(r); err != nil {
			return err
		}
	}
	return s.ordered(w, r, by, order, &ask)
}
