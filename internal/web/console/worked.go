package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// worked is the work that a ticket's page shows.
type worked struct {
	W             *lang.Work
	Any           bool // there is something to show
	Can           bool // the reader may write some
	Tasks         []taskLine
	Treatment     string
	TaskKinds     []choice
	Interventions []planLine
	People        []choice
	Links         []linkLine
	LinkKinds     []choice
	Meets         bool   // a meeting needs no address
	Moment        string // now, as a field for a time has it
}

type taskLine struct {
	Kind, By, At, Took, Text string
	Public                   bool
}

type planLine struct {
	ID, When, Who, Place, State string
	Open                        bool // it is still to come
}

type linkLine struct{ Kind, Word, Number, Back, Untie string }

// shownTasks is how many tasks a page shows at most, the latest.
const shownTasks = 50

func (c *Console) workedOf(who *reader, v *look.Viewer, view *ticket.View) worked {
	w := &who.words.Work
	body := worked{W: w, Can: who.may(technician) && view.Ticket.State != ticket.Closed, Moment: who.now.In(who.rules.Location).Format("2006-01-02T15:04")}
	if body.Can {
		for _, kind := range ticket.TaskKinds() {
			body.TaskKinds = append(body.TaskKinds, choice{Value: kind, Label: w.Kinds[kind]})
		}
		for _, kind := range ticket.LinkKinds() {
			body.LinkKinds = append(body.LinkKinds, choice{Value: kind, Label: w.LinkKinds[kind]})
		}
		people := who.rules.Directory.People()
		for i := range people {
			body.People = append(body.People, choice{people[i].Key, v.Name(people[i].Key), people[i].Key == who.by.Person})
		}
	}
	s := view.Sheet
	body.Meets = who.rules.Desk.Meeting != "" && (s == nil || s.Meeting == "")
	body.Any = body.Can || s != nil && len(s.Tasks)+len(s.Interventions)+len(s.Links) > 0
	if s == nil {
		return body
	}
	if n := s.Treatment(); n > 0 {
		body.Treatment = lang.Fill(w.Treatment, "n", strconv.Itoa(n))
	}
	for i := len(s.Tasks) - 1; i >= max(len(s.Tasks)-shownTasks, 0); i-- {
		t := &s.Tasks[i]
		line := taskLine{Kind: w.Kinds[t.Kind], By: v.Name(t.By), At: v.At(t.At), Text: t.Text, Public: t.Public}
		if t.Minutes > 0 {
			line.Took = strconv.Itoa(t.Minutes) + " min"
		}
		body.Tasks = append(body.Tasks, line)
	}
	for i := range s.Interventions {
		p := &s.Interventions[i]
		line := planLine{ID: p.ID, When: v.At(p.From) + " – " + v.At(p.Until), Place: p.Place, State: w.States[p.State], Who: w.Nobody, Open: body.Can && p.State == ticket.InterventionPlanned}
		if p.Person != "" {
			line.Who = v.Name(p.Person)
		}
		body.Interventions = append(body.Interventions, line)
	}
	for _, l := range s.Links {
		line := linkLine{Kind: l.Kind, Word: w.LinkWord(l.Kind, l.Back), Number: l.Number}
		if l.Back {
			line.Back = "true"
		}
		if body.Can {
			line.Untie = lang.Fill(w.Untie, "ticket", l.Number)
		}
		body.Links = append(body.Links, line)
	}
	return body
}

// suggestedTasks are how many tasks a synthesis begins with.
const suggestedTasks = 3

// suggested is what a synthesis begins with, for whoever writes it to put right: what was
// written at an earlier end, or what the last tasks say.
func suggested(s *ticket.Sheet) string {
	if s == nil {
		return ""
	}
	if s.Synthesis != "" {
		return s.Synthesis
	}
	var lines []string
	for i := len(s.Tasks) - 1; i >= 0 && len(lines) < suggestedTasks; i-- {
		if text := s.Tasks[i].Text; text != "" {
			lines = append([]string{text}, lines...)
		}
	}
	return ticket.Cut(strings.Join(lines, "\n"), ticket.MaxNote)
}

// said is a field of a form; nil if it is empty.
func said(r *http.Request, name string) *string {
	if text := strings.TrimSpace(strings.ToValidUTF8(r.PostFormValue(name), "\uFFFD")); text != "" {
		return &text
	}
	return nil
}

// localTime reads a field for a time, by the clocks of the desk.
func (c *Console) localTime(r *http.Request, name string) (*time.Time, error) {
	text := said(r, name)
	if text == nil {
		return nil, nil //nolint:nilnil // nothing is said
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", *text, c.engine.Rules().Location)
	if err != nil {
		return nil, &ticket.FieldError{Field: name, Problem: "it is no time"}
	}
	return &at, nil
}

func (c *Console) addTask(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActTask, func() (*ticket.Work, error) {
		e := &ticket.TaskEdit{ID: web.NewID(), Kind: said(r, "kind"), Text: said(r, "text")}
		if text := said(r, "minutes"); text != nil {
			n, err := strconv.Atoi(*text)
			if err != nil {
				return nil, &ticket.FieldError{Field: "minutes", Problem: "it is no number"}
			}
			e.Minutes = &n
		}
		public := r.PostFormValue("public") != ""
		e.Public = &public
		return &ticket.Work{Task: e}, nil
	})
}

func (c *Console) addIntervention(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActIntervene, func() (_ *ticket.Work, err error) {
		e := &ticket.InterventionEdit{ID: web.NewID(), Place: said(r, "place"), Person: said(r, "person")}
		if e.From, err = c.localTime(r, "from"); err != nil {
			return nil, err
		}
		e.Until, err = c.localTime(r, "until")
		return &ticket.Work{Intervention: e}, err
	})
}

func (c *Console) changeIntervention(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActIntervene, func() (*ticket.Work, error) {
		return &ticket.Work{Intervention: &ticket.InterventionEdit{ID: r.PathValue("id"), State: said(r, "state")}, Change: true}, nil
	})
}

func (c *Console) tie(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActLink, func() (*ticket.Work, error) {
		l := ticket.Tie{Kind: r.PostFormValue("kind"), Number: strings.TrimSpace(r.PostFormValue("number")), Back: r.PostFormValue("back") != ""}
		remove := r.PostFormValue("untie") != ""
		if !remove {
			l.Back = false
			_, err := c.house.View(r.Context(), by.Scope(), l.Number)
			if errors.Is(err, escalation.ErrNotFound) {
				return nil, &ticket.FieldError{Field: "number", Problem: "there is no such ticket"}
			}
			if err != nil {
				return nil, err //nolint:wrapcheck // it names itself
			}
		}
		return &ticket.Work{Link: &ticket.Tying{Tie: l, Remove: remove}}, nil
	})
}

func (c *Console) meet(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return c.works(w, r, by, escalation.ActMeet, func() (*ticket.Work, error) {
		return &ticket.Work{Meeting: &ticket.Meeting{URL: r.PostFormValue("url"), Secret: web.NewID()}}, nil
	})
}

// works does what a form asks for, and leads back to the ticket.
func (c *Console) works(w http.ResponseWriter, r *http.Request, by web.Token, verb escalation.Action, read func() (*ticket.Work, error)) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	number := r.PathValue("number")
	work, err := read()
	if err == nil {
		work.Any = by.Rank() >= desk.Manager
		ctx, cancel := lasting(r.Context())
		defer cancel()
		err = c.order(ctx, by, verb, number, work)
	}
	query := url.Values{"done": {string(verb)}}
	if err != nil {
		code, field, known := refusedWork(err)
		if !known {
			return err
		}
		if _, err := c.house.View(r.Context(), by.Scope(), number); err != nil { // nobody is led to a ticket that is not there
			return err //nolint:wrapcheck // it names itself
		}
		query.Set("done", code)
		if field != "" {
			query.Set("field", field)
		}
	}
	c.forget()
	c.lead(w, "/tickets/"+url.PathEscape(number), "/tickets", query)
	return nil
}

func (c *Console) order(ctx context.Context, by web.Token, verb escalation.Action, number string, work *ticket.Work) error {
	c.house.Acted(ctx, by)
	result := c.house.Desk().Act(ctx, by.Actor(viaConsole), desk.Order{Verb: verb, Sure: true, Work: work}, desk.Target{Number: number})[0]
	if result.Err != nil {
		return fmt.Errorf("console: %s ticket %s: %w", verb, number, result.Err)
	}
	return nil
}

// refusedWork is how an address says why work was not written down; known is false for
// what is no answer to a person.
func refusedWork(err error) (code, field string, known bool) {
	var wrong *ticket.FieldError
	var state *escalation.StateError
	switch {
	case errors.As(err, &wrong):
		return "work_wrong", wrong.Field, true
	case errors.As(err, &state):
		return "work_closed", "", true
	case errors.Is(err, escalation.ErrManyParts), errors.Is(err, escalation.ErrSheetFull):
		return "work_full", "", true
	case errors.Is(err, escalation.ErrNotTheirs):
		return "work_theirs", "", true
	case errors.Is(err, escalation.ErrNoPart):
		return "work_gone", "", true
	}
	return "", "", false
}

// workSaid is what came of a form of work; empty if it was none.
func (r *reader) workSaid(done, field string) string {
	w := &r.words.Work
	label, known := map[string]string{"minutes": w.Minutes, "text": w.TaskText, "from": w.From, "until": w.Until, "at": w.From, "place": w.Place, "person": w.Who, "number": w.Number, "kind": w.Link, "url": w.MeetAt}[field]
	if !known {
		label = "…"
	}
	return lang.Fill(w.Messages[done], "field", label)
}
