package evidence

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
)

// Mark says that the daemon itself changed what was sealed of a ticket. The head of its
// day is made of its sum too (docs/adr/0076-marks.md).
type Mark struct {
	Number string
	Nr     int    // the ticket's first has 1
	What   string // was done
	Count  int64
	About  string
}

// Sum is its hash.
func (m *Mark) Sum() string {
	return Sum("astreinte mark 1", m.Number, strconv.Itoa(m.Nr), m.What, strconv.FormatInt(m.Count, 10), m.About)
}

// Hidden is how many values of a line are hidden in what is kept of it. line is a T as
// encoding/json wrote it, or as Canonical did.
func Hidden[T any](line []byte) int {
	if !bytes.Contains(line, []byte(`{"`+hidden+`"`)) {
		return 0
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var raw any
	if d.Decode(&raw) != nil {
		return 0 // its link says so
	}
	m := &masker{}
	if _, err := m.mask(reflect.TypeFor[T](), raw, nil); err != nil {
		return 0
	}
	return m.were
}
