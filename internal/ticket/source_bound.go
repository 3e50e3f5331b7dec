package ticket

import (
	"strconv"
	"strings"
)

// Bound is a bound of a source, as "open 5000": its kind and its number. An
// older ticket has English words instead.
type Bound string

// BoundKind says what a bound counts.
type BoundKind string

// The bounds of a source.
const (
	BoundKept   BoundKind = "kept"   // alerts
	BoundOpen   BoundKind = "open"   // tickets
	BoundOpened BoundKind = "opened" // tickets a minute
)

// BoundOf makes a Bound.
func BoundOf(kind BoundKind, n int) Bound { return Bound(string(kind) + " " + strconv.Itoa(n)) }

// Parts are the bound's kind and its number; false if it has none.
func (b Bound) Parts() (kind BoundKind, n int, ok bool) {
	word, number, _ := strings.Cut(string(b), " ")
	n, err := strconv.Atoi(number)
	switch kind = BoundKind(word); kind {
	case BoundKept, BoundOpen, BoundOpened:
		return kind, n, err == nil
	}
	return "", 0, false
}
