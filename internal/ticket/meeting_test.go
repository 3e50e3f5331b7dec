package ticket

import (
	"net/url"
	"strings"
	"testing"
)

func TestMeetingTemplates(t *testing.T) {
	for _, c := range []struct {
		template MeetingTemplate
		want     string // in the error; empty: none
		shared   bool
	}{
		{"https://meet.example.net/{number}-{secret}", "", false},
		{"https://meet.example.net/{secret}?for={customer}#{number}", "", false},
		{"https://meet.example.net/desk", "", true},
		{"https://meet.example.net/{customer}", "", true},
		{"http://meet.example.net/{number}", "is no address as https://", false},
		{"meet.example.net/{number}", "is no address as https://", false},
		{"https://", "is no address", false},
		{"https://desk:hush@meet.example.net/{number}", "is no address", false},
		{"https://meet.example.net/a {number}", "is no address", false},
		{"https://{number}.example.net/", "the host is the same", false},
		{"https://meet.example.net{secret}/", "the host is the same", false},
		{"https://meet.example.net/{title}", "there is no {title}: {number}, {customer}, {secret}", false},
		{MeetingTemplate("https://meet.example.net/" + strings.Repeat("x", MaxMeeting)), "1000 bytes at most", false},
	} {
		err := c.template.Check()
		switch {
		case c.want == "" && (err != nil || c.template.Shared() != c.shared):
			t.Errorf("%s: %v, shared %t", c.template, err, c.template.Shared())
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.template, err, c.want)
		}
	}
}

// TestMeetingLinksAreEscaped: a name begins no part of the address, and comes out as it was.
func TestMeetingLinksAreEscaped(t *testing.T) {
	m := MeetingTemplate("https://meet.example.net/{number}/{customer}?key={secret}#{customer}")
	if got := m.Fill("I1", "acme", "s"); got != "https://meet.example.net/I1/acme?key=s#acme" {
		t.Error(got)
	}
	for _, name := range []string{"a b+c", "../../x", "a?b#c&d=e", "{secret}", "é\"<'", "a@b:80//"} {
		link := m.Fill("I1", name, name)
		u, err := url.Parse(link)
		if err != nil || CheckMeeting(link) != nil {
			t.Errorf("%q: %s, %v", name, link, err)
			continue
		}
		if u.Host != "meet.example.net" || u.Path != "/I1/"+name || u.Query().Get("key") != name || u.Fragment != name || len(u.Query()) != 1 {
			t.Errorf("%q: %s", name, link)
		}
	}
}

// TestLinksThatLieAreNoMeetings: what is not seen, looks like another host, or is the address
// of a machine is refused.
func TestLinksThatLieAreNoMeetings(t *testing.T) {
	for _, link := range []string{
		"https://meet.example.net/a\u200bb", "https://meet.example.net/\u202egpj.exe", "https://meet.example.net/\ufeff", "https://meet.example.net/\u00ad",
		"https://me\u200det.example.net/room", "https://m\u0435et.example.net/room", "https://%D0%B5xample.net/room", "https://büro.example.net/room",
		"https://192.0.2.1/room", "https://192.0.2.1:8443/room", "https://[2001:db8::1]/room", "https://[::1%25eth0]/room",
		"https://2130706433/room", "https://127.1/room", "https://0x7f.0.0.0x1/room", "https://192.0.2.1./room", "https://-x.example.net/", "https://a..b/", "https://.example.net/",
	} {
		if err := CheckMeeting(link); err == nil {
			t.Errorf("%q is a meeting", link)
		}
	}
	for _, link := range []string{
		"https://meet.example.net/room", "https://Meet.Example.net:8443/a%20b?key=é#x", "https://xn--bro-hoa.example.net/room", "https://meet/room",
		"https://8x8.vc/room", "https://1.2.3.example/room",
	} {
		if err := CheckMeeting(link); err != nil {
			t.Errorf("%q: %v", link, err)
		}
	}
}
