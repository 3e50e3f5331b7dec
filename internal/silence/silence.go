package silence

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/icalendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Silence holds back the pages of alerts. One with a Customer and no Matchers is a
// maintenance window.
type Silence struct {
	ID       string    `json:"id"`
	Source   string    `json:"source,omitempty"` // whose alerts; empty: any source's
	Customer string    `json:"customer,omitempty"`
	Matchers []string  `json:"matchers,omitempty"` // as Alertmanager writes them: all must match
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"` // outside; where it repeats, of the first time
	// Every says how it repeats: 1d, 2w, or a rule of RFC 5545 ("FREQ=MONTHLY;BYDAY=1SU")
	// by the wall clock of Zone. Empty: it does not.
	Every string `json:"every,omitempty"`
	Zone  string `json:"zone,omitempty"`
	Why   string `json:"why"`
	By    string `json:"by"` // a person's key, a token's or a source's name
	// Tool says that the tool of its source made it; Author is whom that names.
	Tool    bool      `json:"tool,omitempty"`
	Author  string    `json:"author,omitempty"`
	At      time.Time `json:"at"`
	Ended   time.Time `json:"ended,omitzero"` // when somebody ended it
	EndedBy string    `json:"ended_by,omitempty"`
}

// State says where a silence stands.
type State string

// The states, by the names that Alertmanager has for them.
const (
	Pending State = "pending"
	Active  State = "active"
	Expired State = "expired"
)

// Bounds of silences.
const (
	mostMatchers = ticket.MaxMatchers
	mostKept     = ticket.MaxSilences       // that are not over
	mostOfTool   = ticket.MaxSilencesOfTool // … of them that one source's tool made
	mostPast     = ticket.MaxSilencesPast   // that are over
	// MostCost bounds the regular expressions of one silence, mostCostAll those of all
	// that are not over, and mostCostTool those of them that one source's tool made, by
	// their instructions once compiled: each alert is held against them.
	MostCost     = ticket.MaxSilenceCost
	mostCostAll  = ticket.MaxSilencesCost
	mostCostTool = ticket.MaxSilencesCostTool
	furthest     = 2 * 366 * 24 * time.Hour
	longest      = 366 * 24 * time.Hour
	// keptFor is how long one that is over is shown.
	keptFor = 90 * 24 * time.Hour
	// ahead is how far ahead the times of one that repeats are reckoned, and
	// mostSpans how many.
	ahead     = 8 * 24 * time.Hour
	mostSpans = 100
)

// Errors of what cannot be.
var (
	ErrNotFound = errors.New("silence: there is no such silence")
	ErrOver     = errors.New("silence: it is over already")
	ErrMany     = fmt.Errorf("silence: there are too many silences already: %d in all, %d of one tool", mostKept, mostOfTool)
	ErrCostly   = errors.New("silence: the regular expressions of all silences cost too much together: end some, or name labels whole")
)

// FieldError is a field that is wrong.
type FieldError struct{ Field, Why string }

func (e *FieldError) Error() string { return "silence: " + e.Field + ": " + e.Why }

// check says what is wrong with a silence that somebody asks for, and puts it into
// shape: what began already begins now.
func (s *Silence) check(r *escalation.Rules, now time.Time) (labels.Matchers, error) {
	if err := s.checkFields(r, now); err != nil {
		return nil, err
	}
	matchers, err := parseMatchers(s.Matchers)
	switch {
	case err != nil:
		return nil, err
	case len(matchers) > 0 && s.Customer == "" && !slices.ContainsFunc(matchers, asks):
		return nil, &FieldError{"matchers", "it would hold back every alert that lacks these labels, or every alert: one matcher at least has to ask for something"}
	case costOf(matchers) > MostCost:
		return nil, &FieldError{"matchers", errParts.Error()}
	}
	return matchers, s.checkRule(now)
}

// checkFields says so of all but its matchers and how it repeats.
func (s *Silence) checkFields(r *escalation.Rules, now time.Time) error {
	if s.Every == "" && s.From.Before(now) {
		s.From = now
	}
	s.From, s.Until, s.Why = s.From.UTC().Truncate(time.Second), s.Until.UTC().Truncate(time.Second), strings.TrimSpace(s.Why)
	switch _, known := r.Customer(s.Customer); {
	case s.Customer != "" && !known:
		return &FieldError{"customer", fmt.Sprintf("no customer has the key %q", ticket.Logged(s.Customer))}
	case s.Customer == "" && len(s.Matchers) == 0:
		return &FieldError{"matchers", "it would hold back everything: name labels or a customer"}
	case len(s.Matchers) > mostMatchers:
		return &FieldError{"matchers", fmt.Sprintf("it has %d at most", mostMatchers)}
	case s.Until.IsZero():
		return &FieldError{"until", "it is needed"}
	case !s.From.Before(s.Until):
		return &FieldError{"until", "it is over before it begins"}
	case !now.Before(s.Until) && s.Every == "":
		return &FieldError{"until", "it is over already"}
	case s.Until.Sub(s.From) > longest:
		return &FieldError{"until", "it is a year at most"}
	case s.From.Sub(now) > furthest || now.Sub(s.From) > furthest:
		return &FieldError{"from", "it is two years from now at most"}
	case s.Why == "":
		return &FieldError{"why", "say why: whoever looks at a silent pager wants to know"}
	case len(s.Why) > ticket.MaxNote:
		return &FieldError{"why", fmt.Sprintf("it has %d bytes at most", ticket.MaxNote)}
	case len(s.Author) > ticket.MaxRemarkName:
		return &FieldError{"author", fmt.Sprintf("it has %d bytes at most", ticket.MaxRemarkName)}
	}
	return nil
}

// checkRule says what is wrong with how a silence repeats.
func (s *Silence) checkRule(now time.Time) error {
	if s.Every == "" {
		return nil
	}
	rule, err := s.rule()
	if err != nil {
		return err
	}
	if rule.After(now.Add(-longest)).IsZero() {
		return &FieldError{"every", "it names no time"}
	}
	first := rule.After(s.From)
	if next := rule.After(first.Add(time.Second)); !next.IsZero() && next.Sub(first) < s.Until.Sub(s.From) {
		return &FieldError{"every", "it comes again before it is over"}
	}
	return nil
}

// rule is how a silence repeats, by the wall clock of its zone.
func (s *Silence) rule() (icalendar.Days, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return icalendar.Days{}, &FieldError{"zone", fmt.Sprintf("there is no time zone %q", ticket.Logged(s.Zone))}
	}
	text := strings.TrimPrefix(s.Every, "RRULE:")
	if n, unit, ok := simple(text); ok {
		text = fmt.Sprintf("FREQ=%s;INTERVAL=%d", unit, n)
	}
	if len(text) > ticket.MaxTitle {
		return icalendar.Days{}, &FieldError{"every", fmt.Sprintf("it has %d bytes at most", ticket.MaxTitle)}
	}
	days, err := icalendar.ParseDays(text, s.From.In(zone))
	switch {
	case errors.Is(err, icalendar.ErrHours):
		return days, &FieldError{"every", "it repeats by days, weeks, months or years, at the time of from"}
	case err != nil:
		return days, &FieldError{"every", fmt.Sprintf("%s is neither a length such as 1d or 2w nor a rule of RFC 5545", ticket.Logged(s.Every))}
	}
	return days, nil
}

// simple reads 1d, 2w.
func simple(text string) (n int, unit string, ok bool) {
	units := map[string]string{"d": "DAILY", "w": "WEEKLY"}
	if len(text) < 2 {
		return 0, "", false
	}
	unit, ok = units[text[len(text)-1:]]
	n, err := strconv.Atoi(text[:len(text)-1])
	return n, unit, ok && err == nil && n > 0 && n <= 366
}

// spans are when a silence holds, from now on: those of a week ahead where it repeats.
func (s *Silence) spans(now time.Time) []escalation.Span {
	var all []escalation.Span
	add := func(from time.Time) {
		until := from.Add(s.Until.Sub(s.From))
		if !s.Ended.IsZero() && s.Ended.Before(until) {
			until = s.Ended
		}
		if until.After(now) && from.Before(until) && len(all) < mostSpans {
			all = append(all, escalation.Span{From: from.UTC(), Until: until.UTC()})
		}
	}
	if s.Every == "" {
		add(s.From)
		return all
	}
	rule, err := s.rule()
	if err != nil {
		return nil // a zone that this machine does not know
	}
	for _, from := range rule.Between(now.Add(s.From.Sub(s.Until)), now.Add(ahead)) {
		add(from)
	}
	if len(all) == 0 {
		if next := rule.After(now); !next.IsZero() {
			add(next)
		}
	}
	return all
}

// StateAt is where the silence stands at a time, and the hours in which it holds, or
// will hold next; zero once it is over.
func (s *Silence) StateAt(now time.Time) (State, escalation.Span) {
	spans := s.spans(now)
	switch {
	case len(spans) == 0:
		return Expired, escalation.Span{}
	case spans[0].From.After(now):
		return Pending, spans[0]
	}
	return Active, spans[0]
}

// turn is when a silence next begins or ends; zero: never again.
func (s *Silence) turn(now time.Time) (next time.Time) {
	for _, span := range s.spans(now) {
		for _, at := range []time.Time{span.From, span.Until} {
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// Rules are the silences that hold, or will, as package escalation decides by them.
func Rules(list []Silence, now time.Time) []escalation.Silence {
	var all []escalation.Silence
	for i := range list {
		s := &list[i]
		spans := s.spans(now)
		matchers, err := parseMatchers(s.Matchers)
		if len(spans) == 0 || err != nil {
			continue // nothing that cannot be read holds anybody back
		}
		one := escalation.Silence{ID: s.ID, Source: s.Source, Customer: s.Customer, Matchers: matchers, Costs: Costs(matchers), Spans: spans, By: s.By, Why: s.Why}
		if s.Tool {
			one.By, one.Author = "", s.Author
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b escalation.Silence) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
