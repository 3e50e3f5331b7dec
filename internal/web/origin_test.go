package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAnotherSitesFormIsRefused presses a button as browsers of today and of
// yesterday do it, and as what is none does.
func TestAnotherSitesFormIsRefused(t *testing.T) {
	const ours, theirs = "https://astreinte.example.net", "https://evil.example"
	for _, tt := range []struct {
		name    string
		headers []string
		taken   bool
	}{
		{"no browser", nil, true},
		{"our page", []string{"Sec-Fetch-Site", "same-origin", "Origin", ours}, true},
		{"typed, or reloaded", []string{"Sec-Fetch-Site", "none"}, true},
		{"our page, in an old browser, through a proxy that changes Host", []string{"Origin", ours}, true},
		{"our page, where nothing changes Host", []string{"Origin", "http://example.com"}, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", theirs}, false},
		{"a neighbour's page", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://shop.example.net"}, false},
		{"another site, in an old browser", []string{"Origin", theirs}, false},
		{"a page that hides where it is", []string{"Origin", "null"}, false},
	} {
		d := newDesk(t)
		number := d.alert("HostDown")
		token := d.linkOf("alice", number)
		w := d.press(token, "action=acknowledge", tt.headers...)
		state := d.ticket(number).State
		if tt.taken {
			if w.Code != http.StatusOK || state != ticket.Acknowledged {
				t.Errorf("%s: %d, and the ticket is %s", tt.name, w.Code, state)
			}
			continue
		}
		if w.Code != http.StatusForbidden || state != ticket.Open {
			t.Errorf("%s: %d, and the ticket is %s", tt.name, w.Code, state)
		}
		has(t, w, "la page d&#39;un autre site", "Ouvrez le lien")
		if strings.Contains(w.Body.String(), number) {
			t.Errorf("%s: the refusal tells of the ticket", tt.name)
		}
		w = d.press(token, "action=acknowledge", append(tt.headers, "Accept", "application/json")...)
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `"code":"forbidden"`) {
			t.Errorf("%s, as JSON: %d %s", tt.name, w.Code, w.Body)
		}
	}
}

// TestPublicOrigin wants the public address' own origin to be known however it
// is written, and to follow a reload.
func TestPublicOrigin(t *testing.T) {
	d := newDesk(t)
	token := d.linkOf("alice", d.alert("HostDown"))
	for public, origin := range map[string]string{
		"https://Astreinte.Example.net:443/x": "https://astreinte.example.net",
		"https://astreinte.example.net:8443":  "https://astreinte.example.net:8443",
		"http://10.0.0.1:80":                  "http://10.0.0.1",
	} {
		d.server.SetPublicURL(public)
		if w := d.press(token, "action=recheck", "Origin", origin); w.Code != http.StatusOK {
			t.Errorf("%s: a form of %s: %d", public, origin, w.Code)
		}
		if w := d.press(token, "action=recheck", "Origin", "https://other.example"); w.Code != http.StatusForbidden {
			t.Errorf("%s: a form of another site: %d", public, w.Code)
		}
	}
}

// TestAnAddressDoesNothing wants what to do to be read of the form alone.
func TestAnAddressDoesNothing(t *testing.T) {
	d := newDesk(t)
	one, two := d.alert("HostDown"), d.alert("DiskFull")
	single, bundle := d.linkOf("alice", one), d.bundleOf("alice", one, two)
	for _, token := range []string{single, bundle, bundle + "?ticket=" + one} {
		query := url.Values{"action": {string(escalation.ActAcknowledge)}, "text": {"x"}}.Encode()
		join := "?"
		if strings.Contains(token, "?") {
			join = "&"
		}
		if w := d.press(token+join+query, ""); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", token+join+query, w.Code)
		}
	}
	for _, number := range []string{one, two} {
		if state := d.ticket(number).State; state != ticket.Open {
			t.Errorf("%s is %s", number, state)
		}
	}
	if w := d.press(bundle+"?ticket="+one, "action=acknowledge"); w.Code != http.StatusOK {
		t.Errorf("a ticket's page of a bundle: %d", w.Code)
	}
	if a, b := d.ticket(one).State, d.ticket(two).State; a != ticket.Acknowledged || b != ticket.Open {
		t.Errorf("the named ticket is %s, the other %s", a, b)
	}
}
