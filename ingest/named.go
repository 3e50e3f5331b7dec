package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// named gives an alert the labels of which its title is made: where it is, and
// what it is. If the one says the other already, it is not said twice.
func named(a *ticket.Alert, where, what string) {
	if a.Labels == nil {
		a.Labels = map[string]string{}
	}
	a.Labels["alertname"] = what
	if where != "" && strings.Contains(strings.ToLower(what), strings.ToLower(where)) {
		a.Labels["address"] = where
		return
	}
	a.Labels["instance"] = where
}

// entitle has an alert without a where be called by what it is, and not by the
// message of the moment.
func entitle(a *ticket.Alert) {
	what, message := a.Labels["alertname"], a.Annotations["summary"]
	if what == "" || message == "" || a.Host() != "" {
		return
	}
	a.Annotations["summary"] = what
	for _, free := range []string{"description", "message"} {
		if a.Annotations[free] == "" && message != what {
			a.Annotations[free] = message
			return
		}
	}
}

// label gives an alert a label that its tool lets people choose, unless it has
// it.
func label(a *ticket.Alert, name, value string) {
	if name = strings.TrimSpace(name); name == "" || value == "" || a.Labels[name] != "" {
		return
	}
	if a.Labels == nil {
		a.Labels = map[string]string{}
	}
	if len(a.Labels) < elementsRead {
		a.Labels[name] = strings.TrimSpace(value)
	}
}

// tagList makes labels of "name:value, name:value". A tag without a value is
// no label.
func tagList(a *ticket.Alert, list string) {
	for tag := range strings.SplitSeq(list, ",") {
		if name, value, ok := strings.Cut(tag, ":"); ok {
			label(a, name, value)
		}
	}
}

// oneOf says whether a word is one of several, whatever its case.
func oneOf(word string, of []string) bool {
	return slices.ContainsFunc(of, func(w string) bool { return strings.EqualFold(w, word) })
}

// missing says which member a body lacks.
func missing(what string) error {
	return fmt.Errorf("the body has no %s: it is not what this type of source posts", what)
}

// wrongType says that what came is of another type of source.
func wrongType(what, kind string) error {
	return fmt.Errorf("this is %s: use a source of type %s for it", what, kind)
}
