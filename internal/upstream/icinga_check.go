package upstream

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// IcingaCheck has an Icinga check a host or a service now, and waits for the result. Its
// ApiUser needs actions/reschedule-check, objects/query/Host and objects/query/Service.
type IcingaCheck struct{ API *Icinga }

// Name is icinga.
func (IcingaCheck) Name() string { return "icinga" }

// icingaState is what Icinga knows of an object's checks.
type icingaState struct {
	known     bool
	State     float64 `json:"state"`
	LastCheck float64 `json:"last_check"`
	Changed   float64 `json:"last_state_change"`
	Result    *struct {
		Output string `json:"output"`
	} `json:"last_check_result"`
}

// checkAttributes are those that tell of a check.
var checkAttributes = []string{"state", "last_check", "last_state_change", "last_check_result"}

// Ask finds out how the alert's host or service is now (recheck.Tool). Whatever is not
// well is down: a warning too.
func (i IcingaCheck) Ask(ctx context.Context, a *ticket.Alert) ticket.Finding {
	o := Object{Host: a.Sent("instance"), Service: a.Sent("service")}
	if o.Host == "" {
		return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonLabel}
	}
	before, err := i.state(ctx, o)
	switch {
	case err != nil:
		return unanswered(err)
	case !before.known:
		return unknown("")
	}
	did, err := i.API.Act(ctx, "reschedule-check", []Object{o}, map[string]any{"force": true})
	switch {
	case err != nil:
		return unanswered(err)
	case len(did) == 0:
		return unknown("")
	case did[0].Code/100 != 2:
		return unknown(did[0].Status)
	}
	for rests(ctx, checkEvery) {
		now, err := i.state(ctx, o)
		if err == nil && now.LastCheck > before.LastCheck {
			return now.finding()
		}
	}
	return slow()
}

// state reads what Icinga knows of an object.
func (i IcingaCheck) state(ctx context.Context, o Object) (s icingaState, err error) {
	err = i.API.Objects(ctx, []Object{o}, checkAttributes, func(_ string, attributes json.RawMessage) error {
		s.known = true
		if err := json.Unmarshal(attributes, &s); err != nil {
			return &Error{Said: "what it answers is not what Icinga answers: is the address right?"}
		}
		return nil
	})
	return s, err
}

func (s *icingaState) finding() ticket.Finding {
	f := ticket.Finding{State: ticket.FoundDown, At: epochOf(s.LastCheck)}
	if s.State == 0 {
		f.State, f.Since = ticket.FoundBack, epochOf(s.Changed)
	}
	if s.Result != nil {
		f.Text, _, _ = strings.Cut(strings.TrimSpace(s.Result.Output), "\n")
	}
	return f
}
