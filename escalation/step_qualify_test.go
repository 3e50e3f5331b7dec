package escalation

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// qualify does edits to the ticket of a play: field and text, in turns.
func (p *play) qualify(sheet *ticket.Sheet, person, tag string, edits ...string) (Decision, error) {
	a := Acted{Action: ActQualify, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "console", Tag: tag}
	for i := 0; i+1 < len(edits); i += 2 {
		a.Edits = append(a.Edits, ticket.Edit{Field: edits[i], Text: edits[i+1]})
	}
	d, err := Step(p.tk, a, World{Now: p.now, Rules: p.rules, Reach: p.reach, Sheet: sheet})
	if err == nil {
		p.tk = d.Ticket
		p.pages = append(p.pages, d.Pages...)
		p.lines = append(p.lines, d.Timeline...)
	}
	return d, err
}

func majorOne() map[string]string {
	return map[string]string{"alertname": "HostDown", "customer": "acme", "urgency": "major"}
}

// TestWhatAQualifyLeaves: the sheet, a line that says from what to what, and who
// changed each field last. What changes nothing leaves nothing, and the sheet that
// was given is as it was.
func TestWhatAQualifyLeaves(t *testing.T) {
	p := newPlay(t, majorOne())
	d, err := p.qualify(nil, "bruno", "0-major", "impact", "several", "description", "Two of three are down", ticket.FieldKind, "request")
	if err != nil || d.Sheet == nil || !d.Changed || len(d.Pages) > 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	first := d.Sheet
	if first.Impact != "several" || first.Qualified.Version != 1 || first.Qualified.Fields["impact"].By.Name != "bruno" || p.tk.Kind != ticket.Request {
		t.Errorf("%+v, kind %s", first, p.tk.Kind)
	}
	line := p.lines[len(p.lines)-1]
	want := []ticket.Edited{{Field: "impact", Is: "several"}, {Field: "description", Is: "Two of three are down"}, {Field: "kind", Was: "incident", Is: "request"}}
	if line.Kind != ticket.EntryQualified || line.Actor.Name != "bruno" || !slices.Equal(line.Args.Edited, want) {
		t.Errorf("%+v", line)
	}
	lines, before := len(p.lines), first.Clone()
	d, err = p.qualify(first, "alice", "1-major", "impact", "several")
	if err != nil || d.Sheet != nil || d.Changed || len(p.lines) != lines {
		t.Errorf("the same again: %+v, %v", d, err)
	}
	d, err = p.qualify(first, "alice", "1-major", "impact", "", ticket.CustomField+"rack", "A3")
	if err != nil || d.Sheet.Impact != "" || d.Sheet.Custom["rack"] != "A3" || d.Sheet.Description == "" || d.Sheet.Qualified.Version != 2 {
		t.Errorf("%+v, %v", d.Sheet, err)
	}
	if !reflect.DeepEqual(first, before) {
		t.Errorf("the given sheet was changed: %+v", first)
	}
}

// TestWhoWasFirst: a change that was meant for another state is refused, and names
// what was changed since then, by whom. What alerts raised counts too.
func TestWhoWasFirst(t *testing.T) {
	p := newPlay(t, majorOne())
	d, _ := p.qualify(nil, "bruno", ticket.AnyTag, "impact", "several")
	d, _ = p.qualify(d.Sheet, "bruno", "1-major", "category", "printer")
	p.fire(ticket.Firing, ticket.Critical)
	refused := func(tag string, fields ...string) {
		t.Helper()
		_, err := p.qualify(d.Sheet, "alice", tag, ticket.FieldUrgency, "minor")
		var conflict *ConflictError
		if !errors.As(err, &conflict) || conflict.Tag != "2-critical" || p.tk.Urgency != ticket.Critical {
			t.Fatalf("%s: %v, urgency %s", tag, err, p.tk.Urgency)
		}
		var names []string
		for i := range conflict.Fields {
			names = append(names, conflict.Fields[i].Field+" by "+conflict.Fields[i].By.Name+": "+conflict.Fields[i].Now)
		}
		if !slices.Equal(names, fields) {
			t.Errorf("%s: %v, want %v", tag, names, fields)
		}
	}
	refused("2-major", "urgency by rules: critical")
	refused("1-major", "category by bruno: printer", "urgency by rules: critical")
	refused("yesterday", "category by bruno: printer", "impact by bruno: several")
	for _, tag := range []string{"2-critical", ticket.AnyTag, ""} {
		if _, err := p.qualify(d.Sheet, "alice", tag, "service", "mail"); err != nil {
			t.Errorf("%q: %v", tag, err)
		}
	}
}

// TestARiseByAPerson pages as a rise by an alert does, unless it is by whoever has
// the ticket.
func TestARiseByAPerson(t *testing.T) {
	p := newPlay(t, majorOne())
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(time.Minute)
	d, err := p.qualify(nil, "alice", "", ticket.FieldUrgency, "critical")
	if err != nil || p.tk.State != ticket.Acknowledged || p.tk.Urgency != ticket.Critical || len(d.Pages) > 0 || p.tk.Progress.Episode != 1 {
		t.Errorf("by whoever has it: %s, %d pages, %v", p.tk.State, len(d.Pages), err)
	}
	if d, err = p.qualify(d.Sheet, "bruno", "", ticket.FieldUrgency, "minor"); err != nil || len(d.Pages) > 0 || p.tk.State != ticket.Acknowledged || p.tk.Urgency != ticket.Minor {
		t.Errorf("a fall: %s, %s, %v", p.tk.State, p.tk.Urgency, err)
	}
	if d, err = p.qualify(d.Sheet, "bruno", "", ticket.FieldUrgency, "critical"); err != nil || p.tk.State != ticket.Open || p.tk.Progress.Episode != 2 || len(d.Pages) == 0 {
		t.Errorf("by another: %s, episode %d, %d pages, %v", p.tk.State, p.tk.Progress.Episode, len(d.Pages), err)
	}
	if err := p.act(ActResolve, "alice"); err != nil {
		t.Fatal(err)
	}
	if d, err = p.qualify(d.Sheet, "bruno", "", ticket.FieldUrgency, "minor"); err != nil {
		t.Fatal(err)
	}
	if d, err = p.qualify(d.Sheet, "bruno", "", ticket.FieldUrgency, "critical"); err != nil || len(d.Pages) > 0 || p.tk.State != ticket.StateResolved {
		t.Errorf("of what is over: %s, %d pages, %v", p.tk.State, len(d.Pages), err)
	}
	p.tk.State = ticket.Closed
	var state *StateError
	if _, err = p.qualify(d.Sheet, "bruno", "", "impact", "person"); !errors.As(err, &state) || len(state.Allowed) != 4 {
		t.Errorf("of what is closed: %v", err)
	}
}

// TestAnotherCustomer brings another contract, and the GTI counts anew from the
// opening.
func TestAnotherCustomer(t *testing.T) {
	p := newPlay(t, map[string]string{"alertname": "HostDown", "urgency": "critical"})
	p.now = p.now.Add(10 * time.Minute)
	if _, err := p.qualify(nil, "bruno", "", ticket.FieldCustomer, "acme"); err != nil {
		t.Fatal(err)
	}
	contract := p.rules.customer("acme").Contract
	if p.tk.Contract != contract || !reflect.DeepEqual(p.tk.GTI, p.rules.Promise(&p.tk)) || p.tk.GTI.DueAt.IsZero() {
		t.Errorf("contract %q, %+v", p.tk.Contract, p.tk.GTI)
	}
	due := p.tk.GTI.DueAt
	if _, err := p.qualify(nil, "bruno", "", ticket.FieldUrgency, "low"); err != nil {
		t.Fatal(err)
	}
	if last := &p.lines[len(p.lines)-1]; last.Args.Clock == nil || !last.Args.Clock.Was.DueAt.Equal(due) || last.Args.Clock.Now.Within != ticket.Span(16*time.Hour) {
		t.Errorf("the timeline has not both results: %+v", last.Args.Clock)
	}
	if want := p.rules.Promise(&p.tk); !reflect.DeepEqual(p.tk.GTI, want) || !want.DueAt.IsZero() && want.DueAt.Equal(due) {
		t.Errorf("after a fall: %+v, want %+v", p.tk.GTI, want)
	}
	if _, err := p.qualify(nil, "bruno", "", ticket.FieldCustomer, ""); err != nil || p.tk.Contract != "" || !p.tk.GTI.DueAt.IsZero() {
		t.Errorf("nobody's: %q, %+v, %v", p.tk.Contract, p.tk.GTI, err)
	}
}

// TestAFullSheet is refused whole.
func TestAFullSheet(t *testing.T) {
	p := newPlay(t, majorOne())
	full := &ticket.Sheet{Qualification: ticket.Qualification{Custom: map[string]string{"x": strings.Repeat("x", ticket.MaxRecordValue-100)}}}
	lines := len(p.lines)
	if _, err := p.qualify(full, "bruno", "", "description", strings.Repeat("y", 200)); !errors.Is(err, ErrSheetFull) || len(p.lines) != lines {
		t.Errorf("%v", err)
	}
}

// TestWhatIsRequiredStays: nobody empties it, and a kind of ticket that asks for more is not
// chosen without it. What an alert's ticket never had keeps nobody from other changes.
func TestWhatIsRequiredStays(t *testing.T) {
	p := newPlay(t, majorOne())
	p.rules.Desk = Desk{Fields: []FieldRule{
		{Name: "category", Required: true},
		{Name: "service", Required: true, Kinds: []ticket.Kind{ticket.Request}},
		{Name: "rack", Own: true, Type: FieldText, Required: true, Kinds: []ticket.Kind{ticket.Incident}},
		{Name: ticket.FieldSite, Required: true, Kinds: []ticket.Kind{ticket.Request}},
	}}
	const rack = ticket.CustomField + "rack"
	var sheet *ticket.Sheet
	for _, c := range []struct {
		edits []string
		lacks string
	}{
		{[]string{"impact", "several"}, ""},
		{[]string{"category", ""}, ""},
		{[]string{"category", "printer", rack, "A3", "service", "support"}, ""},
		{[]string{"impact", "person", "category", ""}, "category"},
		{[]string{rack, ""}, rack},
		{[]string{"service", ""}, ""},
		{[]string{ticket.FieldKind, "request"}, "service"},
		{[]string{ticket.FieldKind, "request", "service", "support"}, ticket.FieldSite},
		{[]string{"service", "support", ticket.FieldSite, "Givrand", ticket.FieldKind, "request", rack, ""}, ""},
		{[]string{ticket.FieldSite, ""}, ticket.FieldSite},
		{[]string{ticket.FieldKind, "incident"}, rack},
		{[]string{ticket.FieldKind, "incident", "service", "", rack, "B1"}, ""},
	} {
		was, lines := p.tk, len(p.lines)
		d, err := p.qualify(sheet, "bruno", ticket.AnyTag, c.edits...)
		var field *ticket.FieldError
		switch {
		case c.lacks == "" && err != nil:
			t.Errorf("%q: %v", c.edits, err)
		case c.lacks != "" && (!errors.As(err, &field) || field.Field != c.lacks || !reflect.DeepEqual(p.tk, was) || len(p.lines) != lines):
			t.Errorf("%q: %v, want %s", c.edits, err, c.lacks)
		}
		if err == nil && d.Sheet != nil {
			sheet = d.Sheet
		}
	}
	_, err := Step(p.tk, Acted{Action: ActResolve, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}, Via: "console", Edits: []ticket.Edit{{Field: "category"}}}, World{Now: p.now, Rules: p.rules, Reach: p.reach, Sheet: sheet})
	if field := (*ticket.FieldError)(nil); !errors.As(err, &field) || field.Field != "category" {
		t.Errorf("resolved without: %v", err)
	}
}
