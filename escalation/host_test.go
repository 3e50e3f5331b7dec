package escalation_test

import (
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestHostAndSharedDomain: a ticket knows the host in its title, and the
// domain that all of its alerts' hosts share.
func TestHostAndSharedDomain(t *testing.T) {
	inHouse(t, func(h *house) {
		const first = "web-01.paris.acme.example:9100"
		number := h.post(alert(first, ticket.Firing))[0]
		expect := func(domain string) {
			t.Helper()
			got := h.view(number).Ticket
			where, what := ticket.Parted(got.Title, got.Host)
			if where != first || what != "HostDown" || got.Domain != domain {
				t.Errorf("%q is %q and %q, domain %q, want %q", got.Title, where, what, got.Domain, domain)
			}
		}
		expect("paris.acme.example")
		h.post(alert("web-02.paris.acme.example:9100", ticket.Firing))
		expect("paris.acme.example")
		h.post(alert("web-01.lyon.acme.example:9100", ticket.Firing))
		expect("acme.example")
		h.post(alert("web-01.lyon.acme.example:9100", ticket.Resolved))
		expect("acme.example")
		h.post(alert("10.0.0.1:9100", ticket.Firing))
		expect("")
	})
}
