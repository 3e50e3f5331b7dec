package ticket

import "time"

// Policy says whom to page, by what, when and how often. A ticket keeps a copy
// of the policy that it was opened with until it closes
// (docs/ARCHITECTURE.md#reloads). The policy names groups and calendars; they
// are looked up when they are needed.
type Policy struct {
	Name  string `json:"name"`
	Steps []Step `json:"steps,omitempty"` // without steps: tickets, but no pages

	AckTimeout time.Duration `json:"ack_timeout,omitempty"` // 0: an acknowledgement has no end
	// OnGTI is the group that is paged when a promise is about to be missed; empty: that
	// of the next step.
	OnGTI string `json:"on_gti,omitempty"`

	ReopenWithin time.Duration `json:"reopen_within"`
	CloseAfter   time.Duration `json:"close_after"`

	// ActiveIn and MutedIn name calendars of the ticket's route (Alertmanager's
	// active_time_intervals and mute_time_intervals). Pages wait until one of
	// ActiveIn is open and none of MutedIn.
	ActiveIn []string `json:"active_in,omitempty"`
	MutedIn  []string `json:"muted_in,omitempty"`
}

// Step is one rung of a policy.
type Step struct {
	Group     string        `json:"group"`
	By        []string      `json:"by"`              // channels, all at once
	Rooms     []string      `json:"rooms,omitempty"` // of chat, that are told when it starts; they reach nobody
	After     time.Duration `json:"after,omitempty"`
	Repeat    []Pace        `json:"repeat"`              // at least one; the last has no end
	Times     int           `json:"times,omitempty"`     // rounds at most; 0: no limit
	During    string        `json:"during,omitempty"`    // calendar that must be open
	Outside   string        `json:"outside,omitempty"`   // calendar that must be closed
	Otherwise string        `json:"otherwise,omitempty"` // "skip": a page that may not go now is dropped, not held
	Instead   bool          `json:"instead,omitempty"`   // earlier steps stop when this one starts
}

// Pace is one speed of repetition: a round every Every. It lasts For since the
// step's first round; zero: for ever.
type Pace struct {
	Every time.Duration `json:"every"`
	For   time.Duration `json:"for,omitempty"`
}

// Defaults of a policy (docs/REFERENCE.md#configuration).
const (
	DefaultRepeat       = 3 * time.Minute
	DefaultReopenWithin = 10 * time.Minute
	DefaultCloseAfter   = 72 * time.Hour
)

// Every is the pace in force when since has passed after the step's first
// round.
func (s *Step) Every(since time.Duration) time.Duration {
	var until time.Duration
	for _, p := range s.Repeat {
		until += p.For
		if p.For == 0 || since < until {
			return p.Every
		}
	}
	if len(s.Repeat) > 0 {
		return s.Repeat[len(s.Repeat)-1].Every
	}
	return DefaultRepeat
}
