package silence

import (
	"cmp"
	"fmt"
	"regexp/syntax"
	"slices"
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
		if len(text) > ticket.MaxTitle {
			return nil, &FieldError{"matchers", fmt.Sprintf("one has %d bytes at most", ticket.MaxTitle)}
		}
		m, err := parse.Matcher(text)
		if err != nil {
			return nil, &FieldError{"matchers", fmt.Sprintf("%s: %s", ticket.Logged(text), err)}
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b *labels.Matcher) int { return cmp.Compare(rank(a), rank(b)) })
	return all, nil
}

// rank puts a matcher that most alerts fail at once before the others.
func rank(m *labels.Matcher) int {
	return slices.Index([]labels.MatchType{labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp}, m.Type)
}

// costOf is how much it costs at most to match them, for each byte of a label: the
// instructions of their regular expressions.
func costOf(matchers labels.Matchers) (cost int) {
	for _, m := range matchers {
		if m.Type != labels.MatchRegexp && m.Type != labels.MatchNotRegexp {
			continue
		}
		re, err := syntax.Parse(m.Value, syntax.Perl)
		if err != nil {
			return mostCost + 1
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			return mostCost + 1
		}
		cost += len(prog.Inst)
	}
	return cost
}

// hasRoom says whether there is room for one more silence beside those that live. A tool
// may have a part of the room, and no more.
func (s *Silence) hasRoom(living []Silence, cost int, now time.Time) error {
	open, of := 0, 0
	for i := range living {
		l := &living[i]
		if state, _ := l.StateAt(now); state == Expired {
			continue
		}
		open++
		if s.Tool && l.Tool && l.Source == s.Source {
			of++
		}
		if matchers, err := parseMatchers(l.Matchers); err == nil {
			cost += costOf(matchers)
		}
	}
	switch {
	case open >= mostKept, len(living) >= 2*mostKept, of >= mostOfTool:
		return ErrMany
	case cost > mostCostAll:
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
