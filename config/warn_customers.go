package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
)

// warnCustomers warns of two customers that one alert fits: an alert with
// nothing more than what the matchers of one ask for also fits the other's. It
// does not warn of customers that different labels tell apart, though an alert
// might have both labels.
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

// asked is what a customer's matchers ask for. Each customer is compared with
// each other one, so what concerns one alone is found out once.
type asked struct {
	matchers labels.Matchers
	samples  []model.LabelSet
	text     string
}

func askedBy(matchers labels.Matchers) asked {
	return asked{matchers: matchers, samples: samplesOf(matchers), text: written(matchers)}
}

// shared finds an alert that fits both customers.
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

// written is matchers as a text. Their order does not matter.
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

// plainWords is a regular expression that only lists the words that it
// matches.
var plainWords = regexp.MustCompile(`^[\pL\pN_ .-]+(\|[\pL\pN_ .-]+)*$`)

// samplesOf are alerts that have what the matchers ask for, and nothing else.
// There are none if a regular expression does not just list what it matches.
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
