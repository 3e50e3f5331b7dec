package source

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/mask"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const (
	mostAlerts = 50 // alerts of a payload that are shown
	mostPages  = 20 // pages of a ticket
)

// tried is what a payload would be if it came now.
type tried struct {
	Outcome string        `json:"outcome"` // the request's that it was of
	Masked  bool          `json:"masked"`  // it was read with its secrets masked
	Test    bool          `json:"test"`    // it only tries the way here: it opens nothing
	Problem string        `json:"problem,omitempty"`
	Alerts  []triedAlert  `json:"alerts"`
	More    int           `json:"more,omitempty"` // alerts that are not shown
	Tickets []triedTicket `json:"tickets"`
}

// triedAlert is one alert of it.
type triedAlert struct {
	Key     string             `json:"key"`
	Status  ticket.AlertStatus `json:"status"`
	Title   string             `json:"title"`
	Urgency ticket.Urgency     `json:"urgency"`
	Labels  map[string]string  `json:"labels"`
	Remark  string             `json:"remark,omitempty"` // what its sender says besides
}

// triedTicket is a ticket that it would open if none were open.
type triedTicket struct {
	Title    string         `json:"title"`
	Customer string         `json:"customer"`
	Urgency  ticket.Urgency `json:"urgency"`
	Policy   string         `json:"policy"`
	DueAt    time.Time      `json:"due_at,omitzero"` // the GTI's
	Pages    []triedPage    `json:"pages"`
	More     int            `json:"more,omitempty"` // pages that are not shown
}

type triedPage struct {
	At      time.Time `json:"at"`
	Step    int       `json:"step"`
	Round   int       `json:"round"`
	Person  string    `json:"person"`
	Channel string    `json:"channel"`
}

// errLonger says that a payload cannot be tried again.
const errLonger = "it is longer than is kept of it, so it cannot be read again"

// try reads a payload as its source's type and map are now. Nothing is taken.
func (p *Pages) try(ctx context.Context, source, outcome string, r *ingest.Request, was posted) tried {
	t := tried{Outcome: outcome, Masked: !was.here, Alerts: []triedAlert{}, Tickets: []triedTicket{}}
	if !was.whole {
		t.Problem = errLonger
		return t
	}
	alerts, err := p.Try(ctx, source, r.Path, was.body)
	if t.Test = errors.Is(err, ingest.ErrTest); err != nil && !t.Test {
		t.Problem = p.Door.Masked(source, []byte(strings.TrimPrefix(err.Error(), "ingest: read a request: ")))
	}
	rules, now := p.Engine.Rules(), p.Engine.Now()
	for i := range alerts {
		if len(t.Alerts) == mostAlerts {
			t.More = len(alerts) - mostAlerts
			break
		}
		t.Alerts = append(t.Alerts, p.triedAlert(source, rules, alerts[i]))
	}
	for _, s := range escalation.Simulate(rules, paging.Reachable(rules.Channels), source, alerts, now, time.Time{}) {
		t.Tickets = append(t.Tickets, p.triedTicket(source, &s))
	}
	return t
}

func (p *Pages) triedAlert(source string, rules *escalation.Rules, a ticket.Alert) triedAlert {
	a.Source = source
	out := triedAlert{
		Key: p.Door.Masked(source, []byte(a.Fingerprint)), Status: a.Status, Title: p.Door.Masked(source, []byte(a.Title())),
		Urgency: rules.Resolve(&a).Urgency, Labels: make(map[string]string, len(a.Labels)),
	}
	if a.Remark != nil {
		out.Remark = p.Door.Masked(source, []byte(a.Remark.What))
	}
	for name, value := range a.Labels {
		if mask.Secret(name) {
			value = mask.Mark
		}
		out.Labels[name] = p.Door.Masked(source, []byte(value))
	}
	return out
}

func (p *Pages) triedTicket(source string, s *escalation.Simulated) triedTicket {
	t := &s.Ticket
	out := triedTicket{
		Title: p.Door.Masked(source, []byte(t.Title)), Customer: t.Customer, Urgency: t.Urgency, Policy: t.Policy.Name, DueAt: t.GTI.DueAt, Pages: []triedPage{},
	}
	for i := range s.Pages {
		if len(out.Pages) == mostPages {
			out.More = len(s.Pages) - mostPages
			break
		}
		page := &s.Pages[i]
		out.Pages = append(out.Pages, triedPage{At: page.At.UTC(), Step: page.Step.Number(), Round: page.Round.Number(), Person: page.Person, Channel: page.Channel})
	}
	return out
}
