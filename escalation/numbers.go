package escalation

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Numbers is the form of tickets' numbers: letters, the day, and a number that
// begins at 1 each day (S2-23). The zero value is DefaultNumbers.
type Numbers struct {
	form  string // up to the number, with %y, %m, %d
	zeros string // what stands before the four digits that stores make
}

// DefaultNumbers is the form where the configuration has none.
const DefaultNumbers = "I%y%m%d_%4n"

// numbersForm: the letters, the day, what ends it, and how many digits follow. A
// store tells numbers from prefixes by their last digits, so no digit stands
// before them.
var numbersForm = regexp.MustCompile(`^I[A-Z]{0,3}[-_]?((?:%y|%Y)[-_]?%m[-_]?%d)[-_]%([4-9])n$`)

// ParseNumbers reads a form.
func ParseNumbers(form string) (Numbers, error) {
	found := numbersForm.FindStringSubmatch(form)
	if found == nil {
		return Numbers{}, fmt.Errorf("%q is no form of numbers: I, the day as %%y%%m%%d (or %%Y%%m%%d), - or _, and the digits as %%4n to %%9n, such as %s",
			form, DefaultNumbers)
	}
	cut := strings.LastIndexByte(form, '%')
	return Numbers{form: form[:cut], zeros: strings.Repeat("0", int(found[2][0]-'4'))}, nil
}

// prefix is the beginning of the number of a ticket of this kind that opens at a
// local time: S in the place of the I for a request.
func (n Numbers) prefix(kind ticket.Kind, at time.Time) string {
	form := n.form
	if form == "" {
		form = "I%y%m%d_"
	}
	if kind == ticket.Request {
		form = "S" + form[1:]
	}
	return strings.NewReplacer("%Y", at.Format("2006"), "%y", at.Format("06"), "%m", at.Format("01"), "%d", at.Format("02")).Replace(form) + n.zeros
}

// Prefixes are the beginnings of the numbers of all tickets that open at a local
// time.
func (n Numbers) Prefixes(at time.Time) []string {
	return []string{n.prefix(ticket.Incident, at), n.prefix(ticket.Request, at)}
}
