package config

import (
	"time"

	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
)

// reachable are the policies that alerts with these labels can come to,
// whatever other labels they have.
func reachable(route *dispatch.Route, known map[string]string) map[string]bool {
	policies := map[string]bool{}
	visit(route, known, policies)
	return policies
}

// answer says whether a matcher fits, as far as the known labels tell.
type answer int8

const (
	no answer = iota
	maybe
	yes
)

// visit collects the policies of the route and of the routes below it. It
// stops at the first that surely matches.
func visit(route *dispatch.Route, known map[string]string, policies map[string]bool) answer {
	matched := yes
	for _, m := range route.Matchers {
		v, ok := known[m.Name]
		switch {
		case !ok:
			matched = maybe
		case !m.Matches(v):
			return no
		}
	}
	for _, child := range route.Routes {
		if visit(child, known, policies) == yes {
			return matched
		}
	}
	policies[route.RouteOpts.Receiver] = true
	return matched
}

// short writes a duration as the file does.
func short(d time.Duration) string { return model.Duration(d).String() }
