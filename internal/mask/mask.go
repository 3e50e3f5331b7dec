// Package mask takes secrets out of what a stranger's request said, so that people may
// look at it.
//
// A secret is known by the name that it stands under (a password, a token, a signature),
// by its form (what stands before the @ of an address, what follows Bearer), or because
// it is given. Whatever else is said stays as it was, so that the rest can be read, and
// be read by a program.
package mask

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// Mark stands where a secret stood.
const Mark = "***"

const (
	leastKnown = 6 // a given secret that is shorter would take half of a text away
	mostInside = 4 // texts that are JSON or a form themselves, inside of each other
)

// Text is data without its secrets: of JSON, of a form, of the parts of one, or of plain
// text. known are secrets that go wherever they stand.
func Text(data []byte, known ...string) string {
	text := strings.ToValidUTF8(string(data), "\uFFFD")
	for _, secret := range known {
		if len(secret) >= leastKnown {
			text = strings.NewReplacer(secret, Mark, url.QueryEscape(secret), Mark).Replace(text)
		}
	}
	return masked(text, 0)
}

// masked is a text of any form without its secrets. inside says in how many others it
// stands.
func masked(text string, inside int) string {
	switch start := strings.TrimSpace(text); {
	case start == "":
		return text
	case start[0] == '{', start[0] == '[', start[0] == '"':
		return maskedJSON(text, inside)
	case form.MatchString(start):
		return maskedForm(text, inside)
	}
	return maskedPlain(text)
}

var (
	form = regexp.MustCompile(`^[A-Za-z0-9_.%+\[\]-]+=[^\s{}"<>]*$`)
	// userinfo is what an address says of who asks.
	userinfo = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s"'<>?#]*@`)
	bearer   = regexp.MustCompile(`(?i)\b(authorization["']?\s*[=:]\s*["']?)[^\s"',;&]+(?:[ \t]+[^\s"',;&]+)?|\b((?:bearer|geniekey)\s+)[A-Za-z0-9._~+/=-]{6,}`)
	assigned = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]*)(["']?[ \t]*[=:][ \t]*)("[^"\n]*"|'[^'\n]*'|[^\s&"',;<>]+)`)
	// part is the head of a form's part, up to the empty line behind it.
	part = regexp.MustCompile(`(?i)\bname="([^"\n]*)"[^\n]*\n(?:[^\n:]+:[^\n]*\n)*\r?\n`)
)

func maskedPlain(text string) string {
	text = maskedParts(text)
	text = userinfo.ReplaceAllString(text, "${1}"+Mark+"@")
	text = bearer.ReplaceAllString(text, "${1}${2}"+Mark)
	return maskedPairs(text, 0)
}

// maskedPairs masks the values that stand behind a secret's name, and looks into the
// others: an address may have such a pair at its end.
func maskedPairs(text string, inside int) string {
	return assigned.ReplaceAllStringFunc(text, func(all string) string {
		m := assigned.FindStringSubmatch(all)
		switch {
		case Secret(m[1]) && !strings.HasPrefix(m[3], "//"):
			return m[1] + m[2] + Mark
		case inside < mostInside:
			return m[1] + m[2] + maskedPairs(m[3], inside+1)
		}
		return all
	})
}

// maskedParts masks the parts of a form whose names are a secret's.
func maskedParts(text string) string {
	var out strings.Builder
	for {
		at := part.FindStringSubmatchIndex(text)
		if at == nil {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:at[1]])
		name := text[at[2]:at[3]]
		text = text[at[1]:]
		if Secret(name) {
			end := strings.Index(text, "\n--")
			if end < 0 {
				end = len(text)
			}
			out.WriteString(Mark)
			text = text[end:]
		}
	}
}

func maskedForm(text string, inside int) string {
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		called, err := url.QueryUnescape(strings.TrimSpace(name))
		if err == nil && Secret(called) {
			pairs[i] = name + "=" + Mark
			continue
		}
		said, err := url.QueryUnescape(value)
		if err != nil || said == "" {
			continue
		}
		if clean := within(said, inside); clean != said {
			pairs[i] = name + "=" + strings.ReplaceAll(url.QueryEscape(clean), url.QueryEscape(Mark), Mark)
		}
	}
	return strings.Join(pairs, "&")
}

// within masks a value of a text.
func within(value string, inside int) string {
	if inside < mostInside {
		return masked(value, inside+1)
	}
	return maskedPlain(value)
}

// quoted is a text as JSON has it.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return `"` + Mark + `"`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
