package ticket

import "time"

// FindingState says how an alert was found when it was checked again.
type FindingState string

// The states.
const (
	FoundDown    FindingState = "down"    // the trouble is there
	FoundBack    FindingState = "back"    // it is over
	FoundUnclear FindingState = "unclear" // it could not be found out
)

// FindingReason says why an alert was found down, or why it could not be found out.
type FindingReason string

// The reasons.
const (
	// Of what is down.
	ReasonNoAnswer    FindingReason = "no_answer"   // nothing came within the time
	ReasonRefused     FindingReason = "refused"     // the connection was refused
	ReasonUnreachable FindingReason = "unreachable" // no way leads there
	ReasonTLS         FindingReason = "tls"         // its certificate is not good
	ReasonCut         FindingReason = "cut"         // the connection ended before the answer did

	// Of what is unclear.
	ReasonUnresolved  FindingReason = "unresolved"   // its name is not known
	ReasonForbidden   FindingReason = "forbidden"    // its address is not in recheck_networks
	ReasonLabel       FindingReason = "label"        // a label is no host name and no number
	ReasonNoPing      FindingReason = "no_ping"      // the daemon may not ping
	ReasonToolAway    FindingReason = "tool_away"    // its tool does not answer
	ReasonToolRefuses FindingReason = "tool_refuses" // its tool does not let us ask
	ReasonToolUnknown FindingReason = "tool_unknown" // its tool does not know it
	ReasonToolSlow    FindingReason = "tool_slow"    // its tool has no new result in time
	ReasonTooLate     FindingReason = "too_late"     // whoever checked was gone before it was known
	ReasonNothing     FindingReason = "nothing"      // nothing can be asked about it
)

// Finding is what was found of one alert.
type Finding struct {
	State  FindingState  `json:"state"`
	Title  string        `json:"title" holds:"free"`
	Since  time.Time     `json:"since,omitzero"` // since when it is so; zero: that is not known
	At     time.Time     `json:"at,omitzero"`    // when that was seen
	Reason FindingReason `json:"reason,omitempty"`
	// Text is what a tool or a service says, such as "HTTP 503".
	Text string `json:"text,omitempty" holds:"free"`
	By   string `json:"by,omitempty"` // what was asked: icinga, prometheus, http, …
}

// Found is what came of checking a ticket again. The Finding in it is of the alert
// that matters most: one that is down before one that is unclear, and that before one
// that is over.
type Found struct {
	Finding
	Down    int `json:"down,omitempty"` // alerts
	Back    int `json:"back,omitempty"`
	Unclear int `json:"unclear,omitempty"`
	Left    int `json:"left,omitempty"` // alerts that were not checked: there are too many
}

// Checked is how many alerts were checked.
func (f *Found) Checked() int { return f.Down + f.Back + f.Unclear }

// Recheck is how the latest re-check of a ticket stands; zero: nobody asked for one of
// late.
type Recheck struct {
	Asked time.Time
	Found *Found // nil: it is under way
}

// Waits says whether the answer is still to come.
func (r *Recheck) Waits() bool { return !r.Asked.IsZero() && r.Found == nil }

// Summary is what the findings come to. left is how many alerts were not checked.
func Summary(list []Finding, left int) *Found {
	found := &Found{Left: left}
	var at, last time.Time
	for i := range list {
		f := &list[i]
		switch f.State {
		case FoundDown:
			found.Down++
		case FoundBack:
			found.Back++
			if f.Since.After(last) {
				last = f.Since
			}
		case FoundUnclear:
			found.Unclear++
		}
		if f.At.After(at) {
			at = f.At
		}
		worse := weight(f.State) - weight(found.State)
		if i == 0 || worse > 0 || worse == 0 && f.State == FoundDown && earlier(f.Since, found.Since) {
			found.Finding = *f
		}
	}
	if found.At = at; found.State == FoundBack && !last.IsZero() {
		found.Since = last // all is well since the last of them is
	}
	return found
}

func weight(s FindingState) int {
	switch s {
	case FoundDown:
		return 2
	case FoundUnclear:
		return 1
	case FoundBack:
	}
	return 0
}

func earlier(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }
