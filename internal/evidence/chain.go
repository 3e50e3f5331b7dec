package evidence

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
)

// hidden stands in a canonical form where the value is a person's name or free text. The
// key is "sha256", its value the hash of salt and value, in hexadecimal.
const hidden = "sha256"

// saltBytes is how long a salt is, before it is written in hexadecimal.
const saltBytes = 16

// NewSalt makes the salt of a line.
func NewSalt() string {
	b := make([]byte, saltBytes)
	_, _ = rand.Read(b) // it ends the program rather than fail
	return hex.EncodeToString(b)
}

// Value is what a canonical form hides.
type Value struct {
	At    []string `json:"at"` // the names of fields, and places in lists, that lead to it
	Value any      `json:"value"`
}

// Canonical is a line as it enters its chain: as JSON by RFC 8785, each value that a field
// marked `holds:"…"` has being {"sha256": …}, and those values. line has to be a T as
// encoding/json wrote it.
func Canonical[T any](line []byte, salt string) (form []byte, hidden []Value, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, nil, fmt.Errorf("evidence: a line: %w", err)
	}
	m := masker{salt: salt}
	if raw, err = m.mask(reflect.TypeFor[T](), raw, nil); err != nil {
		return nil, nil, err
	}
	form, err = canonical(raw)
	return form, m.hidden, err
}

func canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err == nil {
		text, err = jcs.Transform(text)
	}
	if err != nil {
		return nil, fmt.Errorf("evidence: a canonical form: %w", err)
	}
	return text, nil
}

// masker hides what the marked fields of types hold.
type masker struct {
	salt   string
	leave  bool // what is hidden already is left out, and nothing else is hidden
	hidden []Value
	were   int // how many were hidden already
}

func (m *masker) mask(t reflect.Type, raw any, at []string) (_ any, err error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := raw.(type) {
	case map[string]any:
		switch t.Kind() {
		case reflect.Struct:
			err = m.fields(t, v, at)
		case reflect.Map:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				if v[key], err = m.mask(t.Elem(), v[key], below(at, key)); err != nil {
					break
				}
			}
		default: // a type with a form of its own, which has no marks
		}
	case []any:
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			break
		}
		for i := range v {
			if v[i], err = m.mask(t.Elem(), v[i], below(at, strconv.Itoa(i))); err != nil {
				break
			}
		}
	}
	return raw, err
}

func below(at []string, name string) []string { return append(slices.Clone(at), name) }

func (m *masker) fields(t reflect.Type, v map[string]any, at []string) error {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		value, has := v[name]
		if !has {
			continue
		}
		var err error
		if m.leave && isHidden(value) {
			delete(v, name)
			continue
		}
		if f.Tag.Get("holds") != "" && !m.leave {
			v[name], err = m.hide(value, below(at, name))
		} else {
			v[name], err = m.mask(f.Type, value, below(at, name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hide is what stands for a value. One that is hidden already stays: it was anonymised.
func (m *masker) hide(value any, at []string) (any, error) {
	if isHidden(value) {
		m.were++
		return value, nil
	}
	text, err := canonical([]any{value})
	if err != nil {
		return nil, err
	}
	m.hidden = append(m.hidden, Value{at, value})
	return map[string]any{hidden: Sum(m.salt, string(text))}, nil
}

func isHidden(value any) bool {
	v, ok := value.(map[string]any)
	return ok && len(v) == 1 && v[hidden] != nil
}

// Sum is the hash of texts with a line feed after each, in hexadecimal.
func Sum(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		h.Write([]byte(text))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Link is that of a line: of the link before it, empty for the first, and of its canonical
// form.
func Link(before string, canonical []byte) string { return Sum(before, string(canonical)) }

// Rest is what is kept of a ticket beside its timeline, as it is kept.
type Rest struct {
	Stamp  string   `json:"stamp"` // its number, its id in the archive, its version and its revision
	Body   string   `json:"body"`
	Alerts string   `json:"alerts"`
	Sheet  string   `json:"sheet"`
	Pages  []string `json:"pages"` // by their keys
}

// Sum is its hash.
func (r *Rest) Sum() string {
	return Sum(r.Stamp, Sum(r.Body), Sum(r.Alerts), Sum(r.Sheet), Sum(r.Pages...))
}

// Sealed is a ticket at a moment: how many lines its timeline had, their last link, and the
// hash of the rest.
type Sealed struct {
	Number string `json:"number"`
	Lines  int    `json:"lines"`
	Link   string `json:"link"`
	Rest   string `json:"rest"`
}

// Seal is the hash of all that is kept of a ticket.
func (s *Sealed) Seal() string {
	return Sum("astreinte 1", s.Number, strconv.Itoa(s.Lines), s.Link, s.Rest)
}

// Head is that of a day: of the head of the day before, empty for the first, of the day as
// "2026-11-21", and of the seals made on it, whatever their order.
func Head(before, day string, seals []string) string {
	return Sum(append([]string{before, day}, slices.Sorted(slices.Values(seals))...)...)
}
