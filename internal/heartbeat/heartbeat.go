package heartbeat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Source is the source of the alerts of heartbeats.
const Source = "heartbeat"

// Heartbeat is what must be heard of.
type Heartbeat struct {
	Name    string            `json:"name"`
	Every   model.Duration    `json:"every"` // it beats at least as often
	Grace   model.Duration    `json:"grace"` // … and so much later it is late
	RunsFor model.Duration    `json:"runs_for,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"` // of its alert
	Key     string            `json:"key,omitempty"`    // KeyOf its token; empty: nobody may call it
	By      string            `json:"by,omitempty"`     // who made it: a person's key or a token's name
	At      time.Time         `json:"at,omitzero"`

	// Configured says that the configuration names it.
	Configured bool `json:"-"`
	// From are the alerts that beat it; nil: none do.
	From *From `json:"-"`
}

// From are alerts of a source.
type From struct {
	Source   string
	Matchers labels.Matchers
}

// Has reports whether an alert is one of them and fires.
func (f *From) Has(a *ticket.Alert) bool {
	if a.Status != ticket.Firing {
		return false
	}
	set := make(model.LabelSet, len(a.Labels))
	for name, value := range a.Labels {
		set[model.LabelName(name)] = model.LabelValue(value)
	}
	return f.Matchers.Matches(set)
}

// lateAfter is how long it may be unheard.
func (h *Heartbeat) lateAfter() time.Duration { return time.Duration(h.Every + h.Grace) }

// KeyOf is the mark that is kept of a token.
func KeyOf(token string) string {
	sum := sha256.Sum256([]byte("heartbeat\x00" + token))
	return hex.EncodeToString(sum[:])
}

// Bounds of heartbeats.
const (
	ShortestEvery = time.Minute
	LongestEvery  = 366 * 24 * time.Hour
	mostLabels    = 20
)

// DefaultGrace is the grace of one that says none: a fifth of every, a minute at least, an
// hour at most.
func DefaultGrace(every time.Duration) time.Duration {
	return min(max((every/5).Truncate(time.Second), time.Minute), time.Hour)
}

// Errors of what cannot be.
var (
	ErrNotFound   = errors.New("heartbeat: there is no such heartbeat")
	ErrConfigured = errors.New("heartbeat: the configuration names it: take it out there")
	ErrMany       = fmt.Errorf("heartbeat: there are %d that were made by hand, and no more are taken", ticket.MaxHeartbeats)
)

// FieldError is a field that is wrong.
type FieldError struct{ Field, Why string }

func (e *FieldError) Error() string { return "heartbeat: " + e.Field + ": " + e.Why }

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)

// OddName says what is wrong with a name; empty: nothing. A name is a part of addresses,
// where some words have a meaning.
func OddName(name string) string {
	_, sign := signs[name]
	_, status := strconv.Atoi(name)
	switch {
	case len(name) > ticket.MaxHeartbeatName:
		return fmt.Sprintf("it has %d bytes at most", ticket.MaxHeartbeatName)
	case !plainName.MatchString(name):
		return "letters, digits, -, _ and . are allowed, no dot at its beginning"
	case sign, status == nil:
		return fmt.Sprintf("%q means something else in an address: choose another name", name)
	}
	return ""
}

// OddLabel says what is wrong with a label; empty: nothing.
func OddLabel(name, value string) string {
	switch {
	case name == "" || len(name) > ticket.MaxLabelName || len(value) > ticket.MaxLabelValue:
		return fmt.Sprintf("a label's name has %d bytes at most, its value %d", ticket.MaxLabelName, ticket.MaxLabelValue)
	case name == escalation.LabelContract:
		return "a contract is the customer's: it never comes with an alert"
	}
	return ""
}

// check says what is wrong with one that somebody asks for, and puts it into shape.
func (h *Heartbeat) check(r *escalation.Rules) error {
	if h.Grace == 0 {
		h.Grace = model.Duration(DefaultGrace(time.Duration(h.Every)))
	}
	if why := OddName(h.Name); why != "" {
		return &FieldError{Field: "name", Why: why}
	}
	for _, f := range []struct {
		name string
		d    model.Duration
		min  time.Duration
	}{{"every", h.Every, ShortestEvery}, {"grace", h.Grace, 0}, {"runs_for", h.RunsFor, 0}} {
		if d := time.Duration(f.d); d < f.min || d > LongestEvery {
			return &FieldError{Field: f.name, Why: fmt.Sprintf("it is %s at least and %s at most", model.Duration(f.min), model.Duration(LongestEvery))}
		}
	}
	if len(h.Labels) > mostLabels {
		return &FieldError{Field: "labels", Why: fmt.Sprintf("it has %d at most", mostLabels)}
	}
	for _, name := range slices.Sorted(maps.Keys(h.Labels)) {
		if why := OddLabel(name, h.Labels[name]); why != "" {
			return &FieldError{Field: "labels." + name, Why: why}
		}
	}
	if key := h.Labels[escalation.LabelCustomer]; key != "" {
		if _, known := r.Customer(key); !known {
			return &FieldError{Field: "labels.customer", Why: fmt.Sprintf("no customer has the key %q", ticket.Logged(key))}
		}
	}
	return nil
}
