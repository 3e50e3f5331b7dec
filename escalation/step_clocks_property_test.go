//go:build !race || long

package escalation

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// waits is what one of a ticket's clocks should show: a tally, and what ended it. The kind
// of the GTI's is empty.
type waits struct {
	tally
	kind   ticket.ClockKind
	hours  string // the calendar's name
	done   time.Time
	missed int
}

// clocksRun plays a ticket whose contract promises everything, beside an independent count
// by minutes of each of its clocks.
type clocksRun struct {
	*rapid.T
	rules    Rules
	now      time.Time
	tk       ticket.Ticket
	sheet    *ticket.Sheet
	clocks   []*waits
	picked   time.Time
	resolved time.Time
	treated  time.Duration
	tasks    int
	shown    map[string]bool // tasks that have been public
}

// twoContracts are drawn anew, with calendars of their own for each urgency. The first
// promises everything for what is major.
func (r *clocksRun) twoContracts() {
	r.rules.Contracts = map[string]Contract{}
	for _, name := range []string{"one", "two"} {
		c := Contract{Key: name, Hours: name + "-low", Clocks: map[ticket.ClockKind]map[ticket.Urgency]Promise{}}
		for _, kind := range append(ticket.ClockKinds(), "") {
			promised := map[ticket.Urgency]Promise{}
			for _, u := range ticket.Urgencies() {
				if name == "one" && u == ticket.Major || rapid.IntRange(0, 5).Draw(r.T, "promised") > 0 {
					promised[u] = Promise{Within: time.Duration(rapid.IntRange(1, 900).Draw(r.T, "within")) * time.Minute, Calendar: fmt.Sprintf("%s-%s", name, u)}
				}
			}
			if kind == "" {
				c.GTI = promised
			} else {
				c.Clocks[kind] = promised
			}
		}
		for _, reason := range ticket.PauseReasons() {
			if rapid.IntRange(0, 3).Draw(r.T, "named") > 0 {
				c.Pauses = append(c.Pauses, reason)
			}
		}
		r.rules.Contracts[name] = c
	}
}

func (r *clocksRun) reload() {
	r.rules.Calendars = map[string]*calendar.Calendar{}
	for _, name := range slices.Sorted(maps.Keys(r.rules.Contracts)) {
		for _, u := range ticket.Urgencies() {
			key := fmt.Sprintf("%s-%s", name, u)
			r.rules.Calendars[key] = someHours(r.T, key)
		}
	}
	for _, w := range r.clocks {
		w.force = r.rules.Calendars[w.hours]
	}
}

// promise is what the contract in force promises of a kind.
func (r *clocksRun) promise(kind ticket.ClockKind) Promise {
	c := r.rules.Contracts[r.tk.Contract]
	if kind == "" {
		return c.GTI[r.tk.Urgency]
	}
	return c.Clocks[kind][r.tk.Urgency]
}

// puts has a clock count again from its beginning, for another promise.
func (r *clocksRun) puts(w *waits, p Promise) {
	w.hours, w.force = p.Calendar, r.rules.Calendars[p.Calendar]
	w.again(int(p.Within/time.Minute), r.rules.Contracts[r.tk.Contract].Pauses)
	if at := r.stopped(w); !at.IsZero() {
		w.settle(at)
	}
}

func (r *clocksRun) stopped(w *waits) time.Time { return firstOf(w.done, r.resolved) }

// shows is how the clock stands now.
func (r *clocksRun) shows(w *waits) ticket.GTIState {
	at, spent := r.stopped(w), len(w.used) >= w.within
	rests := w.halted()
	switch {
	case w.within == 0:
		return ticket.GTINone
	case rests && at.IsZero():
		return ticket.GTIPaused
	case rests, !at.IsZero() && (!spent || !at.After(w.due)):
		return ticket.GTIMet
	case at.IsZero() && (!spent || !r.now.After(w.due)):
		return ticket.GTIRunning
	}
	return ticket.GTIMissed
}

// ends stops a clock for good.
func (r *clocksRun) ends(w *waits, at time.Time) {
	if !w.done.IsZero() {
		return
	}
	if w.halted() && len(w.used) >= w.within {
		w.due = at // it rested when it was used up
	}
	w.done = at
	w.settle(at)
}

// begins has a clock run anew.
func (r *clocksRun) begins(w *waits) {
	if r.shows(w) == ticket.GTIMissed {
		w.missed++
	}
	p := r.promise(w.kind)
	if p.Within == 0 {
		p = Promise{Within: time.Duration(w.within) * time.Minute, Calendar: w.hours}
	}
	w.began, w.done = r.now, time.Time{}
	w.hours, w.force = p.Calendar, r.rules.Calendars[p.Calendar]
	w.within, w.plan = int(p.Within/time.Minute), w.force
	w.used, w.over, w.late, w.due = nil, nil, nil, time.Time{}
}

// wakes ends the pause: of those that have ended nothing but the pause does.
func (r *clocksRun) wakes() {
	for _, w := range r.clocks {
		switch {
		case w.paused() && w.done.IsZero() && w.within > 0:
			w.resume()
		case w.paused():
			w.rests[len(w.rests)-1].To = r.now
		}
	}
}

func (r *clocksRun) of(kind ticket.ClockKind) *waits {
	return r.clocks[slices.IndexFunc(r.clocks, func(w *waits) bool { return w.kind == kind })]
}

func (r *clocksRun) opens() {
	r.now = clockFrom.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(r.T, "began")) * time.Minute)
	r.tk = Opening("prometheus", ticket.Incident, "X", Routed{Contract: "one", Urgency: ticket.Major}, r.now, &r.rules)
	for _, kind := range append(ticket.ClockKinds(), "") {
		w := &waits{kind: kind}
		w.began, w.now = r.now, r.now
		r.clocks = append(r.clocks, w)
		r.puts(w, r.promise(kind))
	}
}

func (r *clocksRun) pass(most int) {
	r.now = r.now.Add(time.Duration(rapid.IntRange(0, most).Draw(r.T, "pass")) * time.Minute)
	for _, w := range r.clocks {
		w.pass(r.now)
	}
}

func (r *clocksRun) act(e Acted) error {
	e.Actor = ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}
	before := fmt.Sprint(r.tk.GTI, r.tk.Clocks)
	d, err := Step(r.tk, e, World{Now: r.now, Rules: &r.rules, Sheet: r.sheet})
	if fmt.Sprint(r.tk.GTI, r.tk.Clocks) != before {
		r.Fatalf("%s changed the ticket that it was given", e.Action)
	}
	if err != nil {
		return err
	}
	r.tk = d.Ticket
	if d.Sheet != nil {
		r.sheet = d.Sheet
	}
	return nil
}

// does has a person do something, and says what it means for the clocks.
func (r *clocksRun) does(what string) {
	reason := rapid.SampledFrom(ticket.PauseReasons()).Draw(r.T, "reason")
	if r.act(Acted{Action: Action(what), Reason: reason}) != nil || what == "pause" && r.clocks[0].paused() {
		return
	}
	switch what {
	case "pause":
		for _, w := range r.clocks {
			if w.done.IsZero() && w.within > 0 {
				w.pause(reason)
			} else {
				w.rests = append(w.rests, ticket.Pause{Reason: reason, From: r.now})
			}
		}
	case "resume":
		r.wakes()
	case "acknowledge":
		r.ends(r.of(ticket.ClockRespond), r.now)
	case "pickup":
		if r.picked.IsZero() {
			r.picked = r.now
			r.wakes()
			r.ends(r.of(""), r.now)
		}
		r.ends(r.of(ticket.ClockRespond), r.now)
	case "resolve":
		r.resolved = r.now
		for _, w := range r.clocks {
			if w.done.IsZero() {
				w.settle(r.now)
			}
		}
		r.treated = r.treatment()
	case "undo":
		r.resolved = time.Time{}
	case "reopen":
		r.beginsAgain()
	}
}

// beginsAgain is a reopening. The given clocks may be due sooner by it.
func (r *clocksRun) beginsAgain(sooner ...*waits) {
	r.begins(r.of(ticket.ClockRespond))
	r.begins(r.of(ticket.ClockNews))
	r.resolved = time.Time{}
	r.sooner(sooner...)
	r.wakes()
}

// works writes down a task, or corrects one.
func (r *clocksRun) works() {
	kind := rapid.SampledFrom(ticket.TaskKinds()).Draw(r.T, "kind")
	public, text := rapid.Bool().Draw(r.T, "public"), "x"
	edit := &ticket.TaskEdit{Kind: &kind, Public: &public, Text: &text}
	change, news := r.tasks > 0 && rapid.Bool().Draw(r.T, "change"), public
	if change {
		edit.ID = fmt.Sprint(rapid.IntRange(0, r.tasks-1).Draw(r.T, "task"))
		news = public && !r.shown[edit.ID]
	} else {
		at := r.now.Add(time.Duration(-rapid.IntRange(0, 600).Draw(r.T, "before")) * time.Minute)
		edit.ID, edit.At = fmt.Sprint(r.tasks), &at
		r.tasks++
	}
	if err := r.act(Acted{Action: ActTask, Work: &ticket.Work{Change: change, Task: edit}}); err != nil {
		r.Fatal(err)
	}
	if public {
		r.shown[edit.ID] = true
	}
	if news && r.resolved.IsZero() {
		r.begins(r.of(ticket.ClockNews))
	}
	w, first := r.of(ticket.ClockCallBack), time.Time{}
	for i := range r.sheet.Tasks {
		task := &r.sheet.Tasks[i]
		if at := task.At; task.Kind == ticket.TaskCall && !at.Before(w.began) {
			if at.After(r.now) {
				at = r.now
			}
			first = firstOf(first, at)
		}
	}
	if !first.Equal(w.done) {
		was := w.done
		w.done = time.Time{}
		if !was.IsZero() {
			r.puts(w, Promise{Within: time.Duration(w.within) * time.Minute, Calendar: w.hours})
		}
		if !first.IsZero() {
			r.ends(w, first)
		}
	}
}

// requalifies gives the ticket another urgency, another contract, or both.
func (r *clocksRun) requalifies() {
	s := &stepper{World: World{Now: r.now, Rules: &r.rules, Sheet: r.sheet}, t: r.tk}
	s.t.Clocks = slices.Clone(s.t.Clocks)
	s.t.Urgency = rapid.SampledFrom(ticket.Urgencies()).Draw(r.T, "urgency")
	s.t.Contract = rapid.SampledFrom([]string{"one", "two"}).Draw(r.T, "contract")
	_, told := s.promiseAgain()
	r.tk = s.t
	for _, w := range r.clocks {
		was := w.within
		r.puts(w, r.promise(w.kind))
		if w.kind == "" || was == 0 && w.within == 0 {
			continue
		}
		if !slices.ContainsFunc(told, func(c ticket.Recount) bool {
			return c.Of == w.kind && time.Duration(c.Now.Within) == time.Duration(w.within)*time.Minute
		}) {
			r.Fatalf("nothing is told of %s: %+v", w.kind, told)
		}
	}
}

// raises has an alert make the ticket more urgent, or reopen it with its own urgency.
func (r *clocksRun) raises() {
	u := rapid.SampledFrom(ticket.Urgencies()).Draw(r.T, "raised")
	s := &stepper{World: World{Now: r.now, Rules: &r.rules, Sheet: r.sheet}, t: r.tk}
	s.t.Clocks = slices.Clone(s.t.Clocks)
	switch same := u == r.tk.Urgency; {
	case r.resolved.IsZero() && s.raise(u):
		r.tk = s.t
		r.sooner(r.clocks...)
	case !r.resolved.IsZero():
		s.reopen(u)
		r.tk = s.t
		if same {
			r.beginsAgain()
		} else {
			r.beginsAgain(r.of(ticket.ClockCallBack), r.of(ticket.ClockResolve), r.of(""))
		}
	}
}

// sooner counts those again that the ticket's urgency has due sooner.
func (r *clocksRun) sooner(clocks ...*waits) {
	for _, w := range clocks {
		p := r.promise(w.kind)
		if p.Within == 0 || !w.done.IsZero() && (w.kind != "" || w.within > 0) {
			continue
		}
		next := *w
		next.rests = slices.Clone(w.rests)
		r.puts(&next, p)
		sooner := w.within == 0 || next.ahead().Before(w.ahead())
		if w.within > 0 && (w.halted() || next.halted()) {
			sooner = next.left() < w.left()
		}
		if sooner {
			*w = next
		}
	}
}

// halted says that it rests before its due time, or at it.
func (w *waits) halted() bool {
	return w.paused() && (len(w.used) < w.within || w.due.Equal(w.rests[len(w.rests)-1].From))
}

func (w *waits) left() time.Duration {
	return time.Duration(w.within)*time.Minute - w.total(w.now)
}

// treatment counts the time of treatment until now.
func (r *clocksRun) treatment() (length time.Duration) {
	if r.picked.IsZero() {
		return 0
	}
	hours, named := r.rules.TreatmentHours(&r.tk), r.rules.Contracts[r.tk.Contract].Pauses
	for m := r.picked; m.Before(r.now); m = m.Add(time.Minute) {
		if hours.Open(m) && !slices.ContainsFunc(r.of("").rests, func(p ticket.Pause) bool {
			return slices.Contains(named, p.Reason) && !m.Before(p.From) && (p.To.IsZero() || m.Before(p.To))
		}) {
			length += time.Minute
		}
	}
	return length
}

func (r *clocksRun) compare(what string) {
	told := append(r.rules.TellClocks(&r.tk, r.now), r.rules.TellClock(&r.tk, r.now))
	for _, w := range r.clocks {
		i := slices.IndexFunc(told, func(c ClockTold) bool { return c.Kind == w.kind && c.Within > 0 })
		if (i < 0) != (w.within == 0) {
			r.Fatalf("%s: of %s %d minutes are promised, and it is told %+v", what, w.kind, w.within, told)
		}
		if i < 0 {
			continue
		}
		c, at := &told[i], r.now
		if stopped := r.stopped(w); !stopped.IsZero() {
			at = stopped
		}
		if want := w.total(at); c.Used != want || c.State != r.shows(w) || c.Missed != w.missed || !c.Began.Equal(w.began) {
			clock, _ := r.tk.Clock(w.kind)
			r.Fatalf("%s: %s: %s used, %s, missed %d, since %s; by minutes %s, %s, missed %d, since %s\n%+v\n%+v",
				what, w.kind, c.Used, c.State, c.Missed, c.Began, want, r.shows(w), w.missed, w.began, clock, r.tk.GTI)
		}
		if c.State == ticket.GTIRunning && !c.Due.Equal(w.ahead()) {
			r.Fatalf("%s: %s is due %s, by minutes %s", what, w.kind, c.Due, w.ahead())
		}
		eachInstant(r.T, c, r.now)
	}
	t := r.rules.TellTreatment(&r.tk, r.sheet, r.now)
	if want := r.treated; t.Counted != want && !r.resolved.IsZero() {
		r.Fatalf("%s: treated for %s, by minutes %s", what, t.Counted, want)
	} else if want = r.treatment(); t.Counted != want && r.resolved.IsZero() {
		r.Fatalf("%s: being treated for %s, by minutes %s", what, t.Counted, want)
	}
}

// Whatever people and alerts do to a ticket, and to contracts' calendars and holidays while
// it is there, each of its clocks shows what an independent count by minutes does.
func TestEveryClockAgreesWithACountByMinutes(t *testing.T) {
	base := testRules(t)
	rapid.Check(t, func(t *rapid.T) {
		r := &clocksRun{T: t, rules: *base, shown: map[string]bool{}}
		r.twoContracts()
		r.reload()
		r.opens()
		r.compare("opened")
		for range rapid.IntRange(1, 14).Draw(t, "events") {
			r.pass(rapid.SampledFrom([]int{5, 1500}).Draw(t, "most"))
			what := rapid.SampledFrom([]string{
				"pause", "pause", "resume", "acknowledge", "pickup", "resolve", "undo", "reopen", "reopen", "work", "work", "requalify", "raise", "reload",
			}).Draw(t, "what")
			r.compare("before " + what)
			switch what {
			case "work":
				r.works()
			case "requalify":
				r.requalifies()
			case "raise":
				r.raises()
			case "reload":
				r.reload()
			default:
				r.does(what)
			}
			r.compare(what)
		}
	})
}
