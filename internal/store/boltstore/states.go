package boltstore

import (
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// state and status are the short forms of a ticket's state and an alert's
// status in heads. Their numbers are part of the layout.
type (
	state  uint8
	status uint8
)

const (
	stateOpen state = iota + 1
	stateAcknowledged
	stateInProgress
	stateResolved
	stateClosed
)

const (
	statusFiring status = iota + 1
	statusSilent
	statusResolved
)

var (
	states   = [...]ticket.State{"", ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed}
	statuses = [...]ticket.AlertStatus{"", ticket.Firing, ticket.Silent, ticket.Resolved}
)

func stateOf(s ticket.State) (state, error) {
	i := slices.Index(states[:], s)
	if i < 1 {
		return 0, fmt.Errorf("no ticket state %q", s)
	}
	return state(i), nil //nolint:gosec // an index of five
}

func statusOf(s ticket.AlertStatus) (status, error) {
	i := slices.Index(statuses[:], s)
	if i < 1 {
		return 0, fmt.Errorf("no alert status %q", s)
	}
	return status(i), nil //nolint:gosec // an index of three
}

// long is the state in full. An unknown state wants no pages.
func (s state) long() ticket.State {
	if int(s) >= len(states) {
		return ""
	}
	return states[s]
}

func (s state) active() bool { return s >= stateOpen && s <= stateInProgress }

// class is the class in which the bucket lists files a ticket in this state.
func (s state) class() byte {
	switch {
	case s.active():
		return classActive
	case s == stateResolved:
		return classResolved
	}
	return classClosed
}

func urgencyOf(u ticket.Urgency) (ticket.Urgency, error) {
	if u < ticket.UrgencyUnknown || u > ticket.Critical {
		return 0, fmt.Errorf("no %v", u)
	}
	return u, nil
}
