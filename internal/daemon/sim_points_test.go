package daemon

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// hasPoints says whether a category of the world has a checklist with points that are due:
// in half of the worlds. What a failover takes back nobody listed, and a clock that jumps
// moves what is due.
func (s *sim) hasPoints() bool {
	return !s.plan.kinds["failover"] && !s.plan.kinds["store clock"] && rand.New(rand.NewPCG(s.seed, 90)).IntN(2) == 0
}

// desk is what the configuration says of that category.
func (s *sim) desk() string {
	if !s.hasPoints() {
		return ""
	}
	rng := rand.New(rand.NewPCG(s.seed, 91))
	return fmt.Sprintf("\ndesk: {categories: {breach: {checklist: [{point: tell, within: %ds}, {point: report, within: %ds, required: %v}, {point: look, within: %ds}, learn]}, other: {}}}\n",
		60+rng.IntN(120), 120+rng.IntN(240), rng.IntN(3) == 0, 300+rng.IntN(300))
}

// scriptPoints has people say that a ticket is such a breach, take it, tick points and take
// ticks back, forget others, and say that it is none after all. It draws from its own source.
func (s *sim) scriptPoints(add func(time.Duration, string, func())) {
	if !s.hasPoints() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 92))
	within := func(from, to time.Duration) time.Duration { return from + time.Duration(rng.Int64N(int64(to-from))) }
	for range 3 + rng.IntN(3) {
		at, who := within(15*time.Second, s.plan.trouble), []string{"alice", "bruno", "chloe", "dominique"}[rng.IntN(4)]
		takes := []string{"acknowledge", "pickup", "pickup", ""}[rng.IntN(4)]
		var number string
		add(at, fmt.Sprintf("%s says that a ticket is a breach, and does: %q", who, takes), func() {
			if number = s.someTicket(); number != "" {
				s.beside(func() {
					s.lists(number, who, "breach")
					if takes != "" {
						s.order(number, takes, who)
					}
				})
			}
		})
		for range rng.IntN(4) {
			point, done, at := fmt.Sprint(1+rng.IntN(3)), rng.IntN(4) > 0, at+within(5*time.Second, 4*time.Minute)
			add(at, fmt.Sprintf("%s ticks point %s: %v", who, point, done), func() {
				if number != "" {
					s.beside(func() { s.ticks(number, who, point, done) })
				}
			})
		}
		if rng.IntN(4) > 0 {
			continue
		}
		away := at + within(10*time.Second, 3*time.Minute)
		for i, category := range []string{"other", "breach"} {
			add(away+time.Duration(i)*within(time.Second, 2*time.Minute), who+" says that it is: "+category, func() {
				if number != "" {
					s.beside(func() { s.lists(number, who, category) })
				}
			})
		}
	}
}

// lists puts a ticket into a category.
func (s *sim) lists(number, who, category string) {
	status, said, _ := s.send(http.MethodPatch, number, ticket.AnyTag, map[string]string{"category": category, "person": who})
	s.tell("%s says that %s is of category %s: %d %.120s", who, number, category, status, said)
}

// ticks ticks a point of a checklist, or takes the tick back.
func (s *sim) ticks(number, who, point string, done bool) {
	status, said, _ := s.send(http.MethodPatch, number+"/checklist", "", map[string]any{"point": point, "done": done, "person": who})
	s.tell("%s ticks point %s of %s, %v: %d %.120s", who, point, number, done, status, said)
}

// simPoint is what the world remembers of a point of a ticket's checklist that is due.
type simPoint struct {
	text       string
	due        time.Time
	within     time.Duration
	required   bool
	open       bool
	before     bool      // it was open before the commit that is looked at
	since      time.Time // it is open since then
	soon, late bool      // somebody was reminded before it was due, and when it was
}

// early is when a fifth of its time is left.
func (p *simPoint) early() time.Time { return p.due.Add(-p.within / 5) }

// simList is what it remembers of the list, and of who has the ticket.
type simList struct {
	points []*simPoint
	holder string
	held   time.Time // since then
	clear  time.Time // since then nothing is open of which somebody was reminded; zero: something is
}

func (l *simList) find(text string, due time.Time) *simPoint {
	for _, p := range l.points {
		if p.text == text && p.due.Equal(due) {
			return p
		}
	}
	return nil
}

// reminded says whether something is open of which somebody was reminded.
func (l *simList) reminded() bool {
	return slices.ContainsFunc(l.points, func(p *simPoint) bool { return p.open && (p.soon || p.late) })
}

// pointed holds a commit to what a checklist promises.
func (h *history) pointed(number string, was *ticket.Ticket, c *escalation.Change) {
	l := &h.tickets[number].list
	opened := *was
	for _, p := range l.points {
		p.before = p.open
	}
	fresh := h.listed(number, l, c)
	lines := 0
	for i := range c.Timeline {
		e := &c.Timeline[i]
		switch {
		case e.Kind == ticket.EntryPoint && (e.Detail == ticket.SaidPointDue || e.Detail == ticket.SaidPointUnheard):
			lines++
			h.pointDue(number, l, &opened, c, e)
		case e.Kind == ticket.EntryResolved && e.Actor != nil && (e.Actor.Kind == ticket.ActorPerson || e.Actor.Kind == ticket.ActorToken) && e.Detail != ticket.SaidAway,
			e.Kind == ticket.EntryClosed && e.Actor != nil && (e.Actor.Kind == ticket.ActorPerson || e.Actor.Kind == ticket.ActorToken):
			if slices.ContainsFunc(l.points, func(p *simPoint) bool { return p.open && p.required }) {
				h.s.problem("point", "%s was %s by %s, and a point is required that is to do", number, e.Kind, e.Actor)
			}
		case e.Kind == ticket.EntryClosed:
			if k := slices.IndexFunc(l.points, func(p *simPoint) bool { return p.open && p.due.Sub(h.s.storeNow()) > time.Second }); k >= 0 {
				h.s.problem("point", "%s closed by itself, and %q is due at %s", number, l.points[k].text, clockOf(l.points[k].due))
			}
		default:
		}
	}
	h.pagedOfPoints(number, was, c, lines)
	fresh = fresh || was.State != c.Ticket.State || was.Urgency != c.Ticket.Urgency || !was.Progress.Mute.Until.IsZero() // what held it back may be over
	if holder := c.Ticket.Holder(); holder != l.holder || fresh {
		l.holder, l.held = holder, h.s.storeNow()
	}
	switch {
	case l.reminded():
		l.clear = time.Time{}
	case l.clear.IsZero():
		l.clear = time.Now()
	}
}

// listed follows the list as a commit writes it; true if it does.
func (h *history) listed(number string, l *simList, c *escalation.Change) bool {
	for i := range c.Records {
		w := &c.Records[i]
		if w.Kind != ticket.SheetRecords || w.Remove || w.Key != number {
			continue
		}
		sheet, err := ticket.ReadSheet(w.Value)
		if err != nil {
			h.s.problem("judge", "the sheet of %s: %v", number, err)
			return false
		}
		was := map[*simPoint]bool{}
		for _, p := range l.points {
			was[p], p.open = p.open, false
		}
		for i := range sheet.Checklist {
			point := &sheet.Checklist[i]
			p := l.find(point.Text, point.DueAt)
			if p == nil {
				p = &simPoint{text: point.Text, due: point.DueAt, within: time.Duration(point.Within), required: point.Required}
				l.points = append(l.points, p)
			}
			if p.open = !point.Done(); p.open && !was[p] {
				p.since = h.s.storeNow()
			}
		}
		return true
	}
	return false
}

// pointDue holds a reminder to it: of a point that is to do, once before it is due and once
// when it is, in time, and of what is not urgent in the desk's hours alone.
func (h *history) pointDue(number string, l *simList, was *ticket.Ticket, c *escalation.Change, e *ticket.Entry) {
	s, now := h.s, h.s.storeNow()
	p := l.find(e.Text, e.Args.Instant)
	// Of what one commit has, the reminder may come before the tick.
	if p == nil || !p.open && !p.before || was.State == ticket.Closed {
		s.problem("point", "%s: somebody is reminded of %q, which is not to do", number, e.Text)
		return
	}
	isDue := !e.At.Before(p.due)
	urgent := was.Urgency >= ticket.Major || c.Ticket.Urgency >= ticket.Major
	rules := s.rulesAt(time.Now())
	switch {
	case isDue && p.late, !isDue && p.soon, p.late:
		s.problem("point", "%s: somebody is reminded of %q again, at %s, due %s", number, e.Text, clockOf(e.At), clockOf(p.due))
	case urgent && p.early().Sub(e.At) > time.Second:
		s.problem("point", "%s: somebody is reminded of %q at %s, before %s", number, e.Text, clockOf(e.At), clockOf(p.early()))
	case !urgent && !rules.DeskOpen(e.At) && !rules.DeskOpen(e.At.Add(-time.Second)):
		s.problem("point", "%s, which is %s: somebody is reminded of %q outside the desk's hours", number, was.Urgency, e.Text)
	}
	from := later(later(p.early(), p.since), l.held)
	if isDue {
		from = later(later(p.due, p.since), l.held)
	}
	if delay := now.Sub(from); urgent && l.holder != "" && delay > simDeadline && !s.troubled(time.Now().Add(-delay), time.Now()) && was.Progress.Mute.Until.IsZero() {
		s.problem("point", "%s: somebody is reminded of %q at %s, which was to be at %s", number, e.Text, clockOf(now), clockOf(from))
	}
	if p.soon, p.late = p.soon || !isDue, p.late || isDue; isDue {
		p.soon = true // it is too late for that
	}
}

// pagedOfPoints holds the pages of a commit to it: they go to whoever has the ticket, for
// every line that says so and for none without one.
func (h *history) pagedOfPoints(number string, was *ticket.Ticket, c *escalation.Change, lines int) {
	to := map[string]int{}
	for i := range c.Pages {
		p := &c.Pages[i]
		if p.Kind != ticket.KindDue || p.Round.Again || p.Round.N < was.Progress.Reminded { // it is tried by another way
			continue
		}
		if to[p.Person+"/"+p.Channel]++; to[p.Person+"/"+p.Channel] > lines || lines == 0 {
			h.s.problem("point", "%s: %s is paged %d times of what is due, and its timeline has %d lines", number, p.Person, to[p.Person+"/"+p.Channel], lines)
		}
		if p.Person != was.Holder() && p.Person != c.Ticket.Holder() {
			h.s.problem("point", "%q has %s, and %s is reminded of what is due", c.Ticket.Holder(), number, p.Person)
		}
	}
	holder := c.Ticket.Holder()
	if who := h.s.person(holder); lines > 0 && len(to) == 0 && who != nil && len(who.phones) > 0 && holder == was.Holder() && !h.s.tookAway(holder) {
		h.s.problem("point", "%s: the timeline says that %s is reminded of what is due, who is not", number, holder)
	}
}

// sentOfPoints judges a reminder as it goes out: something is to do of which it reminds.
func (h *history) sentOfPoints(o *sent) {
	t := h.tickets[o.key.Ticket]
	if o.kind != ticket.KindDue || t == nil || t.list.clear.IsZero() || !o.claim.at.After(t.list.clear) {
		return
	}
	h.s.problem("point", "%s reminds of what is due, and nothing is since %.3f", o.key, h.s.since(t.list.clear))
}

// judgePoints: when all is well, whoever has a ticket was reminded of each point that is to
// do, once a fifth of its time is left, and again once it is due.
func (h *history) judgePoints(number string) {
	t, s := h.tickets[number], h.s
	l, now := &t.list, h.s.storeNow()
	rules := s.rulesAt(time.Now())
	open := func() bool {
		return t.Urgency >= ticket.Major || rules.DeskOpen(now) && rules.DeskOpen(now.Add(-simDeadline))
	}
	if t.State == ticket.Closed || l.holder == "" || !open() || t.State == ticket.Open && !t.Progress.Mute.Until.IsZero() {
		return
	}
	over := func(at, since time.Time) bool { return now.Sub(later(later(at, since), l.held)) > simDeadline }
	for _, p := range l.points {
		switch {
		case !p.open || p.within == 0:
		case !p.late && p.since.Before(p.due) && over(p.due, p.since):
			s.problem("no reminder", "%s has %s since %s, where %q was due at %s, and was not reminded of it", l.holder, number, clockOf(l.held), p.text, clockOf(p.due))
		case !p.soon && !p.late && p.since.Before(p.early()) && t.Urgency >= ticket.Major && over(p.early(), p.since):
			s.problem("no reminder", "%s has %s since %s, where %q is due at %s, and was not reminded of it before", l.holder, number, clockOf(l.held), p.text, clockOf(p.due))
		}
	}
}
