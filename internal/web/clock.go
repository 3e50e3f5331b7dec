package web

import (
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// clockBody is a ticket's GTI clock, every minute of it explained. Durations are to the
// second; Left and Late are never below zero.
type clockBody struct {
	Kind      ticket.ClockKind `json:"kind,omitempty"` // of one of the other clocks
	State     string           `json:"state"`
	StartedAt time.Time        `json:"started_at,omitzero"`
	DueAt     time.Time        `json:"due_at,omitzero"`
	StoppedAt time.Time        `json:"stopped_at,omitzero"`
	Calendar  string           `json:"calendar,omitempty"`
	Within    string           `json:"within,omitempty"`
	Used      string           `json:"used,omitempty"`
	Left      string           `json:"left,omitempty"`
	Late      string           `json:"late,omitempty"`
	Text      string           `json:"text"`
	Spans     []clockSpanBody  `json:"spans"`
	Ahead     []clockSpanBody  `json:"ahead,omitempty"`
	// Missed is how many of its earlier runs were missed.
	Missed int `json:"missed,omitempty"`
	// EndedBy did what ended it, or its run before, and EndedTask is the task that did.
	EndedBy   string `json:"ended_by,omitempty"`
	EndedTask string `json:"ended_task,omitempty"`

	Clocks    []clockBody    `json:"clocks,omitempty"` // the ticket's other clocks
	Treatment *treatmentBody `json:"treatment,omitempty"`
}

// treatmentBody is how long a ticket was treated: from its pick-up until it was resolved, or
// now, on the hours of the GTI without its pauses; and what its tasks took.
type treatmentBody struct {
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Counted string    `json:"counted"`
	Minutes int       `json:"minutes"`
	Text    string    `json:"text"`
}

// clockSpanBody is a part of its time. Length is what counts of it, if that is not all.
type clockSpanBody struct {
	From    time.Time          `json:"from"`
	To      time.Time          `json:"to"`
	Counted bool               `json:"counted"`
	Why     string             `json:"why"`
	Cause   ticket.SpanWhy     `json:"cause"`
	Length  string             `json:"length,omitempty"`
	Holiday string             `json:"holiday,omitempty"`
	Reason  ticket.PauseReason `json:"reason,omitempty"`
	By      string             `json:"by,omitempty"`
}

func (s *Server) showClock(w http.ResponseWriter, r *http.Request, by Token) error {
	view, err := s.view(r.Context(), by.scope, r.PathValue("number"))
	if err != nil {
		return err
	}
	rules, words := s.engine.Rules(), spoken(r)
	told := rules.TellClock(&view.Ticket, s.engine.Now())
	reader := lang.Reader{
		Name: func(key string) string {
			if p, ok := rules.Directory.Person(key); ok && p.Name != "" {
				return p.Name
			}
			return key
		},
		At: func(t time.Time) string { return t.In(told.Zone).Format("2006-01-02 15:04") },
	}
	body := clockOf(&told, words, reader)
	for _, other := range rules.TellClocks(&view.Ticket, s.engine.Now()) {
		told = other // its days are of its own zone
		body.Clocks = append(body.Clocks, clockOf(&other, words, reader))
	}
	if t := rules.TellTreatment(&view.Ticket, view.Sheet, s.engine.Now()); !t.From.IsZero() || t.Minutes > 0 {
		body.Treatment = &treatmentBody{
			From: t.From.UTC(), To: t.To.UTC(), Counted: short(t.Counted.Truncate(time.Second)), Minutes: t.Minutes,
			Text: words.TreatedFor(t.Counted, !t.From.IsZero(), t.Minutes),
		}
	}
	return writeJSON(w, http.StatusOK, body)
}

func clockOf(c *escalation.ClockTold, words *lang.Words, reader lang.Reader) clockBody {
	state := lang.ClockState{
		State: c.State, Began: c.Began, Due: c.Due, Stopped: c.Stopped, Within: c.Within, Used: c.Used, Calendar: c.Calendar,
	}
	b := clockBody{Kind: c.Kind, Missed: c.Missed, State: string(c.State), Text: words.ClockSum(&state, reader), Spans: spansOf(c, c.Spans, words, reader)}
	if c.State == ticket.GTINone {
		b.State = "none"
		return b
	}
	b.EndedBy, b.EndedTask = c.EndedBy, c.EndedTask
	b.StartedAt, b.DueAt, b.StoppedAt, b.Calendar = c.Began.UTC(), c.Due.UTC(), c.Stopped.UTC(), c.Calendar
	b.Within, b.Used, b.Left = short(c.Within), short(c.Used.Truncate(time.Second)), short(toSecond(c.Within, c.Used))
	if c.Late > 0 {
		b.Left, b.Late = "0s", short(c.Late.Truncate(time.Second))
	}
	b.Ahead = spansOf(c, c.Ahead, words, reader)
	return b
}

// toSecond is what is left, so that it and what is used make the whole.
func toSecond(within, used time.Duration) time.Duration {
	return max(within-used.Truncate(time.Second), 0)
}

func spansOf(c *escalation.ClockTold, spans []ticket.ClockSpan, words *lang.Words, reader lang.Reader) []clockSpanBody {
	all := make([]clockSpanBody, len(spans))
	for i := range spans {
		s := &spans[i]
		all[i] = clockSpanBody{
			From: s.From.UTC(), To: s.To.UTC(), Counted: s.Counted > 0, Cause: s.Why, Holiday: s.Day,
			Why: words.SpanWhy(s, c.Calendar, c.Holiday(s.Day), reader),
		}
		if s.Why == ticket.SpanSum {
			all[i].Length = short(s.Counted.Truncate(time.Second))
		}
		if s.Pause != nil {
			all[i].Reason, all[i].By = s.Pause.Reason, s.Pause.By.String()
		}
	}
	return all
}
