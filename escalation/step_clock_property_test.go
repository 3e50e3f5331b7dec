//go:build !race || long

package escalation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// tally counts a GTI clock minute by minute, by asking each minute whether it counts: an
// independent count of what ticket.GTI does by stretches.
type tally struct {
	began, now time.Time
	within     int                // minutes
	plan       *calendar.Calendar // in force when the promise was last planned
	force      *calendar.Calendar // in force now
	used, over []time.Time        // minutes that counted before the due time, and after it
	late       []time.Time        // minutes after it that nothing has written down yet
	rests      []ticket.Pause
	due        time.Time // the end of the minute that used it up
}

func (o *tally) paused() bool {
	n := len(o.rests)
	return n > 0 && o.rests[n-1].To.IsZero()
}

func (o *tally) minute(m time.Time) {
	switch {
	case o.within == 0: // nothing is promised
	case len(o.used) < o.within:
		if o.plan.Open(m) {
			if o.used = append(o.used, m); len(o.used) == o.within {
				o.due = m.Add(time.Minute)
			}
		}
	default:
		o.late = append(o.late, m)
	}
}

func (o *tally) pass(to time.Time) {
	for ; o.now.Before(to); o.now = o.now.Add(time.Minute) {
		if !o.paused() {
			o.minute(o.now)
		}
	}
}

// settle writes down what has counted before a time.
func (o *tally) settle(to time.Time) {
	o.over = append(o.over, o.lateNow(to)...)
	o.late = slices.DeleteFunc(o.late, func(m time.Time) bool { return m.Before(to) })
}

func (o *tally) lateNow(to time.Time) (counted []time.Time) {
	for _, m := range o.late {
		if m.Before(to) && o.force.Open(m) {
			counted = append(counted, m)
		}
	}
	return counted
}

// total is what has counted before a time.
func (o *tally) total(to time.Time) time.Duration {
	n := len(o.lateNow(to))
	for _, m := range slices.Concat(o.used, o.over) {
		if m.Before(to) {
			n++
		}
	}
	return time.Duration(n) * time.Minute
}

func (o *tally) pause(r ticket.PauseReason) {
	o.settle(o.now)
	o.rests = append(o.rests, ticket.Pause{Reason: r, From: o.now})
}

func (o *tally) resume() {
	p := &o.rests[len(o.rests)-1]
	p.To = o.now
	if len(o.used) >= o.within {
		o.settle(o.now)
		if o.due.Equal(p.From) {
			o.due = o.now
		}
	}
	o.plan = o.force
}

// again counts from the beginning, for another promise.
func (o *tally) again(within int, named []ticket.PauseReason) {
	o.within, o.plan, o.used, o.over, o.late, o.due = within, o.force, nil, nil, nil, time.Time{}
	for i := range o.rests {
		if p := &o.rests[i]; !slices.Contains(named, p.Reason) && p.To.IsZero() {
			p.To = o.now
		}
	}
	for m := o.began; m.Before(o.now); m = m.Add(time.Minute) {
		rests := slices.ContainsFunc(o.rests, func(p ticket.Pause) bool {
			return slices.Contains(named, p.Reason) && !m.Before(p.From) && (p.To.IsZero() || m.Before(p.To))
		})
		if !rests {
			o.minute(m)
		}
	}
	if o.paused() {
		o.settle(o.rests[len(o.rests)-1].From)
	}
	for _, p := range o.rests {
		if slices.Contains(named, p.Reason) && !p.To.IsZero() && len(o.used) >= o.within && o.due.Equal(p.From) {
			o.due = p.To
		}
	}
}

// ahead is when the promise will be used up.
func (o *tally) ahead() time.Time {
	if len(o.used) >= o.within {
		return o.due
	}
	left := o.within - len(o.used)
	for m := o.now; ; m = m.Add(time.Minute) {
		if o.plan.Open(m) {
			if left--; left == 0 {
				return m.Add(time.Minute)
			}
		}
	}
}

// someHours draws a calendar: hours on most days, in a zone whose clocks change, with
// holidays around the days of these tests.
func someHours(t *rapid.T, name string) *calendar.Calendar {
	if rapid.IntRange(0, 4).Draw(t, "always") == 0 {
		return calendar.Always(name)
	}
	zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Paris", "Australia/Lord_Howe", "UTC", "America/New_York"}).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	var spans []calendar.Span
	for day := time.Sunday; day <= time.Saturday; day++ {
		from := 0
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			from += rapid.IntRange(0, 400).Draw(t, "gap")
			to := min(from+rapid.IntRange(60, 500).Draw(t, "length"), 24*60)
			if from >= to {
				break
			}
			spans = append(spans, calendar.Span{Days: []time.Weekday{day}, From: from, To: to})
			from = to
		}
	}
	spans = slices.DeleteFunc(spans, func(s calendar.Span) bool { return s.Days[0] == time.Wednesday })
	spans = append(spans, calendar.Span{Days: []time.Weekday{time.Wednesday}, From: 0, To: 24 * 60})
	h := calendar.Holidays{}
	for day := range 12 {
		if rapid.IntRange(0, 4).Draw(t, "holiday") == 0 {
			h.Add = append(h.Add, calendar.DateOf(clockFrom.AddDate(0, 0, day)))
		}
	}
	c, err := calendar.New(name, zone, spans, h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clockFrom is four days before clocks change in Europe.
var clockFrom = time.Date(2026, time.March, 25, 0, 0, 0, 0, time.UTC)

// Whatever happens to a ticket, and to the calendars and holidays while it is open, its
// clock shows what an independent count by minutes does.
func TestTheClockAgreesWithACountByMinutes(t *testing.T) {
	base := testRules(t)
	rapid.Check(t, func(t *rapid.T) {
		rules := *base
		contracts := map[string]Contract{}
		for _, name := range []string{"one", "two"} {
			c := Contract{Key: name, GTI: map[ticket.Urgency]Promise{}}
			for _, u := range ticket.Urgencies() {
				c.GTI[u] = Promise{Within: time.Duration(rapid.IntRange(1, 900).Draw(t, "within")) * time.Minute, Calendar: fmt.Sprintf("%s-%s", name, u)}
			}
			for _, reason := range ticket.PauseReasons() {
				if rapid.IntRange(0, 3).Draw(t, "named") > 0 {
					c.Pauses = append(c.Pauses, reason)
				}
			}
			contracts[name] = c
		}
		reload := func() {
			rules.Calendars = map[string]*calendar.Calendar{}
			for _, name := range []string{"one", "two"} {
				for _, u := range ticket.Urgencies() {
					key := fmt.Sprintf("%s-%s", name, u)
					rules.Calendars[key] = someHours(t, key)
				}
			}
		}
		rules.Contracts = contracts
		reload()
		began := clockFrom.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(t, "began")) * time.Minute)
		now := began
		tk := Opening("prometheus", ticket.Incident, "X", Routed{Contract: "one", Urgency: ticket.Major}, now, &rules)
		promised := func() (int, *calendar.Calendar) {
			p := contracts[tk.Contract].GTI[tk.Urgency]
			return int(p.Within / time.Minute), rules.Calendars[p.Calendar]
		}
		within, cal := promised()
		o := &tally{began: began, now: now, within: within, plan: cal, force: cal}
		world := func() World { return World{Now: now, Rules: &rules} }
		act := func(e Acted) error {
			e.Actor = ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}
			before := fmt.Sprint(tk.GTI)
			d, err := Step(tk, e, world())
			if fmt.Sprint(tk.GTI) != before {
				t.Fatalf("%s changed the ticket that it was given", e.Action)
			}
			tk = d.Ticket
			return err
		}
		compare := func(what string) {
			c := rules.TellClock(&tk, now)
			if c.Used != o.total(now) {
				t.Fatalf("%s: %s used, by minutes %s\n%+v", what, c.Used, o.total(now), tk.GTI)
			}
			if c.Left < 0 || c.Late < 0 || c.Used < 0 {
				t.Fatalf("%s: below zero: %+v", what, c)
			}
			eachInstant(t, &c, now)
			if tk.GTI.Resting() == nil && tk.GTIStoppedAt().IsZero() {
				if want := o.ahead(); !tk.GTI.DueAt.Equal(want) {
					t.Fatalf("%s: due %s, by minutes %s\n%+v", what, tk.GTI.DueAt, want, tk.GTI)
				}
			}
		}
		compare("opened")
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "pass")) * time.Minute)
			o.pass(now)
			what := rapid.SampledFrom([]string{"pause", "resume", "reload", "requalify", "look"}).Draw(t, "what")
			switch what {
			case "pause":
				reason := rapid.SampledFrom(ticket.PauseReasons()).Draw(t, "reason")
				may := slices.Contains(contracts[tk.Contract].Pauses, reason) && !o.paused()
				if err := act(Acted{Action: ActPause, Reason: reason}); (err == nil) != may && !o.paused() {
					t.Fatalf("pause: %v", err)
				}
				if may {
					o.pause(reason)
				}
			case "resume":
				if err := act(Acted{Action: ActResume}); (err == nil) != o.paused() && len(o.rests) == 0 {
					t.Fatalf("resume: %v", err)
				}
				if o.paused() {
					o.resume()
				}
			case "reload":
				reload()
				_, o.force = promised()
			case "requalify":
				s := &stepper{World: world(), t: tk}
				s.t.Urgency = rapid.SampledFrom(ticket.Urgencies()).Draw(t, "urgency")
				s.t.Contract = rapid.SampledFrom([]string{"one", "two"}).Draw(t, "contract")
				if s.recount() == nil {
					t.Fatal("nothing came of it")
				}
				tk = s.t
				within, o.force = promised()
				o.again(within, contracts[tk.Contract].Pauses)
			}
			compare(what)
		}
		now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pass")) * time.Minute)
		o.pass(now)
		if err := act(Acted{Action: ActPickUp}); err != nil {
			t.Fatal(err)
		}
		compare("picked up")
		o.settle(now)
		state, used := tk.GTIState(now), o.total(now)
		reload()
		now = now.Add(100 * time.Hour)
		if c := rules.TellClock(&tk, now); c.Used != used || c.State != state {
			t.Fatalf("a stopped clock moved: %s %s, was %s %s", c.Used, c.State, used, state)
		}
	})
}

// eachInstant checks that every instant is in exactly one span, and that the counted ones add up.
func eachInstant(t *rapid.T, c *ClockTold, now time.Time) {
	at, sum := c.Began, time.Duration(0)
	for _, s := range c.Spans {
		if !s.From.Equal(at) || !s.From.Before(s.To) {
			t.Fatalf("a span from %s to %s follows one that ends %s", s.From, s.To, at)
		}
		if s.Why != ticket.SpanSum && s.Counted != 0 && s.Counted != s.To.Sub(s.From) {
			t.Fatalf("%s of a span of %s counts", s.Counted, s.To.Sub(s.From))
		}
		sum += s.Counted
		at = s.To
	}
	end := now
	if !c.Stopped.IsZero() {
		end = c.Stopped
	}
	if end.After(c.Began) && !at.Equal(end) || sum != c.Used {
		t.Fatalf("told until %s of %s; %s counts, used %s", at, end, sum, c.Used)
	}
	for _, s := range c.Ahead {
		sum += s.Counted
	}
	if c.State == ticket.GTIRunning && sum != c.Within {
		t.Fatalf("with what is ahead %s counts of %s", sum, c.Within)
	}
}
