package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// pairsRead is how many labels of an alert are looked at one by one. Those
	// after that are counted, and count for the fingerprint. Of them only the
	// labels that the product needs are kept.
	pairsRead = 4096
	// together is the longest alert whose strings are parts of one copy of it.
	// Whoever keeps one of them keeps that copy, and never a whole body.
	together = 4 << 10
	// longestTime is the longest time that is looked at. RFC 3339 takes 35 bytes,
	// and any number of digits of a second.
	longestTime = ticket.MaxTimeText
)

// The fields that the forms of an alert have.
var (
	webhookFields = []string{"status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"}
	postedFields  = []string{"labels", "annotations", "startsAt", "endsAt", "generatorURL"}
)

// fields are what one alert of a request says, and where in the body. Nothing
// is copied until it is known to be an alert.
type fields struct {
	from, to                        int // the alert
	labels, annotations             pairs
	status, generatorURL, givenName text
	startsAt, endsAt                time.Time
	wrong                           string // the first thing that is wrong; empty: nothing
}

// read reads an alert. known are its fields. It is false if this is not JSON.
// For JSON that is no alert, wrong says so.
func (f *fields) read(r *reader, known []string) bool {
	f.labels.reset()
	f.annotations.reset()
	*f = fields{labels: f.labels, annotations: f.annotations}
	c := r.peek()
	f.from = r.at
	var ok bool
	if c == '{' {
		ok = r.members(func(name text) bool { return f.member(r, r.field(name, known)) })
	} else {
		f.unlessNull(r, c, "the alert", "object")
		ok = r.skip()
	}
	f.to = r.at
	return ok
}

func (f *fields) member(r *reader, name string) bool {
	switch name {
	case "labels":
		return f.labels.read(r, f, name)
	case "annotations":
		return f.annotations.read(r, f, name)
	case "startsAt":
		return f.time(r, name, &f.startsAt)
	case "endsAt":
		return f.time(r, name, &f.endsAt)
	case "status":
		return f.string(r, name, &f.status)
	case "generatorURL":
		return f.string(r, name, &f.generatorURL)
	case "fingerprint":
		return f.string(r, name, &f.givenName)
	}
	return r.skip()
}

// field says which of the known fields a name is, whatever its case; empty:
// none.
func (r *reader) field(name text, known []string) string {
	given := r.data[name.from:name.to]
	for _, k := range known {
		if string(given) == k {
			return k
		}
	}
	if name.odd {
		given = []byte(r.decoded(name))
	}
	for _, k := range known {
		if bytes.EqualFold(given, []byte(k)) {
			return k
		}
	}
	return ""
}

func (f *fields) string(r *reader, name string, into *text) (ok bool) {
	c := r.peek()
	if c == '"' {
		*into, ok = r.literal()
		return ok
	}
	f.unlessNull(r, c, name, "string")
	return r.skip()
}

func (f *fields) time(r *reader, name string, into *time.Time) bool {
	c := r.peek()
	if c != '"' {
		f.unlessNull(r, c, name, "time")
		return r.skip()
	}
	from := r.at
	text, ok := r.literal()
	if !ok {
		return false
	}
	if r.at-from > longestTime {
		f.unlessNull(r, c, name, "time")
		return true
	}
	if into.UnmarshalText(r.data[text.from:text.to]) != nil { // most times are of this form, and reading it allocates nothing
		var err error
		if *into, err = parseTime(r.decoded(text)); err != nil && f.wrong == "" {
			f.wrong = name + ": " + err.Error()
		}
	}
	*into = ticket.SentTime(*into)
	return true
}

// unlessNull notes that a value is not of the wanted kind, unless it is null,
// which means none.
func (f *fields) unlessNull(r *reader, begin byte, name, wanted string) {
	if begin != 'n' && f.wrong == "" {
		f.wrong = mismatch(r, begin, name, wanted)
	}
}

// mismatch words that a value is not of the wanted kind.
func mismatch(r *reader, begin byte, name, wanted string) string {
	return fmt.Sprintf("%s: %s where %s is wanted, at %s", name, kind(begin), wanted, position(r.data, int64(r.at)))
}

// pair is a label or an annotation.
type pair struct{ name, value text }

// pairs are an alert's labels or annotations in the order of the body.
type pairs struct {
	given bool
	list  []pair // the first pairsRead, and the needed ones of the rest
	over  int    // how many came after the first pairsRead
	sum   uint64 // of the hashes of those that came after the first
}

func (p *pairs) reset() { *p = pairs{list: p.list[:0]} }

func (p *pairs) read(r *reader, f *fields, field string) bool {
	c := r.peek()
	if c != '{' {
		if c == 'n' {
			p.reset()
		}
		f.unlessNull(r, c, field, "object")
		return r.skip()
	}
	p.given = true
	return r.members(func(name text) bool {
		var value text
		switch c := r.peek(); c {
		case '"':
			var ok bool
			if value, ok = r.literal(); !ok {
				return false
			}
		default:
			if c != 'n' && f.wrong == "" {
				f.wrong = mismatch(r, c, field+"."+ticket.Cut(r.decoded(name), ticket.MaxLogged), "string")
			}
			if !r.skip() {
				return false
			}
		}
		if len(p.list) < pairsRead {
			p.list = append(p.list, pair{name, value})
			return true
		}
		p.more(r, pair{name, value})
		return true
	})
}

// more takes a pair beyond pairsRead.
func (p *pairs) more(r *reader, one pair) {
	if one.value.from == one.value.to {
		return // counts as none
	}
	p.over++
	p.sum += one.hash(r.data)
	name := r.data[one.name.from:one.name.to]
	if !ticket.Needed(string(name)) {
		return
	}
	for i, known := range p.list[pairsRead:] {
		if bytes.Equal(name, r.data[known.name.from:known.name.to]) {
			p.list[pairsRead+i] = one
			return
		}
	}
	p.list = append(p.list, one)
}

// all is a hash of all pairs, whatever their order. It is for alerts that have
// too many.
func (p *pairs) all(data []byte) string {
	sum := p.sum
	for _, one := range p.list[:pairsRead] {
		if one.value.from < one.value.to {
			sum += one.hash(data)
		}
	}
	return fmt.Sprintf("%016x", sum)
}

// hash is FNV-1a over name and value as they are in the body.
func (p pair) hash(data []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, part := range [2]text{p.name, p.value} {
		for _, c := range data[part.from:part.to] {
			h = (h ^ uint64(c)) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return h
}

// copied makes strings of an alert.
type copied struct {
	r     *reader
	whole string // the alert; empty: each string is copied by itself
	from  int
}

func (f *fields) copied(r *reader) copied {
	c := copied{r: r, from: f.from}
	if f.to-f.from <= together {
		c.whole = string(r.data[f.from:f.to])
	}
	return c
}

func (c *copied) string(t text) string {
	if t.odd || c.whole == "" {
		return c.r.decoded(t)
	}
	if t.to == t.from {
		return ""
	}
	return c.whole[t.from-c.from : t.to-c.from]
}

// pairs are the pairs that count: of two with one name, the last.
func (c *copied) pairs(p *pairs) map[string]string {
	if !p.given {
		return nil
	}
	m := make(map[string]string, len(p.list))
	for _, one := range p.list {
		m[c.string(one.name)] = c.string(one.value)
	}
	return m
}

// alert makes the alert, and returns the status that its sender gave. The
// fingerprint is made of all labels, before any is cut.
func (f *fields) alert(r *reader) (a ticket.Alert, given string) {
	c := f.copied(r)
	a = ticket.Alert{
		Labels: withoutEmpty(c.pairs(&f.labels)), Annotations: c.pairs(&f.annotations),
		StartsAt: f.startsAt, EndsAt: f.endsAt, GeneratorURL: c.string(f.generatorURL),
	}
	given = strings.Clone(c.string(f.givenName)) // it is kept for long
	if f.labels.over > 0 && given == "" {
		given = f.labels.all(r.data)
	}
	return a, given
}

// leftOut is how many labels and annotations the alert lacks.
func (f *fields) leftOut() int { return f.labels.leftOut() + f.annotations.leftOut() }

func (p *pairs) leftOut() int { return p.over - max(len(p.list)-pairsRead, 0) }
