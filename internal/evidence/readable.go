package evidence

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Readable is a line that can be read as a T though some of it was anonymised: what is
// hidden is left out. A line of which nothing is hidden stays as it is.
func Readable[T any](line []byte) []byte {
	if !bytes.Contains(line, []byte(`{"`+hidden+`":`)) {
		return line
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var raw any
	if d.Decode(&raw) != nil {
		return line // whoever reads it says so
	}
	shows := &masker{leave: true}
	raw, err := shows.mask(reflect.TypeFor[T](), raw, nil)
	if err != nil {
		return line
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return line
	}
	return text
}
