package look

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

// A time that is said in a sentence is marked there, so that a page can make an
// element of it, whatever the sentence and wherever it stands: see Times. The marks
// are no characters (Unicode has 66 that are for such use), and nobody sees them.
const (
	markBegin = "\uFDD0"
	markSaid  = "\uFDD1"
	markEnd   = "\uFDD2"
)

// longAgo is from when on a date says its year.
const longAgo = 180 * 24 * time.Hour

// said is a time of day somewhere, with its date if that is not today.
func said(t, now time.Time, where *time.Location) string {
	t, now = t.In(where), now.In(where)
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case now.Sub(t).Abs() > longAgo:
		return t.Format("02/01/2006 15:04")
	}
	return t.Format("02/01 15:04")
}

// Moment is what is said of a time, marked for Times.
func Moment(t, now time.Time, where *time.Location) string {
	return markBegin + t.UTC().Format(time.RFC3339) + markSaid + said(t, now, where) + markEnd
}

// marked is one time. Nothing else counts as one: text from outside may have marks.
var marked = regexp.MustCompile(markBegin + `(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\dZ)` + markSaid + `([0-9:/ ]{5,16})` + markEnd)

var marks = strings.NewReplacer(markBegin, "", markSaid, "", markEnd, "")

// Times makes elements of the times that are marked in a page of HTML. In an
// attribute, a title and an option a time stays text.
func Times(page []byte) []byte {
	if !bytes.Contains(page, []byte(markBegin)) {
		return page
	}
	var out bytes.Buffer
	out.Grow(len(page) + len(page)/4)
	rest := page
	write := func(text []byte) { _, _ = marks.WriteString(&out, string(text)) } // into memory
	for {
		at := marked.FindSubmatchIndex(rest)
		if at == nil {
			write(rest)
			return out.Bytes()
		}
		part := func(n int) string { return string(rest[at[2*n]:at[2*n+1]]) }
		before := rest[:at[0]]
		write(before)
		day, minute, second, said := part(1), part(2), part(3), part(4)
		if before := out.Bytes(); isText(before) {
			out.WriteString(`<time datetime="` + day + "T" + minute + second + `" title="` + day + " " + minute + ` UTC">` + said + "</time>")
		} else {
			out.WriteString(said)
		}
		rest = rest[at[1]:]
	}
}

// bare are elements that have no others in them.
var bare = [][]byte{[]byte("<title"), []byte("<option"), []byte("<textarea")}

// isText reports whether what follows is text in which an element may stand.
func isText(before []byte) bool {
	open, shut := bytes.LastIndexByte(before, '<'), bytes.LastIndexByte(before, '>')
	if open > shut {
		return false
	}
	for _, name := range bare {
		if open >= 0 && bytes.HasPrefix(before[open:], name) {
			return false
		}
	}
	return true
}
