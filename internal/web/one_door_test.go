//go:build !race || long

package web

import (
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
)

// TestOneDoor runs every verb in every state by every role through every surface,
// and finds one answer. By SMS nobody can say to be sure, so that what somebody
// else has taken is not passed on by it.
func TestOneDoor(t *testing.T) {
	unsure := 0
	for state, bring := range brought {
		for _, who := range []someone{technicianBruno, managerDominique} {
			for _, verb := range buttons {
				came := map[string]string{}
				for surface, act := range surfaces {
					d := newDesk(t)
					number := d.alert("HostDown")
					d.paged(who, number)
					bring(d, who.key, "alice", number)
					view, err := d.store.View(t.Context(), number)
					if err != nil {
						t.Fatal(err)
					}
					act(d, who, verb, number)
					came[surface] = d.became(number, len(view.Timeline))
				}
				if verb == escalation.ActEscalate && strings.HasSuffix(state, "by another") && !strings.HasPrefix(state, "resolved") {
					if !strings.HasSuffix(came["sms"], ":") {
						t.Errorf("%s, %s by %s: by SMS %s", state, verb, who.key, came["sms"])
					}
					unsure++
					delete(came, "sms")
				}
				for surface, answer := range came {
					if answer != came["api"] {
						t.Errorf("%s, %s by %s:\n%s: %s\napi: %s", state, verb, who.key, surface, answer, came["api"])
					}
				}
			}
		}
	}
	if unsure != 4 {
		t.Errorf("%d times somebody was not sure", unsure)
	}
}
