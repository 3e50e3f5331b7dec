package words

import (
	"cmp"
	"maps"
	"slices"
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
	var said []string // what the subject has no room for
	if line := join(" ", m.also, m.urgency, m.words(), m.more); m.notice == "" && line != subject {
		said = []string{line}
	}
	if m.notice != "" {
		said = []string{m.notice, join(" ", m.urgency, m.words())}
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
	if m.notice == "" && f.Tickets <= 1 {
		parts = append(parts, details(w, &f)...)
	}
	return subject, strings.TrimSpace(join("\n\n", append(parts, w.Why)...)) + "\n"
}

// What is told of alerts at most.
const (
	mailAlerts = 3
	mailPairs  = 30   // annotations of one, and labels
	mailPair   = 1000 // bytes of an annotation, and of all labels
)

// details are what some of the alerts say, a part each.
func details(w *lang.Mail, f *Facts) (parts []string) {
	for i := range f.Alerts[:min(len(f.Alerts), mailAlerts)] {
		a := &f.Alerts[i]
		var lines []string
		if a.Title != f.Title {
			lines = append(lines, oneLine(a.Title, mailLimits.title))
		}
		for _, name := range names(a.Annotations, "summary", "description") {
			if text := oneLine(a.Annotations[name], mailPair); text != "" && text != f.Title {
				lines = append(lines, lang.Fill(w.Fact, "name", oneLine(name, mailLimits.place), "text", text))
			}
		}
		var labels []string
		for _, name := range names(a.Labels) {
			labels = append(labels, name+"="+a.Labels[name])
		}
		if len(labels) > 0 {
			lines = append(lines, lang.Fill(w.Fact, "name", w.Labels, "text", oneLine(strings.Join(labels, ", "), mailPair)))
		}
		parts = append(parts, join("\n", lines...))
	}
	return parts
}

// names are those of some pairs, in order; those that are named first come first.
func names(of map[string]string, first ...string) []string {
	all := slices.Sorted(maps.Keys(of))
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(place(first, a), place(first, b)) })
	return all[:min(len(all), mailPairs)]
}

func place(first []string, name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
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
