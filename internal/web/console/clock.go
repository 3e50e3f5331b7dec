package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// How much of a clock is shown: the latest days, and the latest lines of the table.
const (
	shownClockDays  = 62
	shownClockLines = 400
)

// clockPage is the body of a ticket's clock.
type clockPage struct {
	*lang.Clock
	Number, Title, Sum string
	Class              string
	Facts              [][2]string
	Days               []clockDay
	MoreDays           int
	Lines              []clockLine
	MoreLines          int
	Marks              []int // hours below the bars
	Promises           []promisePage
	Treated            string // how long it was treated
}

// promisePage is one of the other clocks.
type promisePage struct {
	Name, Class, Sum string
	Before           string // how many earlier runs were missed
	Ended            string // who ended it, or its run before, and with which task
	Lines            []clockLine
}

// promises are the ticket's other clocks, and how long it was treated.
func (p *clockPage) promises(who *reader, view *ticket.View) {
	for _, told := range who.rules.TellClocks(&view.Ticket, who.now) {
		own := clockPage{Clock: p.Clock}
		own.facts(who, &told)
		x := clockTeller{who: who, told: &told, page: &own}
		x.tell(told.Spans, false)
		x.tell(told.Ahead, true)
		one := promisePage{Name: who.words.ClockName(told.Kind), Class: string(told.State), Sum: own.Sum, Lines: own.Lines[max(len(own.Lines)-shownClockLines, 0):]}
		if told.Missed > 0 {
			one.Before = lang.Capital(lang.Fill(p.Earlier, "n", strconv.Itoa(told.Missed))) + "."
		}
		one.Ended = p.ended(who, view, &told)
		p.Promises = append(p.Promises, one)
	}
	t := who.rules.TellTreatment(&view.Ticket, view.Sheet, who.now)
	p.Treated = who.words.TreatedFor(t.Counted, !t.From.IsZero(), t.Minutes)
}

// ended says who ended a clock, or its run before, and with which task.
func (p *clockPage) ended(who *reader, view *ticket.View, told *escalation.ClockTold) string {
	if told.EndedBy == "" {
		return ""
	}
	words, at := p.EndedBy, ""
	if task := view.Sheet.Task(told.EndedTask); task != nil {
		words, at = p.EndedTask, task.At.In(told.Zone).Format("02/01/2006 15:04")
	}
	return lang.Capital(lang.Fill(words, "who", who.called(told.EndedBy), "at", at)) + "."
}

// promisedOf says of each of the ticket's other clocks how it stands, in short.
func promisedOf(who *reader, view *ticket.View) (all [][3]string) {
	v := who.viewer()
	v.Ticket = &view.Ticket
	for _, told := range who.rules.TellClocks(&view.Ticket, who.now) {
		text, class := v.Stands(told.State, told.Due, told.Left)
		all = append(all, [3]string{who.words.ClockName(told.Kind), text, class})
	}
	return all
}

// clockDay is a day's bar. Minutes is how long the day is: 1500 where clocks go back.
type clockDay struct {
	Name, Label string
	Minutes     int
	Parts       []clockPart
}

// clockPart is a part of a bar, from a minute of its day on.
type clockPart struct {
	X, Width    float64
	Class, Text string
}

// clockLine is a part of the clock's time in the table.
type clockLine struct {
	From, To, Length, Counts, Why string
	Class                         string
	Ahead                         bool // the first that is still to come
}

func (c *Console) showClock(w http.ResponseWriter, r *http.Request, by web.Token) error {
	view, err := c.house.View(r.Context(), by.Scope(), r.PathValue("number"))
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	who := c.reader(r, by)
	told := who.rules.TellClock(&view.Ticket, who.now)
	p := clockPage{Clock: &who.words.Clock, Number: view.Ticket.Number, Title: view.Ticket.Title, Class: string(told.State)}
	p.facts(who, &told)
	x := clockTeller{who: who, told: &told, page: &p}
	x.tell(told.Spans, false)
	x.tell(told.Ahead, true)
	p.MoreDays = max(len(p.Days)-shownClockDays, 0)
	p.Days = p.Days[p.MoreDays:]
	for i := range p.Days {
		p.Days[i].Label += ": " + lang.Exactly(x.counted[p.MoreDays+i])
	}
	p.MoreLines = max(len(p.Lines)-shownClockLines, 0)
	p.Lines = p.Lines[p.MoreLines:]
	p.Marks = []int{0, 6, 12, 18, 24}
	p.promises(who, &view)
	f := c.frame(r, who, view.Ticket.Number+" · "+who.words.Clock.Title)
	f.On, f.Live, f.Ticket, f.Body = "ticket", true, view.Ticket.Number, p
	return c.show(w, r, http.StatusOK, "clock", f)
}

func (p *clockPage) facts(who *reader, c *escalation.ClockTold) {
	at := func(t time.Time) string { return t.In(c.Zone).Format("02/01/2006 15:04") }
	state := lang.ClockState{State: c.State, Began: c.Began, Due: c.Due, Stopped: c.Stopped, Within: c.Within, Used: c.Used, Calendar: c.Calendar}
	p.Sum = who.words.ClockSum(&state, lang.Reader{At: at})
	if c.State == ticket.GTINone {
		return
	}
	add := func(name, value string) { p.Facts = append(p.Facts, [2]string{name, value}) }
	add(p.Within, lang.Exactly(c.Within)+" · "+c.Calendar)
	add(p.Used, lang.Exactly(c.Used))
	if c.Late > 0 {
		add(p.Over, lang.Exactly(c.Late))
	} else {
		add(p.Left, lang.Exactly(c.Within-c.Used.Truncate(time.Second)))
	}
	add(p.Started, at(c.Began))
	if !c.Due.IsZero() {
		add(p.Due, at(c.Due))
	}
	if !c.Stopped.IsZero() {
		add(p.Stopped, at(c.Stopped))
	}
}

// clockTeller puts spans into bars and lines.
type clockTeller struct {
	who     *reader
	told    *escalation.ClockTold
	page    *clockPage
	last    string // the day of the last bar
	counted []time.Duration
	sum     time.Duration // of what the lines count
}

func (x *clockTeller) tell(spans []ticket.ClockSpan, ahead bool) {
	words := x.who.words
	reader := lang.Reader{Name: x.who.name}
	for i := range spans {
		s := &spans[i]
		from, to := s.From.In(x.told.Zone), s.To.In(x.told.Zone)
		why := words.SpanWhy(s, x.told.Calendar, x.told.Holiday(s.Day), reader)
		line := clockLine{
			From: x.at(from), To: x.at(to), Length: lang.Exactly(s.To.Sub(s.From)), Counts: words.Clock.No, Why: why, Class: string(s.Why), Ahead: ahead && i == 0,
		}
		switch {
		case s.Counted > 0: // the lines add up to what is used and what is left
			was := x.sum.Truncate(time.Second)
			x.sum += s.Counted
			line.Counts, line.Length = words.Clock.Yes, lang.Exactly(x.sum.Truncate(time.Second)-was)
		case s.Why == ticket.SpanSum:
			line.Length = lang.Exactly(s.Counted)
		}
		if ahead {
			line.Class += " ahead"
		}
		x.page.Lines = append(x.page.Lines, line)
		x.bars(from, to, line.Class, why, s.Counted > 0 && s.Why != ticket.SpanSum)
	}
}

func (x *clockTeller) at(t time.Time) string {
	return x.who.words.Console.DayNames[strconv.Itoa(int(t.Weekday()))] + " " + t.Format("02/01 15:04")
}

// bars draws a span into the bars of its days.
func (x *clockTeller) bars(from, to time.Time, class, why string, counts bool) {
	for from.Before(to) {
		midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
		next := time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, from.Location())
		end := to
		if next.After(from) && next.Before(end) {
			end = next
		}
		if day := from.Format(time.DateOnly); day != x.last {
			x.last = day
			name := x.who.words.Console.DayNames[strconv.Itoa(int(from.Weekday()))] + " " + from.Format("02/01")
			x.page.Days = append(x.page.Days, clockDay{Name: name, Label: name, Minutes: int(next.Sub(midnight) / time.Minute)})
			x.counted = append(x.counted, 0)
		}
		n := len(x.page.Days) - 1
		d := &x.page.Days[n]
		d.Parts = append(d.Parts, clockPart{
			X: from.Sub(midnight).Minutes(), Width: max(end.Sub(from).Minutes(), 1), Class: class,
			Text: fmt.Sprintf("%s – %s · %s · %s", from.Format("15:04"), end.Format("15:04"), lang.Exactly(end.Sub(from)), why),
		})
		if counts {
			x.counted[n] += end.Sub(from)
		}
		from = end
	}
}
