package escalation

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// tiered gives the rules groups of all tiers: bruno is of network, chloe of experts; the
// second tier has two groups.
func tiered(t testing.TB, rules *Rules) {
	t.Helper()
	var groups []contacts.Group
	for _, key := range rules.Directory.Groups() {
		g, _ := rules.Directory.Group(key)
		groups = append(groups, g)
	}
	groups = append(groups,
		contacts.Group{Key: "desk", People: []string{"alice"}, Tier: "L1"},
		contacts.Group{Key: "network", People: []string{"bruno"}, Tier: "L2"},
		contacts.Group{Key: "servers", People: []string{"bruno", "alice"}, Tier: "L2"},
		contacts.Group{Key: "experts", People: []string{"chloe"}, Tier: "L3"})
	d, err := contacts.NewDirectory(rules.Directory.People(), groups, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules.Directory = d
}

// pooled is a critical ticket that pages, at a desk with tiers.
func pooled(t *testing.T) *play {
	t.Helper()
	p := newPlay(t, critical)
	tiered(t, p.rules)
	return p
}

func (p *play) assigned(by string, e Acted) error {
	e.Action, e.Actor, e.Via = ActAssign, ticket.Actor{Kind: ticket.ActorPerson, Name: by}, "console"
	return p.do(e)
}

// place is the ticket's state, who has it, whose its pages are, tier, group and owner.
func (p *play) place() [6]string {
	pl := &p.tk.Place
	return [6]string{string(p.tk.State), p.tk.Assignee, p.tk.AcknowledgedBy.Person(), string(pl.Tier.Known()), pl.Group, pl.Owner}
}

func (p *play) stands(want ...string) {
	p.t.Helper()
	got := p.place()
	if !slices.Equal(got[:], want) {
		p.t.Errorf("it stands as %q, want %q", got, want)
	}
}

func hasIt(t *testing.T, err error, who string) {
	t.Helper()
	var state *StateError
	if !errors.As(err, &state) || state.By.Name != who {
		t.Errorf("%v, want that %s has it", err, who)
	}
}

// TestTakingIsAcknowledging: whoever takes a ticket that pages stops the pages, as
// "12 OK" does, and nobody else may take it then.
func TestTakingIsAcknowledging(t *testing.T) {
	p := pooled(t)
	p.now = p.start.Add(time.Minute)
	p.mustAct(ActTake, "bruno")
	p.stands("acknowledged", "bruno", "bruno", "L1", "", "bruno")
	p.expect(time.Second, "1m0s alice/sms taken")
	hasIt(t, p.act(ActTake, "alice"), "bruno")
	p.mustAct(ActTake, "bruno") // again
	p.pages = nil
	p.pass(44 * time.Minute)
	p.expect(0)
	if p.kinds(ticket.EntryAcknowledged) != 1 || p.kinds(ticket.EntryTaken) != 0 {
		t.Errorf("%v", p.lineKinds())
	}
	p.pass(47 * time.Minute) // the policy's ack_timeout holds for it too
	if got := p.paged(0); len(got) == 0 {
		t.Error("nobody is paged at the end of the acknowledgement")
	}
}

// TestAnAssignmentSilencesNothing: the person to whom somebody assigns it may be asleep.
// The pages go on until somebody takes it; that may be another one.
func TestAnAssignmentSilencesNothing(t *testing.T) {
	p, same := pooled(t), pooled(t)
	p.pass(time.Minute)
	if err := p.assigned("dominique", Acted{Person: "bruno"}); err != nil {
		t.Fatal(err)
	}
	if err := p.assigned("dominique", Acted{Group: "experts"}); err != nil {
		t.Fatal(err)
	}
	if err := p.assigned("dominique", Acted{Person: "bruno"}); err != nil {
		t.Fatal(err)
	}
	p.stands("open", "bruno", "", "L3", "experts", "bruno")
	p.pass(20 * time.Minute)
	same.pass(20 * time.Minute)
	p.expect(0, same.paged(0)...)
	p.mustAct(ActTake, "alice")
	p.stands("acknowledged", "alice", "alice", "L3", "experts", "alice")
}

// TestATierIsNoRelease: whoever had the ticket answers for it, and for its pages, until
// somebody takes it in its new tier.
func TestATierIsNoRelease(t *testing.T) {
	p := pooled(t)
	p.mustAct(ActTake, "alice")
	p.pages = nil
	p.mustAct(ActTierUp, "alice")
	p.stands("acknowledged", "", "alice", "L2", "", "alice") // two groups have it
	p.fire("", ticket.Critical)
	if got := p.paged(0); len(got) == 0 || got[0] != "0s alice/push joined" {
		t.Errorf("what joins is told to %v", got)
	}
	if err := p.do(Acted{Action: ActTierDown, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}}); err != nil {
		t.Fatal(err)
	}
	p.stands("acknowledged", "", "alice", "L1", "desk", "alice")
	for _, group := range []string{"experts", "on-call", "nowhere"} {
		other := (*ticket.FieldError)(nil)
		if err := p.do(Acted{Action: ActTierUp, Group: group, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}}); !errors.As(err, &other) || other.Field != "group" || !strings.HasSuffix(other.Problem, "is no group of L2") {
			t.Errorf("into %s: %v", group, err)
		}
	}
	p.stands("acknowledged", "", "alice", "L1", "desk", "alice")
	if err := p.do(Acted{Action: ActTierUp, Group: "network", Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Said: ticket.Plain("a router")}); err != nil {
		t.Fatal(err)
	}
	p.stands("acknowledged", "", "alice", "L2", "network", "alice")
	if last := p.lines[len(p.lines)-1]; last.Text != "a router" || last.Args.Tier != ticket.L2 || last.Args.WasTier != ticket.L1 || last.Args.Group != "network" {
		t.Errorf("%+v", last)
	}
	p.mustAct(ActTake, "bruno")
	p.stands("acknowledged", "bruno", "bruno", "L2", "network", "alice") // alice answers over tiers
	p.mustAct(ActTierUp, "bruno")
	p.mustAct(ActTake, "chloe")
	p.stands("acknowledged", "chloe", "chloe", "L3", "experts", "chloe") // S3-18
	if err := p.act(ActTierUp, "chloe"); !errors.Is(err, ErrNoTier) {
		t.Errorf("above the last: %v", err)
	}
	if p.kinds(ticket.EntryTaken) != 2 {
		t.Errorf("%v", p.lineKinds())
	}
}

// TestATakeOverGoesOn where it was: the clock that a pick-up stopped stays stopped, and
// what another one asked to be woken for is his no more.
func TestATakeOverGoesOn(t *testing.T) {
	p := pooled(t)
	p.mustAct(ActPickUp, "alice")
	picked := p.tk.PickedUpAt
	p.now = p.start.Add(time.Hour)
	p.mustAct(ActTierUp, "alice")
	p.mustAct(ActTake, "bruno")
	if p.tk.State != ticket.InProgress || !p.tk.PickedUpAt.Equal(picked) || !p.tk.TakenBy("bruno") || p.tk.Assignee != "bruno" {
		t.Errorf("%+v", p.tk)
	}
	q := pooled(t)
	if err := q.snooze("alice", 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	q.mustAct(ActTierUp, "alice")
	q.mustAct(ActTake, "bruno")
	q.pages = nil
	q.pass(44 * time.Minute)
	q.expect(0)
	q.pass(46 * time.Minute)
	if got := q.paged(0); len(got) == 0 {
		t.Error("the acknowledgement does not end")
	}
}

// TestGivingItBack: what was taken and is nobody's pages again at once; what was only
// assigned pages on as it did.
func TestGivingItBack(t *testing.T) {
	p := pooled(t)
	p.mustAct(ActTake, "bruno")
	p.pass(10 * time.Minute)
	p.pages = nil
	p.mustAct(ActRelease, "bruno")
	p.stands("open", "", "", "L1", "", "")
	p.expect(0, "10m0s alice/push", "10m0s alice/sms")
	if p.kinds(ticket.EntryReleased) != 1 {
		t.Errorf("%v", p.lineKinds())
	}
	q, same := pooled(t), pooled(t)
	if err := q.assigned("dominique", Acted{Person: "bruno"}); err != nil {
		t.Fatal(err)
	}
	q.mustAct(ActRelease, "bruno")
	q.stands("open", "", "", "L1", "", "")
	q.pass(20 * time.Minute)
	same.pass(20 * time.Minute)
	q.expect(0, same.paged(0)...)
	if err := q.act(ActRelease, "bruno"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("what nobody has is given back: %v", err)
	}
}

// TestOpeningItForEdit takes what nobody has (S2-16), and changes nothing of what
// somebody has.
func TestOpeningItForEdit(t *testing.T) {
	p := pooled(t)
	if err := p.do(Acted{Action: ActEdit, Actor: ticket.Actor{Kind: ticket.ActorToken, Name: "cmdb"}}); err != nil {
		t.Fatal(err)
	}
	p.stands("open", "", "", "L1", "", "")
	p.mustAct(ActEdit, "alice")
	p.stands("acknowledged", "alice", "alice", "L1", "", "alice")
	before, lines := p.tk, len(p.lines)
	p.now = p.now.Add(time.Minute)
	p.mustAct(ActEdit, "bruno")
	if !reflect.DeepEqual(before, p.tk) || len(p.lines) != lines {
		t.Errorf("it changed: %+v", p.tk)
	}
	q := pooled(t)
	if err := q.assigned("dominique", Acted{Person: "bruno"}); err != nil {
		t.Fatal(err)
	}
	q.mustAct(ActEdit, "alice")
	q.stands("open", "bruno", "", "L1", "", "")
	p.mustAct(ActResolve, "alice")
	p.mustAct(ActEdit, "bruno")
	if p.tk.State != ticket.StateResolved || p.tk.Assignee != "alice" {
		t.Errorf("%+v", p.place())
	}
}

// TestWhoHelps: reinforcement from another group (S1-03), and who answers for it.
func TestWhoHelps(t *testing.T) {
	p := pooled(t)
	for _, e := range []Acted{
		{As: AsHelper, Group: "servers"},
		{As: AsHelper, Person: "chloe"},
		{As: AsHelper, Person: "chloe"},
		{As: AsNoHelper, Person: "bruno"},
		{As: AsNoHelper, Group: "servers"},
		{As: AsOwner, Person: "dominique"},
	} {
		if err := p.assigned("dominique", e); err != nil {
			t.Fatal(err)
		}
	}
	p.stands("open", "", "", "L1", "", "dominique")
	if got := p.tk.Place.With; !slices.Equal(got, []ticket.Helper{{Person: "chloe"}}) || !p.tk.Helps("chloe") || p.tk.Helps("bruno") {
		t.Errorf("%+v", got)
	}
	if n := p.kinds(ticket.EntryAssigned); n != 4 {
		t.Errorf("%d lines", n)
	}
	p.mustAct(ActTake, "alice")
	p.stands("acknowledged", "alice", "alice", "L1", "", "dominique")
	for i := range ticket.MaxHelpers {
		err := p.assigned("dominique", Acted{As: AsHelper, Group: string(rune('a' + i))})
		if full := i == ticket.MaxHelpers-1; errors.Is(err, ErrManyHelpers) != full {
			t.Errorf("helper %d: %v", i+2, err)
		}
	}
}

// TestAPoolKeepsWhoIsOfIt: whoever has a ticket keeps it when it goes into the pool of a
// group of his.
func TestAPoolKeepsWhoIsOfIt(t *testing.T) {
	p := pooled(t)
	p.mustAct(ActTake, "bruno")
	if err := p.assigned("bruno", Acted{Group: "network"}); err != nil {
		t.Fatal(err)
	}
	p.stands("acknowledged", "bruno", "bruno", "L2", "network", "bruno")
	if err := p.assigned("bruno", Acted{Group: "experts"}); err != nil {
		t.Fatal(err)
	}
	p.stands("acknowledged", "", "bruno", "L3", "experts", "bruno")
	if err := p.assigned("bruno", Acted{Group: "managers"}); err != nil { // it has no tier
		t.Fatal(err)
	}
	p.stands("acknowledged", "", "bruno", "L3", "managers", "bruno")
}

// TestASecondTapMovesNoTier: a tap that comes again within seconds is the same one.
func TestASecondTapMovesNoTier(t *testing.T) {
	p := pooled(t)
	seen := p.seen()
	for range 2 {
		if err := p.press(ActTierUp, "alice", seen, ""); err != nil {
			t.Fatal(err)
		}
	}
	p.stands("open", "", "", "L2", "", "")
	p.now = p.now.Add(PressedWithin)
	if err := p.press(ActTierUp, "alice", p.seen(), ""); err != nil {
		t.Fatal(err)
	}
	p.stands("open", "", "", "L3", "experts", "")
	if err := p.press(ActTake, "alice", p.seen(), ""); err != nil {
		t.Fatal(err)
	}
	if err := p.press(ActTake, "alice", seen, ""); err != nil { // seen before: it is so already
		t.Fatal(err)
	}
}
