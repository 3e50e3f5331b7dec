package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// leftover is a text that should have been replaced: of the reference example,
// or of a range reserved for examples.
type leftover struct {
	text *regexp.Regexp // its first group is quoted; without a group nothing is
	what string
}

// leftovers are texts that no working configuration has. Reserved names are
// those of RFC 2606. The numbers are the example's own, and those that the
// regulators of France, the United Kingdom and North America keep for fiction.
var leftovers = []leftover{
	{regexp.MustCompile(`(?i)(?:://|@)(?:[^/?#]*[@.])?(example\.(?:com|net|org)|[a-z0-9-]+\.example)(?:[:/?#]|$)`), "is a name for examples: nobody has it"},
	{regexp.MustCompile(`^(\+336123456\d\d)$`), "is a number of the example"},
	{regexp.MustCompile(`^(\+33(?:19900|26191|35301|46571|53649|63998)\d{4}|\+44(?:7700900\d{3}|2079460\d{3}|1632960\d{3})|\+1\d{3}55501\d\d)$`), "is a number for films: nobody has it"},
	{regexp.MustCompile(`^((?:AC|MG)0{8,})$`), "is the example's: write that of your account"},
	{regexp.MustCompile(`(?i)^[<\[{"]*(?:(?:please[-_ ]?)?(?:change|replace|fill)[-_ ]?(?:me|this|in)|todo|fixme|your[-_ ][a-z_ -]*(?:token|key|secret|sid|password|number))[>\]}"!.]*$`), "a word that is meant to be replaced"},
}

// warnLeftovers warns of what was left of an example, each once. It does not
// look at matchers and samples of gateways: alerts and answers may contain
// anything.
func (r *reader) warnLeftovers() {
	for _, path := range slices.Sorted(maps.Keys(r.at)) {
		v := r.at[path]
		if v.n == nil || v.n.kind != scalar || strings.Contains(path, "matchers") || strings.HasSuffix(path, ".sample") {
			continue
		}
		if number := strings.HasPrefix(v.n.text, "+"); !number || !r.doubted(path) {
			v.warnLeftover(v.n.text)
		}
	}
}

// doubted says whether there is a warning about the path.
func (r *reader) doubted(path string) bool {
	return slices.ContainsFunc(r.warnings, func(p Problem) bool { return p.Path == path })
}

// warnLeftover warns of a text of v, or of the file that v names.
func (v value) warnLeftover(text string) {
	for _, l := range leftovers {
		found := l.text.FindStringSubmatch(strings.TrimSpace(text))
		switch {
		case found == nil:
			continue
		case len(found) > 1:
			v.warnf("%s %s", found[1], l.what)
		default:
			v.warnf("%s", l.what)
		}
		return
	}
}
