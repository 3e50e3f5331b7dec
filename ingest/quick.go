package ingest

import (
	"encoding/json"
	"unicode/utf8"
)

// quickPosted reads a list of alerts in the form in which Prometheus writes
// it, without encoding/json, which was about a third of the daemon's time on
// repeats. ok is
// false for everything out of the ordinary (a field that it does not know or
// that comes twice, null, bytes that are not UTF-8, anything that is wrong): the
// body is then for encoding/json, which alone says what is wrong. Where ok is
// true the list is what encoding/json would have made of it.
//
// The strings are parts of one copy of the body, so who keeps one for long
// keeps all of it.
func quickPosted(data []byte) (list []posted, ok bool) {
	if !utf8.Valid(data) {
		return nil, false
	}
	s := quickReader{data: data, text: string(data)}
	list = []posted{}
	ok = s.elements('[', ']', func() bool {
		list = append(list, posted{})
		return s.alert(&list[len(list)-1])
	})
	s.space()
	return list, ok && s.at == len(s.text)
}

// quickReader reads a body from its begin to its end, once. Its methods answer
// false where they do not find what they look for; nothing is read after that.
type quickReader struct {
	data []byte
	text string // the same
	at   int
}

func (s *quickReader) alert(a *posted) bool {
	seen := 0
	first := func(field int) bool {
		before := seen
		seen |= 1 << field
		return seen != before
	}
	return s.elements('{', '}', func() bool {
		name, ok := s.name()
		if !ok {
			return false
		}
		switch name {
		case "labels":
			return first(0) && s.labels(&a.Labels)
		case "annotations":
			return first(1) && s.labels(&a.Annotations)
		case "startsAt":
			raw, ok := s.plain()
			return ok && first(2) && a.StartsAt.UnmarshalJSON(raw) == nil
		case "endsAt":
			raw, ok := s.plain()
			return ok && first(3) && a.EndsAt.UnmarshalJSON(raw) == nil
		case "generatorURL":
			a.GeneratorURL, ok = s.string()
			return ok && first(4)
		}
		return false
	})
}

// usualLabels is how many labels an alert mostly has at most.
const usualLabels = 8

func (s *quickReader) labels(into *map[string]string) bool {
	set := make(map[string]string, usualLabels)
	*into = set
	return s.elements('{', '}', func() bool {
		name, ok := s.name()
		if !ok {
			return false
		}
		value, ok := s.string()
		set[name] = value
		return ok
	})
}

// elements reads what stands between two brackets, with commas between.
func (s *quickReader) elements(begin, end byte, element func() bool) bool {
	if !s.is(begin) {
		return false
	}
	if s.is(end) {
		return true
	}
	for element() {
		if s.is(end) {
			return true
		}
		if !s.is(',') {
			return false
		}
	}
	return false
}

// name reads a field's name and the colon behind it.
func (s *quickReader) name() (string, bool) {
	name, ok := s.string()
	return name, ok && s.is(':')
}

// string reads a string.
func (s *quickReader) string() (text string, ok bool) {
	from, escaped, ok := s.literal()
	if !ok {
		return "", false
	}
	if escaped {
		return text, json.Unmarshal(s.data[from:s.at], &text) == nil
	}
	return s.text[from+1 : s.at-1], true
}

// plain reads a string without escapes and returns it with its quotes.
func (s *quickReader) plain() ([]byte, bool) {
	from, escaped, ok := s.literal()
	return s.data[from:s.at], ok && !escaped
}

// literal goes past a string and says where it began.
func (s *quickReader) literal() (from int, escaped, ok bool) {
	if !s.is('"') {
		return s.at, false, false
	}
	from = s.at - 1
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return from, escaped, true
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return from, false, false
		}
	}
	return from, false, false
}

// is goes past a character, and the space before it.
func (s *quickReader) is(c byte) bool {
	s.space()
	if s.at >= len(s.text) || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

func (s *quickReader) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}
