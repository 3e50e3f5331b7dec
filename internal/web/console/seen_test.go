package console

import (
	"context"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// remembering is an archive that has seen a trouble twice.
type remembering struct{ web.Finder }

func (remembering) Search(context.Context, ticket.Scope, *ticket.Search) (ticket.Listing, error) {
	return ticket.Listing{}, nil
}

func (remembering) View(context.Context, ticket.Scope, string) (ticket.View, error) {
	return ticket.View{}, escalation.ErrNotFound
}

func (remembering) Note(context.Context, string, escalation.Acted) (ticket.Ticket, error) {
	return ticket.Ticket{}, escalation.ErrNotFound
}

func (remembering) Before(_ context.Context, _ ticket.Scope, t *ticket.Ticket, _ *ticket.Sheet) (ticket.SeenBefore, error) {
	alice := ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}
	solved := ticket.View{Ticket: *t, Sheet: &ticket.Sheet{Qualification: ticket.Qualification{Synthesis: "the <b>disk</b>", Restored: "it <i>turns</i>"}}}
	solved.Ticket.Number, solved.Ticket.ResolvedBy, solved.Ticket.ResolvedAt = "I1", &alice, t.OpenedAt
	over := ticket.View{Ticket: *t}
	over.Ticket.Number = "I2"
	return ticket.Before(t, nil, []ticket.View{over, solved}), nil
}

// TestWhatWasSeenBefore is told in the reader's words, and what somebody wrote is escaped.
func TestWhatWasSeenBefore(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	hasNot(t, o.get("bruno", "/tickets/"+number), `id="seen"`)
	o.serve(home, o.store, func(w *web.Options) { w.Finder = remembering{} })
	has(t, o.get("bruno", "/tickets/"+number), "The same device and check in the 30 days before: 2", "Last solved by Alice Martin", "the &lt;b&gt;disk&lt;/b&gt;", "it &lt;i&gt;turns&lt;/i&gt;", `/tickets/I2"`)
}
