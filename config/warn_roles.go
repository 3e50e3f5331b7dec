package config

import (
	"slices"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
)

// warnReaders names readers who are paged, although readers only look.
func (r *reader) warnReaders(rules *escalation.Rules) {
	for _, name := range rules.Directory.Groups() {
		if !r.used["group"][name] {
			continue
		}
		group, _ := rules.Directory.Group(name)
		keys := slices.Clone(group.People)
		for i := range group.Rotations {
			keys = append(keys, slices.Concat(group.Rotations[i].People...)...)
		}
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			if p, ok := rules.Directory.Person(key); ok && p.Role == contacts.RoleReader {
				r.at[join("people", key)].warnf("%s is a reader, and group %q is paged: who is paged has to be able to act", p.Name, name)
			}
		}
	}
}
