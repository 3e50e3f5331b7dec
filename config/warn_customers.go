package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
)

// warnCustomers doubts customers whom one alert fits: one that has no more than
// what the matchers of the one ask for, and fits the other's too. Customers who
// are told apart by different labels are not doubted, though an alert might
// have both.
func (r *reader) warnCustomers(rules *escalation.Rules) {
	asks := make([]asked, len(rules.Customers))
	for i := range rules.Customers {
		asks[i] = askedBy(rules.Customers[i].Matchers)
	}
	for i := range rules.Customers {
		c := &rules.Customers[i]
		if len(c.Matchers) == 0 {
			continue
		}
		at := r.at[join(join("customers", c.Key), "matchers")]
		if sample, owner := named(rules, c, asks[i].samples); owner != "" {
			at.warnf("an alert with %s is customer %q by its name: no matchers are asked", sample, owner)
			continue
		}
		for j := range i {
			first := &rules.Customers[j]
			if sample, both := shared(&asks[j], &asks[i]); both {
				at.warnf("an alert with %s fits customer %q, too, who comes first and gets it", sample, first.Key)
				break
			}
		}
	}
}

// named finds a sample whose label names another customer.
func named(rules *escalation.Rules, c *escalation.Customer, samples []model.LabelSet) (sample, owner string) {
	for _, s := range samples {
		if key := string(s[escalation.LabelCustomer]); key != "" && key != c.Key {
			if _, ok := rules.Customer(key); ok {
				return s.String(), key
			}
		}
	}
	return "", ""
}

// asked is what a customer's matchers ask for. Each is compared to each, so that
// what can be known of one alone is found out once.
type asked struct {
	matchers labels.Matchers
	samples  []model.LabelSet
	text     string
}

func askedBy(matchers labels.Matchers) asked {
	return asked{matchers: matchers, samples: samplesOf(matchers), text: written(matchers)}
}

// shared finds an alert that fits both.
func shared(a, b *asked) (sample string, both bool) {
	if len(a.matchers) == 0 {
		return "", false
	}
	for _, s := range b.samples {
		if a.matchers.Matches(s) {
			return s.String(), true
		}
	}
	for _, s := range a.samples {
		if b.matchers.Matches(s) {
			return s.String(), true
		}
	}
	return a.text, a.text == b.text
}

// written is matchers as a text that does not depend on their order.
func written(all labels.Matchers) string {
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = m.String()
	}
	slices.Sort(texts)
	return "{" + strings.Join(slices.Compact(texts), ", ") + "}"
}

// mostSamples bounds how many alerts are tried for one customer.
const mostSamples = 32

// plainWords is a regular expression that lists what it matches.
var plainWords = regexp.MustCompile(`^[\pL\pN_ .-]+(\|[\pL\pN_ .-]+)*$`)

// samplesOf are alerts that have what the matchers ask for, and nothing else.
// There are none if a regular expression does not list what it matches.
func samplesOf(matchers labels.Matchers) []model.LabelSet {
	samples := []model.LabelSet{{}}
	for _, m := range matchers {
		var values []string
		switch {
		case m.Type == labels.MatchEqual:
			values = []string{m.Value}
		case m.Type == labels.MatchRegexp && plainWords.MatchString(m.Value):
			values = strings.Split(m.Value, "|")
		default:
			continue
		}
		var more []model.LabelSet
		for _, s := range samples {
			for _, value := range values {
				with := s.Clone()
				with[model.LabelName(m.Name)] = model.LabelValue(value)
				more = append(more, with)
			}
		}
		samples = more[:min(len(more), mostSamples)]
	}
	return slices.DeleteFunc(samples, func(s model.LabelSet) bool { return !matchers.Matches(s) })
}
