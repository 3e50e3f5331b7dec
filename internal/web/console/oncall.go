package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// oncallPage is the body of who is on call.
type oncallPage struct {
	Staying  []string       // who is on call still, beside whom
	Kept     []calendarLine // duty that is kept elsewhere
	Phones   []string       // telephones of groups
	Drills   []string       // the groups of which the reader may begin a drill
	Duties   []groupDuty
	Can      bool   // the reader may change it
	Void     int    // replacements of who or what is gone
	Planning string // what the page of interventions is called

	Asked []replacementLine // offers that the reader may accept
	Takes []groupTakes      // how the reader takes over from now
	Turns []turnLine        // of colleagues, that the reader can cover

	Month, This    string
	Earlier, Later string // months, as an address has them
	Groups         []string
	Days           []dayLine
	List           []replacementLine // of the month
}

// dayLine is one day of a month: who is on call in each group.
type dayLine struct {
	Day, Name, Date string
	Today           bool
	Cells           []dayCell
}

// dayCell is a group's day.
type dayCell struct {
	Group, Date string
	Today       bool
	Turns       []turn
}

// turn is who is on call from some time of the day on; From is empty from its
// beginning. Nobody is a gap.
type turn struct {
	From   string
	People []onDuty
}

// onDuty is somebody, and why: a layer's name, or that they stand in.
type onDuty struct {
	Name, Why string
	StandsIn  bool
}

func (c *Console) showOnCall(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	first, err := who.month(r.URL.Query().Get("month"))
	if err != nil {
		return err
	}
	f := c.frame(r, who, who.words.Console.OnCall)
	f.On, f.Live, f.Every = "oncall", true, 300
	body := who.oncallPage(first)
	if err := c.addReplacements(r.Context(), who, first, &body); err != nil {
		return err
	}
	body.Staying, body.Drills, body.Planning = who.staying(), c.drills(who), who.words.Work.Planning
	body.Kept, body.Phones = who.calendarLines(c.calendars), who.phoneLines()
	f.Body = body
	pages := &who.words.Duty.Pages
	if done := r.URL.Query().Get("done"); done != "" {
		f.Said = pages.Done[done]
		f.Bad = done == "over" || done == "forbidden" || done == "overlap"
	}
	return c.show(w, r, http.StatusOK, "oncall", f)
}

// month is the first of a month as an address has it, "2026-11"; of this one if
// it says nothing.
func (r *reader) month(text string) (time.Time, error) {
	if text == "" {
		now := r.now.In(r.rules.Location)
		return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, r.rules.Location), nil
	}
	first, err := time.ParseInLocation("2006-01", text, r.rules.Location)
	if err != nil || first.Year() < 2000 || first.Year() > 2100 {
		return first, web.Refuse(http.StatusBadRequest, "bad_request", "month: one as 2026-11 is wanted")
	}
	return first, nil
}

func (r *reader) oncallPage(first time.Time) oncallPage {
	c := &r.words.Console
	p := oncallPage{
		Duties: r.duties(), Month: c.MonthNames[strconv.Itoa(int(first.Month()))] + " " + strconv.Itoa(first.Year()), This: first.Format("2006-01"),
		Earlier: first.AddDate(0, -1, 0).Format("2006-01"), Later: first.AddDate(0, 1, 0).Format("2006-01"),
		Groups: r.rules.Directory.Groups(),
	}
	schedules := make([][]contacts.Span, len(p.Groups))
	for i, group := range p.Groups {
		schedules[i] = r.rules.Directory.Schedule(group, first, first.AddDate(0, 1, 0))
	}
	today := r.now.In(r.rules.Location).Format(time.DateOnly)
	for d := first; d.Month() == first.Month(); d = d.AddDate(0, 0, 1) {
		line := dayLine{
			Day: strconv.Itoa(d.Day()), Name: c.DayNames[strconv.Itoa(int(d.Weekday()))], Date: d.Format(time.DateOnly),
			Today: d.Format(time.DateOnly) == today,
		}
		for i, group := range p.Groups {
			cell := dayCell{Group: group, Date: line.Date, Today: line.Today}
			cell.Turns, schedules[i] = r.turns(schedules[i], d, d.AddDate(0, 0, 1))
			line.Cells = append(line.Cells, cell)
		}
		p.Days = append(p.Days, line)
	}
	return p
}

// turns are who is on call between two instants, and the spans that go on after them.
func (r *reader) turns(spans []contacts.Span, from, to time.Time) (turns []turn, left []contacts.Span) {
	for len(spans) > 0 && spans[0].From.Before(to) {
		s := &spans[0]
		line := turn{}
		if s.From.After(from) {
			line.From = s.From.In(r.rules.Location).Format("15:04")
		}
		for _, a := range s.People {
			line.People = append(line.People, r.onDuty(a))
		}
		turns = append(turns, line)
		if s.To.After(to) {
			break
		}
		spans = spans[1:]
	}
	return turns, spans
}

func (r *reader) onDuty(a contacts.Assignment) onDuty {
	on := onDuty{Name: r.called(a.Person), Why: a.Why}
	switch {
	case a.Why == contacts.Always:
		on.Why = ""
	case duty.IsReplacement(a.Why):
		on.Why, on.StandsIn = r.words.Duty.Pages.StandsIn, true
	}
	return on
}

// called is a person's name, the reader's own too.
func (r *reader) called(key string) string {
	if p, ok := r.rules.Directory.Person(key); ok && p.Name != "" {
		return p.Name
	}
	return key
}

// addReplacements adds what is planned, what is asked of the reader, and what the
// reader can take over.
func (c *Console) addReplacements(ctx context.Context, who *reader, first time.Time, p *oncallPage) error {
	if c.shifts == nil {
		return nil
	}
	list, err := c.shifts.Replacements(ctx)
	if err != nil {
		return fmt.Errorf("console: %w", err)
	}
	p.Can = who.may(technician)
	for _, r := range inOrder(list) {
		line := who.replacementLine(r)
		if line.Void && line.Open {
			p.Void++
		}
		if line.Asks {
			p.Asked = append(p.Asked, line)
		}
		if r.Meets(first, first.AddDate(0, 1, 0)) {
			p.List = append(p.List, line)
		}
	}
	if p.Can && who.person.Key != "" {
		p.Takes, p.Turns = who.takes(), who.colleagues()
	}
	return nil
}

// groupTakes is how the reader takes a group over from now on.
type groupTakes struct {
	Group string
	Links []link
}

// takenFor are for how many hours one may take over at once.
var takenFor = []int{4, 8, 12}

func (r *reader) takes() (all []groupTakes) {
	words := &r.words.Duty.Pages
	for _, group := range duty.GroupsOf(r.rules.Directory, r.person.Key) {
		t := groupTakes{Group: group}
		add := func(label, until string) {
			t.Links = append(t.Links, link{Label: label, Path: changePath(url.Values{"group": {group}, "person": {r.person.Key}, "to": {until}})})
		}
		for _, n := range takenFor {
			add(lang.Fill(words.TakeFor, "n", strconv.Itoa(n)), r.now.Add(time.Duration(n)*time.Hour).Format(time.RFC3339))
		}
		if d, _ := r.rules.Directory.Duty(group, r.now); !d.Until.IsZero() {
			add(lang.Fill(words.TakeUntil, "at", r.viewer().At(d.Until)), d.Until.Format(time.RFC3339))
		}
		all = append(all, t)
	}
	return all
}

// turnLine is a turn of a colleague.
type turnLine struct{ Group, Name, Hours, Path string }

const (
	turnsAhead = 28 * 24 * time.Hour
	mostTurns  = 6
)

// colleagues are the next turns of others in the reader's groups, by rotations: who
// stands in has said so.
func (r *reader) colleagues() (turns []turnLine) {
	for _, group := range duty.GroupsOf(r.rules.Directory, r.person.Key) {
		for _, t := range turnsOf(r.rules.Directory.Schedule(group, r.now, r.now.Add(turnsAhead))) {
			if t.person == r.person.Key || len(turns) == mostTurns || !t.ends || t.standsIn {
				continue
			}
			turns = append(turns, turnLine{
				Group: group, Name: r.called(t.person), Hours: r.span(t.from, t.to),
				Path: changePath(url.Values{
					"group": {group}, "person": {r.person.Key}, "instead_of": {t.person}, "from": {t.from.Format(time.RFC3339)}, "to": {t.to.Format(time.RFC3339)},
				}),
			})
		}
	}
	return turns
}

// personsTurn is a stretch in which one person has a turn; ends is false where it
// goes on after what was looked at.
type personsTurn struct {
	person   string
	from, to time.Time
	ends     bool
	standsIn bool // it begins by a replacement
}

// turnsOf are turns in order of their begin, joined over whatever else changes.
func turnsOf(spans []contacts.Span) (turns []personsTurn) {
	open := map[string]int{}
	for i := range spans {
		next := map[string]int{}
		for _, a := range spans[i].People {
			if a.Why == contacts.Always {
				continue
			}
			at, goes := open[a.Person]
			if !goes {
				at = len(turns)
				turns = append(turns, personsTurn{person: a.Person, from: spans[i].From, standsIn: duty.IsReplacement(a.Why)})
			}
			turns[at].to, turns[at].ends = spans[i].To, i < len(spans)-1
			next[a.Person] = at
		}
		open = next
	}
	return turns
}

// span says from when until when.
func (r *reader) span(from, to time.Time) string {
	return lang.Fill(r.words.Duty.Pages.Span, "from", r.viewer().At(from), "to", r.viewer().At(to))
}

func changePath(values url.Values) string { return "/oncall/change?" + values.Encode() }
