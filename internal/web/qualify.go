package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// proposedBody is what the desk proposes of what is said of a ticket. A person
// decides.
type proposedBody struct {
	Urgency  *ticket.Proposal `json:"urgency,omitempty"` // with the row of the table that made it
	Billable string           `json:"billable"`          // yes if no contract covers it
}

// etag is a tag of a qualification as headers have it.
func etag(tag string) string { return `"` + tag + `"` }

// wholeBody is a ticket with everything that is known of it. Its ETag counts
// changes of its qualification alone (docs/adr/0065-what-people-say-of-a-ticket.md).
func (s *Server) wholeBody(w http.ResponseWriter, v *ticket.View, words *lang.Words) ticketBody {
	w.Header().Set("ETag", etag(ticket.Tag(&v.Ticket, v.Sheet)))
	body := wholeBody(v, s.engine.Now(), words)
	body.ETag = ticket.Tag(&v.Ticket, v.Sheet)
	rules := s.engine.Rules()
	body.Proposed, body.Questions = proposed(rules, v), questions(rules, v.Sheet)
	return body
}

// questions are those of a ticket's category, as it is now.
func questions(rules *escalation.Rules, sheet *ticket.Sheet) []string {
	if sheet == nil {
		return nil
	}
	category, _ := rules.Desk.Category(sheet.Category)
	return category.Questions
}

func proposed(rules *escalation.Rules, v *ticket.View) *proposedBody {
	p := &proposedBody{Billable: escalation.Billable(&v.Ticket)}
	if v.Sheet != nil {
		if made, ok := rules.Desk.Table().Propose(&v.Sheet.Qualification); ok {
			p.Urgency = &made
		}
	}
	return p
}

// errNoMatch asks for the header that keeps two people from overwriting each other.
var errNoMatch = refusef(http.StatusPreconditionRequired, "no_if_match",
	`If-Match is needed: the ETag with which it was read, or * to change it whatever it is now`)

// matched reads the tag that a change is meant for.
func matched(r *http.Request) (string, error) {
	given := strings.TrimSpace(r.Header.Get("If-Match"))
	switch {
	case given == "":
		return "", errNoMatch
	case given == ticket.AnyTag:
		return given, nil
	}
	tag := strings.Trim(strings.TrimPrefix(given, "W/"), `"`)
	if tag == "" || len(tag) > ticket.MaxWord || strings.ContainsAny(tag, `", `) {
		return "", badField("If-Match", "one ETag is wanted, or *")
	}
	return tag, nil
}

// qualify changes what people say of a ticket: the fields of the body, all of them
// or none. null empties a field.
func (s *Server) qualify(w http.ResponseWriter, r *http.Request, by Token) error {
	number := r.PathValue("number")
	order := desk.Order{Verb: escalation.ActQualify}
	var err error
	if order.Tag, err = matched(r); err != nil {
		return err
	}
	fields, err := readFields(r)
	if err != nil {
		return err
	}
	person := ""
	if raw, given := fields["person"]; given {
		if err := json.Unmarshal(raw, &person); err != nil {
			return badField("person", "a text is wanted")
		}
		delete(fields, "person")
	}
	if order.Edits, err = editsOf(fields); err != nil {
		return err
	}
	if order.Edits, err = s.ofContacts(r.Context(), by, number, order.Edits); err != nil {
		return err
	}
	if err := s.engine.Rules().Vet(order.Edits); err != nil {
		return err //nolint:wrapcheck // it names the field
	}
	who := by.Actor("")
	if who.Actor, err = s.actor(by, person); err != nil {
		return err
	}
	if who.Via, err = via(r); err != nil {
		return err
	}
	s.Acted(r.Context(), by)
	result := s.desk.Act(r.Context(), who, order, desk.Target{Number: number})[0]
	if result.Outcome == desk.Empty {
		return refusef(http.StatusBadRequest, "bad_request", "the body names no field to change")
	}
	if err := asError(&result, order.Verb); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.asItIs(w, r, &result.Ticket))
}
