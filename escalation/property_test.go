package escalation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhateverHappens plays random lives of a ticket and checks what must
// always be true of the pages that Step orders.
func TestWhateverHappens(t *testing.T) {
	rules := testRules(t)
	rules.Silences = []Silence{{ID: "s1", Spans: []Span{{From: saturday, Until: saturday.Add(20 * time.Minute)}, {From: saturday.Add(time.Hour), Until: saturday.Add(1000 * time.Hour)}}}}
	tiered(t, rules)
	rules.Desk.Tiers = []TierRule{{After: 13 * time.Minute, To: ticket.L2, Group: "network"}, {Matchers: mustMatch(t, `urgency="critical"`), After: time.Hour, To: ticket.L3}}
	reach := func(p contacts.Person, _ string) bool { return len(p.Phones) > 0 }
	rapid.Check(t, func(t *rapid.T) {
		now := saturday
		a := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: map[string]string{"customer": "acme", "severity": "high", "alertname": "X"}}
		tk := Opening("prometheus", ticket.Incident, "X", rules.Resolve(&a), now, rules)
		tk.Number = "I261121_0001"
		if rapid.Bool().Draw(t, "overflow") {
			tk.Overflow = "open 5"
		}
		keys := map[ticket.PageKey]bool{}
		reached, released := false, false // by hand: the managers were called early in this episode; somebody gave it up
		step := func(e Event) {
			before := tk
			d, err := Step(tk, e, World{Now: now, Rules: rules, Reach: reach})
			if err != nil {
				if _, acted := e.(Acted); !acted {
					t.Fatalf("%T was refused: %v", e, err)
				}
				return
			}
			tk = d.Ticket
			if e, ok := e.(Acted); ok && (e.Action == ActAssign || e.Action == ActTierUp || e.Action == ActTierDown) {
				if len(d.Pages) > 0 || tk.State != before.State || !reflect.DeepEqual(tk.Progress, before.Progress) {
					t.Fatalf("%s changed its pages: %+v", e.Action, tk.Progress)
				}
			}
			if tk.State.Taken() && tk.AcknowledgedBy == nil {
				t.Fatalf("nobody has its pages, and it is %s", tk.State)
			}
			if due := tk.Place.Due; !due.IsZero() && (!tk.State.Active() || !due.After(now)) {
				t.Fatalf("a %s ticket in %s is to move at %s, and it is %s", tk.State, tk.Place.Tier, due, now)
			}
			if e, ok := e.(Acted); ok && e.Action == ActEscalate {
				released = true
			}
			if tk.Progress.Episode != before.Progress.Episode && !released {
				reached = before.State == ticket.Open && reachedManagers(&before) // a rise: they go on
			}
			for _, p := range d.Pages {
				if keys[p.PageKey] {
					t.Fatalf("%s was ordered twice", p.PageKey)
				}
				keys[p.PageKey] = true
				if !p.WantedFor(tk.State, tk.Progress.Episode) {
					t.Fatalf("%s of kind %s was ordered while the ticket is %s in episode %d", p.PageKey, p.Kind, tk.State, tk.Progress.Episode)
				}
				if p.Kind != ticket.KindPage {
					continue
				}
				if moved, ok := e.(AlertMoved); tk.Progress.Mute.Holds(now) && !(ok && moved.TellManagers) {
					t.Fatalf("%s was ordered by %T %s before the silence ends", p.PageKey, e, tk.Progress.Mute.Until.Sub(now))
				}
				early := now.Before(tk.Progress.Began.Add(15 * time.Minute))
				if p.Person == "dominique" && early && !reached && !released && tk.Overflow == "" {
					t.Fatalf("the manager is paged %s into episode %d", now.Sub(tk.Progress.Began), tk.Progress.Episode)
				}
			}
			if (tk.Firing < 0) || tk.Silent < 0 || tk.Resolved < 0 || tk.Silent > tk.Firing {
				t.Fatalf("firing %d, silent %d, resolved %d", tk.Firing, tk.Silent, tk.Resolved)
			}
			if tk.State == ticket.Open && len(tk.Policy.Steps) > 0 && tk.NextDeadline().IsZero() {
				t.Fatalf("nobody will ever be paged for an open ticket again: %+v", tk.Progress)
			}
			if tk.Urgency < before.Urgency && tk.State == ticket.Open && before.State == ticket.Open {
				t.Fatalf("the urgency fell from %s to %s while it was open", before.Urgency, tk.Urgency)
			}
		}
		routed := func() *Routed { // of an alert that joins an overflow ticket
			if tk.Overflow == "" {
				return nil
			}
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(rules.Policies))).Draw(t, "policy")
			return &Routed{Policy: rules.Policies[name], Contract: rapid.SampledFrom([]string{"", "office", "full-time"}).Draw(t, "contract")}
		}
		remark := func() *ticket.Remark {
			return &ticket.Remark{
				Kind: rapid.SampledFrom([]ticket.RemarkKind{ticket.RemarkTaken, ticket.RemarkNoted}).Draw(t, "remark"),
				By:   rapid.SampledFrom([]string{"", "nagiosadmin", "alice"}).Draw(t, "remark by"),
			}
		}
		first := AlertMoved{Alert: "X", To: ticket.Firing, Urgency: ticket.Major, Title: "X", TellManagers: tk.Overflow != ""}
		if rapid.IntRange(0, 3).Draw(t, "taken at once") == 0 {
			first.Remark = remark()
		}
		step(first)
		statuses := map[string]ticket.AlertStatus{"X": ticket.Firing}
		mute := func() ticket.Mute { // most alerts have none
			lasts := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 4, 40}).Draw(t, "silence")) * time.Minute
			if lasts == 0 {
				return ticket.Mute{}
			}
			return ticket.Mute{Until: now.Add(lasts), Silence: "s1"}
		}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			if tk.State == ticket.Closed {
				return
			}
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 6: // its tool says something besides
				step(Remarked{Remark: *remark(), Source: "nagios"})
			case 0: // an alert moves
				name := rapid.SampledFrom([]string{"X", "Y", "Z"}).Draw(t, "alert")
				to := rapid.SampledFrom([]ticket.AlertStatus{ticket.Firing, ticket.Resolved, ticket.Silent}).Draw(t, "to")
				from := statuses[name]
				if (from == "" && to != ticket.Firing) || (from == ticket.Resolved && to != ticket.Firing) || (from == to && to != ticket.Firing) {
					continue
				}
				if to == ticket.Firing && !Joins(&tk, now) {
					continue
				}
				statuses[name] = to
				moved := AlertMoved{Alert: name, From: from, To: to, Urgency: rapid.SampledFrom([]ticket.Urgency{ticket.Minor, ticket.Major, ticket.Critical}).Draw(t, "urgency"), Title: name}
				if to == ticket.Firing {
					moved.Routed, moved.Mute = routed(), mute()
				}
				if rapid.IntRange(0, 3).Draw(t, "besides") == 0 {
					moved.Remark = remark()
				}
				step(moved)
			case 2:
				var held map[string]ticket.Mute
				if rapid.Bool().Draw(t, "held") {
					held = map[string]ticket.Mute{"Y": mute()}
				}
				step(Silenced{Held: held, Mute: mute(), Urgency: rapid.SampledFrom([]ticket.Urgency{ticket.Low, ticket.Critical}).Draw(t, "urgency"), Read: tk.UpdatedAt})
			case 1: // somebody acts
				action := rapid.SampledFrom([]Action{ActAcknowledge, ActPickUp, ActEscalate, ActResolve, ActReopen, ActUndo, ActNote, ActTake, ActEdit, ActRelease, ActAssign, ActTierUp, ActTierDown}).Draw(t, "action")
				who := rapid.SampledFrom([]string{"alice", "bruno"}).Draw(t, "who")
				acted := Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: who}}
				if action == ActAssign {
					acted.Person = rapid.SampledFrom([]string{"", "alice", "chloe"}).Draw(t, "to")
					acted.As = rapid.SampledFrom([]Part{AsHaving, AsHaving, AsOwner, AsHelper, AsNoHelper}).Draw(t, "as")
				}
				if acted.Person == "" && acted.As != AsOwner {
					acted.Group = rapid.SampledFrom([]string{"desk", "servers", "experts", "managers"}).Draw(t, "group")
				}
				step(acted)
			default: // time passes, exactly to the next deadline or a bit
				if next := tk.NextDeadline(); !next.IsZero() && next.Before(now.Add(time.Hour)) && rapid.Bool().Draw(t, "exactly") {
					if next.After(now) {
						now = next
					}
					before := tk.NextDeadline()
					step(Tick{})
					if tk.NextDeadline().Equal(before) {
						t.Fatalf("the deadline %s of a %s ticket did not move", before, tk.State)
					}
					continue
				}
				now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
				step(Tick{})
			}
		}
	})
}

func reachedManagers(t *ticket.Ticket) bool {
	return slices.ContainsFunc(t.Progress.Steps, func(r ticket.StepRun) bool {
		return slices.Contains(r.Reached, ticket.Means{Person: "dominique", Channel: "sms"})
	})
}

// TestEveryOrderOfAcknowledgementAndTime: once a ticket is taken, none of its
// pages is wanted any more, whenever that happened.
func TestEveryOrderOfAcknowledgementAndTime(t *testing.T) {
	for after := range 40 {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			p := newPlay(t, critical)
			p.pass(time.Duration(after) * 30 * time.Second)
			if err := p.act(ActAcknowledge, "alice"); err != nil {
				t.Fatal(err)
			}
			for _, page := range p.pages {
				if page.Kind == ticket.KindPage && page.WantedFor(p.tk.State, p.tk.Progress.Episode) {
					t.Errorf("%s is still wanted", page.PageKey)
				}
			}
		})
	}
}
