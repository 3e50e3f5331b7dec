package escalation

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Silence holds back the pages of alerts that match it. An alert matches if it is of
// the source and of the customer, where one is named, and if all Matchers match.
type Silence struct {
	ID       string
	Source   string          // empty: any
	Customer string          // key; empty: any
	Matchers labels.Matchers // on an alert's labels, those that the rules add among them
	Costs    []int           // of each of Matchers, the instructions of its regular expression; nil: none has one
	Spans    []Span          // when it holds, in order
	By       string          // who made it: a person's key, or a token's name; empty: its source's tool
	Author   string          // … and whom that names
	Why      string
}

// MostEffort is what one alert may take to be held against the regular expressions of
// all silences: their instructions, times the bytes of its labels. Labels of strangers
// are long, and so are expressions. What is beyond it does not match: whoever is on call
// is rather woken for nothing than not at all.
const MostEffort = ticket.MaxMatchEffort

// Span is a stretch of time, Until outside.
type Span struct{ From, Until time.Time }

// holds says until when the silence holds at a time; zero if it does not.
func (s *Silence) holds(now time.Time) (until time.Time) {
	for _, span := range s.Spans {
		if !now.Before(span.From) && now.Before(span.Until) && span.Until.After(until) {
			until = span.Until
		}
	}
	return until
}

// matches takes what it costs from left.
func (s *Silence) matches(source string, set model.LabelSet, left *int) bool {
	if s.Source != "" && s.Source != source || s.Customer != "" && string(set[LabelCustomer]) != s.Customer {
		return false
	}
	for i, m := range s.Matchers {
		value := string(set[model.LabelName(m.Name)])
		if i < len(s.Costs) {
			effort := s.Costs[i] * len(value)
			if effort > *left {
				return false
			}
			*left -= effort
		}
		if !m.Matches(value) {
			return false
		}
	}
	return true
}

// onlyOn says whether the silence looks at these labels and at no others.
func (s *Silence) onlyOn(set model.LabelSet) bool {
	for _, m := range s.Matchers {
		if _, has := set[model.LabelName(m.Name)]; !has {
			return false
		}
	}
	return true
}

// Mute is what holds back an alert that fires at a time, and until when; zero: nothing
// does. Silences that follow each other count as one.
func (r *Rules) Mute(a *ticket.Alert, now time.Time) ticket.Mute {
	if len(r.Silences) == 0 {
		return ticket.Mute{}
	}
	set, left := r.silencedOn(a), MostEffort
	return r.mute(now, func(s *Silence) bool { return s.matches(a.Source, set, &left) })
}

// silencedOn are the labels of an alert that silences look at.
func (r *Rules) silencedOn(a *ticket.Alert) model.LabelSet {
	set, _ := r.labelsOf(a)
	put(set, LabelUrgency, r.urgencyOf(a, set).String())
	return set
}

// MutedBy are the IDs of all silences that hold back an alert at a time.
func (r *Rules) MutedBy(a *ticket.Alert, now time.Time) (ids []string) {
	if len(r.Silences) == 0 {
		return nil
	}
	set, left := r.silencedOn(a), MostEffort
	for i := range r.Silences {
		if s := &r.Silences[i]; !s.holds(now).IsZero() && s.matches(a.Source, set, &left) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// MuteAll is what holds back every alert that the ticket can have, as far as the labels
// tell by which it groups.
func (r *Rules) MuteAll(t *ticket.Ticket, now time.Time) ticket.Mute {
	set, left := Shared(t), MostEffort
	return r.mute(now, func(s *Silence) bool { return s.onlyOn(set) && s.matches(t.Source, set, &left) })
}

// Shared are the labels that every alert of a ticket has: what it groups by.
func Shared(t *ticket.Ticket) model.LabelSet {
	set := make(model.LabelSet, len(t.Group))
	for name, value := range t.Group {
		set[model.LabelName(name)] = model.LabelValue(value)
	}
	return set
}

func (r *Rules) mute(now time.Time, matches func(*Silence) bool) ticket.Mute {
	mute := ticket.Mute{Until: now}
	others := make([]bool, len(r.Silences)) // those that are known not to match: each is held against the alert once
	for found := true; found; {
		found = false
		for i := range r.Silences {
			s := &r.Silences[i]
			until := s.holds(mute.Until)
			if !until.After(mute.Until) || others[i] {
				continue
			}
			if !matches(s) {
				others[i] = true
				continue
			}
			if mute.Silence != "" {
				mute.Silence += together
			}
			mute.Silence += s.ID
			mute.Until, found = until, true
		}
	}
	if mute.Silence == "" {
		return ticket.Mute{}
	}
	return mute
}

// together stands between the IDs of silences that follow each other.
const together = "+"

// Muted lists the IDs of a mute's silences.
func Muted(m ticket.Mute) []string { return strings.Split(m.Silence, together) }

// Holding says whether one of a mute's silences still holds.
func (r *Rules) Holding(m ticket.Mute, now time.Time) bool {
	ids := Muted(m)
	return slices.ContainsFunc(r.Silences, func(s Silence) bool { return slices.Contains(ids, s.ID) && !s.holds(now).IsZero() })
}
