package recheck

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Tool is a monitoring tool that can be asked about its alerts. It is safe for
// concurrent use.
type Tool interface {
	// Name is what kind of tool it is: icinga, zabbix, prometheus.
	Name() string
	// Ask finds out how one alert is now, within the time of ctx. State is set.
	Ask(ctx context.Context, a *ticket.Alert) ticket.Finding
}

// Means are what can be asked: the tools of sources, and probes for what has none. The
// zero Means can ask nothing.
type Means struct {
	Tools  map[string]Tool // by source
	Probes []probe.Spec    // the first that matches counts
	Prober *probe.Prober
}

func (m *Means) probe(a *ticket.Alert) *probe.Spec {
	i := slices.IndexFunc(m.Probes, func(s probe.Spec) bool { return s.Matches(a.Labels) })
	if i < 0 || m.Prober == nil {
		return nil
	}
	return &m.Probes[i]
}

func (m *Means) can(a *ticket.Alert) bool { return m.Tools[a.Source] != nil || m.probe(a) != nil }

// chosen are the alerts of a ticket that are checked: those that fire, or all if none
// does. left is how many more there are.
func chosen(v *ticket.View) (alerts []*ticket.Alert, left int) {
	t := &v.Ticket
	all := t.Firing
	for i := range v.Alerts {
		if a := &v.Alerts[i].Alert; t.Firing == 0 || a.Status != ticket.Resolved {
			alerts = append(alerts, a)
		}
	}
	if t.Firing == 0 {
		all = t.Resolved
	}
	if len(alerts) > ticket.MaxRechecked {
		alerts = alerts[:ticket.MaxRechecked]
	}
	return alerts, max(all-len(alerts), 0)
}

// ask finds out how a ticket's alerts are.
func (c *Checks) ask(ctx context.Context, v *ticket.View) *ticket.Found {
	m := c.means.Load()
	alerts, left := chosen(v)
	if len(alerts) == 0 {
		return unclear(ticket.ReasonNothing, c.o.Clock.Now())
	}
	findings := make([]ticket.Finding, len(alerts))
	var asking sync.WaitGroup
	free := make(chan struct{}, perTicket)
	for i, a := range alerts {
		asking.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			findings[i] = c.one(ctx, m, a)
		})
	}
	asking.Wait()
	return ticket.Summary(findings, left)
}

// one finds out how one alert is.
func (c *Checks) one(ctx context.Context, m *Means, a *ticket.Alert) (f ticket.Finding) {
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		f = ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonTooLate, Title: a.Title(), At: c.o.Clock.Now()}
		return f
	}
	began := time.Now()
	if tool := m.Tools[a.Source]; tool != nil {
		f = tool.Ask(ctx, a)
		f.By = tool.Name()
		c.health.heard(a.Source, f.Reason, c.o.Clock.Now())
	} else if spec := m.probe(a); spec != nil {
		f = m.Prober.Run(ctx, spec, a.Labels)
	} else {
		f = ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonNothing}
	}
	if f.By != "" {
		c.metrics.questions.WithLabelValues(f.By, string(f.State)).Observe(time.Since(began).Seconds())
	}
	f.Title, f.Text = a.Title(), ticket.Cut(f.Text, ticket.MaxFindingText)
	if f.At.IsZero() {
		f.At = c.o.Clock.Now()
	}
	if f.State == ticket.FoundDown && f.Since.IsZero() {
		f.Since = ticket.SentTime(a.StartsAt)
	}
	return f
}

func unclear(why ticket.FindingReason, at time.Time) *ticket.Found {
	return ticket.Summary([]ticket.Finding{{State: ticket.FoundUnclear, Reason: why, At: at}}, 0)
}

// health is since when tools do not answer, by source.
type health struct {
	mu     sync.Mutex
	silent map[string]time.Time
}

// Silent is a tool that did not answer when it was asked last.
type Silent struct {
	Source, Tool string
	Since        time.Time
}

// heard notes what became of a question.
func (h *health) heard(source string, why ticket.FindingReason, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch _, is := h.silent[source]; {
	case why != ticket.ReasonToolAway && why != ticket.ReasonToolRefuses:
		delete(h.silent, source)
	case !is:
		if h.silent == nil {
			h.silent = map[string]time.Time{}
		}
		h.silent[source] = now
	}
}

// keep forgets the tools that are not configured any more.
func (h *health) keep(m *Means) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for source := range h.silent {
		if m.Tools[source] == nil {
			delete(h.silent, source)
		}
	}
}

// Silent lists the tools that did not answer when they were asked last.
func (c *Checks) Silent() (list []Silent) {
	m := c.means.Load()
	c.health.mu.Lock()
	defer c.health.mu.Unlock()
	for source, since := range c.health.silent {
		if tool := m.Tools[source]; tool != nil {
			list = append(list, Silent{Source: source, Tool: tool.Name(), Since: since})
		}
	}
	slices.SortFunc(list, func(a, b Silent) int { return strings.Compare(a.Source, b.Source) })
	return list
}
