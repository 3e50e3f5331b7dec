package ticket

import (
	"strings"
	"testing"
)

func TestBareHostAndDomain(t *testing.T) {
	for _, tt := range []struct{ host, bare, domain string }{
		{"srv-db-01", "srv-db-01", ""},
		{"srv-db-01:9100", "srv-db-01", ""},
		{"srv-db-01.acme.example:9100", "srv-db-01.acme.example", "acme.example"},
		{"srv.local", "srv.local", "local"},
		{"10.0.0.1:9100", "10.0.0.1", ""},
		{"10.0.0.1", "10.0.0.1", ""},
		{"[2001:db8::1]:9100", "[2001:db8::1]", ""},
		{"2001:db8::1", "2001:db8::1", ""},
		{"https://shop.example.com/health", "https://shop.example.com/health", ""},
		{"shop.example.com/health", "shop.example.com/health", ""},
		{"Web n°1 (Paris)", "Web n°1 (Paris)", ""},
		{"srv:", "srv:", ""},
		{":9100", ":9100", ""},
		{"srv:123456", "srv:123456", ""},
		{"srv.", "srv.", ""},
		{".srv", ".srv", ""},
		{"", "", ""},
	} {
		if bare, domain := BareHost(tt.host), DomainOf(tt.host); bare != tt.bare || domain != tt.domain {
			t.Errorf("%q: %q, %q, want %q, %q", tt.host, bare, domain, tt.bare, tt.domain)
		}
	}
}

func TestSharedDomain(t *testing.T) {
	for _, tt := range []struct{ domain, host, want string }{
		{"acme.example", "web.acme.example:9100", "acme.example"},
		{"paris.acme.example", "web.lyon.acme.example", "acme.example"},
		{"acme.example", "web.macme.example", "example"},
		{"acme.example", "web.paris.acme.example", "acme.example"},
		{"acme.example", "web", ""},
		{"acme.example", "10.0.0.1:9100", ""},
		{"", "web.acme.example", ""},
	} {
		if got := SharedDomain(tt.domain, tt.host); got != tt.want {
			t.Errorf("%q and %q share %q, want %q", tt.domain, tt.host, got, tt.want)
		}
	}
}

// TestTitleKeepsItsName: a host of any length leaves room for the alert's
// name, and the title can be split again.
func TestTitleKeepsItsName(t *testing.T) {
	for _, host := range []string{"srv-db-01:9100", strings.Repeat("h", 600), strings.Repeat("é", 2000)} {
		for _, name := range []string{"HostDown", strings.Repeat("n", 200), strings.Repeat("n", 600)} {
			a := Alert{Labels: map[string]string{"alertname": name, "instance": host}}
			where, what := Parted(a.Title(), a.Host())
			if len(a.Title()) > MaxTitle || where == "" || where != a.Host() || !strings.HasPrefix(what, name[:8]) || len(name) <= 200 && what != name {
				t.Errorf("%.20q %.20q: %q is %q and %q", host, name, a.Title(), where, what)
			}
		}
	}
	for _, a := range []Alert{
		{Labels: map[string]string{"instance": "srv-db-01"}},
		{Labels: map[string]string{"alertname": "HostDown"}},
		{Annotations: map[string]string{"summary": "srv-db-01 is down"}},
	} {
		if where, what := Parted(a.Title(), a.Host()); where != "" || what != a.Title() {
			t.Errorf("%q is %q and %q", a.Title(), where, what)
		}
	}
}
