package escalation

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ruled is a ticket at a desk with rules of tiers.
func ruled(t *testing.T, rules ...TierRule) *play {
	t.Helper()
	p := &play{t: t, rules: testRules(t), now: saturday, start: saturday, reach: func(p contacts.Person, channel string) bool {
		return len(p.Phones) > 0 && (channel == "sms" || channel == "push")
	}}
	tiered(t, p.rules)
	p.rules.Desk.Tiers = rules
	p.open(critical)
	return p
}

// TestARuleMovesItUp to the second, whatever its state, and wakes nobody: the pages are
// those of a desk without rules.
func TestARuleMovesItUp(t *testing.T) {
	p, same := ruled(t, TierRule{Matchers: mustMatch(t, `urgency="critical"`, `customer="acme"`), After: 7 * time.Minute, To: ticket.L2, Group: "network"}), ruled(t)
	p.pass(7*time.Minute - time.Second)
	p.stands("open", "", "", "L1", "", "")
	p.pass(7 * time.Minute)
	p.stands("open", "", "", "L2", "network", "")
	p.pass(30 * time.Minute)
	same.pass(30 * time.Minute)
	p.expect(0, same.paged(0)...)
	last := p.lines[slices.IndexFunc(p.lines, func(e ticket.Entry) bool { return e.Kind == ticket.EntryTier })]
	if last.Via != "rule" || last.Detail != ticket.SaidTierByDue || last.Args.Wait != ticket.Span(7*time.Minute) {
		t.Errorf("%+v", last)
	}

	q := ruled(t, TierRule{After: 2 * time.Hour, To: ticket.L2, Group: "servers"})
	q.tk.Policy.AckTimeout = 0
	q.mustAct(ActTake, "alice")
	q.pages = nil
	q.pass(2*time.Hour - time.Second)
	q.stands("acknowledged", "alice", "alice", "L1", "", "alice")
	q.pass(3 * time.Hour)
	q.stands("acknowledged", "", "alice", "L2", "servers", "alice")
	q.expect(0)
}

// TestWhichRuleMovesIt: the first that is due, one after the other, by what the ticket is
// by then.
func TestWhichRuleMovesIt(t *testing.T) {
	p := ruled(t,
		TierRule{After: time.Hour, To: ticket.L2},
		TierRule{After: 2 * time.Hour, To: ticket.L3},
		TierRule{Matchers: mustMatch(t, `urgency="low"`), To: ticket.L3},
	)
	p.pass(time.Hour)
	p.stands("open", "", "", "L2", "", "")
	p.pass(3*time.Hour - time.Second)
	p.stands("open", "", "", "L2", "", "")
	p.pass(3 * time.Hour)
	p.stands("open", "", "", "L3", "experts", "")
	if !p.tk.Place.Due.IsZero() {
		t.Errorf("it is due at %s", p.tk.Place.Due)
	}

	at := ruled(t, TierRule{Matchers: mustMatch(t, `urgency="critical"`), To: ticket.L3}, TierRule{To: ticket.L2})
	at.stands("open", "", "", "L3", "experts", "") // at its opening, the one that goes further
	if at.kinds(ticket.EntryTier) != 1 {
		t.Errorf("%v", at.lineKinds())
	}
	at.now = at.now.Add(time.Minute)
	at.mustAct(ActTierDown, "dominique") // a person knows better than what moves it at once
	at.pass(time.Hour)
	at.stands("open", "", "", "L2", "", "")
}

// TestARuleThatIsGone moves nothing any more, and one that is new counts from the next
// thing that happens on.
func TestARuleThatIsGone(t *testing.T) {
	p := ruled(t, TierRule{After: time.Hour, To: ticket.L2})
	with := *p.rules
	with.Desk.Tiers = nil
	p.rules = &with
	p.pass(2 * time.Hour)
	p.stands("open", "", "", "L1", "", "")
	with.Desk.Tiers = []TierRule{{After: 90 * time.Minute, To: ticket.L2, Group: "network"}}
	p.mustAct(ActNote, "alice")
	p.stands("open", "", "", "L2", "network", "")
}

// TestOverIsInNoTier: while a ticket is resolved its time in the tier rests, and no rule
// moves it.
func TestOverIsInNoTier(t *testing.T) {
	p := ruled(t, TierRule{After: time.Hour, To: ticket.L2})
	p.pass(30 * time.Minute)
	p.mustAct(ActResolve, "alice")
	if due := p.tk.NextDeadline(); !due.Equal(p.tk.Progress.CloseAt) {
		t.Errorf("it is due at %s", due)
	}
	p.pass(5 * time.Hour)
	p.stands("resolved", "", "", "L1", "", "")
	p.mustAct(ActReopen, "dominique")
	p.pass(6*time.Hour - time.Second)
	if p.tk.Place.Tier.Known() != ticket.L1 {
		t.Errorf("it was moved to %s", p.tk.Place.Tier)
	}
	p.pass(6 * time.Hour)
	if p.tk.Place.Tier.Known() != ticket.L2 {
		t.Errorf("it is in %s", p.tk.Place.Tier)
	}
}

// TestWithoutRulesATicketIsAsItWas: a desk without tiers pays nothing.
func TestWithoutRulesATicketIsAsItWas(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(time.Hour)
	p.mustAct(ActAcknowledge, "alice")
	if !p.tk.Place.Due.IsZero() || p.tk.Place.Tier != "" || !p.tk.Place.Since.IsZero() {
		t.Errorf("%+v", p.tk.Place)
	}
}
