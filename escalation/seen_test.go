package escalation_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// threeSteps are rules whose policy has one more step.
func threeSteps(t testing.TB) *escalation.Rules {
	t.Helper()
	rules := escalation.RulesForTest(t)
	policy := rules.Policies["round-the-clock"]
	policy.Steps = append(slices.Clone(policy.Steps), ticket.Step{Group: "managers", By: []string{"sms"}, After: time.Hour, Repeat: []ticket.Pace{{Every: time.Hour}}})
	rules.Policies["round-the-clock"] = policy
	return rules
}

// TestPassedOnAtOnceOverTwoDaemons: the button is pressed ten times at once,
// at two daemons on one store, and one step begins.
func TestPassedOnAtOnceOverTwoDaemons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		houses := make([]*house, 2)
		for i := range houses {
			houses[i] = &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
			houses[i].duty()
			rules := threeSteps(t)
			rules.Directory = houses[i].Rules().Directory
			houses[i].SetRules(rules)
			t.Cleanup(houses[i].run())
		}
		number := houses[0].post(alert("srv-db-01", ticket.Firing))[0]
		drawn := houses[0].view(number)
		seen := escalation.SeenOf(&drawn.Ticket)
		if who := houses[1].WouldPage(drawn.Ticket); !slices.Equal(who, []string{"dominique"}) {
			t.Errorf("it would page %v", who)
		}
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				_, err := houses[i%2].Act(context.Background(), number, escalation.Acted{
					Action: escalation.ActEscalate, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Seen: &seen,
				})
				if err != nil {
					t.Errorf("press %d: %v", i, err)
				}
			})
		}
		all.Wait()
		v := houses[0].view(number)
		if got := escalation.SeenOf(&v.Ticket); got.Steps != 2 || got.Episode != 1 {
			t.Errorf("%+v", got)
		}
		passed := slices.DeleteFunc(v.Timeline, func(e ticket.Entry) bool { return e.Kind != ticket.EntryEscalated })
		if len(passed) != 1 {
			t.Errorf("it was passed on %d times", len(passed))
		}
	})
}
