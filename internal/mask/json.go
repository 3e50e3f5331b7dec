package mask

import (
	"encoding/json"
	"strings"
)

// maskedJSON masks JSON as it stands, spaces and all, and what only begins as JSON: of
// a long text no more than its beginning may be there.
func maskedJSON(in string, inside int) string {
	var out strings.Builder
	named := false // the object's name or key said that its value is a secret
	for at := 0; at < len(in); {
		switch c := in[at]; c {
		case '"':
		case '{', '}':
			named = false
			fallthrough
		default:
			out.WriteByte(c)
			at++
			continue
		}
		end := endOfText(in, at)
		name := textOf(in[at:end])
		colon := pastSpace(in, end)
		if colon >= len(in) || in[colon] != ':' {
			out.WriteString(maskedText(in[at:end], inside))
			at = end
			continue
		}
		value := pastSpace(in, colon+1)
		out.WriteString(in[at:value])
		at = value
		switch {
		case Secret(name), named && strings.EqualFold(name, "value"):
			at = endOfValue(in, value)
			if said := in[value:at]; said == "null" || said == `""` || said == "" {
				out.WriteString(said)
			} else {
				out.WriteString(`"` + Mark + `"`)
			}
		case strings.EqualFold(name, "name"), strings.EqualFold(name, "key"):
			if value < len(in) && in[value] == '"' {
				named = Secret(textOf(in[value:endOfText(in, value)]))
			}
		}
	}
	return out.String()
}

// maskedText masks what a text says that is written as JSON.
func maskedText(raw string, inside int) string {
	said := textOf(raw)
	if clean := within(said, inside); clean != said {
		return quoted(clean)
	}
	return raw
}

// textOf is what a text says that is written as JSON. Of one without an end it is what
// stands there.
func textOf(raw string) string {
	var said string
	if json.Unmarshal([]byte(raw), &said) == nil {
		return said
	}
	return strings.ReplaceAll(strings.TrimPrefix(raw, `"`), `\"`, `"`)
}

// endOfText is where a text ends that begins at a quotation mark.
func endOfText(in string, at int) int {
	for i := at + 1; i < len(in); i++ {
		switch in[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(in)
}

// endOfValue is where a value ends.
func endOfValue(in string, at int) int {
	if at >= len(in) {
		return len(in)
	}
	switch in[at] {
	case '"':
		return endOfText(in, at)
	case '{', '[':
	default:
		if n := strings.IndexAny(in[at:], ",]} \t\r\n"); n >= 0 {
			return at + n
		}
		return len(in)
	}
	depth := 0
	for i := at; i < len(in); i++ {
		switch in[i] {
		case '"':
			i = endOfText(in, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(in)
}

func pastSpace(in string, at int) int {
	for at < len(in) && strings.IndexByte(" \t\r\n", in[at]) >= 0 {
		at++
	}
	return at
}
