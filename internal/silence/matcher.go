package silence

import (
	"cmp"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// parseMatchers reads matchers as Alertmanager writes them. They are in the order in
// which they cost: what is compared comes before what is searched.
func parseMatchers(texts []string) (labels.Matchers, error) {
	var all labels.Matchers
	for _, text := range texts {
		m, err := ParseMatcher(text)
		if err != nil {
			return nil, &FieldError{"matchers", err.Error()}
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b *labels.Matcher) int { return cmp.Compare(rank(a), rank(b)) })
	return all, nil
}

// errParts is of a regular expression that may be of millions of parts once compiled.
var errParts = fmt.Errorf("the regular expressions have more than %d parts once compiled: write them shorter, or name labels whole", MostCost)

// plain makes a matcher that compares of one that searches.
var plain = strings.NewReplacer("=~", "=", "!~", "!=")

// ParseMatcher reads a matcher of somebody else's, as Alertmanager writes them. What would
// take much memory once compiled is refused before that.
func ParseMatcher(text string) (*labels.Matcher, error) {
	if len(text) > ticket.MaxTitle {
		return nil, fmt.Errorf("one has %d bytes at most", ticket.MaxTitle)
	}
	compared := plain.Replace(text)
	m, err := parse.Matcher(compared)
	if err == nil && compared != text {
		if Heavy(m.Value) {
			return nil, errParts
		}
		m, err = parse.Matcher(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ticket.Logged(text), err)
	}
	return m, nil
}

// Heavy says that a regular expression would have far more parts than it may, as a small
// text can have millions. Nothing is compiled to see that.
func Heavy(expression string) bool {
	re, err := syntax.Parse(expression, syntax.Perl)
	return err == nil && weight(re) > 10*MostCost
}

// weight is about how many instructions an expression has.
func weight(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += weight(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min+1, re.Max)
	}
	return n
}

// rank puts a matcher that most alerts fail at once before the others.
func rank(m *labels.Matcher) int {
	return slices.Index([]labels.MatchType{labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp}, m.Type)
}

// Costs are how much each costs at most to match, for each byte of a label: the
// instructions of its regular expression.
func Costs(matchers labels.Matchers) []int {
	costs := make([]int, len(matchers))
	for i, m := range matchers {
		if m.Type != labels.MatchRegexp && m.Type != labels.MatchNotRegexp {
			continue
		}
		costs[i] = MostCost + 1
		if re, err := syntax.Parse(m.Value, syntax.Perl); err == nil {
			if prog, err := syntax.Compile(re.Simplify()); err == nil {
				costs[i] = len(prog.Inst)
			}
		}
	}
	return costs
}

// costOf is what they cost together.
func costOf(matchers labels.Matchers) (cost int) {
	for _, c := range Costs(matchers) {
		cost += c
	}
	return cost
}

// hasRoom says whether there is room for one more silence beside those that live. A tool
// may have a part of the room, and no more.
func (s *Silence) hasRoom(living []Silence, cost int, now time.Time) error {
	open, of, ofTool := 0, 0, cost
	for i := range living {
		l := &living[i]
		if state, _ := l.StateAt(now); state == Expired {
			continue
		}
		open++
		c := 0
		if matchers, err := parseMatchers(l.Matchers); err == nil {
			c = costOf(matchers)
		}
		cost += c
		if s.Tool && l.Tool && l.Source == s.Source {
			of++
			ofTool += c
		}
	}
	switch {
	case open >= mostKept, len(living) >= 2*mostKept, of >= mostOfTool:
		return ErrMany
	case cost > mostCostAll, s.Tool && ofTool > mostCostTool:
		return ErrCostly
	}
	return nil
}

// asks says whether a matcher asks for something that not every alert has. Some labels
// are added to every alert, so that it asks nothing whether they are there.
func asks(m *labels.Matcher) bool {
	if m.Matches("") {
		return false
	}
	switch m.Name {
	case escalation.LabelUrgency:
		return slices.ContainsFunc(ticket.Urgencies(), func(u ticket.Urgency) bool { return !m.Matches(u.String()) })
	case escalation.LabelCustomer, escalation.LabelContract:
		return !m.Matches(nobodys)
	}
	return true
}

// nobodys is a name that no customer and no contract has.
const nobodys = "\x00nobody"
