package icalendar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// line is a content line (RFC 5545, 3.1), its name in capitals.
type line struct {
	name   string
	params *params // nil: none that means something here
	value  string
}

// params are the parameters of a line that mean something here, the first value of each.
type params struct{ zone, called, answer, span string }

// keep keeps a parameter, if it means something here.
func (l *line) keep(name, value string) {
	switch name = strings.ToUpper(name); name {
	case "TZID", "CN", "PARTSTAT", "RANGE":
	default:
		return
	}
	if l.params == nil {
		l.params = &params{}
	}
	switch name {
	case "TZID":
		l.params.zone = value
	case "CN":
		l.params.called = value
	case "PARTSTAT":
		l.params.answer = value
	default:
		l.params.span = value
	}
}

// given are the parameters of a line.
func (l *line) given() params {
	if l.params == nil {
		return params{}
	}
	return *l.params
}

// component is what stands between a BEGIN and its END. Only what the names below tell
// of is kept.
type component struct {
	name     string
	lines    []line
	children []*component
	has      uint32 // of the properties that count once: those that are there
}

// kept are the properties that mean something here: those that may come again, as 0, and
// those of which the first counts, each as a bit of its own.
var kept = map[string]uint32{
	"ATTENDEE": 0, "RRULE": 0, "EXRULE": 0, "RDATE": 0, "EXDATE": 0,
	"UID": 1 << 0, "SEQUENCE": 1 << 1, "SUMMARY": 1 << 2, "STATUS": 1 << 3,
	"DTSTART": 1 << 4, "DTEND": 1 << 5, "DURATION": 1 << 6, "RECURRENCE-ID": 1 << 7,
	"X-WR-TIMEZONE": 1 << 8, "TZID": 1 << 9, "X-LIC-LOCATION": 1 << 10, "TZOFFSETFROM": 1 << 11, "TZOFFSETTO": 1 << 12,
}

// keep keeps a line, if it means something.
func (c *component) keep(l *line) {
	once, means := kept[l.name]
	if !means || c.has&once != 0 || len(c.lines) == ticket.MaxCalendarLines {
		return
	}
	c.has |= once
	c.lines = append(c.lines, *l)
}

// inside says which components are kept within which.
var inside = map[string][]string{
	"VCALENDAR": {"VEVENT", "VTIMEZONE"},
	"VTIMEZONE": {"STANDARD", "DAYLIGHT"},
}

// parse reads the calendars of a text. It refuses what is not one whole calendar after
// the other: a page in HTML, or one that was cut off.
func parse(body []byte) ([]*component, error) {
	p := parser{}
	rest := bytes.TrimPrefix(body, []byte("\ufeff"))
	for len(rest) > 0 {
		var text string
		text, rest = unfolded(rest)
		if err := p.line(text); err != nil {
			return nil, err
		}
	}
	switch {
	case len(p.open) > 0:
		return nil, fmt.Errorf("it is cut off: %s does not end", ticket.Logged(p.open[len(p.open)-1]))
	case len(p.calendars) == 0:
		return nil, errNoCalendar
	}
	return p.calendars, nil
}

// unfolded is the next line with those that continue it, and what comes after. What is
// longer than a line may be is cut: nothing that is needed is so long.
func unfolded(text []byte) (first string, rest []byte) {
	var b []byte
	for begun := false; ; begun = true {
		part := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			part, text = text[:end], text[end+1:]
		} else {
			text = nil
		}
		part = bytes.TrimSuffix(part, []byte("\r"))
		if begun {
			part = part[1:]
		}
		b = append(b, part[:min(len(part), max(0, ticket.MaxCalendarLine-len(b)))]...)
		if len(text) == 0 || text[0] != ' ' && text[0] != '\t' {
			return strings.ToValidUTF8(string(b), "\ufffd"), text
		}
	}
}

// parser reads line by line.
type parser struct {
	calendars []*component
	open      []string     // names of what has begun
	into      []*component // what is kept of it; nil: nothing
	count     int          // components
}

func (p *parser) line(text string) error {
	l, ok := split(text)
	switch {
	case strings.TrimSpace(text) == "":
		return nil
	case ok && l.name == "BEGIN":
		return p.begin(strings.ToUpper(strings.TrimSpace(l.value)))
	case len(p.open) == 0:
		return errNoCalendar
	case ok && l.name == "END":
		name := strings.ToUpper(strings.TrimSpace(l.value))
		if last := p.open[len(p.open)-1]; last != name {
			return fmt.Errorf("%s ends within %s", ticket.Logged(name), ticket.Logged(last))
		}
		p.open, p.into = p.open[:len(p.open)-1], p.into[:len(p.into)-1]
		return nil
	}
	if c := p.into[len(p.into)-1]; c != nil && ok {
		c.keep(&l)
	}
	return nil // a line that is none is passed over: some programs break descriptions
}

func (p *parser) begin(name string) error {
	if len(p.open) == 0 && name != "VCALENDAR" {
		return errNoCalendar
	}
	if len(p.open) == ticket.MaxCalendarDepth {
		return fmt.Errorf("it is nested more than %d times", ticket.MaxCalendarDepth)
	}
	if p.count++; p.count > ticket.MaxCalendarEvents {
		return fmt.Errorf("it has more than %d events: ask for fewer, by a calendar of this group alone", ticket.MaxCalendarEvents)
	}
	var c *component
	if len(p.open) == 0 {
		c = &component{name: name}
		p.calendars = append(p.calendars, c)
	} else if parent := p.into[len(p.into)-1]; parent != nil && slices.Contains(inside[parent.name], name) {
		c = &component{name: name}
		parent.children = append(parent.children, c)
	}
	p.open, p.into = append(p.open, name), append(p.into, c)
	return nil
}

// split reads a content line; false if it is none.
func split(text string) (l line, ok bool) {
	end := strings.IndexAny(text, ";:")
	if end <= 0 {
		return l, false
	}
	l.name = strings.ToUpper(text[:end])
	for text = text[end:]; text[0] == ';'; {
		name, rest, found := strings.Cut(text[1:], "=")
		if !found {
			return l, false
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest, found = strings.Cut(rest[1:], `"`)
		} else if end := strings.IndexAny(rest, ";:,"); end >= 0 {
			value, rest = rest[:end], rest[end:]
		} else {
			found = false
		}
		if !found {
			return l, false
		}
		if end := strings.IndexAny(rest, ";:"); end >= 0 { // more values of it
			rest = rest[end:]
		} else {
			return l, false
		}
		l.keep(name, value)
		text = rest
	}
	l.value = text[1:]
	return l, true
}

// first is the first line of a name; false if there is none.
func (c *component) first(name string) (line, bool) {
	i := slices.IndexFunc(c.lines, func(l line) bool { return l.name == name })
	if i < 0 {
		return line{}, false
	}
	return c.lines[i], true
}

// text is the first value of a name; empty if there is none.
func (c *component) text(name string) string {
	l, _ := c.first(name)
	return l.value
}

// unescaped is a TEXT without its escapes (RFC 5545, 3.3.11), on one line.
func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
			if text[i] == 'n' || text[i] == 'N' {
				b.WriteByte(' ')
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
