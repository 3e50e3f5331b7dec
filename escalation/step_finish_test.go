package escalation

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// finish resolves the ticket of a play with a word, and edits: field and text, in turns.
func (p *play) finish(sheet *ticket.Sheet, word, tag string, edits ...string) (Decision, error) {
	a := Acted{Action: ActResolve, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}, Via: "console", Tag: tag, Said: ticket.Plain(word)}
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

// TestWhatIsSaidAtTheEnd is in the same commit as the end: the synthesis, how one knows
// that it works again, and what of the qualification was not right. An urgency that rises
// then wakes nobody.
func TestWhatIsSaidAtTheEnd(t *testing.T) {
	p := newPlay(t, majorOne())
	p.pages = nil
	d, err := p.finish(nil, "", "0-major", "synthesis", "Toner changed", "restored", "Marc has printed", "category", "printer", ticket.FieldUrgency, "critical")
	if err != nil || p.tk.State != ticket.StateResolved || d.Sheet == nil || !d.Changed {
		t.Fatalf("%+v, %v", d, err)
	}
	if s := d.Sheet; s.Synthesis != "Toner changed" || s.Restored != "Marc has printed" || s.Category != "printer" || s.Qualified.Fields["synthesis"].By.Name != "bruno" {
		t.Errorf("%+v", s)
	}
	if p.tk.Urgency != ticket.Critical || p.tk.Undo == nil || slices.ContainsFunc(p.pages, func(page ticket.Page) bool { return page.Kind != ticket.KindRecovered }) {
		t.Errorf("%+v, pages %+v", p.tk, p.pages)
	}
	if len(d.Timeline) != 2 || d.Timeline[0].Kind != ticket.EntryResolved || d.Timeline[0].Text != "Toner changed" || d.Timeline[0].Args.Restored != "Marc has printed" {
		t.Errorf("%+v", d.Timeline)
	}
	var fields []string
	for _, e := range d.Timeline[1].Args.Edited {
		fields = append(fields, e.Field)
	}
	if !slices.Equal(fields, []string{"category", "urgency"}) {
		t.Errorf("the timeline tells the synthesis twice: %v", fields)
	}
}

// TestAWordAtTheEndIsASynthesis, by whatever way it came, unless there is another.
func TestAWordAtTheEndIsASynthesis(t *testing.T) {
	long := &ticket.Sheet{Qualification: ticket.Qualification{Custom: map[string]string{}}}
	for long.Fits() {
		long.Custom[strings.Repeat("x", len(long.Custom)+1)] = strings.Repeat("x", 2000)
	}
	delete(long.Custom, strings.Repeat("x", len(long.Custom)))
	for _, c := range []struct {
		word, synthesis, keeps, line string
		sheet                        *ticket.Sheet
	}{
		{"restarted", "", "restarted", "restarted", nil},
		{"restarted", "The disk was full", "The disk was full", "restarted", nil},
		{"", "", "as before", "", &ticket.Sheet{Qualification: ticket.Qualification{Synthesis: "as before"}}},
		{"restarted", "", "restarted", "restarted", &ticket.Sheet{Qualification: ticket.Qualification{Synthesis: "as before"}}},
		{strings.Repeat("x", 3000), "", "", strings.Repeat("x", 3000), long},
	} {
		p, edits := newPlay(t, majorOne()), []string(nil)
		if c.synthesis != "" {
			edits = []string{"synthesis", c.synthesis}
		}
		d, err := p.finish(c.sheet, c.word, "", edits...)
		is := d.Sheet
		if is == nil {
			is = c.sheet
		}
		if err != nil || p.tk.State != ticket.StateResolved || is.Synthesis != c.keeps || p.lines[len(p.lines)-1].Text != c.line {
			t.Errorf("%.20q, %q: %v, %.80q", c.word, c.synthesis, err, is.Synthesis)
		}
	}
}

// TestNothingOfAnEndThatIsRefused is done: it was meant for another state, or it is over.
func TestNothingOfAnEndThatIsRefused(t *testing.T) {
	p := newPlay(t, majorOne())
	d, _ := p.qualify(nil, "alice", ticket.AnyTag, "category", "network")
	var conflict *ConflictError
	if _, err := p.finish(d.Sheet, "", "0-major", "category", "printer", "synthesis", "x"); !errors.As(err, &conflict) || len(conflict.Fields) != 1 || p.tk.State != ticket.Open {
		t.Errorf("%v, %s", err, p.tk.State)
	}
	p.now = p.now.Add(time.Minute)
	if _, err := p.finish(d.Sheet, "", "1-major", "category", "printer"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.finish(d.Sheet, "", "", "synthesis", "x"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("of what is over: %v", err)
	}
}
