package escalation

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The store drops a page whose key exists already. So each page that Step
// orders needs a new key; otherwise a round in the timeline reaches nobody.

// TestARoundAfterAHandoverHasKeysOfItsOwn: whoever comes on duty is paged in
// the round of whoever left, and in the next one too.
func TestARoundAfterAHandoverHasKeysOfItsOwn(t *testing.T) {
	p := newPlay(t, critical)
	handover := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC) // Thursday 09:00 in Paris
	p.start, p.now = handover.Add(-4*time.Minute), handover.Add(-4*time.Minute)
	p.pages = nil
	p.open(critical)
	p.pass(5 * time.Minute)
	p.must(Displaced{Key: p.pages[3].PageKey})
	p.must(Displaced{Key: p.pages[2].PageKey})
	p.pass(15 * time.Minute)
	p.expect(4*time.Minute, "5m0s bruno/push", "5m0s bruno/sms", "6m0s bruno/push", "6m0s bruno/sms", "9m0s bruno/push", "9m0s bruno/sms",
		"12m0s bruno/push", "12m0s bruno/sms", "15m0s bruno/push", "15m0s bruno/sms", "15m0s dominique/push", "15m0s dominique/sms")
	handed := handedOut{}
	handed.add(t.Errorf, p.pages, nil)
}

// handedOut are the keys of all pages of a ticket, as a store has them.
type handedOut map[ticket.PageKey]bool

// add takes the pages that one decision orders. No key may exist already. If a
// line says that somebody was paged, its pages must be among them. Several
// failed channels of one person may ask for the same notice: that is one page.
func (h handedOut) add(fail func(string, ...any), pages []ticket.Page, lines []ticket.Entry) {
	fresh := map[ticket.PageKey]bool{}
	for i := range pages {
		p := &pages[i]
		if h[p.PageKey] && (p.Kind == ticket.KindPage || p.Kind == ticket.KindJoined) {
			fail("%s was ordered twice: the second time it is dropped", p.PageKey)
		}
		fresh[p.PageKey] = !h[p.PageKey]
		h[p.PageKey] = true
	}
	for i := range lines {
		if e := &lines[i]; e.Kind == ticket.EntryPaged && !told(e, fresh) {
			fail("it is told that %+v was paged, and handed out is %v", e.Said, fresh)
		}
	}
}

// told reports whether the pages of a line were handed out: in a round, all of
// them.
func told(e *ticket.Entry, fresh map[ticket.PageKey]bool) bool {
	has := func(step, round int, person, channel string) bool {
		for key, is := range fresh {
			if is && toldStep(key.Step) == step && (key.Round == ticket.Round(round) || round < 0) && key.Person == person && key.Channel == channel {
				return true
			}
		}
		return false
	}
	switch e.Detail {
	case ticket.SaidRound:
		for _, called := range e.Args.Called {
			for _, channel := range called.Channels {
				if !has(e.Args.Step, e.Args.Round-1, called.Person, channel) {
					return false
				}
			}
		}
		return len(e.Args.Called) > 0
	case ticket.SaidOnceMore:
		return has(e.Args.Step, -1, e.Args.Person, e.Args.Channel)
	default: // whoever hears of an alert that joined
		for key, is := range fresh {
			if is && key.Step.Kind == ticket.ForJoined {
				return true
			}
		}
		return false
	}
}

// onDuty are rules under which these people are on call, one after the other
// at each handover.
func onDuty(t *testing.T, shifts ...[]string) []*Rules {
	t.Helper()
	var all []*Rules
	for _, people := range shifts {
		rules := testRules(t)
		directory, err := contacts.NewDirectory([]contacts.Person{
			{Key: "alice", Phones: []string{"+33612345601"}},
			{Key: "bruno", Phones: []string{"+33612345602"}},
			{Key: "chloe", Phones: []string{"+33612345603"}},
			{Key: "denis"}, // nothing reaches this person
			{Key: "dominique", Phones: []string{"+33612345699"}, Role: contacts.RoleManager},
		}, []contacts.Group{{Key: "on-call", People: people}, {Key: "managers", People: []string{"dominique"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		rules.Directory = directory
		once, office := rules.Policies["round-the-clock"], rules.Policies["round-the-clock"]
		once.Steps, office.Steps = slices.Clone(once.Steps), slices.Clone(office.Steps)
		once.Steps[0].Times, once.Steps[1].Instead = 1, true
		office.Steps[0].During = "business"
		rules.Policies["once"], rules.Policies["office"] = once, office
		all = append(all, rules)
	}
	return all
}

// life is a ticket whose pages may fail, come back, be asked for again, and
// wait while the duty changes hands.
type life struct {
	*rapid.T
	shifts []*Rules // the rules by which duty changes
	duty   int
	now    time.Time
	tk     ticket.Ticket
	pages  []ticket.Page
	handed handedOut
	moved  map[string]ticket.AlertStatus
}

// TestEveryPageHasAKeyOfItsOwn plays random lives of a ticket, with handovers
// and with what becomes of pages.
func TestEveryPageHasAKeyOfItsOwn(t *testing.T) {
	shifts := onDuty(t, []string{"alice"}, []string{"bruno"}, []string{"bruno", "chloe"}, []string{"denis"})
	live := func(t *rapid.T) {
		l := &life{T: t, shifts: shifts, now: saturday, handed: handedOut{}, moved: map[string]ticket.AlertStatus{"X": ticket.Firing}}
		l.open(rapid.SampledFrom([]string{"round-the-clock", "once", "office", "silent"}).Draw(t, "policy"))
		for range rapid.IntRange(20, 120).Draw(t, "events") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				l.alert()
			case 1:
				action := rapid.SampledFrom([]Action{ActAcknowledge, ActPickUp, ActEscalate, ActResolve, ActReopen, ActUndo}).Draw(t, "action")
				l.step(Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}})
			case 2, 3:
				l.handover()
			case 4, 5:
				l.outcome()
			default:
				l.pass()
			}
		}
	}
	for range 10 { // of a hundred lives each
		rapid.Check(t, live)
	}
}

func (l *life) open(policy string) {
	rules := l.shifts[0]
	a := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: map[string]string{"customer": "acme", "severity": "high", "alertname": "X"}}
	routed := rules.Resolve(&a)
	routed.Policy = rules.Policies[policy]
	routed.Policy.AckTimeout = 45 * time.Minute
	l.tk = Opening("prometheus", ticket.Incident, "X", routed, l.now, rules)
	l.tk.Number = "I261121_0001"
	if policy != "silent" && rapid.Bool().Draw(l.T, "overflow") {
		l.tk.Overflow = "open 5"
	}
	if policy == "silent" {
		l.step(Opened{Managers: true})
		return
	}
	l.step(AlertMoved{To: ticket.Firing, Urgency: ticket.Major, Title: "X", TellManagers: l.tk.Overflow != ""})
}

func (l *life) step(e Event) {
	reach := func(p contacts.Person, _ string) bool { return len(p.Phones) > 0 }
	d, err := Step(l.tk, e, World{Now: l.now, Rules: l.shifts[l.duty], Reach: reach})
	if err != nil {
		return
	}
	l.tk = d.Ticket
	l.handed.add(l.Fatalf, d.Pages, slices.Concat(d.Timeline, d.LeftOut))
	l.pages = append(l.pages, d.Pages...)
}

func (l *life) alert() {
	name := rapid.SampledFrom([]string{"X", "Y", "Z", "U", "V", "W"}).Draw(l.T, "alert")
	to := rapid.SampledFrom([]ticket.AlertStatus{ticket.Firing, ticket.Resolved, ticket.Silent}).Draw(l.T, "to")
	from := l.moved[name]
	if to == ticket.Firing && !Joins(&l.tk, l.now) || to != ticket.Firing && (from == "" || from == ticket.Resolved || from == to) {
		return
	}
	l.moved[name] = to
	urgency := rapid.SampledFrom([]ticket.Urgency{ticket.Minor, ticket.Major, ticket.Critical}).Draw(l.T, "urgency")
	l.step(AlertMoved{From: from, To: to, Urgency: urgency, Title: name})
}

// handover changes the duty, perhaps back to somebody who had it before. Some
// of the last pages had not gone out.
func (l *life) handover() {
	l.duty = rapid.IntRange(0, len(l.shifts)-1).Draw(l.T, "duty")
	for i := len(l.pages) - 1; i >= max(0, len(l.pages)-6); i-- {
		if rapid.Bool().Draw(l.T, "waited") {
			l.displaced(i)
		}
	}
}

// displaced is a page that is about to go to somebody who is no longer on
// duty.
func (l *life) displaced(i int) {
	p := &l.pages[i]
	n, ok := p.Step.In(len(l.tk.Policy.Steps))
	if p.State == ticket.PageCancelled || p.Kind != ticket.KindPage || !ok {
		return
	}
	people, _ := l.shifts[l.duty].Directory.On(l.tk.Policy.Steps[n].Group, l.now)
	if !slices.ContainsFunc(people, func(on contacts.Person) bool { return on.Key == p.Person }) {
		p.State = ticket.PageCancelled
		l.step(Displaced{Key: p.PageKey})
	}
}

// outcome is what becomes of a page, perhaps reported late.
func (l *life) outcome() {
	if len(l.pages) == 0 {
		return
	}
	i := rapid.IntRange(max(0, len(l.pages)-8), len(l.pages)-1).Draw(l.T, "page")
	key := l.pages[i].PageKey
	switch rapid.IntRange(0, 4).Draw(l.T, "outcome") {
	case 0, 1:
		l.step(PageFailed{Key: key})
	case 2:
		l.step(PageWorked{Key: key})
	case 3:
		l.step(PageAgain{Key: key, Another: rapid.Bool().Draw(l.T, "another")})
	default:
		l.displaced(i)
	}
}

// pass lets time go by, to the next deadline or a little.
func (l *life) pass() {
	next := l.tk.NextDeadline()
	if !next.IsZero() && next.Before(l.now.Add(100*time.Hour)) && rapid.Bool().Draw(l.T, "exactly") {
		if next.After(l.now) {
			l.now = next
		}
	} else {
		l.now = l.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(l.T, "seconds")) * time.Second)
	}
	l.step(Tick{})
}
