package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// A tool that speaks of one thing at a time may send it in several forms. What
// it says about the form is not always so: Zabbix's media type for SIGNL4
// declares JSON and posts "payload=" before it. So the body itself decides:
//
//	{…}                     JSON
//	payload={…}, data={…}   JSON behind the name of a form's field, encoded or not
//	--boundary…             multipart, whose part "data" is JSON
//	a=1&b=2                 a form, or the query of a GET: as if {"a": "1", "b": "2"}

// formFields are the fields whose value may be all that the sender has to say.
var formFields = []string{"payload", "data"}

// jsonOf is a body in the form of JSON.
func jsonOf(data []byte) ([]byte, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || data[0] == '{' || data[0] == '[' || data[0] == '"':
		return data, nil
	case bytes.HasPrefix(data, []byte("--")):
		return fromParts(data)
	}
	for _, name := range formFields {
		if rest, ok := bytes.CutPrefix(data, []byte(name+"=")); ok && bytes.HasPrefix(rest, []byte("{")) {
			return rest, nil
		}
	}
	if i := bytes.IndexByte(data, '='); i <= 0 || bytes.ContainsAny(data[:i], " \t\r\n{}\"") {
		return data, nil // explain says what is wrong
	}
	return fromForm(data)
}

// fromParts is the part "data" of a multipart body.
func fromParts(data []byte) ([]byte, error) {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	boundary := strings.TrimRight(strings.TrimPrefix(string(first[:min(len(first), 202)]), "--"), "\r ")
	parts := multipart.NewReader(bytes.NewReader(data), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errors.New(`the body is multipart, and has no part named "data"`)
		}
		if err != nil {
			return nil, fmt.Errorf("the body begins as multipart and cannot be read so: %w", err)
		}
		if part.FormName() == "data" {
			content, err := io.ReadAll(part)
			if err != nil {
				return nil, fmt.Errorf(`the part "data" cannot be read: %w`, err)
			}
			return bytes.TrimSpace(content), nil
		}
	}
}

// fromForm is a form as an object of strings. If the form is one field that
// holds JSON, that is the body.
func fromForm(data []byte) ([]byte, error) {
	out := make([]byte, 0, 2*len(data))
	out = append(out, '{')
	for len(data) > 0 {
		var pair []byte
		pair, data, _ = bytes.Cut(data, []byte("&"))
		name, content, _ := bytes.Cut(pair, []byte("="))
		if len(name) == 0 {
			continue
		}
		plainName, err := unescaped(name)
		if err == nil {
			content, err = unescaped(content)
		}
		if err != nil {
			return nil, err
		}
		if holds(plainName, content) {
			return content, nil
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendQuoted(append(appendQuoted(out, plainName), ':'), content)
	}
	return append(out, '}'), nil
}

func holds(name, content []byte) bool {
	for _, field := range formFields {
		if string(name) == field && bytes.HasPrefix(content, []byte("{")) {
			return true
		}
	}
	return false
}

// unescaped undoes the encoding of a form.
func unescaped(data []byte) ([]byte, error) {
	if bytes.IndexByte(data, '%') < 0 && bytes.IndexByte(data, '+') < 0 {
		return data, nil
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(data) || !hex(data[i+1]) || !hex(data[i+2]) {
				return nil, fmt.Errorf("the body looks like a form, and %q is no escape in one", ticket.Logged(string(data[i:min(i+3, len(data))])))
			}
			out = append(out, byte(unit(data[i+1:i+3]))) //nolint:gosec // two digits are a byte
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func hex(c byte) bool { return digit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// appendQuoted appends a text as a JSON string. What is not UTF-8 is read so
// later.
func appendQuoted(out, text []byte) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// query is what a GET says: its query as it stands, without the token.
func query(raw string) []byte {
	out := make([]byte, 0, len(raw))
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if name, _, _ := strings.Cut(pair, "="); name == "token" || !utf8.ValidString(pair) {
			continue
		}
		if len(out) > 0 {
			out = append(out, '&')
		}
		out = append(out, pair...)
	}
	return out
}
