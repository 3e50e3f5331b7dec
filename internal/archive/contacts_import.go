package archive

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ErrImport says that a file cannot be taken as it is. ImportContacts says which of its
// contacts.
var ErrImport = errors.New("not all of the file can be taken, and nothing of it was")

// ErrLong says that a file took too long, and nothing of it was taken.
var ErrLong = errors.New("the file takes too long: split it")

// importLimit is how long a file may take.
const importLimit = 30 * time.Second

// Outcome is what became of a contact of a file, or why it cannot be taken.
type Outcome struct {
	ID     string
	What   ticket.Imported
	Before int   // the contact of the file that is the same one, by its place; -1: none
	Err    error // a *TakenError, ErrManyContacts or ErrNoContact (it is not in scope)
}

// errDry undoes what was tried.
var errDry = errors.New("it is a trial")

// ImportContacts makes contacts as a file says, all of them or none. A dry run writes
// nothing, and says what would become of them. newID gives the ID of a new one.
func (a *Archive) ImportContacts(ctx context.Context, scope ticket.Scope, list []ticket.Importing, newID func() string, by string, dry bool) ([]Outcome, error) {
	if scope.Err() != nil {
		return nil, failed(ErrScope, "import contacts")
	}
	// Whoever else writes waits meanwhile, and a ticket is copied later.
	within, cancel := context.WithTimeout(ctx, importLimit)
	defer cancel()
	var outcomes []Outcome
	err := a.inContacts(within, "import contacts", !dry, func(w *writer) error {
		outcomes = make([]Outcome, len(list))
		bad, seen := false, map[string]int{}
		for i := range list {
			o, err := a.importContact(within, w, scope, &list[i], newID, by)
			if err != nil {
				return err
			}
			o.Before = -1
			if before, twice := seen[o.ID]; twice && o.Err == nil {
				o.Before = before
			} else if o.Err == nil {
				seen[o.ID] = i
			}
			outcomes[i], bad = o, bad || o.Err != nil || o.Before >= 0
		}
		switch {
		case bad:
			return ErrImport
		case dry:
			return errDry
		}
		return nil
	})
	switch {
	case errors.Is(err, errDry):
		err = nil
	case err != nil && within.Err() != nil && ctx.Err() == nil:
		err = failed(ErrLong, "import contacts")
	}
	return outcomes, err
}

// importContact makes one. Its error means that the archive could not be asked.
func (a *Archive) importContact(ctx context.Context, w *writer, scope ticket.Scope, in *ticket.Importing, newID func() string, by string) (o Outcome, err error) {
	if !scope.SeesCustomer(in.Customer) {
		return Outcome{Err: ErrNoContact}, nil
	}
	text, args := "SELECT c.body FROM contacts c JOIN contact_keys k ON k.contact = c.id WHERE k.customer = ? AND k.kind = 'address' AND k.value = ?", []any{in.Customer, strings.ToLower(in.Email)}
	if in.Ref != "" {
		text, args = "SELECT c.body FROM contacts c WHERE c.customer = ? AND c.ref = ?", []any{in.Customer, in.Ref}
	}
	found, err := a.readContacts(ctx, w.tx, text, args...)
	if err != nil {
		return o, err
	}
	if len(found) == 0 && in.Ref != "" && in.Email != "" { // one that had no reference yet
		if found, err = a.readContacts(ctx, w.tx, "SELECT c.body FROM contacts c JOIN contact_keys k ON k.contact = c.id WHERE k.customer = ? AND k.kind = 'address' AND k.value = ? AND c.ref = ''", in.Customer, strings.ToLower(in.Email)); err != nil {
			return o, err
		}
	}
	c, known := ticket.Contact{ID: newID(), Customer: in.Customer}, len(found) > 0
	if o.What = ticket.ImportNew; known {
		c, o.What = found[0], ticket.ImportOther
	}
	was := c
	c.Emails, c.Phones = slices.Clone(c.Emails), slices.Clone(c.Phones)
	in.Apply(&c)
	if o.ID = c.ID; known && was.Same(&c) {
		o.What = ticket.ImportSame
		return o, nil
	}
	c.UpdatedBy = by
	err = a.putContact(ctx, w, &c, known)
	var taken *TakenError
	if errors.As(err, &taken) || errors.Is(err, ErrManyContacts) {
		o.Err, err = err, nil
	}
	return o, err
}
