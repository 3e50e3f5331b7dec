package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// placing is where a ticket stands at the desk, and what its reader may change of that.
type placing struct {
	W                 *lang.Pool
	Action, Seen      string // of its forms
	Tier, Pool, Owner string
	With              string
	Note              string // what nobody has
	Here              string // who else is at it

	Edit              bool
	Release, Up, Down bool
	Note2             string // of a release
	Groups            []choice
	People            []choice // who may answer for it, or help
	Helpers           []helping
	Fits              []proposed // those who fit it best; none: nobody asks
}

// proposed is somebody who fits a ticket, and why.
type proposed struct{ Person, Name, Why string }

// helping is somebody who helps, whom the reader may send away.
type helping struct{ Person, Group, Label string }

// place fills it in. The large button of who may take the ticket is the bar's first.
func (p *ticketPage) place(who *reader, v *look.Viewer, t *ticket.Ticket) {
	w := &who.words.Pool
	b := &p.Place
	b.Seen = p.Bar.Seen
	b.W, b.Tier, b.Owner = w, string(t.Place.Tier.Known()), v.Name(t.Place.Owner)
	if t.Place.Owner == "" {
		b.Owner = ""
	}
	if t.Pooled() {
		b.Pool = cmp.Or(t.Place.Group, w.Common)
	}
	var with []string
	for _, h := range t.Place.With {
		with = append(with, helperName(v, h))
	}
	b.With = strings.Join(with, ", ")
	if p.ReadOnly || !t.State.Active() {
		return
	}
	me := who.by.Person
	if t.Pooled() && me != "" {
		b.Edit, b.Note = true, w.TakeNote
		if t.State.Taken() {
			b.Note = ""
		}
		p.takeable(w)
	}
	mine := me != "" && (t.Assignee == me || t.TakenBy(me))
	arbitrates := who.arbitrates() || mine
	free := t.Pooled() && (!t.State.Taken() || t.AcknowledgedBy.Person() == "")
	b.Release = arbitrates && (t.Assignee != "" || t.State.Taken())
	if b.Release && t.State.Taken() {
		b.Note2 = w.ReleaseNote
	}
	if arbitrates || free {
		_, b.Up = t.Place.Tier.Next(true)
		_, b.Down = t.Place.Tier.Next(false)
		b.groups(who, t)
	}
	if !arbitrates {
		return
	}
	people := who.rules.Directory.People()
	for i := range people {
		b.People = append(b.People, choice{people[i].Key, cmp.Or(strings.TrimSpace(people[i].Name), people[i].Key), people[i].Key == t.Place.Owner})
	}
	for _, h := range t.Place.With {
		b.Helpers = append(b.Helpers, helping{h.Person, h.Group, lang.Fill(w.NoHelp, "who", helperName(v, h))})
	}
}

// propose names those who fit a ticket that nobody has. Nobody waits for what cannot be
// read: it is left out.
func (p *ticketPage) propose(r *http.Request, c *Console, who *reader, v *look.Viewer, view *ticket.View) {
	if len(p.Place.People) == 0 || !view.Ticket.Pooled() {
		return
	}
	list, err := c.house.Proposals(r.Context(), who.scope, view)
	if err != nil {
		return
	}
	for i := range list {
		one := proposed{Person: list[i].Person, Name: v.Name(list[i].Person)}
		var whys []string
		for _, reason := range list[i].Reasons {
			whys = append(whys, p.Place.W.Reason(string(reason.Why), reason.Group, reason.Skill, reason.N))
		}
		one.Why = strings.Join(whys, ", ")
		p.Place.Fits = append(p.Place.Fits, one)
	}
}

func helperName(v *look.Viewer, h ticket.Helper) string {
	if h.Person != "" {
		return v.Name(h.Person)
	}
	return h.Group
}

// groups are those into whose pool the ticket can go, those of a tier first.
func (b *placing) groups(who *reader, t *ticket.Ticket) {
	for _, key := range who.rules.Directory.Groups() {
		g, _ := who.rules.Directory.Group(key)
		b.Groups = append(b.Groups, choice{key, strings.TrimSpace(key + " " + g.Tier), key == t.Place.Group})
	}
	tier := func(c *choice) string {
		g, _ := who.rules.Directory.Group(c.Value)
		return cmp.Or(g.Tier, "~")
	}
	slices.SortStableFunc(b.Groups, func(x, y choice) int { return strings.Compare(tier(&x), tier(&y)) })
}

// takeable has the bar's first button take a ticket that somebody acknowledged and nobody
// has. Of one that is open, taking it is what that button does anyway.
func (p *ticketPage) takeable(w *lang.Pool) {
	for i := range p.Bar.Keys {
		k := &p.Bar.Keys[i]
		if k.Value == string(escalation.ActAcknowledge) && k.Off && p.Bar.Sure == nil {
			*k = look.Act(escalation.ActTake, w.Take, true)
			k.Main = true
		}
	}
}

// arbitrates says whether the reader may give tickets to others: a manager, or the deputy.
func (r *reader) arbitrates() bool {
	by := r.by.Actor(viaConsole)
	return by.Role >= desk.Manager || by.Deputy
}
