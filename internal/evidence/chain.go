package evidence

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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

// Canonical is a line as it enters its chain: as JSON by RFC 8785, each value that a field
// marked `holds:"…"` has being {"sha256": …}. line has to be a T as encoding/json wrote it.
func Canonical[T any](line []byte, salt string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("evidence: a line: %w", err)
	}
	masked, err := mask(reflect.TypeFor[T](), raw, salt)
	if err != nil {
		return nil, err
	}
	return canonical(masked)
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

// mask hides what the marked fields of a type hold.
func mask(t reflect.Type, raw any, salt string) (any, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var err error
	switch v := raw.(type) {
	case map[string]any:
		switch t.Kind() {
		case reflect.Struct:
			err = maskFields(t, v, salt)
		case reflect.Map:
			for key := range v {
				if v[key], err = mask(t.Elem(), v[key], salt); err != nil {
					break
				}
			}
		default:
		}
	case []any:
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			break
		}
		for i := range v {
			if v[i], err = mask(t.Elem(), v[i], salt); err != nil {
				break
			}
		}
	}
	return raw, err
}

func maskFields(t reflect.Type, v map[string]any, salt string) error {
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
		if f.Tag.Get("holds") != "" {
			v[name], err = hide(value, salt)
		} else {
			v[name], err = mask(f.Type, value, salt)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hide is what stands for a value. One that is hidden already stays: it was anonymised.
func hide(value any, salt string) (any, error) {
	if m, ok := value.(map[string]any); ok && len(m) == 1 && m[hidden] != nil {
		return value, nil
	}
	text, err := canonical([]any{value})
	if err != nil {
		return nil, err
	}
	return map[string]any{hidden: Sum(salt, string(text))}, nil
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

// Seal is the hash of all that is kept of a ticket: how many lines its timeline has and
// their last link, the ticket, its alerts, its sheet and its pages, as they are kept.
func Seal(number string, lines int, link, body, alerts, sheet string, pages []string) string {
	return Sum("astreinte 1", number, fmt.Sprint(lines), link, Sum(body), Sum(alerts), Sum(sheet), Sum(pages...))
}

// Sealed is a ticket's seal on a day.
type Sealed struct{ Number, Seal string }

// Head is that of a day: of the head of the day before, empty for the first, of the day as
// "2026-11-21", and of the seals made on it, whatever their order.
func Head(before, day string, seals []Sealed) string {
	seals = slices.Clone(seals)
	slices.SortFunc(seals, func(a, b Sealed) int { return strings.Compare(a.Number, b.Number) })
	texts := []string{before, day}
	for _, s := range seals {
		texts = append(texts, s.Number+" "+s.Seal)
	}
	return Sum(texts...)
}
