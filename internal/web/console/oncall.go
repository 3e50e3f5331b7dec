package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/web"
)

// oncallPage is the body of who is on call.
type oncallPage struct {
	Duties         []duty
	Month          string
	Earlier, Later string // months, as an address has them
	Groups         []string
	Days           []dayLine
}

// dayLine is one day of a month: who is on call in each group.
type dayLine struct {
	Day, Name, Date string
	Today           bool
	Cells           [][]turn // a group, its turns of that day
}

// turn is who is on call from some time of the day on; From is empty from its
// beginning.
type turn struct{ From, People string }

func (c *Console) showOnCall(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	first, err := who.month(r.URL.Query().Get("month"))
	if err != nil {
		return err
	}
	f := c.frame(r, who, who.words.Console.OnCall)
	f.On, f.Live, f.Every = "oncall", true, 300
	f.Body = who.oncallPage(first)
	return c.show(w, r, http.StatusOK, "oncall", f)
}

// month is the first of a month as an address has it, "2026-11"; of this one where
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
		Duties: r.duties(), Month: c.MonthNames[strconv.Itoa(int(first.Month()))] + " " + strconv.Itoa(first.Year()),
		Earlier: first.AddDate(0, -1, 0).Format("2006-01"), Later: first.AddDate(0, 1, 0).Format("2006-01"),
		Groups: r.rules.Directory.Groups(),
	}
	today := r.now.In(r.rules.Location).Format(time.DateOnly)
	for d := first; d.Month() == first.Month(); d = d.AddDate(0, 0, 1) {
		line := dayLine{
			Day: strconv.Itoa(d.Day()), Name: c.DayNames[strconv.Itoa(int(d.Weekday()))], Date: d.Format(time.DateOnly),
			Today: d.Format(time.DateOnly) == today,
		}
		for _, group := range p.Groups {
			line.Cells = append(line.Cells, r.turns(group, d, d.AddDate(0, 0, 1)))
		}
		p.Days = append(p.Days, line)
	}
	return p
}

// turns are who is on call in a group between two instants.
func (r *reader) turns(group string, from, to time.Time) []turn {
	at := append([]time.Time{from}, r.rules.Directory.Changes(group, from.Add(1), to)...)
	var turns []turn
	for i, t := range at {
		people, _ := r.rules.Directory.On(group, t)
		keys := make([]string, len(people))
		for k := range people {
			keys[k] = people[k].Key
		}
		names := strings.Join(r.plain(keys), ", ")
		if len(turns) > 0 && turns[len(turns)-1].People == names {
			continue
		}
		line := turn{People: names}
		if i > 0 {
			line.From = t.In(r.rules.Location).Format("15:04")
		}
		turns = append(turns, line)
	}
	return turns
}

// plain are people's names, the reader's own too.
func (r *reader) plain(keys []string) []string {
	if len(keys) == 0 {
		return []string{"–"}
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key
		if p, ok := r.rules.Directory.Person(key); ok && p.Name != "" {
			names[i] = p.Name
		}
	}
	return names
}
