package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Facts are what a page says, in no language yet. Texts in them are data: of
// any length, in any script.
type Facts struct {
	Kind         ticket.PageKind // empty: KindPage
	Number       string          // the ticket's; used if the title has nothing that an SMS can write
	Urgency      ticket.Urgency
	UrgencyLabel string // the configured word; empty: the language's own
	Customer     string // the name, not the key
	Site, Title  string
	Host, Domain string           // the beginning of the title, and the part that other hosts have too (ticket.Ticket)
	Since        time.Time        // zero: not said
	GTIDue       time.Time        // zero: none
	Percent      int              // of the promise, that is used (KindClock, KindReminder)
	Clock        ticket.ClockKind // of which the page reminds (KindReminder)
	Begun        bool             // whoever has the ticket works on it (KindReminder)
	Point        string           // of the checklist, that is due, and when (KindDue)
	PointDue     time.Time
	Location     *time.Location
	Now          time.Time // a time of another day is written with its date
	Code         int       // 0: no answers by SMS, so how to answer is left out
	Link         string    // empty: none
	Firing       int       // the ticket's alerts that fire: 3 is a "+2" after the title
	Tickets      int       // more than 1: the message stands for so many tickets, and this is the worst
	GSMOnly      bool      // the provider writes only letters of GSM-7

	// Taker is who took the ticket (KindTaken, KindJoined) or ended it
	// (KindRecovered; empty if no person did). TakenAt is when. Reason comes
	// after that, only in a notice (KindTaken, KindRecovered).
	Taker   string
	TakenAt time.Time
	Reason  string

	Alerts []Alert // some of the alerts that fire, for a medium that has room
}

// Alert is what one alert says, as its tool wrote it.
type Alert struct {
	Title               string
	Labels, Annotations map[string]string
}

// Discreet removes from the facts what says whose problem it is, and which. A
// text of them names only the number, the urgency, and who took it.
func (f *Facts) Discreet() {
	f.Customer, f.Site, f.Host, f.Domain, f.Title, f.Reason, f.Point = "", "", "", "", f.Number, "", ""
	f.Alerts = nil
	f.Firing, f.Since, f.GTIDue = 0, time.Time{}, time.Time{}
}

// Push is the same page for a phone's app. The first words are the title. The
// body has the rest and how to answer, in UTF-8 as it came. The data is
// ticket, urgency, kind, code and link (code and link only if there are any).
// Together they have 2 KB at most.
func Push(language string, f Facts) (title, body string, data map[string]string) {
	m := compose(phrasesIn(language), &f, pushLimits)
	data = map[string]string{"ticket": oneLine(f.Number, 80), "urgency": f.Urgency.String(), "kind": string(f.kind())}
	if f.Code > 0 {
		data["code"] = strconv.Itoa(f.Code)
	}
	if f.Link != "" && len(f.Link) <= 600 {
		data["link"] = f.Link
	}
	title, body = join(" ", m.also, m.urgency, m.place()), join(" ", m.name, m.more, m.times, m.taker)
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
	notice, reason string // each on its own line
	also, urgency  string
	subject
	more, times, taker string
	ask                string
	answers            []string // the first one has to stay
	bare               string   // the first without its explanation
	link               string
}

// limits say how much of each part a medium takes, and how it writes it.
type limits struct {
	write                             func(s string, most int) string
	label, who, reason, place, number int
	title                             int
	parted                            bool // the title's host is a separate part
}

// pushLimits count bytes, so that a whole push stays under 2 KB.
var pushLimits = limits{
	write: oneLine,
	label: 32, who: 80, reason: 120, number: 40, place: 80, title: 500,
}

// compose puts the facts into a language.
func compose(p *phrases, f *Facts, l limits) message {
	c := p.clock(f.Location, f.Now)
	who, reason := l.write(f.Taker, l.who), l.write(f.Reason, l.reason)
	m := message{
		urgency: l.write(f.UrgencyLabel, l.label),
		subject: f.subject(l),
		times:   c.at(f.Since),
		link:    plainLink(f.Link),
	}
	if m.urgency == "" {
		m.urgency = p.word(f.Urgency)
	}
	if f.Firing > 1 {
		m.more = fmt.Sprintf("+%d", f.Firing-1)
	}
	if f.Tickets > 1 {
		m.urgency, m.more = lang.Fill(p.Bundle, "n", strconv.Itoa(f.Tickets), "urgency", m.urgency), ""
	}
	switch f.kind() {
	case ticket.KindTaken, ticket.KindRecovered:
		m.notice, m.reason = notice(p, f, who, c.at(f.TakenAt)), reason
		return m
	case ticket.KindDue:
		m.notice, m.reason = lang.Fill(p.Due, "at", c.at(f.PointDue)), l.write(f.Point, l.reason)
		return m
	case ticket.KindJoined:
		m.also = p.Also
		if who != "" {
			m.taker = lang.Fill(p.Taker, "who", who)
		}
		m.answered(p, f.Code, p.Begin, "GO")
	case ticket.KindClock:
		m.also = lang.Fill(p.Clocked, "n", strconv.Itoa(f.Percent))
		m.begun(p, f, who)
	case ticket.KindReminder:
		m.also = lang.Fill(p.Reminders[f.Clock], "n", strconv.Itoa(f.Percent))
		if m.begun(p, f, who); f.Begun {
			m.ask, m.answers, m.bare = "", nil, "" // there is nothing to answer
		}
	case ticket.KindPage:
		take := p.Take
		if f.Tickets > 1 {
			take = lang.Fill(p.TakeAll, "n", strconv.Itoa(f.Tickets))
		}
		m.answered(p, f.Code, take, "OK")
	}
	m.times = c.span(f.Since, f.GTIDue)
	return m
}

// begun says who has a ticket of whose clock the page tells, and how to answer.
func (m *message) begun(p *phrases, f *Facts, who string) {
	if who == "" {
		m.answered(p, f.Code, p.Take, "OK")
		return
	}
	m.taker = lang.Fill(p.Taker, "who", who)
	m.answered(p, f.Code, p.Begin, "GO")
}

func (m *message) answered(p *phrases, code int, first, word string) {
	if code <= 0 {
		return
	}
	n := strconv.Itoa(code)
	m.ask, m.bare = p.Ask, n+" "+word
	for _, a := range []string{first, p.Recheck, p.Next} {
		m.answers = append(m.answers, lang.Fill(a, "code", n))
	}
}

func notice(p *phrases, f *Facts, who, at string) string {
	code := ""
	if f.Code > 0 {
		code = strconv.Itoa(f.Code)
	}
	if f.Kind == ticket.KindTaken {
		return join(" ", code, strings.TrimSpace(lang.Fill(p.NoticeTaken, "who", who, "at", at)))
	}
	over := join(" ", code, strings.TrimSpace(lang.Fill(p.NoticeOver, "at", at)))
	if who == "" {
		return over
	}
	return over + " " + lang.Fill(p.By, "who", who)
}

func (m *message) answer() string {
	if len(m.answers) == 0 {
		return ""
	}
	return m.ask + strings.Join(m.answers, ", ")
}

// length is how many septets one of our texts takes. A text that GSM-7 cannot
// write is too long for any SMS.
func length(s string) int {
	if n, ok := Septets(s); ok {
		return n
	}
	return math.MaxInt
}

// oneLine is s on one line, in at most limit bytes of valid UTF-8.
func oneLine(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) <= limit {
		return s
	}
	return strings.TrimSpace(Valid(s, limit-len("…"))) + "…"
}

// Valid is the beginning of s, at most limit bytes, without what is not UTF-8.
func Valid(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// plainLink writes as %XX what GSM-7 cannot write, and what would end the
// link. Browsers read it as the same link.
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

// join joins the parts that are not empty.
func join(sep string, parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

// enumerate writes as many of the words as fit into most characters, and how
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
