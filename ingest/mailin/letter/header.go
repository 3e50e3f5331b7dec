package letter

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/astreinte/astreinte/internal/ticket"
)

// head is a header, field by field.
type head struct {
	names, values []string // the values unfolded, as they came
}

// split takes what a Keeper kept apart.
func split(data []byte) (h head, body []byte) {
	for len(data) > 0 {
		line := data
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			line = data[:end+1]
		}
		data = data[len(line):]
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return h, data
		}
		if name := fieldName(line); line[0] != ' ' && line[0] != '\t' && name != "" {
			h.names = append(h.names, name)
			h.values = append(h.values, strings.TrimSpace(string(line[bytes.IndexByte(line, ':')+1:])))
		} else if n := len(h.values); n > 0 {
			h.values[n-1] += " " + strings.TrimSpace(string(line))
		}
	}
	return h, nil
}

// first is the first value of a field.
func (h *head) first(name string) string {
	for i, n := range h.names {
		if n == name {
			return h.values[i]
		}
	}
	return ""
}

// count is how many fields have a name.
func (h *head) count(name string) (n int) {
	for _, is := range h.names {
		if is == name {
			n++
		}
	}
	return n
}

// decoded are all fields, in words that can be read. Several of one name are
// lines of one value.
func (h *head) decoded(charset string) map[string]string {
	all := map[string]string{}
	for i, name := range h.names {
		value := ticket.Cut(decode(h.values[i], charset), ticket.MaxLetterField)
		was, twice := all[name]
		switch {
		case twice && len(was) < ticket.MaxLetterField:
			all[name] = was + "\n" + value
		case !twice && len(all) < ticket.MaxLetterFields:
			all[name] = value
		}
	}
	return all
}

// decode makes one readable line of a field's value: encoded words (RFC 2047),
// and bytes that nobody encoded. charset is the mail's own; empty: unknown.
func decode(value, charset string) string {
	value = utf8Of([]byte(value), charset)
	if strings.Contains(value, "=?") {
		words := mime.WordDecoder{CharsetReader: charsetReader}
		if said, err := words.DecodeHeader(betweenWords.ReplaceAllString(value, "?=$1 =?")); err == nil {
			value = said
		}
	}
	return oneLine(value)
}

// betweenWords matches two encoded words that nothing parts, as some programs
// write them.
var betweenWords = regexp.MustCompile(`\?=()=\?`)

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// charsetReader reads a text in another character set. One that nobody knows is
// read as Windows's western one, in which ASCII is as it is.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	return charsetOf(charset).NewDecoder().Reader(r), nil
}

func charsetOf(name string) encoding.Encoding {
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	return charmap.Windows1252
}

// utf8Of is a text of which nobody is sure how it is written: UTF-8 if it can
// be that, else as the charset says.
func utf8Of(text []byte, charset string) string {
	if utf8.Valid(text) {
		return string(text)
	}
	if said, err := charsetOf(charset).NewDecoder().Bytes(text); err == nil && utf8.Valid(said) {
		return string(said)
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// address is the first address of a field, in small letters, and the name
// before it.
func address(value, charset string) (name, at string) {
	value = decode(value, charset)
	if a, err := mail.ParseAddress(value); err == nil {
		return a.Name, strings.ToLower(a.Address)
	}
	if list, err := mail.ParseAddressList(value); err == nil && len(list) > 0 {
		return list[0].Name, strings.ToLower(list[0].Address)
	}
	if found := anAddress.FindString(value); found != "" {
		return "", strings.ToLower(found)
	}
	return "", value
}

var anAddress = regexp.MustCompile(`[^\s<>"(),:;@]+@[^\s<>"(),:;@]+`)

// addresses are all of a field.
func addresses(value, charset string) (all []string) {
	for _, found := range anAddress.FindAllString(decode(value, charset), ticket.MaxLetterTo) {
		all = append(all, strings.ToLower(found))
	}
	return all
}

// moment is the time of a Date field; zero if it says none.
func moment(value string) time.Time {
	if i := strings.IndexByte(value, '('); i > 0 {
		value = strings.TrimSpace(value[:i])
	}
	at, err := mail.ParseDate(value)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
