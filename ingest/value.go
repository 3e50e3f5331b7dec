package ingest

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The most of a body that speaks of one thing which is looked at one by one.
const (
	// elementsRead is how many elements of a list are read, and of an object
	// whose members have free names.
	elementsRead = 100
	// longestText is the longest text that is kept of one value, before an alert
	// is bounded.
	longestText = ticket.MaxAnnotationValue
)

// value is the place of a JSON value in a body that is known to be JSON. The
// zero value is none. Nothing is copied until somebody asks for its text.
type value struct {
	r        *reader
	from, to int
}

// object is the places of those members of an object that somebody asked for.
type object struct {
	names  []string
	values []value
}

// kind is the first byte of the value; 0 if there is none, or it is null.
func (v value) kind() byte {
	if v.r == nil || v.from == v.to || v.r.data[v.from] == 'n' {
		return 0
	}
	return v.r.data[v.from]
}

// members calls each for the members of an object, and for nothing if it is
// none.
func (v value) members(each func(name text, is value)) {
	if v.kind() != '{' {
		return
	}
	r := *v.r
	r.at = v.from
	r.members(func(name text) bool {
		is := r.here()
		each(name, is)
		return is.to > 0
	})
}

// here goes past the value that comes next and says where it was.
func (r *reader) here() value {
	r.peek()
	from := r.at
	if !r.skip() {
		return value{}
	}
	return value{r: r, from: from, to: r.at}
}

// object finds members of an object by their names, whatever their case. If
// one is given twice, the last counts. Of what is no object it finds none.
func (v value) object(names ...string) object {
	o := object{names: names, values: make([]value, len(names))}
	v.members(func(name text, is value) {
		found := v.r.field(name, names)
		for i := range names {
			if found != "" && names[i] == found {
				o.values[i] = value{r: v.r, from: is.from, to: is.to}
			}
		}
	})
	return o
}

// value is a member by one of the names that were asked for.
func (o object) value(name string) value {
	for i := range o.names {
		if o.names[i] == name {
			return o.values[i]
		}
	}
	return value{}
}

// object is what value and its object are together.
func (o object) object(name string, names ...string) object { return o.value(name).object(names...) }

// text is the text of the first of these members that has one.
func (o object) text(names ...string) string {
	for _, name := range names {
		if text := o.value(name).text(); text != "" {
			return text
		}
	}
	return ""
}

// text is a string, without the space around it; or a number, true or false as
// it is written. It is empty for everything else. What is too long is cut.
func (v value) text() string {
	switch c := v.kind(); {
	case c == '"':
		r := *v.r
		r.at = v.from
		t, _ := r.literal()
		return ticket.Cut(strings.TrimSpace(r.decoded(t)), longestText)
	case c == 't', c == 'f', c == '-', digit(c):
		return ticket.Cut(string(v.r.data[v.from:v.to]), longestText)
	}
	return ""
}

// elements are the first elements of a list; none of what is no list.
func (v value) elements() []value {
	if v.kind() != '[' {
		return nil
	}
	r := *v.r
	r.at = v.from
	var all []value
	r.elements(func() bool {
		is := r.here()
		if len(all) < elementsRead {
			all = append(all, value{r: v.r, from: is.from, to: is.to})
		}
		return is.to > 0
	})
	return all
}

// pairs are the first members of an object that have a text, and how many
// others it has.
func (v value) pairs() (pairs map[string]string, more int) {
	v.members(func(name text, is value) {
		if len(pairs) >= elementsRead {
			more++
			return
		}
		if text := is.text(); text != "" {
			if pairs == nil {
				pairs = map[string]string{}
			}
			pairs[ticket.Cut(v.r.decoded(name), ticket.MaxLabelName)] = text
		}
	})
	return pairs, more
}

// inside is the JSON that a string holds; the zero value if it holds none.
func (v value) inside() value {
	if v.kind() != '"' {
		return value{}
	}
	r := *v.r
	r.at = v.from
	t, _ := r.literal()
	return parsedValue([]byte(r.decoded(t)))
}

// parsedValue is a text that is one JSON value; the zero value if it is none.
func parsedValue(data []byte) value {
	r := newReader(data)
	if r.peek(); r.at == len(data) {
		return value{}
	}
	if is := r.here(); is.to > 0 && r.ended() {
		return is
	}
	return value{}
}

// whole is a string as it is: what a signature is over.
func (v value) whole() string {
	if v.kind() != '"' {
		return ""
	}
	r := *v.r
	r.at = v.from
	t, _ := r.literal()
	return r.decoded(t)
}
