package paging

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Facts is what a page says, in no language yet. Texts in it are data: any
// length, any script.
type Facts struct {
	Kind         ticket.PageKind // empty: KindPage
	Number       string          // of the ticket; said where the title has nothing that an SMS can write
	Urgency      ticket.Urgency
	UrgencyLabel string // the configured word; empty: the language's own
	Customer     string // the name, not the key
	Site, Title  string
	Since        time.Time // zero: not said
	GTIDue       time.Time // zero: none
	Location     *time.Location
	Now          time.Time // a time of another day is written with its date
	Code         int       // 0: no answers by SMS, so how to answer is left out
	Link         string    // empty: none
	Firing       int       // alerts of the ticket that fire: 3 is a "+2" after the title
	Tickets      int       // more than 1: the message stands for so many, and this is the worst

	// Taker is who took the ticket (KindTaken, KindJoined) or ended it
	// (KindRecovered; empty where no person did), TakenAt when. Reason is said
	// after that, in a notice (KindTaken, KindRecovered) alone.
	Taker   string
	TakenAt time.Time
	Reason  string
}

// SMS is the text of a page in one GSM-7 segment, whatever the facts
// (interface.md, "What a phone gets"). Where they are too long the title is
// shortened first, then the site, then the optional answers go, then the
// customer's name is shortened; never the code, never the link. A link that
// leaves no room for urgency and code (more than 110 characters or so) is left
// out whole: a part of it would lead nowhere.
func SMS(lang string, f Facts) string {
	m := compose(phrasesIn(lang), &f, smsLimits)
	for _, s := range squeezes {
		if text, ok := m.squeezed(s); ok {
			return text
		}
	}
	return shorten(m.urgency, gsmSingle, "..") // not reached: the last squeeze always fits
}

// Push is the same page for a phone's app: the first words as title, the rest
// with how to answer as body, in UTF-8 as it came, and ticket, urgency, kind,
// code and link as data (code and link only where there are any). All of it
// together is 2 KB at most.
func Push(lang string, f Facts) (title, body string, data map[string]string) {
	m := compose(phrasesIn(lang), &f, pushLimits)
	data = map[string]string{"ticket": oneLine(f.Number, 80), "urgency": f.Urgency.String(), "kind": string(f.kind())}
	if f.Code > 0 {
		data["code"] = strconv.Itoa(f.Code)
	}
	if f.Link != "" && len(f.Link) <= 600 {
		data["link"] = f.Link
	}
	title, body = join(" ", m.also, m.urgency, m.place()), join(" ", m.title, m.more, m.times, m.taker)
	if m.notice != "" {
		title, body = join(": ", m.notice, m.reason), join(" ", m.urgency, m.place(), body)
	}
	return title, join("\n", body, m.answer()), data
}

func (f *Facts) kind() ticket.PageKind {
	if f.Kind == "" {
		return ticket.KindPage
	}
	return f.Kind
}

// message is a page in one language, in the parts that can be shortened.
type message struct {
	notice, reason        string // a line of its own
	also, urgency         string
	customer, site, title string
	more, times, taker    string
	ask                   string
	answers               []string // the first is the one that has to stay
	bare                  string   // the first without its explanation
	link                  string
}

// limits are how much of each part a medium takes, and how it writes it.
type limits struct {
	write                             func(s string, most int) string
	label, who, reason, place, number int
	title                             int
}

// smsLimits count characters; place and title are shortened later, by need.
var smsLimits = limits{
	write: func(s string, most int) string {
		return shorten(Transliterate(valid(s, 4*gsmSingle)), most, ".")
	},
	label: 16, who: 24, reason: 40, number: 24, place: math.MaxInt, title: math.MaxInt,
}

// pushLimits count bytes, so that a whole push stays under 2 KB.
var pushLimits = limits{
	write: oneLine,
	label: 32, who: 80, reason: 120, number: 40, place: 80, title: 500,
}

// compose says the facts in a language.
func compose(p *phrases, f *Facts, l limits) message {
	c := clock{f.Location, f.Now}
	who, reason := l.write(f.Taker, l.who), l.write(f.Reason, l.reason)
	m := message{
		urgency:  l.write(f.UrgencyLabel, l.label),
		customer: l.write(f.Customer, l.place),
		site:     l.write(f.Site, l.place),
		title:    titled(l.write(f.Title, l.title), f.Title, l.write(f.Number, l.number)),
		times:    c.at(f.Since),
		link:     plainLink(f.Link),
	}
	if m.urgency == "" {
		m.urgency = p.word(f.Urgency)
	}
	if f.Firing > 1 {
		m.more = fmt.Sprintf("+%d", f.Firing-1)
	}
	if f.Tickets > 1 {
		m.urgency, m.more = fill(p.bundle, "n", strconv.Itoa(f.Tickets), "urgency", m.urgency), ""
	}
	switch f.kind() {
	case ticket.KindTaken, ticket.KindRecovered:
		m.notice, m.reason = notice(p, f, who, c.at(f.TakenAt)), reason
		return m
	case ticket.KindJoined:
		m.also = p.also
		if who != "" {
			m.taker = fill(p.taker, "who", who)
		}
		m.answered(p, f.Code, p.begin, "GO")
	case ticket.KindPage:
		take := p.take
		if f.Tickets > 1 {
			take = fill(p.takeAll, "n", strconv.Itoa(f.Tickets))
		}
		m.answered(p, f.Code, take, "OK")
	}
	if due := c.at(f.GTIDue); due != "" {
		m.times = join(" ", m.times, "GTI "+due)
	}
	return m
}

func (m *message) answered(p *phrases, code int, first, word string) {
	if code <= 0 {
		return
	}
	n := strconv.Itoa(code)
	m.ask, m.bare = p.ask, n+" "+word
	for _, a := range []string{first, p.recheck, p.next} {
		m.answers = append(m.answers, fill(a, "code", n))
	}
}

func notice(p *phrases, f *Facts, who, at string) string {
	code := ""
	if f.Code > 0 {
		code = strconv.Itoa(f.Code)
	}
	if f.Kind == ticket.KindTaken {
		return join(" ", code, strings.TrimSpace(fill(p.noticeTaken, "who", who, "at", at)))
	}
	over := join(" ", code, strings.TrimSpace(fill(p.noticeOver, "at", at)))
	if who == "" {
		return over
	}
	return over + " " + fill(p.by, "who", who)
}

// titled is the title as it can be written, with the ticket's number where
// nothing of its words is left.
func titled(written, title, number string) string {
	if strings.ContainsFunc(written, unicode.IsLetter) {
		return written
	}
	if !strings.ContainsFunc(title, unicode.IsLetter) && strings.ContainsFunc(written, unicode.IsDigit) {
		return written
	}
	return join(" ", number, written)
}

func (m *message) place() string { return join("/", m.customer, m.site) }

func (m *message) answer() string {
	if len(m.answers) == 0 {
		return ""
	}
	return m.ask + strings.Join(m.answers, ", ")
}

func (m *message) String() string {
	head := join(" ", m.also, m.urgency, m.place(), m.title, m.more, m.times, m.taker)
	return join("\n", join(": ", m.notice, m.reason), head, m.answer(), m.link)
}

// squeeze is how far a message may be shortened: the least that is left of
// each part, and what goes altogether.
type squeeze struct {
	title, site, customer int
	answers               int  // 0: the bare one
	extras                bool // times, taker, "+2" and such stay
	noLink                bool
}

// squeezes are tried in turn, the first that fits is taken.
var squeezes = []squeeze{
	{title: 12, site: 5, customer: math.MaxInt, answers: 3, extras: true},
	{title: 12, site: 5, customer: math.MaxInt, answers: 2, extras: true},
	{title: 12, site: 5, customer: math.MaxInt, answers: 1, extras: true},
	{title: 12, customer: 8, answers: 1, extras: true},
	{title: 8, customer: 4, extras: true},
	{title: 8},
	{},
	{title: 12, site: 5, customer: 8, answers: 3, extras: true, noLink: true},
	{noLink: true},
}

func (m *message) squeezed(s squeeze) (string, bool) {
	c := *m
	c.answers = c.answers[:min(len(c.answers), max(s.answers, 1))]
	if s.answers == 0 && len(c.answers) > 0 {
		c.ask, c.answers = "", []string{c.bare}
	}
	if !s.extras {
		c.also, c.more, c.times, c.taker, c.reason = "", "", "", "", ""
		c.notice = shorten(c.notice, 32, ".")
	}
	if s.noLink {
		c.link = ""
	}
	for _, part := range []struct {
		text *string
		keep int
		mark string
	}{{&c.title, s.title, ".."}, {&c.site, s.site, "."}, {&c.customer, s.customer, "."}} {
		if over := length(c.String()) - gsmSingle; over > 0 {
			*part.text = shorten(*part.text, max(utf8.RuneCountInString(*part.text)-over, part.keep), part.mark)
		}
	}
	text := c.String()
	return text, length(text) <= gsmSingle
}

// length is how many septets a text of ours takes; one that GSM-7 cannot
// write is too long for any SMS.
func length(s string) int {
	if n, ok := Septets(s); ok {
		return n
	}
	return math.MaxInt
}

// shorten cuts s to most characters at the outside, mark included, and leaves
// no space or punctuation before the mark. Nothing is left where there is no
// room for more than the mark.
func shorten(s string, most int, mark string) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	cut := strings.TrimRight(string(r[:max(most-len(mark), 0)]), " .,;:/-_(")
	if cut == "" {
		return ""
	}
	return cut + mark
}

// oneLine is s in limit bytes of valid UTF-8 on one line.
func oneLine(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) <= limit {
		return s
	}
	return strings.TrimSpace(valid(s, limit-len("…"))) + "…"
}

// valid is the start of s, limit bytes at most, without what is not UTF-8.
func valid(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// plainLink writes what GSM-7 cannot, and what would end the link, as %XX: the
// same link, as browsers read it.
func plainLink(link string) string {
	var b strings.Builder
	for _, r := range link {
		if length(string(r)) <= 2 && r > ' ' && r < 0x7f {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// join puts together what is not empty.
func join(sep string, parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// Listed is one ticket in a list. Code 0 is left out; Taken says that
// somebody has it.
type Listed struct {
	Code                  int
	Customer, Site, Title string
	Number                string // said where the title has nothing that an SMS can write
	Taken                 bool
}

// enumerate writes as many of the words as fit in most characters, and how
// many more there are.
func enumerate(words []string, most int) string {
	for n := len(words); n > 0; n-- {
		s := strings.Join(words[:n], ", ")
		if n < len(words) {
			s += " +" + strconv.Itoa(len(words)-n)
		}
		if utf8.RuneCountInString(s) <= most {
			return s
		}
	}
	return strconv.Itoa(len(words))
}

// leastLine is how short a ticket's line may become before another ticket is
// left out of a list.
const leastLine = 18

// lines writes a line a ticket, as many as fit in most characters with their
// line ends, and how many more there are.
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
				mark = " (" + p.taken + ")"
			}
			lines[i] = o.line(each-len(mark)) + mark
			room -= utf8.RuneCountInString(lines[i])
		}
		return join("\n", append(lines, more)...)
	}
}

// line is the ticket in most characters: the title is shortened first.
func (l Listed) line(most int) string {
	code := ""
	if l.Code > 0 {
		code = strconv.Itoa(l.Code)
	}
	place := join("/", Transliterate(l.Customer), Transliterate(l.Site))
	title := titled(Transliterate(l.Title), l.Title, Transliterate(l.Number))
	over := utf8.RuneCountInString(join(" ", code, place, title)) - most
	if over > 0 {
		title = shorten(title, max(utf8.RuneCountInString(title)-over, min(8, most/3)), "..")
		place = shorten(place, most-utf8.RuneCountInString(join(" ", code, title))-1, ".")
	}
	return shorten(join(" ", code, place, title), most, ".")
}

// clock writes times of day as a place shows them.
type clock struct {
	location *time.Location
	now      time.Time // zero: no dates
}

// at is t as 03:12, or 21/11 03:12 where that is not the day of now; empty
// where t is zero.
func (c clock) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	loc := c.location
	if loc == nil {
		loc = time.UTC
	}
	t, now := t.In(loc), c.now.In(loc)
	if c.now.IsZero() || t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("02/01 15:04")
}
