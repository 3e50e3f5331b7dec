package web

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// silent contacts never answer.
type silent struct{}

func (silent) Found(ctx context.Context, _ ticket.Scope, _ string) (ticket.Contact, error) {
	<-ctx.Done()
	return ticket.Contact{}, ctx.Err()
}

func (silent) Find(ctx context.Context, _ ticket.Scope, _ *ticket.ContactQuery) ([]ticket.Contact, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestATicketDoesNotWaitForAContact: it has the contact as he was named, soon.
func TestATicketDoesNotWaitForAContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &Server{contacts: silent{}, log: zap.NewNop()}
		edits, err := s.WithContacts(t.Context(), ticket.Everything(), nil, []ticket.Edit{{Field: ticket.FieldContact, Party: &ticket.Party{ID: "c1"}}})
		if err != nil || len(edits) != 1 || edits[0].Party.ID != "c1" || time.Since(began) != contactWaits {
			t.Errorf("%+v, %v after %s", edits, err, time.Since(began))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.WithContacts(gone, ticket.Everything(), nil, []ticket.Edit{{Field: ticket.FieldContact, Party: &ticket.Party{ID: "c1"}}}); err == nil {
			t.Error("whoever left has a ticket")
		}
	})
}
