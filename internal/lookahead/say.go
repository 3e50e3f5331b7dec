package lookahead

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging"
)

// KindAhead is the kind of the push.
const KindAhead = "lookahead"

const (
	mostLines = 5              // that a message says
	near      = 48 * time.Hour // before it a gap that is known is said again
)

// Reader is whose words doubts are said in.
type Reader struct {
	Language  string
	Directory *contacts.Directory
	Location  *time.Location
	Now       time.Time
}

// Say says a doubt.
func (r *Reader) Say(d *Doubt) string {
	w := &lang.In(r.Language).Lookahead
	text := w.Kinds[string(d.Kind)]
	other := ""
	switch {
	case d.Kind == Gap && d.Policy != "":
		text = w.GapPolicy
	case d.Kind == Unproven && d.At.IsZero():
		text = w.NeverProven
	case d.Kind == Second && d.Person == "":
		text = w.Kinds[string(Nobody)]
	}
	if len(d.Groups) > 1 {
		other = d.Groups[1]
	}
	group := ""
	if len(d.Groups) > 0 {
		group = d.Groups[0]
	}
	customer := d.Customer
	if d.Others > 0 {
		customer = lang.Fill(w.Others, "customer", customer, "n", strconv.Itoa(d.Others))
	}
	return lang.Fill(text, "group", group, "other", other, "who", r.called(d.Person), "policy", d.Policy, "customer", customer,
		"urgency", d.Urgency, "at", r.at(d.At), "times", r.times(d), "day", hours(duty.RestOfDay), "week", hours(duty.RestOfWeek))
}

func hours(d time.Duration) string { return strconv.Itoa(int(d.Hours())) }

func (r *Reader) called(key string) string {
	if p, ok := r.Directory.Person(key); ok && p.Name != "" {
		return p.Name
	}
	return key
}

// at is a time of the coming months: "Thu 26 November 09:00".
func (r *Reader) at(t time.Time) string {
	t = t.In(r.Location)
	c := &lang.In(r.Language).Console
	return c.DayNames[strconv.Itoa(int(t.Weekday()))] + " " + strconv.Itoa(t.Day()) + " " + c.MonthNames[strconv.Itoa(int(t.Month()))] + t.Format(" 15:04")
}

// times are the first hours of a doubt, and how many more there are.
func (r *Reader) times(d *Doubt) string {
	if len(d.Times) == 0 {
		return ""
	}
	w := &lang.In(r.Language).Lookahead
	h, until := d.Times[0], Until(r.Now)
	begun, open := !h.From.After(r.Now), !h.To.Before(until.Add(-time.Minute))
	text := w.Span
	switch {
	case begun && open:
		text = w.Always
	case begun:
		text = w.To
	case open:
		text = w.From
	}
	said := lang.Fill(text, "from", r.at(h.From), "to", r.at(h.To), "n", strconv.Itoa(Days))
	if more := len(d.Times) - 1 + d.More; more > 0 {
		said = lang.Fill(w.More, "times", said, "n", strconv.Itoa(more))
	}
	return said
}

// For are the doubts that concern a manager: those about a group that this one manages,
// and those about none.
func For(doubts []Doubt, d *contacts.Directory, manager string) []Doubt {
	manages := func(list []contacts.Person) bool {
		return slices.ContainsFunc(list, func(p contacts.Person) bool { return p.Key == manager })
	}
	return slices.DeleteFunc(slices.Clone(doubts), func(of Doubt) bool {
		if len(of.Groups) == 0 {
			return !manages(d.Managers())
		}
		return !slices.ContainsFunc(of.Groups, func(group string) bool { return manages(d.ManagersOf(group)) })
	})
}

// Managers are all who are told of some doubt, in order of key.
func Managers(doubts []Doubt, d *contacts.Directory) (keys []string) {
	for i := range doubts {
		lists := [][]contacts.Person{}
		for _, group := range doubts[i].Groups {
			lists = append(lists, d.ManagersOf(group))
		}
		if len(lists) == 0 {
			lists = append(lists, d.Managers())
		}
		for _, p := range slices.Concat(lists...) {
			keys = append(keys, p.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Message is what somebody is told of the doubts that concern them; false if that is
// nothing. What is news comes first, then the gaps that are known and near; the others
// are counted. Where there is neither, they are counted once a week.
func (r *Reader) Message(doubts []Doubt, news map[string]bool, told Told) (paging.Note, bool) {
	w := &lang.In(r.Language).Lookahead
	var lines []string
	known := 0
	for _, fresh := range []bool{true, false} {
		for i := range doubts {
			d := &doubts[i]
			switch {
			case news[d.Key()] != fresh:
			case fresh:
				lines = append(lines, r.Say(d))
			case d.Kind == Gap && len(d.Times) > 0 && d.Times[0].From.Before(r.Now.Add(near)):
				lines = append(lines, lang.Fill(w.Still, "what", r.Say(d)))
			default:
				known++
			}
		}
	}
	if len(lines) == 0 && (known == 0 || sameWeek(told.At.In(r.Location), r.Now.In(r.Location))) {
		return paging.Note{}, false
	}
	if len(lines) == 0 {
		lines = append(lines, w.NoNews)
	}
	if more := len(lines) - mostLines; more > 0 {
		lines = append(lines[:mostLines:mostLines], lang.Fill(w.MoreLines, "n", strconv.Itoa(more)))
	}
	if known > 0 {
		lines = append(lines, lang.Fill(w.Known, "n", strconv.Itoa(known)))
	}
	return paging.Note{Kind: KindAhead, Title: w.Title, Body: strings.Join(lines, "\n")}, true
}

func sameWeek(a, b time.Time) bool {
	year, week := a.ISOWeek()
	other, its := b.ISOWeek()
	return year == other && week == its
}
