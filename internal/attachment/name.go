package attachment

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// nameless is what a file is called that says no name.
const nameless = "file"

// Name makes a name that a file came with fit to be shown and to be saved
// under: no folders, nothing that cannot be seen, nothing that turns the
// direction of what follows, ticket.MaxAttachmentName bytes at most. The end
// says what programs do with it, and is kept.
func Name(given string) string {
	given = strings.ToValidUTF8(given, "\uFFFD")
	if i := strings.LastIndexAny(given, `/\`); i >= 0 {
		given = given[i+1:]
	}
	given = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsGraphic(c), unicode.Is(unicode.Bidi_Control, c), strings.ContainsRune(`<>:"|?*`, c): // such as cannot be in names elsewhere
			return -1
		}
		return c
	}, given)
	given = strings.Trim(given, " .")
	if given == "" {
		return nameless
	}
	if len(given) <= ticket.MaxAttachmentName {
		return given
	}
	end := path.Ext(given)
	if len(end) > keptEnd {
		end = ""
	}
	return begin(given, ticket.MaxAttachmentName-len(end)-len("…")) + "…" + end
}

// keptEnd is how long an end of a name is kept whole.
const keptEnd = 16

// begin is at most n bytes of s, in whole characters.
func begin(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
