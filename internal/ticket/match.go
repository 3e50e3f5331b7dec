package ticket

import (
	"slices"
	"strings"
)

func oneOf[T comparable](wanted []T, have T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, have)
}

func containsFold(needle string, hay ...string) bool {
	needle = strings.ToLower(needle)
	return slices.ContainsFunc(hay, func(s string) bool { return strings.Contains(strings.ToLower(s), needle) })
}
