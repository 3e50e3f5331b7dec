package imported

import (
	"slices"
	"strings"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/icalendar"
)

// Names finds people by what a calendar calls them: by key, by name, by mail address.
// Capitals and spaces do not matter. A name that two people have is nobody's.
type Names map[string]string

// NamesOf are the names of everybody who is configured.
func NamesOf(d *contacts.Directory) Names {
	names := Names{}
	people := d.People()
	for i := range people {
		p := &people[i]
		for _, name := range []string{p.Key, p.Name, p.Email} {
			name = folded(name)
			if other, known := names[name]; known && other != p.Key {
				names[name] = ""
			} else if name != "" {
				names[name] = p.Key
			}
		}
	}
	return names
}

// folded is a name as names compare.
func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Who are the people whom an event means, by key, nobody twice. They are those of its
// attendees who are known, by mail address or, if that is nobody's, by name. If none is
// known, they are those whom its summary names: the whole of it, or parts of it between
// commas, slashes, brackets, dashes and the like ("On call: Alice Martin, Bruno Petit").
// None if nobody is known: then nobody is on call by it.
func (n Names) Who(w *icalendar.Who) (keys []string) {
	add := func(name string) bool {
		key := n[folded(name)]
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		return key != ""
	}
	for _, a := range w.Attendees {
		if !add(a.Mail) {
			add(a.Name)
		}
	}
	if len(keys) > 0 || add(w.Summary) {
		return keys
	}
	text := w.Summary
	for _, dash := range []string{" - ", " – ", " — "} {
		text = strings.ReplaceAll(text, dash, ",")
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;:/|+&()[]<>", r) }) {
		add(part)
	}
	return keys
}
