package jq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of what is read.
const (
	maxDepth  = 100       // values inside of each other
	maxInput  = 256 << 10 // of one text, in bytes; the rest of it is left out
	maxNumber = 400       // digits of one number
)

// Parse reads one JSON value. Its numbers stay as they were written. weight is
// roughly what the value takes, in bytes.
func Parse(data []byte) (v any, weight int, err error) {
	if weight, err = survey(data); err != nil {
		return nil, 0, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, 0, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, errors.New("not JSON: more behind the first value")
	}
	if len(data) > maxInput {
		v = shortened(v)
	}
	return v, weight, nil
}

// survey looks whether what is made of the data would be within the bounds. It
// does not look whether the data is JSON.
func survey(data []byte) (weight int, err error) {
	depth, digits := 0, 0
	weight = len(data)
	for i := 0; i < len(data); i++ {
		c := data[i]
		if '0' <= c && c <= '9' {
			if digits++; digits > maxNumber {
				return 0, fmt.Errorf("a number has more than %d digits", maxNumber)
			}
			continue
		}
		digits = 0
		switch c {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			weight += scalarSize
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0, fmt.Errorf("more than %d values are inside of each other", maxDepth)
			}
			weight += objectSize
		case '}', ']':
			depth--
		case ',', ':':
			weight += scalarSize
		}
	}
	if weight > maxWeight {
		return 0, errors.New("it has too many values")
	}
	return weight, nil
}

// shortened is a value whose texts are not too long.
func shortened(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > maxInput {
			return begin(v, maxInput) + "…"
		}
	case []any:
		for i, item := range v {
			v[i] = shortened(item)
		}
	case map[string]any:
		for name, item := range v {
			v[name] = shortened(item)
		}
	}
	return v
}

// begin is at most n bytes of s, in whole characters.
func begin(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
