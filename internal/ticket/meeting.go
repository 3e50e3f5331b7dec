package ticket

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Meeting asks for a place where one meets the user of a ticket, by phone or video (S3-17).
type Meeting struct {
	URL    string // where; empty: a MeetingTemplate says it
	Secret string // what nobody can guess, for the template
}

// MeetingTemplate makes the link of a ticket's meeting: an address with MeetingWords.
type MeetingTemplate string

// MeetingWords are what a template can have of a ticket, and what nobody can guess.
func MeetingWords() []string { return []string{"{number}", "{customer}", "{secret}"} }

var meetingWord = regexp.MustCompile(`\{[^{}]*\}`)

// Check refuses a template that makes no address which CheckMeeting takes, or leads to
// another host for another ticket.
func (m MeetingTemplate) Check() error {
	for _, word := range meetingWord.FindAllString(string(m), -1) {
		if !slices.Contains(MeetingWords(), word) {
			return fmt.Errorf("there is no %s: %s", Cut(word, MaxWord), strings.Join(MeetingWords(), ", "))
		}
	}
	hosts := map[string]bool{}
	for _, sample := range []string{"a", "b"} {
		link := m.Fill(sample, sample, sample)
		if err := CheckMeeting(link); err != nil {
			return err
		}
		if u, err := url.Parse(link); err == nil {
			hosts[u.Host] = true
		}
	}
	if len(hosts) != 1 {
		return fmt.Errorf("the host is the same for every ticket: %s stand after it", strings.Join(MeetingWords(), ", "))
	}
	return nil
}

// Shared reports whether all tickets meet at the same place.
func (m MeetingTemplate) Shared() bool {
	return !strings.Contains(string(m), "{number}") && !strings.Contains(string(m), "{secret}")
}

// Fill makes the link. What is filled in is escaped: it can begin no part of the address.
func (m MeetingTemplate) Fill(number, customer, secret string) string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return strings.NewReplacer("{number}", escape(number), "{customer}", escape(customer), "{secret}", escape(secret)).Replace(string(m))
}

// CheckMeeting refuses what is no link to a meeting: https, the name of a host, nobody's
// password, no sign that is not seen, and MaxMeeting. People follow what somebody else wrote:
// the host is in letters that look like no others (an international name as it is in the
// DNS, xn--…), and no address of a machine.
func CheckMeeting(link string) error {
	u, err := url.Parse(link)
	switch {
	case len(link) > MaxMeeting:
		return fmt.Errorf("%d bytes at most, not %d", MaxMeeting, len(link))
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(link, unseen):
		return fmt.Errorf("%q is no address as https://meet.example.net/room", Cut(link, MaxWord))
	case !meetingHost.MatchString(u.Hostname()):
		return fmt.Errorf("%q is no name of a host as meet.example.net, in ASCII: an international one is written as xn--…", Cut(u.Hostname(), MaxWord))
	}
	return nil
}

// meetingHost is a name of a host in ASCII. Its last part begins with a letter: else browsers
// read it as an IPv4 address, in whatever form.
var meetingHost = regexp.MustCompile(`(?i)^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z]([a-z0-9-]*[a-z0-9])?\.?$`)

// unseen are the characters that nobody sees in a link, or that turn what is seen around.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
