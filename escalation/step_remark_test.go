package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func taken(by, text string) ticket.Remark {
	return ticket.Remark{Kind: ticket.RemarkTaken, By: by, What: "ACKNOWLEDGEMENT", Text: text}
}

func noted(what string) ticket.Remark {
	return ticket.Remark{Kind: ticket.RemarkNoted, What: what}
}

func (p *play) remark(r ticket.Remark) { p.t.Helper(); p.must(Remarked{Remark: r, Source: "nagios"}) }

// TestAToolAcknowledges: what somebody takes in the tool is taken here, in the
// name that the tool gives. Pages stop, and whoever was paged hears of it.
func TestAToolAcknowledges(t *testing.T) {
	p := newPlay(t, critical)
	p.now = p.start.Add(time.Minute)
	p.remark(taken("nagiosadmin", "looking"))
	if p.tk.State != ticket.Acknowledged || *p.tk.AcknowledgedBy != (ticket.Actor{Kind: ticket.ActorUser, Name: "nagiosadmin"}) || p.tk.Assignee != "" {
		t.Errorf("%s by %+v, assigned to %q", p.tk.State, p.tk.AcknowledgedBy, p.tk.Assignee)
	}
	last := p.lines[len(p.lines)-1]
	if last.Kind != ticket.EntryAcknowledged || last.Text != "looking" || last.Via != "sender" {
		t.Errorf("%+v", last)
	}
	p.expect(time.Minute, "1m0s alice/sms taken")
	before := len(p.lines)
	p.remark(taken("nagiosadmin", "looking")) // the tool says it again
	if len(p.lines) != before {
		t.Errorf("the same again: %+v", p.lines[before:])
	}
	p.remark(taken("zoe", "me too"))
	if by := p.tk.AcknowledgedBy.Name; by != "nagiosadmin" || p.kinds(ticket.EntryTool) != 1 {
		t.Errorf("taken by %s, %d lines", by, p.kinds(ticket.EntryTool))
	}
	p.pass(44 * time.Minute)
	p.expect(2 * time.Minute)
	p.pass(47 * time.Minute) // nobody began to work: the acknowledgement ends as any other
	if p.tk.State != ticket.Open || len(p.paged(2*time.Minute)) == 0 {
		t.Errorf("%s, paged %v", p.tk.State, p.paged(2*time.Minute))
	}
}

// TestARemarkEndsNothing: a line for the timeline, in every state, and once
// however often it is said.
func TestARemarkEndsNothing(t *testing.T) {
	p := newPlay(t, critical)
	p.remark(noted("FLAPPINGSTART"))
	p.remark(noted("FLAPPINGSTART"))
	if p.tk.State != ticket.Open || p.tk.Firing != 1 || p.kinds(ticket.EntryTool) != 1 {
		t.Errorf("%s, %d firing, %d lines", p.tk.State, p.tk.Firing, p.kinds(ticket.EntryTool))
	}
	p.remark(noted("FLAPPINGSTOP"))
	p.remark(noted("FLAPPINGSTART"))
	p.recover()
	p.remark(noted("DOWNTIMEEND"))
	p.remark(taken("nagiosadmin", "")) // what is over is not taken
	if p.tk.State != ticket.StateResolved || p.kinds(ticket.EntryTool) != 5 {
		t.Errorf("%s, %d lines", p.tk.State, p.kinds(ticket.EntryTool))
	}
	p.tk.State = ticket.Closed
	if d, _ := Step(p.tk, Remarked{Remark: noted("CUSTOM")}, World{Now: p.now, Rules: p.rules, Reach: p.reach}); d.Changed {
		t.Error("a closed ticket changed")
	}
}

// TestTakenFromTheFirstMoment: where the first that is heard of a problem is
// that somebody has taken it, its ticket opens taken and wakes nobody.
func TestTakenFromTheFirstMoment(t *testing.T) {
	p := newPlay(t, critical)
	p.tk, p.pages = Opening("nagios", ticket.Incident, "srv-db-01 HostDown", p.rules.Resolve(&ticket.Alert{Labels: critical}), p.now, p.rules), nil
	r := taken("nagiosadmin", "")
	p.must(AlertMoved{To: ticket.Firing, Urgency: ticket.Critical, Title: "srv-db-01 HostDown", Source: "nagios", Remark: &r})
	if p.tk.State != ticket.Acknowledged || p.tk.Firing != 1 || len(p.pages) != 0 {
		t.Errorf("%s, %d firing, paged %v", p.tk.State, p.tk.Firing, p.paged(0))
	}
	p.must(AlertMoved{From: ticket.Firing, To: ticket.Firing, Urgency: ticket.Critical, Source: "nagios"})
	p.pass(50 * time.Minute)
	if p.tk.State != ticket.Open || len(p.pages) == 0 {
		t.Errorf("nobody began: %s, paged %v", p.tk.State, p.paged(0))
	}
	// What gets worse in the same breath as it is taken wakes nobody either.
	p = newPlay(t, map[string]string{"customer": "acme", "severity": "high"})
	p.now = p.start.Add(time.Minute)
	p.must(AlertMoved{From: ticket.Firing, To: ticket.Firing, Urgency: ticket.Critical, Source: "nagios", Remark: &r})
	if p.tk.State != ticket.Acknowledged || p.tk.Urgency != ticket.Critical {
		t.Errorf("%s %s", p.tk.State, p.tk.Urgency)
	}
	for _, page := range p.pages {
		if page.Kind == ticket.KindPage && page.WantedFor(p.tk.State, p.tk.Progress.Episode) {
			t.Errorf("%s is wanted", page.PageKey)
		}
	}
}

// TestAnOverflowTicketIsNotTakenByATool: it stands for many alerts, of which
// the tool's user saw one.
func TestAnOverflowTicketIsNotTakenByATool(t *testing.T) {
	p := newPlay(t, critical)
	p.tk.Overflow = ticket.BoundOf(ticket.BoundOpen, 5)
	p.remark(taken("nagiosadmin", ""))
	if p.tk.State != ticket.Open || p.kinds(ticket.EntryTool) != 1 {
		t.Errorf("%s, %d lines", p.tk.State, p.kinds(ticket.EntryTool))
	}
}

// TestAToolThatRepeatsItself takes nothing from whoever is paged: a person passed the
// ticket on, or the acknowledgement ran out. What fires anew may be taken by the same words.
func TestAToolThatRepeatsItself(t *testing.T) {
	p := newPlay(t, critical)
	p.remark(taken("nagiosadmin", "looking"))
	p.now = p.start.Add(time.Minute)
	p.mustAct(ActEscalate, "alice")
	p.pages = nil
	p.remark(taken("nagiosadmin", "looking"))
	p.pass(10 * time.Minute)
	if p.tk.State != ticket.Open || len(p.paged(2*time.Minute)) == 0 {
		t.Errorf("%s, paged %v", p.tk.State, p.paged(0))
	}
	p.recover()
	again := taken("nagiosadmin", "looking")
	p.must(AlertMoved{From: ticket.Resolved, To: ticket.Firing, Urgency: ticket.Critical, Title: "srv-db-01 HostDown", Source: "nagios", Remark: &again})
	if p.tk.State != ticket.Acknowledged {
		t.Errorf("fires anew, taken: %s", p.tk.State)
	}
	q := newPlay(t, critical)
	q.remark(again)
	q.must(AlertMoved{From: ticket.Firing, To: ticket.Firing, Urgency: ticket.Critical, Title: "srv-db-01 HostDown", Source: "nagios", Remark: &again})
	q.mustAct(ActEscalate, "alice")
	q.tk.Urgency, q.pages = ticket.Minor, nil
	q.must(AlertMoved{From: ticket.Firing, To: ticket.Firing, Urgency: ticket.Critical, Title: "srv-db-01 HostDown", Source: "nagios", Remark: &again})
	if q.tk.State != ticket.Open || len(q.pages) == 0 {
		t.Errorf("it gets worse, and the tool repeats itself: %s, %v", q.tk.State, q.paged(0))
	}
}
