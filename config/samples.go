package config

import (
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"
)

// sampleLabels adds to known what an alert needs to fit all of the matchers.
// It is false if it found none.
func sampleLabels(known map[string]string, matchers []*labels.Matcher) (map[string]string, bool) {
	out := make(map[string]string, len(known)+len(matchers))
	maps.Copy(out, known)
	for _, m := range matchers {
		value, ok := out[m.Name]
		if !ok {
			if value, ok = sampleValue(m.Name, matchers); ok && value != "" {
				out[m.Name] = value
			}
		}
		if !ok || !m.Matches(value) {
			return nil, false
		}
	}
	return out, true
}

// sampleValue is a value of a label that fits all matchers on it; empty: the
// label is left out.
func sampleValue(name string, matchers []*labels.Matcher) (string, bool) {
	var tries []string
	for _, m := range matchers {
		if m.Name != name {
			continue
		}
		switch m.Type {
		case labels.MatchEqual:
			tries = append(tries, m.Value)
		case labels.MatchRegexp:
			tries = append(tries, expand(m.Value)...)
		case labels.MatchNotEqual, labels.MatchNotRegexp:
		}
	}
	for _, value := range append(tries, "", "x", "y") {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return m.Name == name && !m.Matches(value) }) {
			return value, true
		}
	}
	return "", false
}

// expand lists texts that a regular expression may match: one for each of its
// alternatives.
func expand(expression string) []string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	return texts(re, 0)
}

func texts(re *syntax.Regexp, depth int) []string {
	if depth > maxDepth {
		return nil
	}
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			return []string{string(max(re.Rune[0], min('a', re.Rune[1])))}
		}
		return nil
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"x"}
	case syntax.OpCapture, syntax.OpPlus:
		return texts(re.Sub[0], depth+1)
	case syntax.OpRepeat:
		return repeated(texts(re.Sub[0], depth+1), re.Min)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			all = append(all, texts(sub, depth+1)...)
		}
		return all[:min(len(all), mostSamples)]
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			all = product(all, texts(sub, depth+1))
		}
		return all
	default:
		return []string{""} // an anchor, or an optional part
	}
}

func repeated(one []string, times int) []string {
	for i := range one {
		one[i] = strings.Repeat(one[i], times)
	}
	return one
}

func product(heads, tails []string) []string {
	var all []string
	for _, head := range heads {
		for _, tail := range tails {
			all = append(all, head+tail)
		}
	}
	return all[:min(len(all), mostSamples)]
}
