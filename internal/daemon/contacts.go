package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/customer"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// customers are the archive, as far as customers are concerned.
type customers struct{ d *Daemon }

var (
	_ customer.Book = customers{}
	_ web.Contacts  = customers{}
)

// errNoArchive says that there are no contacts.
var errNoArchive = web.Refuse(501, "no_archive", "there is no archive, and contacts are in it alone (archive)")

// asked is the archive, or why it is not asked.
func (b customers) asked() (*archive.Archive, error) {
	if b.d.archive == nil {
		return nil, errNoArchive
	}
	return b.d.archive, nil
}

// Contacts implements customer.Book.
func (b customers) Contacts(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) (ticket.ContactListing, error) {
	a, err := b.asked()
	if err != nil {
		return ticket.ContactListing{}, err
	}
	return a.Contacts(ctx, scope, q) //nolint:wrapcheck // it names itself
}

// Contact implements customer.Book.
func (b customers) Contact(ctx context.Context, scope ticket.Scope, id string) (ticket.Contact, error) {
	a, err := b.asked()
	if err != nil {
		return ticket.Contact{}, err
	}
	return a.Contact(ctx, scope, id) //nolint:wrapcheck // it names itself
}

// PutContact implements customer.Book.
func (b customers) PutContact(ctx context.Context, scope ticket.Scope, id string, change func(c *ticket.Contact) error) (ticket.Contact, error) {
	a, err := b.asked()
	if err != nil {
		return ticket.Contact{}, err
	}
	var was ticket.Contact
	c, err := a.PutContact(ctx, scope, id, func(c *ticket.Contact) error {
		was = *c
		was.Emails, was.Phones = slices.Clone(c.Emails), slices.Clone(c.Phones)
		return change(c)
	})
	if err == nil {
		b.notePut(ctx, &was, &c)
	}
	return c, err //nolint:wrapcheck // it names itself
}

// ImportContacts implements customer.Book.
func (b customers) ImportContacts(ctx context.Context, scope ticket.Scope, list []ticket.Importing, newID func() string, by string, dry bool) ([]archive.Outcome, error) {
	a, err := b.asked()
	if err != nil {
		return nil, err
	}
	outcomes, err := a.ImportContacts(ctx, scope, list, newID, by, dry)
	if err == nil && !dry {
		b.noteImport(ctx, list, outcomes, by)
	}
	return outcomes, err //nolint:wrapcheck // it names itself
}

// Anonymise implements customer.Book.
func (b customers) Anonymise(ctx context.Context, scope ticket.Scope, id, by string) (c ticket.Contact, done ticket.Anonymised, err error) {
	a, err := b.asked()
	if err != nil {
		return c, done, err
	}
	if c, err = a.Anonymise(ctx, scope, id, by); err != nil {
		return c, done, err //nolint:wrapcheck // it names itself
	}
	b.d.log.Info("a contact was anonymised", zap.String("contact", c.ID), zap.String("by", ticket.Logged(by)))
	b.noteContact(ctx, audit.Anonymised, c.ID, by, map[string]any{"customer": c.Customer})
	done, err = a.AnonymiseTickets(ctx, b.d.missing)
	return c, done, err //nolint:wrapcheck // likewise
}

// Counted implements customer.Book. What is not copied yet is counted as it is.
func (b customers) Counted(ctx context.Context, scope ticket.Scope, of string, since, until time.Time) ([]ticket.Counted, error) {
	a, err := b.asked()
	if err != nil {
		return nil, err
	}
	recent, _, err := finder(b).recent(ctx)
	if err != nil {
		return nil, err
	}
	return a.Counted(ctx, scope, of, since, until, b.d.pager.Engine().Now(), recent) //nolint:wrapcheck // it names itself
}

// contacts are those that tickets name; nil: there are none.
func (d *Daemon) contacts() web.Contacts {
	if d.archive == nil {
		return nil
	}
	return customers{d}
}

// Found implements web.Contacts.
func (b customers) Found(ctx context.Context, scope ticket.Scope, id string) (c ticket.Contact, err error) {
	c, err = b.Contact(ctx, scope, id)
	switch {
	case errors.Is(err, archive.ErrNoContact):
		return c, fmt.Errorf("daemon: %w", errors.Join(escalation.ErrNotFound, err))
	case err != nil:
		return c, fmt.Errorf("daemon: %w", errors.Join(web.ErrNoContacts, err))
	}
	return c, nil
}

// Find implements web.Contacts.
func (b customers) Find(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) ([]ticket.Contact, error) {
	l, err := b.Contacts(ctx, scope, q)
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", errors.Join(web.ErrNoContacts, err))
	}
	return l.Contacts, nil
}

// anonymiseLeft takes the names of contacts who were anonymised from tickets that have
// left the store since.
func (d *Daemon) anonymiseLeft(ctx context.Context) {
	if d.archive == nil || d.follows.Status().Err != nil {
		return
	}
	done, err := d.archive.AnonymiseTickets(ctx, d.missing)
	if err != nil {
		d.log.Warn("tickets of contacts who were anonymised still name them; it will be tried again", zap.Error(err))
	}
	if done.Tickets > 0 {
		d.log.Info("tickets were anonymised", zap.Int("tickets", done.Tickets))
	}
}

// mountCustomers puts the pages of customers into the web server.
func (d *Daemon) mountCustomers(frame web.Frame) {
	d.web.Mount(customer.New(&customer.Pages{Book: customers{d}, House: d.web, Frame: frame, Engine: d.pager.Engine()}).Routes()...)
}
