package words

import (
	"math"
	"strings"
	"unicode/utf16"
)

// SMS is the text of a page in one segment: 160 characters of GSM-7. If the
// title has letters of another script, the carrier can write them, and the
// whole title fits, it is 70 characters of UCS-2. If the facts are too long,
// they are shortened in the order of squeezes. The code and the link are
// always there and whole. Only a link that the configuration's check refuses
// (LinkRoom) makes the text longer than one segment.
func SMS(language string, f Facts) string {
	p := phrasesIn(language)
	if !f.GSMOnly && foreign(f.Title) {
		m := compose(p, &f, wideLimits)
		for _, s := range wideSqueezes {
			if text, ok := m.squeezed(s, ucs2Single); ok {
				return text
			}
		}
	}
	m := compose(p, &f, smsLimits)
	for _, s := range squeezes {
		if text, ok := m.squeezed(s, GsmSingle); ok {
			return text
		}
	}
	return join("\n", m.bare, m.link)
}

// TooLong is by how many characters a page is longer than one segment of GSM-7
// if everything in it is whole and only the optional answers are left out.
func TooLong(language string, f Facts) int {
	m := compose(phrasesIn(language), &f, smsLimits)
	m.answers = m.answers[:min(len(m.answers), 1)]
	return max(length(m.String())-GsmSingle, 0)
}

// smsLimits count characters. A part that is as long as an SMS is shortened
// further if necessary.
var smsLimits = limits{
	write: func(s string, most int) string {
		return shorten(withoutSchemes(Transliterate(Valid(s, 4*GsmSingle))), most, ".")
	},
	label: 16, who: 24, reason: 40, number: 24, place: GsmSingle, title: GsmSingle, parted: true,
}

// wideLimits are the limits for a text in UCS-2.
var wideLimits = limits{
	write: func(s string, most int) string {
		return shorten(withoutSchemes(wide(Valid(s, 4*GsmSingle))), most, ".")
	},
	label: 16, who: 24, reason: 40, number: 24, place: GsmSingle, title: GsmSingle, parted: true,
}

// squeeze says how far a message may be shortened: the least that is left of
// each part, and what is left out altogether.
type squeeze struct {
	customer, host, name int
	answers              int  // 0: only the bare one
	extras               bool // times, the taker, "+2" and the like stay
	anonymous            bool // the urgency is left out
}

const whole = math.MaxInt

// squeezes are tried in turn, and the first that fits is taken. Within each,
// port and domain are shortened first, then the site, the customer's name, the
// host's and at last the alert's (subject.give). So the room of the optional
// answers goes first to the names. Those after the fifth are for long links.
var squeezes = []squeeze{
	{customer: 12, host: whole, name: whole, answers: 3, extras: true},
	{customer: 12, host: whole, name: whole, answers: 2, extras: true},
	{customer: 12, host: whole, name: whole, answers: 1, extras: true},
	{customer: 12, host: 8, name: whole, answers: 1, extras: true},
	{customer: 12, host: 8, name: 20, answers: 1, extras: true},
	{customer: 12, host: 8, name: 12, extras: true},
	{name: 8, extras: true},
	leastSaid,
	{name: 4, anonymous: true},
}

// leastSaid is the least that is worth waking somebody for.
var leastSaid = squeeze{name: 6}

// wideSqueezes keep the whole title.
var wideSqueezes = []squeeze{
	{customer: 12, host: whole, name: whole, answers: 3, extras: true},
	{customer: 12, host: whole, name: whole, answers: 2, extras: true},
	{customer: 12, host: whole, name: whole, answers: 1, extras: true},
	{customer: 12, host: whole, name: whole, extras: true},
}

func (m *message) squeezed(s squeeze, room int) (string, bool) {
	units := length
	if room == ucs2Single {
		units = wideLength
	}
	c := *m
	c.answers = c.answers[:min(len(c.answers), max(s.answers, 1))]
	if s.answers == 0 && len(c.answers) > 0 {
		c.ask, c.answers = "", []string{c.bare}
	}
	if s.answers < 3 {
		c.reason = ""
	}
	if !s.extras {
		c.also, c.more, c.times, c.taker = "", "", "", ""
		c.notice = shorten(c.notice, 32, ".")
	}
	if s.anonymous {
		c.urgency = ""
	}
	over := func() int { return units(c.String()) - room }
	c.give(over, s.customer, s.host, s.name)
	return c.String(), over() <= 0
}

func (m *message) String() string {
	head := join(" ", m.also, m.urgency, m.words(), m.more, m.times, m.taker)
	return join("\n", join(": ", m.notice, m.reason), head, m.answer(), m.link)
}

// wideLength is how many units of UCS-2 a text takes.
func wideLength(s string) int { return len(utf16.Encode([]rune(s))) }

// withoutSchemes writes addresses without their scheme. So no phone shows
// another address as a link that somebody might tap instead of ours.
func withoutSchemes(s string) string {
	for {
		before, after, found := strings.Cut(s, "://")
		if !found {
			return s
		}
		s = strings.TrimRight(before, schemeLetters) + after
	}
}

// schemeLetters are the characters of schemes (https, svn+ssh, s3).
const schemeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+"
