package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

const telephone = "+33612345650"

// telephoned is a play whose group on-call has a telephone.
func telephoned(t *testing.T, u ticket.Urgency, people []string, quiet *contacts.Quiet, by ...string) *play {
	t.Helper()
	p := &play{t: t, rules: testRules(t), now: saturday, start: saturday}
	p.reach = func(person contacts.Person, channel string) bool {
		return len(person.Phones) > 0 && (channel == "sms" || person.Group == "")
	}
	all := p.rules.Directory.People()
	for i := range all {
		all[i].Quiet = quiet
	}
	d, err := contacts.NewDirectory(all, []contacts.Group{{Key: "on-call", People: people, Phones: []string{telephone}}, {Key: "managers", People: []string{"dominique"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.rules.Directory = d
	p.tk = Opening("prometheus", ticket.Incident, "x", Routed{Urgency: u, Policy: ticket.Policy{
		Name: "x", ReopenWithin: time.Minute, CloseAfter: time.Hour, Steps: []ticket.Step{step("on-call", by...)},
	}}, p.now, p.rules)
	p.tk.Number = "I261121_0001"
	p.fire("", u)
	return p
}

// TestATelephoneOfAGroup is paged with the people on duty where the step has SMS, and is
// told of nothing that they hear themselves.
func TestATelephoneOfAGroup(t *testing.T) {
	p := telephoned(t, ticket.Critical, []string{"alice", "bruno"}, nil, "push", "sms")
	p.pass(time.Minute)
	p.expect(0, "0s alice/push", "0s alice/sms", "0s bruno/push", "0s bruno/sms", "0s "+telephone+"/sms")
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	told := 0
	for i := range p.pages {
		if p.pages[i].Kind != ticket.KindPage {
			told++
			if p.pages[i].Person != "bruno" {
				t.Errorf("told: %s", p.pages[i].PageKey)
			}
		}
	}
	if told != 1 {
		t.Errorf("%d were told who took it", told)
	}
	p = telephoned(t, ticket.Critical, []string{"alice"}, nil, "push")
	p.pass(time.Minute)
	p.expect(0, "0s alice/push")
}

// TestATelephoneSleepsWithItsPeople: while all of them are not to be paged it is not
// either; and where nobody is on duty nobody holds it.
func TestATelephoneSleepsWithItsPeople(t *testing.T) {
	quiet := &contacts.Quiet{Name: "nights", During: nights(t), Urgencies: []string{"minor"}}
	p := telephoned(t, ticket.Minor, []string{"alice"}, quiet, "sms")
	p.pass(time.Hour)
	p.expect(0)
	p.pass(3*time.Hour + 50*time.Minute)
	p.expect(0, "3h48m0s alice/sms", "3h48m0s "+telephone+"/sms")
	p = telephoned(t, ticket.Critical, nil, nil, "sms")
	p.pass(time.Minute)
	p.expect(0, "0s dominique/push", "0s dominique/sms")
}

// TestATelephoneIsNobodyElse: a look ahead does not count it as the second human.
func TestATelephoneIsNobodyElse(t *testing.T) {
	p := telephoned(t, ticket.Critical, []string{"alice"}, nil, "sms")
	o := NewAlmanac(p.rules, p.reach, saturday, saturday.Add(24*time.Hour)).Course(p.tk.Policy).At(saturday, func() time.Time { return saturday.Add(time.Hour) })
	if o.First != 0 || o.Person != "alice" || o.Second != Never {
		t.Errorf("%+v", o)
	}
}
