package attachment

import (
	"net/http"
	"slices"
	"strings"
)

// sniffed is how many bytes of a file say of which type it is.
const sniffed = 512

// typeOf is the media type that the first bytes of a file have, whatever its
// name says.
func typeOf(head []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	return kind
}

// shown are the types that browsers show as they are. None of them runs anything.
var shown = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// Shown reports whether a file of a type is shown. Any other is downloaded.
func Shown(kind string) bool { return slices.Contains(shown, kind) }
