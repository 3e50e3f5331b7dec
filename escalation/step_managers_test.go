package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// openForManagers opens a ticket that pages every manager once.
func openForManagers(t *testing.T) *play {
	t.Helper()
	p := newPlay(t, critical)
	p.tk = ticket.Ticket{
		Number: "I261128_0002", Source: ManualSource, State: ticket.Open, Urgency: ticket.Critical,
		OpenedAt: p.now, Policy: ticket.Policy{Name: "none"},
	}
	p.pages, p.lines = nil, nil
	p.must(Opened{Actor: ticket.Actor{Kind: ticket.ActorSystem, Name: "store"}, Via: "rule", Said: ticket.Plain("all is lost"), Managers: true})
	return p
}

func TestManagersArePagedOnce(t *testing.T) {
	p := openForManagers(t)
	var want []string
	for _, person := range p.rules.Directory.Managers() {
		for _, channel := range p.rules.Channels {
			if p.reach(person, channel) {
				want = append(want, "0s "+person.Key+"/"+channel)
			}
		}
	}
	if len(want) == 0 {
		t.Fatal("the test's rules have no manager")
	}
	p.expect(0, want...)
	if next := p.tk.NextDeadline(); !next.IsZero() {
		t.Errorf("it has a deadline at %s", next)
	}
	p.pass(24 * time.Hour)
	p.expect(0, want...)

	// If a number fails, the next one is tried. A page that was not delivered is
	// ordered once more, because no round follows.
	before := len(p.pages)
	p.must(PageAgain{Key: p.pages[0].PageKey, Another: true})
	p.must(PageAgain{Key: p.pages[0].PageKey})
	if len(p.pages) != before+2 {
		t.Errorf("%d pages, want %d", len(p.pages), before+2)
	}
	p.must(Acted{Action: ActAcknowledge, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "dominique"}, Via: "sms"})
	if p.tk.State != ticket.Acknowledged {
		t.Errorf("state %s", p.tk.State)
	}
}

func TestNoManagerToPage(t *testing.T) {
	p := newPlay(t, critical)
	p.reach = func(contacts.Person, string) bool { return false }
	p.tk = ticket.Ticket{Number: "I261128_0002", State: ticket.Open, Urgency: ticket.Critical, OpenedAt: p.now}
	p.pages, p.lines = nil, nil
	p.must(Opened{Managers: true})
	if last := p.lines[len(p.lines)-1]; len(p.pages) != 0 || last.Kind != ticket.EntryUnreachable {
		t.Errorf("%d pages, the last line is %+v", len(p.pages), last)
	}
}
