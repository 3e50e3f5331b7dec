package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Template is a text with places for labels: "https://{{.instance}}/". {{host .instance}}
// leaves out the port that the label ends in.
type Template struct {
	text  string
	parts []part
}

type part struct {
	text  string // as it stands
	label string // or a label's value
	host  bool   // without its port
}

var (
	placeForm = regexp.MustCompile(`^ *(host +)?\.([A-Za-z_][A-Za-z0-9_]*) *$`)
	// nameForm are host names, with underscores that some have. A number is one too.
	nameForm = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$`)
	portForm = regexp.MustCompile(`^(.*):[0-9]{1,5}$`)
)

const longestName = 253 // of a host (RFC 1035)

// ErrLabel says that a label has no value that may stand in an address.
var ErrLabel = errors.New("a label is no host name and no number")

// Parse reads a template.
func Parse(text string) (Template, error) {
	t := Template{text: text}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			break
		}
		place, then, closed := strings.Cut(after, "}}")
		m := placeForm.FindStringSubmatch(place)
		if !closed || m == nil {
			return t, fmt.Errorf("{{%s is no place for a label: write {{.instance}}, or {{host .instance}} to leave out its port", place)
		}
		t.parts = append(t.parts, part{label: m[2], host: m[1] != ""})
		rest = then
	}
	return t, nil
}

// String is the template as it is written.
func (t *Template) String() string { return t.text }

// Labels are the names of the labels that it has places for.
func (t *Template) Labels() (names []string) {
	for _, p := range t.parts {
		if p.label != "" {
			names = append(names, p.label)
		}
	}
	return names
}

// Fill writes labels into their places. bracket puts addresses of IPv6 into brackets,
// as a URL has them. The error wraps ErrLabel.
func (t *Template) Fill(labels map[string]string, bracket bool) (string, error) {
	var out strings.Builder
	for _, p := range t.parts {
		if p.label == "" {
			out.WriteString(p.text)
			continue
		}
		value := labels[p.label]
		if p.host {
			value = withoutPort(value)
		}
		text, ok := safe(value, bracket)
		if !ok {
			return "", fmt.Errorf("%w: %s", ErrLabel, p.label)
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// withoutPort is a host of "host:9100" and "[::1]:9100".
func withoutPort(value string) string {
	m := portForm.FindStringSubmatch(value)
	if m == nil {
		return value
	}
	if host, ok := strings.CutPrefix(m[1], "["); ok {
		return strings.TrimSuffix(host, "]")
	}
	if strings.Contains(m[1], ":") {
		return value // an address of IPv6 that ends in digits
	}
	return m[1]
}

// safe is a label's value in an address; false unless it is a host name, a number, or
// an address.
func safe(value string, bracket bool) (string, bool) {
	if len(value) > longestName {
		return "", false
	}
	if nameForm.MatchString(value) {
		return value, true
	}
	addr, err := netip.ParseAddr(value)
	if err != nil || addr.Zone() != "" || addr.Is4In6() {
		return "", false
	}
	if bracket && addr.Is6() {
		return "[" + addr.String() + "]", true
	}
	return addr.String(), true
}
