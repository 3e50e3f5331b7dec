package ready

import (
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging"
)

// The kinds of pushes that are no pages.
const (
	KindAsk     = "ready"
	KindTell    = "unconfirmed"
	KindSummary = "summary"
	KindTry     = "drill"
	KindLapsed  = "lapsed"
)

// Note is the message of a stage to a person, in a language, by a directory of who is on
// call without those who stay on.
func (h *Handover) Note(s Stage, d *contacts.Directory, to contacts.Person, language string) paging.Note {
	w := &lang.In(language).Ready
	loc := h.location(d)
	until := "..."
	if duty, ok := d.Duty(h.Group, h.At); ok && !duty.Until.IsZero() {
		until = when(language, duty.Until, loc)
	}
	text := map[Stage]string{Ask: w.Ask, Remind: w.Remind, Begin: w.Begin, Tell: w.Unconfirmed}[s]
	n := paging.Note{
		ID: h.Key() + "-" + string(s) + "-" + to.Key, Kind: KindAsk, Title: w.Title, Ask: w.Reply,
		Body: lang.Fill(text, "group", h.Group, "from", when(language, h.At, loc), "until", until, "who", nameIn(d, h.Person)),
	}
	if s == Tell {
		n.Kind, n.Ask, n.Title = KindTell, "", lang.Fill(w.SummaryTitle, "group", h.Group)
	}
	if who := h.leaving(d); len(who) > 0 && s != Ask {
		n.Body += lang.Fill(w.Stays, "who", strings.Join(who, ", "))
	}
	return n
}

// leaving are the names of those who go off call at a handover.
func (h *Handover) leaving(d *contacts.Directory) (names []string) {
	before, _ := d.On(h.Group, h.At.Add(-1))
	for i := range before {
		if !onCall(d, h.Group, before[i].Key, h.At) {
			names = append(names, nameIn(d, before[i].Key))
		}
	}
	return names
}

func (h *Handover) location(d *contacts.Directory) *time.Location {
	if g, ok := d.Group(h.Group); ok && g.Readiness.Location != nil {
		return g.Readiness.Location
	}
	return time.UTC
}

func nameIn(d *contacts.Directory, key string) string {
	if p, ok := d.Person(key); ok && p.Name != "" {
		return p.Name
	}
	return key
}

// when is a time of the coming days: "Thu 26 09:00".
func when(language string, t time.Time, loc *time.Location) string {
	t = t.In(loc)
	return lang.In(language).Console.DayNames[strconv.Itoa(int(t.Weekday()))] + " " + t.Format("2 15:04")
}

// DrillNote is the message of a drill.
func DrillNote(id string, to contacts.Person, language string) paging.Note {
	w := &lang.In(language).Ready
	return paging.Note{ID: id + "-" + to.Key, Kind: KindTry, Title: w.DrillTitle, Body: w.Drill, Ask: w.Reply}
}

// Open is a ticket as the summary of a handover names it.
type Open struct {
	Title string
	Taker string // empty: nobody has it
}

// summaryLines is how many tickets a summary names.
const summaryLines = 5

// Summary is what is open at a handover: of how many tickets week were opened in the
// last seven days. False if nothing is.
func (h *Handover) Summary(open []Open, week int, to contacts.Person, language string) (paging.Note, bool) {
	w := &lang.In(language).Ready
	said := []string{lang.Fill(w.Summary, "n", strconv.Itoa(len(open)))}
	takers := map[string]int{}
	var order []string
	for i := range open {
		if t := open[i].Taker; t != "" {
			if takers[t] == 0 {
				order = append(order, t)
			}
			takers[t]++
		}
	}
	for _, t := range order[:min(len(order), summaryLines)] {
		said = append(said, lang.Fill(w.SummaryTaken, "n", strconv.Itoa(takers[t]), "who", t))
	}
	said = append(said, lang.Fill(w.SummaryWeek, "n", strconv.Itoa(week)))
	body := strings.Join(said, ", ") + ". "
	for i := range open[:min(len(open), summaryLines)] {
		if i > 0 {
			body += "; "
		}
		body += open[i].Title
	}
	if more := len(open) - summaryLines; more > 0 {
		body += "; " + lang.Fill(w.SummaryMore, "n", strconv.Itoa(more))
	}
	return paging.Note{
		ID: h.Key() + "-" + string(Sum), Kind: KindSummary, Title: lang.Fill(w.SummaryTitle, "group", h.Group), Body: body,
	}, len(open) > 0 && to.Key != ""
}
