package letter

import (
	"html"
	"strings"
	"unicode"

	"github.com/astreinte/astreinte/internal/ticket"
)

// clean is a text of lines, without other characters of control, and without
// empty lines at its ends and more than one of them within.
func clean(text string) string {
	var b strings.Builder
	empty := 0
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.TrimRightFunc(strings.Map(func(r rune) rune {
			switch {
			case r == '\t' || r == '\r' || r == '\u00a0':
				return ' '
			case unicode.IsControl(r) || r == '\ufeff' || r == '\u200b':
				return -1
			}
			return r
		}, strings.ToValidUTF8(line, "\uFFFD")), unicode.IsSpace)
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat("\n", min(empty, 1)+1))
		}
		empty = 0
		b.WriteString(line)
		if b.Len() > 2*ticket.MaxLetterText {
			break
		}
	}
	return b.String()
}

// blocks are the elements of HTML that begin a line.
var blocks = map[string]bool{
	"p": true, "div": true, "br": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
	"table": true, "ul": true, "ol": true, "pre": true, "blockquote": true, "hr": true, "section": true, "article": true, "dt": true, "dd": true,
}

// unread are the elements whose content nobody sees.
var unread = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true}

// htmlText is what somebody would read of HTML. It goes over it once, whatever
// the elements are nested in.
func htmlText(source string) string {
	var b strings.Builder
	hidden := ""
	for source != "" && b.Len() < 4*ticket.MaxLetterText {
		open := strings.IndexByte(source, '<')
		if open < 0 {
			open = len(source)
		}
		if hidden == "" {
			words(&b, source[:open])
		}
		if source = source[open:]; source == "" {
			break
		}
		if strings.HasPrefix(source, "<!--") {
			_, source, _ = strings.Cut(source[4:], "-->")
			continue
		}
		end := strings.IndexByte(source, '>')
		if end < 0 {
			break
		}
		name, closes := element(source[1:end])
		source = source[end+1:]
		switch {
		case hidden != "":
			if closes && name == hidden {
				hidden = ""
			}
		case unread[name] && !closes:
			hidden = name
		case blocks[name]:
			b.WriteByte('\n')
		case (name == "td" || name == "th") && !closes:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// words adds a text between two tags, in which space is a blank.
func words(b *strings.Builder, text string) {
	if text == "" {
		return
	}
	said := strings.Join(strings.Fields(html.UnescapeString(text)), " ")
	if unicode.IsSpace(rune(text[0])) {
		b.WriteByte(' ')
	}
	b.WriteString(said)
	if said != "" && unicode.IsSpace(rune(text[len(text)-1])) {
		b.WriteByte(' ')
	}
}

// element is the name of a tag, and whether it closes one.
func element(tag string) (name string, closes bool) {
	tag, closes = strings.CutPrefix(tag, "/")
	if end := strings.IndexFunc(tag, func(r rune) bool { return unicode.IsSpace(r) || r == '/' }); end >= 0 {
		tag = tag[:end]
	}
	return strings.ToLower(tag[:min(len(tag), 20)]), closes
}
