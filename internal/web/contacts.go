package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Contacts are those of customers, whom tickets name.
type Contacts interface {
	// Found reads one; escalation.ErrNotFound if there is none in scope, ErrNoContacts if
	// nobody can be asked.
	Found(ctx context.Context, scope ticket.Scope, id string) (ticket.Contact, error)
	// Find lists those that a query selects; ErrNoContacts.
	Find(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) ([]ticket.Contact, error)
}

// ErrNoContacts says that contacts cannot be had now.
var ErrNoContacts = errors.New("contacts cannot be had now")

// FindContacts lists contacts in the server's turns; none, if they cannot be had.
func (s *Server) FindContacts(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) (list []ticket.Contact, err error) {
	if s.contacts == nil {
		return nil, nil
	}
	err = s.searches.do(ctx, func() (err error) {
		list, err = s.contacts.Find(ctx, scope, q)
		return err
	})
	if errors.Is(err, ErrNoContacts) && ctx.Err() == nil {
		return nil, nil
	}
	return list, err
}

// Contact reads one; escalation.ErrNotFound if there is none in scope, ErrNoContacts.
func (s *Server) Contact(ctx context.Context, scope ticket.Scope, id string) (c ticket.Contact, err error) {
	if s.contacts == nil {
		return c, ErrNoContacts
	}
	return s.contacts.Found(ctx, scope, ticket.Cut(id, ticket.MaxWord)) //nolint:wrapcheck // it names itself
}

// WithContacts are edits with what is known of the contacts that they name by ID: name,
// address and number where the edit does not say them, and whether whoever is hit is
// strategic. Of an opening, which has no ticket yet, the contact says customer and site
// too, where nobody does. A contact of another
// customer is refused, and one that is not seen as one that is not there. While nobody can
// be asked, the edits stay as they are: a ticket is worth more than a name.
func (s *Server) WithContacts(ctx context.Context, scope ticket.Scope, t *ticket.Ticket, edits []ticket.Edit) ([]ticket.Edit, error) {
	said := func(field string) int {
		return slices.IndexFunc(edits, func(e ticket.Edit) bool { return e.Field == field })
	}
	edits = slices.Clone(edits)
	customer := ""
	if t != nil {
		customer = t.Customer
	}
	if i := said(ticket.FieldCustomer); i >= 0 {
		customer = edits[i].Text
	}
	strategic := map[string]string{}
	for i := range edits {
		e := &edits[i]
		if !slices.Contains(ticket.Parties(), e.Field) || e.Party == nil || e.Party.ID == "" || s.contacts == nil {
			continue
		}
		c, err := s.soonFound(ctx, scope, e.Party.ID)
		switch {
		case errors.Is(err, ErrNoContacts) && ctx.Err() == nil:
			s.log.Warn("a ticket names a contact who cannot be looked up now", zap.Error(err))
			continue
		case errors.Is(err, escalation.ErrNotFound), err == nil && !c.AnonymisedAt.IsZero():
			return nil, &ticket.FieldError{Field: e.Field, Problem: fmt.Sprintf("no contact has the id %q", ticket.Cut(e.Party.ID, ticket.MaxWord))}
		case err != nil:
			return nil, err
		case customer != "" && c.Customer != customer:
			return nil, &ticket.FieldError{Field: e.Field, Problem: "it is a contact of another customer"}
		}
		customer = c.Customer
		is := c.Party()
		e.Party = &ticket.Party{ID: c.ID, Name: cmp.Or(e.Party.Name, is.Name), Email: cmp.Or(e.Party.Email, is.Email), Phone: cmp.Or(e.Party.Phone, is.Phone)}
		if strategic[e.Field] = ticket.No; c.Strategic {
			strategic[e.Field] = ticket.Yes
		}
		if t == nil && said(ticket.FieldSite) < 0 && c.Site != "" {
			edits = append(edits, ticket.Edit{Field: ticket.FieldSite, Text: c.Site})
		}
	}
	if i := said(ticket.FieldCustomer); t == nil && customer != "" && (i < 0 || edits[i].Text == "") {
		edits = append(edits, ticket.Edit{Field: ticket.FieldCustomer, Text: customer})
	}
	// Whoever is hit is the beneficiary, else who asks, else with whom one speaks.
	if is := cmp.Or(strategic[ticket.FieldBeneficiary], strategic[ticket.FieldRequester], strategic[ticket.FieldContact]); is != "" && said("strategic") < 0 {
		edits = append(edits, ticket.Edit{Field: "strategic", Text: is})
	}
	return edits, nil
}

// contactWaits is how long a ticket waits for a contact whom it names: it is opened without
// more of him, rather than not.
const contactWaits = time.Second

func (s *Server) soonFound(ctx context.Context, scope ticket.Scope, id string) (ticket.Contact, error) {
	soon, cancel := context.WithTimeout(ctx, contactWaits)
	defer cancel()
	c, err := s.contacts.Found(soon, scope, ticket.Cut(id, ticket.MaxWord))
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrNoContacts, err)
	}
	return c, err
}

// ofContacts are edits of a ticket with what is known of its contacts.
func (s *Server) ofContacts(ctx context.Context, by Token, number string, edits []ticket.Edit) ([]ticket.Edit, error) {
	if !slices.ContainsFunc(edits, func(e ticket.Edit) bool { return e.Party != nil && e.Party.ID != "" }) {
		return edits, nil
	}
	view, err := s.view(ctx, by.scope, number)
	if err != nil {
		return nil, err
	}
	return s.WithContacts(ctx, by.scope, &view.Ticket, edits)
}
