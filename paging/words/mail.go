package words

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
)

// mailLimits count bytes. A mail has room, and is cut where somebody would stop reading.
var mailLimits = limits{
	write: oneLine,
	label: 32, who: 80, reason: 500, number: 40, place: 200, title: 500,
}

// mailSubject is how long a subject is, in bytes.
const mailSubject = 180

// Mail is the same page as a mail: what it is about in one line, and a text that says
// the rest, with the link to acknowledge. It has no codes: who reads mail has a link.
func Mail(language string, f Facts) (subject, body string) {
	f.Code = 0
	p := phrasesIn(language)
	w := &p.words.Mail
	m := compose(p, &f, mailLimits)
	subject = join(" ", m.also, m.urgency, m.words(), m.more)
	if m.notice != "" {
		subject = join(": ", m.notice, m.words())
	}
	subject = oneLine(subject, mailSubject)
	c := p.clock(f.Location, f.Now)
	var lines []string
	fact := func(name, text string) {
		if text != "" {
			lines = append(lines, lang.Fill(w.Fact, "name", name, "text", text))
		}
	}
	fact(w.Ticket, oneLine(f.Number, mailLimits.number))
	fact(w.Where, m.place())
	fact(w.Since, day(c, f.Since))
	fact(w.GTI, day(c, f.GTIDue))
	said := []string{join(" ", m.also, m.urgency, m.words(), m.more)}
	if m.notice != "" {
		said = []string{join(" ", m.notice), join(" ", m.urgency, m.words())}
	}
	if m.taker != "" {
		said = append(said, m.taker)
	}
	if m.reason != "" {
		said = append(said, m.reason)
	}
	parts := []string{join("\n", said...), join("\n", lines...)}
	if m.link != "" {
		open := w.Open
		if m.notice != "" {
			open = w.See
		}
		parts = append(parts, join("\n", open, m.link))
	}
	return subject, strings.TrimSpace(join("\n\n", append(parts, w.Why)...)) + "\n"
}

// day is a time as a mail has it: it may be read another day.
func day(c clock, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := t.In(c.location).Format("2006-01-02 15:04")
	if which := c.which(t); which != "" {
		text += " (" + which + ")"
	}
	return text
}
