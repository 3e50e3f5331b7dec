package duty

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/contacts"
)

// Named is the id of what is asked for under a name that no other request has; none
// for an empty name.
func Named(name string) string {
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:16])
}

// GroupsOf are the groups in which somebody takes turns, or is always on call, by a
// calendar that is kept elsewhere too, in order of key.
func GroupsOf(d *contacts.Directory, person string) []string {
	return slices.DeleteFunc(d.Groups(), func(key string) bool { return !slices.Contains(d.Members(key), person) })
}
