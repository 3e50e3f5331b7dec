package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// subject is what a short text is about: where, and what.
type subject struct {
	customer, site string
	host, domain   string // domain is the part of host that other hosts have too
	name           string
}

// subject is the subject of the facts, as a medium writes it.
func (f *Facts) subject(l limits) subject {
	host, name := "", f.Title
	if l.parted {
		host, name = ticket.Parted(f.Title, f.Host)
	}
	return subject{
		customer: l.write(f.Customer, l.place), site: l.write(f.Site, l.place),
		host: l.write(host, l.title), domain: l.write(f.Domain, l.title),
		name: titled(l.write(name, l.title), name, l.write(f.Number, l.number)),
	}
}

// titled is the title as it can be written. If none of its words are left, it
// is the ticket's number.
func titled(written, title, number string) string {
	if strings.ContainsFunc(written, unicode.IsLetter) {
		return written
	}
	if !strings.ContainsFunc(title, unicode.IsLetter) && strings.ContainsFunc(written, unicode.IsDigit) {
		return written
	}
	return join(" ", number, written)
}

func (s *subject) place() string { return join("/", s.customer, s.site) }

func (s *subject) words() string { return join(" ", s.place(), s.host, s.name) }

// leastSite is the shortest form of a site; a shorter one is left out.
const leastSite = 5

// give shortens the subject by as much as the text is too long, one part after
// the other: the host's port and domain, the site, the customer's name, the
// host, the alert's name. The numbers are how much is left of the last three
// at least; 0: nothing.
func (s *subject) give(over func() int, customer, host, name int) {
	n := over()
	for _, part := range []struct {
		text *string
		cut  func(string, int) string
	}{
		{&s.host, func(h string, _ int) string { return ticket.BareHost(h) }},
		{&s.host, func(h string, _ int) string { return withoutDomain(h, s.domain) }},
		{&s.site, func(t string, over int) string { return trimmed(t, over, 0, leastSite, shorten, ".") }},
		{&s.customer, func(t string, over int) string { return trimmed(t, over, customer, leastSite, shorten, ".") }},
		{&s.host, func(t string, over int) string { return trimmed(t, over, host, leastHost, middle, "..") }},
		{&s.name, func(t string, over int) string { return trimmed(t, over, name, 0, shorten, "..") }},
	} {
		if n <= 0 {
			return
		}
		if text := part.cut(*part.text, n); text != *part.text {
			*part.text = text
			n = over()
		}
	}
}

// withoutDomain is a host without its domain. It keeps its port.
func withoutDomain(host, domain string) string {
	bare := ticket.BareHost(host)
	if own, ok := strings.CutSuffix(bare, "."+domain); ok && domain != "" {
		return own + host[len(bare):]
	}
	return host
}

// trimmed is a text shortened by over characters. At least keep are left. If
// less than useful would be left, and keep allows it, the text is left out.
func trimmed(s string, over, keep, useful int, cut func(string, int, string) string, mark string) string {
	most := max(utf8.RuneCountInString(s)-over, keep)
	if most < useful {
		return ""
	}
	return cut(s, most, mark)
}

// leastHost is the shortest form of a host; a shorter one is left out.
const leastHost = 6

// hostEnd is how much of a host's end stays: the number in srv-web-07.
const hostEnd = 2

// middle cuts s to most characters in the middle.
func middle(s string, most int, mark string) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:max(most-len(mark)-hostEnd, 0)]) + mark + string(r[len(r)-hostEnd:])
}

// shorten cuts s to at most most characters, the mark included. It leaves no
// space or punctuation before the mark, and no letter without its accents. If
// there is only room for the mark, nothing is left.
func shorten(s string, most int, mark string) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	end := max(most-len(mark), 0)
	for end > 0 && unicode.Is(unicode.M, r[end]) {
		end--
	}
	cut := strings.TrimRight(string(r[:end]), " .,;:/-_(")
	if cut == "" {
		return ""
	}
	return cut + mark
}

// Listed is one ticket in a list. Code 0 is left out. Taken says that somebody
// has the ticket.
type Listed struct {
	Code                  int
	Customer, Site, Title string
	Host, Domain          string // as in Facts
	Number                string // used if the title has nothing that an SMS can write
	Taken                 bool
}

// leastLine is how short a ticket's line may become. Then another ticket is
// left out of the list instead.
const leastLine = 18

// lines writes one line for each ticket, as many as fit into most characters
// with their line ends, and how many more there are.
func (p *phrases) lines(open []Listed, most int) string {
	for n := len(open); ; n-- {
		more := ""
		if n < len(open) {
			more = "+" + strconv.Itoa(len(open)-n)
		}
		room := most - (n - 1)
		if more != "" {
			room -= len(more) + 1
		}
		if room/n < leastLine && n > 1 {
			continue
		}
		lines := make([]string, n, n+1)
		for i, o := range open[:n] {
			each := room / (n - i)
			mark := ""
			if o.Taken {
				mark = " (" + p.Taken + ")"
			}
			lines[i] = o.line(each-len(mark)) + mark
			room -= utf8.RuneCountInString(lines[i])
		}
		return join("\n", append(lines, more)...)
	}
}

// line is the ticket in at most most characters. Its parts are shortened as in
// a page.
func (l Listed) line(most int) string {
	code := ""
	if l.Code > 0 {
		code = strconv.Itoa(l.Code)
	}
	f := Facts{Customer: l.Customer, Site: l.Site, Title: l.Title, Host: l.Host, Domain: l.Domain, Number: l.Number}
	s := f.subject(smsLimits)
	over := func() int { return utf8.RuneCountInString(join(" ", code, s.words())) - most }
	s.give(over, 12, 8, whole)
	s.give(over, 4, 0, 8)
	return shorten(join(" ", code, s.words()), most, ".")
}
