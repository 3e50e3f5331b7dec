package console

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// foundContact is a contact who may be the caller.
type foundContact struct {
	ID, Name, Of string
	Strategic    bool
}

// leastTyped is from how many characters on contacts are looked for.
const leastTyped = 2

// caller is what a form says of whoever calls.
type caller struct{ id, name, phone, email string }

func callerOf(values url.Values) caller {
	get := func(part string) string { return ticket.Typed(values.Get("contact."+part), false) }
	who := caller{get("id"), get("name"), get("phone"), get("email")}
	if of := get("of"); of != "" && of != who.name {
		who.id = ""
	}
	return who
}

// contacts are those who may be the caller, by what was typed: a number, else a name, else
// an address.
func (c *Console) contacts(ctx context.Context, who *reader, from caller, customer string) ([]ticket.Contact, error) {
	if from.id != "" || !c.proves {
		return nil, nil
	}
	for _, text := range []string{from.phone, from.name, from.email} {
		if len(text) < leastTyped {
			continue
		}
		list, err := c.house.FindContacts(ctx, who.scope, &ticket.ContactQuery{Customer: customer, Text: text, Limit: ticket.FoundContacts})
		if err != nil || len(list) > 0 {
			return list, err //nolint:wrapcheck // it names itself
		}
	}
	return nil, nil
}

// exact is the one contact whose number or address it is, however it is written.
func exact(list []ticket.Contact, from caller) *ticket.Contact {
	var one *ticket.Contact
	for i := range list {
		key := ticket.PhoneKey(from.phone)
		theirs := key != "" && slices.ContainsFunc(list[i].Phones, func(p string) bool { return ticket.PhoneKey(p) == key }) ||
			from.email != "" && slices.Contains(list[i].Emails, strings.ToLower(from.email))
		if theirs && one != nil {
			return nil
		}
		if theirs {
			one = &list[i]
		}
	}
	return one
}

func (r *reader) found(list []ticket.Contact) (all []foundContact) {
	for i := range list {
		of := &list[i]
		reach := slices.DeleteFunc([]string{r.viewer().Value(ticket.FieldCustomer, of.Customer), of.Site, cmp.Or(of.Phone(), of.Email())}, func(s string) bool { return s == "" })
		all = append(all, foundContact{of.ID, of.Name, strings.Join(reach, " · "), of.Strategic})
	}
	return all
}

// pick fills a form with the contact that was chosen. One that is gone fills in nothing.
func (c *Console) pick(ctx context.Context, who *reader, values url.Values, id string) error {
	of, err := c.house.Contact(ctx, who.scope, id)
	switch {
	case errors.Is(err, escalation.ErrNotFound), errors.Is(err, web.ErrNoContacts) && ctx.Err() == nil:
		return nil
	case err != nil:
		return err //nolint:wrapcheck // it names itself
	}
	values.Set("contact.id", of.ID)
	values.Set("contact.of", of.Name)
	values.Set("contact.name", of.Name)
	values.Set("contact.phone", of.Phone())
	values.Set("contact.email", of.Email())
	values.Set(ticket.FieldCustomer, of.Customer)
	if of.Site != "" {
		values.Set(ticket.FieldSite, of.Site)
	}
	if values.Set("strategic", ticket.No); of.Strategic {
		values.Set("strategic", ticket.Yes)
	}
	return nil
}

// withContacts are edits of a ticket with what is known of the contacts that they name.
func (c *Console) withContacts(ctx context.Context, who *reader, number string, edits []ticket.Edit) ([]ticket.Edit, error) {
	if !slices.ContainsFunc(edits, func(e ticket.Edit) bool { return e.Party != nil && e.Party.ID != "" }) {
		return edits, nil
	}
	view, err := c.house.View(ctx, who.scope, number)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	return c.house.WithContacts(ctx, who.scope, &view.Ticket, edits) //nolint:wrapcheck // likewise
}

// callersTickets are the last tickets of whoever calls, of all times; false: the archive
// was not asked, and nobody knows.
func (c *Console) callersTickets(ctx context.Context, who *reader, from caller) ([]ticket.Ticket, bool, error) {
	if !c.proves || from.id+from.phone+from.email == "" {
		return nil, false, nil
	}
	list, err := c.house.Tickets(ctx, who.scope, &ticket.Search{
		Query: ticket.Query{Limit: lastOfCustomer}, Contact: from.id, Phone: from.phone, Email: from.email,
	})
	if err != nil {
		return nil, false, err //nolint:wrapcheck // it names itself
	}
	return list.Tickets, list.Missing != ticket.MissingClosed, nil
}
