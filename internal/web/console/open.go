package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// openPage is the body of the form that opens a ticket while one talks.
type openPage struct {
	Form    qualifyForm
	Refused string // why it was not opened
	Beside  besidePart
}

// besidePart is what stands beside the form: whose a caller is, the last tickets,
// and what the table of urgencies makes of what is said.
type besidePart struct {
	Guessed  string         // whose the number or the address is
	Contacts []foundContact // who may be calling, below the fields that say it …
	Apart    bool           // … of a page that is there already
	Of       string         // whose tickets
	Last     []lastLine
	Proposed string
	Billable string
	Asked    string   // what the questions are called
	Asks     []string // what is asked of whoever has such a trouble
	// Customers are the form's choice anew, with the one that was guessed.
	Customers []option
}

// lastLine is one of the last tickets.
type lastLine struct {
	look.Line
	Urgency string
	Same    bool // of the same caller
}

// Bounds of what is looked through for a caller.
const (
	lastOfCustomer = 8
	lastByHand     = 20
)

// showOpening shows the form. Its address may fill it in, as a telephone system does:
// ?phone=+33…&name=….
func (c *Console) showOpening(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	values := typedForm(r.URL.Query())
	for short, field := range map[string]string{"phone": "contact.phone", "name": "contact.name", "email": "contact.email"} {
		if values.Get(field) == "" {
			values.Set(field, values.Get(short))
		}
	}
	if !who.scope.SeesCustomer(values.Get(ticket.FieldCustomer)) {
		values.Del(ticket.FieldCustomer)
	}
	if values.Get("origin") == "" {
		values.Set("origin", ticket.OriginCall)
	}
	return c.showOpenForm(w, r, who, http.StatusOK, values, "", "")
}

func (c *Console) showOpenForm(w http.ResponseWriter, r *http.Request, who *reader, status int, values url.Values, wrong, refused string) error {
	body := openPage{Refused: refused}
	var err error
	if body.Beside, err = c.besides(r.Context(), who, values); err != nil && status == http.StatusOK {
		return err
	}
	body.Beside.Customers = nil // the form itself has it
	body.Form = who.qualifyForm(values, nil, wrong)
	f := c.frame(r, who, who.words.Desk.Open)
	f.Body = body
	return c.show(w, r, status, "open", f)
}

// showBeside answers the form with what stands beside it.
func (c *Console) showBeside(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	part, err := c.besides(r.Context(), who, typedForm(r.URL.Query()))
	if err != nil {
		return err
	}
	f := c.frame(r, who, who.words.Desk.Open)
	part.Apart = true
	f.Body = openPage{Beside: part}
	return c.showPart(w, r, http.StatusOK, "open", "beside", f)
}

// besides looks up the caller. It fills in the customer where the form has none.
func (c *Console) besides(ctx context.Context, who *reader, values url.Values) (part besidePart, err error) {
	words, v := &who.words.Desk, who.viewer()
	from := callerOf(values)
	customer := values.Get(ticket.FieldCustomer)
	sees := customer
	if _, known := who.rules.Customer(customer); !known || !who.scope.SeesCustomer(customer) {
		sees = ""
	}
	contacts, err := c.contacts(ctx, who, from, sees)
	if err != nil {
		return part, err
	}
	part.Contacts = who.found(contacts)
	key, ok := who.rules.Caller(from.phone, from.email)
	if one := exact(contacts, from); !ok && one != nil {
		key, ok = one.Customer, true
	}
	if ok && customer == "" && who.scope.SeesCustomer(key) {
		customer = key
		values.Set(ticket.FieldCustomer, key)
		part.Customers = who.choices(ticket.FieldCustomer, key)
		part.Guessed = lang.Fill(words.Guessed, "customer", v.Value(ticket.FieldCustomer, key))
	}
	if _, known := who.rules.Customer(customer); !known || !who.scope.SeesCustomer(customer) {
		customer = ""
	}
	part.Proposed = who.proposed(values)
	category, _ := who.rules.Desk.Category(values.Get("category"))
	part.Asked, part.Asks = who.words.Work.Questions, category.Questions
	if customer != "" {
		part.Of = lang.Fill(words.LastOf, "customer", v.Value(ticket.FieldCustomer, customer))
		covered, _ := who.rules.Customer(customer)
		if part.Billable = words.BillableNo; covered.Contract == "" {
			part.Billable = words.BillableYes
		}
	}
	if part.Last, err = c.lastTickets(ctx, who, customer, from); err != nil {
		return part, err
	}
	return part, nil
}

// lastTickets are the last tickets of whoever calls, and then those of the customer. While
// the archive is away, the caller's are looked for in the sheets of the latest ones alone.
func (c *Console) lastTickets(ctx context.Context, who *reader, customer string, from caller) ([]lastLine, error) {
	list, known, err := c.callersTickets(ctx, who, from)
	if err != nil {
		return nil, err
	}
	theirs := len(list)
	add := func(q ticket.Query) error {
		some, err := c.house.Tickets(ctx, who.scope, &ticket.Search{Query: q})
		list = append(list, some.Tickets...)
		return err //nolint:wrapcheck // it names itself
	}
	if customer != "" {
		if err := add(ticket.Query{Customer: customer, Limit: lastOfCustomer}); err != nil {
			return nil, err
		}
	}
	calls := !known && from.phone+from.email != ""
	if calls {
		if err := add(ticket.Query{Source: escalation.ManualSource, Limit: lastByHand}); err != nil {
			return nil, err
		}
	}
	var same, others []lastLine
	seen := map[string]bool{}
	for i := range list {
		t := &list[i]
		if seen[t.Number] {
			continue
		}
		seen[t.Number] = true
		mine := known && i < theirs
		if calls && t.Source == escalation.ManualSource {
			view, err := c.house.View(ctx, who.scope, t.Number)
			if err != nil && !errors.Is(err, escalation.ErrNotFound) {
				return nil, err //nolint:wrapcheck // it names itself
			}
			mine = err == nil && speaks(view.Sheet, from.phone, from.email)
		}
		v := who.viewer()
		v.Ticket = t
		line := lastLine{Line: v.Line(), Urgency: who.words.UrgencyWord(t.Urgency), Same: mine}
		switch {
		case mine:
			same = append(same, line)
		case customer != "" && t.Customer == customer && len(others) < lastOfCustomer:
			others = append(others, line)
		}
	}
	return append(same, others...), nil
}

// speaks reports whether one speaks about a ticket with whoever has that number or
// address.
func speaks(sheet *ticket.Sheet, phone, email string) bool {
	if sheet == nil {
		return false
	}
	for _, p := range []*ticket.Party{sheet.Contact, sheet.Requester, sheet.Beneficiary} {
		if p != nil && (phone != "" && digits(p.Phone) == digits(phone) || email != "" && strings.EqualFold(p.Email, email)) {
			return true
		}
	}
	return false
}

// digits are those of a telephone number.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}

// open opens the ticket. What cannot be taken shows the form again, as it was sent.
func (c *Console) open(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	who := c.reader(r, by)
	values := typedForm(r.PostForm)
	if id := values.Get("pick"); id != "" { // a contact was chosen: nothing is opened yet
		if err := c.pick(r.Context(), who, values, ticket.Typed(id, false)); err != nil {
			return err
		}
		return c.showOpenForm(w, r, who, http.StatusOK, values, "", "")
	}
	edits, err := who.edits(values)
	var t ticket.Ticket
	if err == nil {
		ctx, cancel := lasting(r.Context())
		defer cancel()
		c.house.Acted(ctx, by)
		t, err = c.house.OpenByHand(r.WithContext(ctx), by, &web.Opening{Edits: edits, Text: strings.TrimSpace(values.Get("text")), Via: viaConsole})
	}
	if err != nil {
		status, wrong, refused := who.refusal(err)
		return c.showOpenForm(w, r, who, status, values, wrong, refused)
	}
	c.forget()
	c.lead(w, "/tickets/"+url.PathEscape(t.Number), "/tickets", url.Values{"done": {"opened"}})
	return nil
}

// refusal says in the reader's words why a form was not done.
func (r *reader) refusal(err error) (status int, wrong, said string) {
	words := &r.words.Desk
	var field *ticket.FieldError
	status = web.StatusOf(err)
	switch {
	case errors.As(err, &field):
		return status, field.Field, r.refusedField(field)
	case errors.Is(err, escalation.ErrSheetFull):
		return status, "", words.Full
	case status == http.StatusTooManyRequests:
		return status, "", words.TooMany
	case status >= http.StatusInternalServerError:
		return status, "", r.words.Console.StoreDown + ". " + r.words.Console.StoreDownText
	}
	return status, "", cmp.Or(r.words.Console.BadRequestText, err.Error())
}
