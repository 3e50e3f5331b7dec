package console

import (
	"strings"

	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/internal/lang"
)

// calendarLine is what is shown of a group's duty that is kept elsewhere.
type calendarLine struct {
	Text  string
	Wrong bool
}

// calendarLines are those of all groups that have one.
func (r *reader) calendarLines(f func() []imported.Status) (lines []calendarLine) {
	if f == nil {
		return nil
	}
	words := &r.words.Imported
	for _, c := range f() {
		says, ago := words.Read, ""
		switch {
		case c.At.IsZero():
			says = words.Never
		case c.Old:
			says = words.Old
		}
		if !c.At.IsZero() {
			ago = r.words.Page.Lasted(r.now.Sub(c.At))
		}
		text := []string{lang.Fill(says, "group", c.Group, "host", c.Host, "ago", ago)}
		add := func(is bool, line string, pairs ...string) {
			if is {
				text = append(text, lang.Fill(line, pairs...))
			}
		}
		add(c.Error != "", words.Failed, "why", c.Error)
		add(c.Other, words.Before)
		add(len(c.Unknown) > 0, words.Unknown, "who", strings.Join(c.Unknown, "; "))
		add(len(c.Odd) > 0, words.Odd, "what", strings.Join(c.Odd, "; "))
		lines = append(lines, calendarLine{strings.Join(text, " "), c.Doubtful()})
	}
	return lines
}

// phoneLines say which telephones belong to groups.
func (r *reader) phoneLines() (lines []string) {
	for _, group := range r.rules.Directory.Groups() {
		if g, _ := r.rules.Directory.Group(group); len(g.Phones) > 0 {
			lines = append(lines, lang.Fill(r.words.Imported.Phones, "group", group, "phones", strings.Join(g.Phones, ", ")))
		}
	}
	return lines
}
