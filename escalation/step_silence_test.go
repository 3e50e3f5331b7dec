package escalation

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// muted is a ticket whose first alert a silence holds back for an hour.
func muted(t *testing.T) *play {
	t.Helper()
	p := newPlay(t, critical)
	p.silenced("s1", 1000*time.Hour)
	p.pages, p.lines = nil, nil
	fresh := Opening("prometheus", ticket.Incident, p.tk.Title, Routed{Urgency: p.tk.Urgency, Policy: p.tk.Policy, Customer: p.tk.Customer, Contract: p.tk.Contract}, p.now, p.rules)
	fresh.Number = p.tk.Number
	p.tk = fresh
	p.must(p.firing("", ticket.Critical, time.Hour))
	return p
}

// silenced has a silence hold for so long since the start, as the rules have it. Which
// alerts it holds back is told with each of them.
func (p *play) silenced(id string, d time.Duration) {
	with := *p.rules
	with.Silences = []Silence{{ID: id, Spans: []Span{{From: p.start, Until: p.start.Add(d)}}}}
	p.rules = &with
}

// firing is an alert that fires, held back for a time.
func (p *play) firing(from ticket.AlertStatus, u ticket.Urgency, held time.Duration) AlertMoved {
	e := AlertMoved{From: from, To: ticket.Firing, Urgency: u, Title: "srv-db-01 HostDown", Source: "prometheus"}
	if held > 0 {
		e.Mute = ticket.Mute{Until: p.now.Add(held), Silence: "s1"}
	}
	return e
}

func (p *play) silence(m ticket.Mute) {
	p.silenced("s1", 1000*time.Hour)
	p.must(Silenced{Mute: m, Read: p.tk.UpdatedAt})
}

func (p *play) lineKinds() (kinds []ticket.EntryKind) {
	for _, l := range p.lines {
		kinds = append(kinds, l.Kind)
	}
	return kinds
}

// TestASilencedAlertOpensAndPagesNobody until the silence ends. Then every step
// counts from there.
func TestASilencedAlertOpensAndPagesNobody(t *testing.T) {
	p := muted(t)
	if p.tk.State != ticket.Open || !slices.Equal(p.lineKinds(), []ticket.EntryKind{ticket.EntryOpened, ticket.EntrySilenced}) {
		t.Errorf("%s, %v", p.tk.State, p.lineKinds())
	}
	p.pass(time.Hour - time.Second)
	p.expect(0)
	p.pass(time.Hour + 14*time.Minute)
	p.expect(59*time.Minute, "1h0m0s alice/push", "1h0m0s alice/sms", "1h3m0s alice/push", "1h3m0s alice/sms", "1h6m0s alice/push", "1h6m0s alice/sms",
		"1h9m0s alice/push", "1h9m0s alice/sms", "1h12m0s alice/push", "1h12m0s alice/sms")
	if !slices.Contains(p.lineKinds(), ticket.EntrySilenceOver) {
		t.Errorf("%v", p.lineKinds())
	}
}

// TestWhatRecoversInASilence tells nobody of it.
func TestWhatRecoversInASilence(t *testing.T) {
	p := muted(t)
	p.pass(20 * time.Minute)
	p.recover()
	p.pass(5 * time.Hour)
	p.expect(0)
	if p.tk.State != ticket.StateResolved {
		t.Errorf("it is %s", p.tk.State)
	}
	p.must(p.firing(ticket.Resolved, ticket.Critical, 0)) // and fires after the silence
	p.expect(0, "5h0m0s alice/push", "5h0m0s alice/sms")
}

// TestWhatFiresAgainInASilence opens its ticket again without a page.
func TestWhatFiresAgainInASilence(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(time.Minute)
	p.recover()
	p.pages = nil
	p.silenced("s1", 1000*time.Hour)
	p.must(p.firing(ticket.Resolved, ticket.Critical, time.Hour))
	p.pass(time.Hour)
	p.expect(0)
	p.pass(time.Hour + time.Minute)
	p.expect(0, "1h1m0s alice/push", "1h1m0s alice/sms")
}

// TestAnAlertThatNoSilenceHolds ends the silence of the ticket that it joins.
func TestAnAlertThatNoSilenceHolds(t *testing.T) {
	p := muted(t)
	p.pass(10 * time.Minute)
	p.must(p.firing("", ticket.Minor, 30*time.Minute)) // another one that a silence holds
	p.pass(20 * time.Minute)
	p.expect(0)
	p.must(p.firing("", ticket.Minor, 0))
	p.pass(24 * time.Minute)
	p.expect(0, "20m0s alice/push", "20m0s alice/sms", "23m0s alice/push", "23m0s alice/sms")
}

// TestTheEarlierEndCounts of two silences that hold a ticket's alerts.
func TestTheEarlierEndCounts(t *testing.T) {
	p := muted(t)
	p.pass(10 * time.Minute)
	p.must(p.firing("", ticket.Critical, 30*time.Minute))
	p.must(p.firing("", ticket.Critical, 90*time.Minute))
	p.pass(40 * time.Minute)
	p.expect(0, "40m0s alice/push", "40m0s alice/sms")
}

// TestASilencedAlertThatJoins pages nobody, and makes nothing worse.
func TestASilencedAlertThatJoins(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pages, p.tk.Urgency = nil, ticket.Minor
	p.must(p.firing("", ticket.Critical, time.Hour))
	p.expect(0)
	if p.tk.State != ticket.Acknowledged || p.tk.Urgency != ticket.Minor || p.tk.Firing != 2 {
		t.Errorf("%s, %s, %d fire", p.tk.State, p.tk.Urgency, p.tk.Firing)
	}
}

// TestASilenceOfATicketAtWork: its pages stop at once, those that are queued too, and
// begin anew at its end. It can be made longer meanwhile.
func TestASilenceOfATicketAtWork(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(4 * time.Minute)
	queued := p.pages[len(p.pages)-1]
	until := func(d time.Duration) ticket.Mute { return ticket.Mute{Until: p.start.Add(d), Silence: "s1"} }
	p.silence(until(30 * time.Minute))
	if queued.WantedFor(p.tk.State, p.tk.Progress.Episode) {
		t.Error("a page from before the silence still goes out")
	}
	p.pass(20 * time.Minute)
	p.silence(until(40 * time.Minute))
	p.pass(41 * time.Minute)
	p.expect(4*time.Minute, "40m0s alice/push", "40m0s alice/sms")
}

// TestWhoHasASilencedTicket keeps it: nobody is paged when the acknowledgement ends
// before the silence does.
func TestWhoHasASilencedTicket(t *testing.T) {
	p := free(t, 0)
	p.tk.Policy.AckTimeout = 10 * time.Minute
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.silence(ticket.Mute{Until: p.start.Add(time.Hour), Silence: "s1"})
	if p.tk.State != ticket.Acknowledged {
		t.Errorf("it is %s", p.tk.State)
	}
	p.pass(time.Hour)
	p.expect(time.Second, "1h0m0s alice/push", "1h0m0s alice/sms")
}

// TestAPersonEndsIt by what asks for somebody: passing on, opening again.
func TestAPersonEndsIt(t *testing.T) {
	p := muted(t)
	if err := p.act(ActEscalate, "bruno"); err != nil {
		t.Fatal(err)
	}
	p.expect(0, "0s alice/push", "0s alice/sms")
	q := muted(t)
	q.mustAct(ActResolve, "bruno")
	q.mustAct(ActReopen, "bruno")
	q.pass(time.Second)
	q.expect(0, "0s alice/push", "0s alice/sms")
}

// TestASilenceThatIsOverMeanwhile: whoever had the ticket outlasted it, so it begins
// nothing; and it changes nothing about a ticket that is over.
func TestASilenceThatIsOverMeanwhile(t *testing.T) {
	p := free(t, 0)
	p.tk.Policy.AckTimeout = 90 * time.Minute
	p.mustAct(ActAcknowledge, "alice")
	hour := ticket.Mute{Until: p.start.Add(time.Hour), Silence: "s1"}
	p.silence(hour)
	p.pass(91 * time.Minute)
	p.expect(time.Second, "1h30m0s alice/push", "1h30m0s alice/sms")
	if p.tk.Progress.Episode != 2 {
		t.Errorf("episode %d", p.tk.Progress.Episode)
	}
	q := newPlay(t, critical)
	q.recover()
	if q.silence(hour); q.tk.Progress.Mute != (ticket.Mute{}) {
		t.Errorf("%+v", q.tk.Progress.Mute)
	}
}

// TestASilenceThatIsTakenBack: what fires pages at once. Where somebody has the ticket,
// that one keeps it, unless what was held back is worse.
func TestASilenceThatIsTakenBack(t *testing.T) {
	p := muted(t)
	p.pass(10 * time.Minute)
	p.silence(ticket.Mute{})
	p.pass(12 * time.Minute)
	p.expect(0, "10m0s alice/push", "10m0s alice/sms")

	for _, worse := range []bool{false, true} {
		q := muted(t)
		q.tk.Urgency = ticket.Minor
		q.mustAct(ActAcknowledge, "alice")
		urgency := ticket.Minor
		if worse {
			urgency = ticket.Critical
		}
		q.must(Silenced{Urgency: urgency, Read: q.tk.UpdatedAt})
		if woken := len(q.paged(0)) > 0; woken != worse || q.tk.Progress.Mute != (ticket.Mute{}) {
			t.Errorf("worse %v: woken %v, %+v", worse, woken, q.tk.Progress.Mute)
		}
	}
}

// TestWhatJoinedHeldBack counts once its silence is over.
func TestWhatJoinedHeldBack(t *testing.T) {
	p := newPlay(t, critical)
	p.tk.Urgency = ticket.Minor
	p.mustAct(ActAcknowledge, "alice")
	p.pages = nil
	p.must(p.firing("", ticket.Critical, time.Hour))
	p.must(Silenced{Urgency: ticket.Minor, Read: p.tk.UpdatedAt})
	p.expect(0)
	p.must(Silenced{Urgency: ticket.Critical, Read: p.tk.UpdatedAt})
	if len(p.paged(0)) == 0 || p.tk.Urgency != ticket.Critical {
		t.Errorf("%s, paged %v", p.tk.Urgency, p.paged(0))
	}
}

// TestASilenceOfWhatWasReadBefore says nothing of a ticket that changed since.
func TestASilenceOfWhatWasReadBefore(t *testing.T) {
	p := newPlay(t, critical)
	read := p.tk.UpdatedAt
	p.pass(time.Minute)
	p.must(p.firing("", ticket.Critical, 0))
	p.must(Silenced{Mute: ticket.Mute{Until: p.now.Add(time.Hour), Silence: "s1"}, Read: read})
	p.pass(3 * time.Minute)
	p.expect(time.Minute, "3m0s alice/push", "3m0s alice/sms")
}

// TestASilenceThatEndedUnseen: the daemon that took the alert had not heard of the end of
// its silence, so nobody looked over the ticket. It looks by itself, within seconds.
func TestASilenceThatEndedUnseen(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *play)
		want []string
	}{
		{"as it opens", func(*play) {}, []string{"15s alice/push", "15s alice/sms"}},
		{"hours later", func(p *play) {
			p.silenced("s1", 5*time.Hour)
			p.pass(5 * time.Hour)
			p.tk.Progress.Mute.Until = p.start.Add(200 * 24 * time.Hour)
		}, []string{"5h3m45s alice/push", "5h3m45s alice/sms"}},
		{"a resolve that is undone", func(p *play) {
			p.silenced("s1", time.Hour)
			p.mustAct(ActResolve, "bruno")
			p.rules.Silences = nil
			p.now = p.start.Add(4 * time.Minute)
			p.mustAct(ActUndo, "bruno")
		}, []string{"4m15s alice/push", "4m15s alice/sms"}},
	} {
		p := newPlay(t, critical)
		p.pages = nil
		p.tk.Progress.Episode = 0
		p.must(p.firing("", ticket.Critical, 200*24*time.Hour))
		c.do(p)
		p.pages = nil
		p.pass(p.now.Sub(p.start) + 40*time.Minute)
		if got := p.paged(0); len(got) < 2 || !slices.Equal(got[:2], c.want) {
			t.Errorf("%s: %v, want %v", c.name, got[:min(len(got), 4)], c.want)
		}
	}
}

// TestALineSaysWhichSilence, who made it, and why.
func TestALineSaysWhichSilence(t *testing.T) {
	for name, c := range map[string]struct {
		of   Silence
		want ticket.Said
	}{
		"a person's": {Silence{By: "bruno", Why: "a new disk"}, ticket.Said{Text: "a new disk", Args: ticket.Args{Person: "bruno"}}},
		"a tool's":   {Silence{Source: "prometheus", Author: "zoe@amtool", Why: "x"}, ticket.Said{Text: "x", Args: ticket.Args{Source: "prometheus", Remark: "zoe@amtool"}}},
	} {
		p := newPlay(t, critical)
		with := *p.rules
		c.of.ID, c.of.Spans = "s1", []Span{{From: p.start, Until: p.start.Add(time.Hour)}}
		with.Silences = []Silence{{ID: "s0", By: "alice"}, c.of}
		p.rules, p.lines = &with, nil
		p.must(Silenced{Mute: ticket.Mute{Until: p.start.Add(time.Hour), Silence: "s1+s0"}, Read: p.tk.UpdatedAt})
		want := c.want
		want.Detail, want.Args.Silence, want.Args.Instant = ticket.SaidSilenced, "s1+s0", p.start.Add(time.Hour)
		if i := slices.IndexFunc(p.lines, func(e ticket.Entry) bool { return e.Kind == ticket.EntrySilenced }); i < 0 || !reflect.DeepEqual(p.lines[i].Said, want) {
			t.Errorf("%s: %+v, want %+v", name, p.lines, want)
		}
	}
}
