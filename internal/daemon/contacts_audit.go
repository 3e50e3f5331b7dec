package daemon

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/ticket"
)

// noteContact writes down what somebody did to a contact, or to many: which, and which
// fields, never what is in them, for an anonymised contact has to be gone from the log too.
// Contacts are in the archive and the log is in the store, so the line comes after; if it
// cannot be written the daemon's own log has it.
func (b customers) noteContact(ctx context.Context, what, of, by string, told map[string]any) {
	line := audit.Line{About: aboutContact, Of: of, What: what, Who: by, To: map[string]json.RawMessage{}}
	for name, is := range told {
		if value, err := json.Marshal(is); err == nil && len(value) <= ticket.MaxAuditField {
			line.To[name] = value
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTakes) // whoever asked may have gone
	defer cancel()
	if err := b.d.auditing.Note(ctx, &line); err != nil {
		b.d.log.Error("a change of contacts is missing in the audit log",
			zap.String("what", what), zap.String("of", of), zap.String("by", ticket.Logged(by)), zap.Any("told", line.To), zap.Error(err))
	}
}

// noteTakes is how long a change of a contact waits for its line.
const noteTakes = 5 * time.Second

// notePut notes that a contact was made, changed or ended; was is how it was.
func (b customers) notePut(ctx context.Context, was, c *ticket.Contact) {
	if c.Revision == was.Revision {
		return
	}
	what := audit.Changed
	switch {
	case was.Revision == 0:
		what = audit.Made
	case was.EndedAt.IsZero() && !c.EndedAt.IsZero():
		what = audit.Ended
	}
	b.noteContact(ctx, what, c.ID, c.UpdatedBy, map[string]any{"customer": c.Customer, "fields": contactFields(was, c)})
}

// contactFields names what differs of two contacts.
func contactFields(a, b *ticket.Contact) []string {
	fields := []string{}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"customer", a.Customer == b.Customer},
		{"ref", a.Ref == b.Ref},
		{"site", a.Site == b.Site},
		{"name", a.Name == b.Name},
		{"emails", slices.Equal(a.Emails, b.Emails)},
		{"phones", slices.Equal(a.Phones, b.Phones)},
		{"language", a.Language == b.Language},
		{"notes", a.Notes == b.Notes},
		{"strategic", a.Strategic == b.Strategic},
		{"sees_all", a.SeesAll == b.SeesAll},
		{"adds_documents", a.AddsDocuments == b.AddsDocuments},
		{"ended", a.EndedAt.Equal(b.EndedAt)},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// noteImport notes a file of contacts that was taken, with how many became what.
func (b customers) noteImport(ctx context.Context, list []ticket.Importing, outcomes []archive.Outcome, by string) {
	counts := map[string]any{}
	var customers []string
	for i := range outcomes {
		name := string(outcomes[i].What)
		n, _ := counts[name].(int)
		counts[name] = n + 1
		if !slices.Contains(customers, list[i].Customer) {
			customers = append(customers, list[i].Customer)
		}
	}
	if counts[string(ticket.ImportNew)] == nil && counts[string(ticket.ImportOther)] == nil {
		return
	}
	of := ""
	if len(customers) == 1 {
		of = customers[0]
	}
	slices.Sort(customers)
	counts["customers"] = customers
	b.noteContact(ctx, audit.Imported, of, by, counts)
}
