package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeJSON is anything that posts JSON. The source's [Mapping] says what it
// means.
const TypeJSON = "json"

// What the expressions of one request may take (package jq counts so).
const (
	eachSteps  = 4_000_000  // each, and one for each two bytes of the body's values
	alertSteps = 500_000    // all expressions on one alert
	mapSteps   = 50_000_000 // … on all alerts of a request
	// mapTime is for a machine that stands still. Those steps take a few seconds.
	mapTime = 20 * time.Second
)

// What a map's status may be.
const (
	mappedFiring       = "firing"
	mappedResolved     = "resolved"
	mappedAcknowledged = "acknowledged"
	mappedIgnore       = "ignore"
)

// mappedAnswers are what the source's mapping says.
func mappedAnswers(s *Source) answers {
	a := plainAnswers
	if s.Mapping == nil || s.Mapping.answer == (MappedAnswer{}) {
		return a
	}
	given := s.Mapping.answer
	a.taken = func(w http.ResponseWriter, t Taken) int {
		if given.Status == 0 {
			given.Status = http.StatusAccepted
		}
		if given.Body != "" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if json.Valid([]byte(given.Body)) {
				w.Header().Set("Content-Type", "application/json")
			}
		}
		w.WriteHeader(given.Status)
		_, _ = io.WriteString(w, given.Body) // if the client is gone, nothing can be done
		return given.Status
	}
	return a
}

// mapped reads the alerts of one body by a mapping.
type mapped struct {
	parsed
	source *Source
	by     *Mapping
	ctx    context.Context //nolint:containedctx // it lives as long as one call
	left   int             // steps for all that follows
	right  int
}

// parseMapped reads a body as the source's mapping says.
func parseMapped(ctx context.Context, data []byte, s *Source, _ time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error) {
	if s.Mapping == nil {
		return parsed{}, fmt.Errorf("the source %s has no map", s.Name)
	}
	data, err := jsonOf(data)
	if err != nil {
		return parsed{}, err
	}
	body, weight, err := jq.Parse(data)
	if err != nil {
		if json.Unmarshal(data, new(nothing)) != nil {
			return parsed{}, explain(data)
		}
		return parsed{}, fmt.Errorf("the body cannot be taken: %w", err)
	}
	slow, cancel := context.WithTimeout(ctx, mapTime)
	defer cancel()
	items := []any{body}
	if s.Mapping.each != nil {
		// What is beyond the source's bound is left out below, and said so.
		meter := jq.NewMeter(slow, eachSteps+weight/2)
		if items, err = s.Mapping.each.All(meter, 10*s.MaxAlerts, body); err != nil { //nolint:contextcheck // the meter is the context
			return parsed{}, fmt.Errorf("each: %w", err)
		}
	}
	m := &mapped{source: s, by: s.Mapping, ctx: slow, left: mapSteps}
	for i, item := range items {
		if m.full = m.right >= s.MaxAlerts; m.full || len(m.problems) >= wrongEnough {
			m.unread = len(items) - i
			break
		}
		if err := m.take(i, item); err != nil { //nolint:contextcheck // as above
			return parsed{}, err
		}
		if hand != nil && len(m.Alerts) >= atOnce {
			if err := hand(ctx, m.Alerts); err != nil {
				return parsed{}, err
			}
			m.Alerts = nil
		}
	}
	return m.parsed, nil
}

// take reads one alert. The error is for what is not the alert's fault.
func (m *mapped) take(i int, item any) error {
	steps := min(alertSteps, m.left)
	meter := jq.NewMeter(m.ctx, steps)
	alert, reason, err := m.alert(meter, item)
	m.left -= steps - meter.Left()
	switch {
	case errors.Is(err, jq.ErrLate):
		return err //nolint:wrapcheck // the handler looks for it
	case err != nil:
		m.problems = append(m.problems, Problem{Index: i, Reason: ticket.Cut(err.Error(), longestReason)})
		return nil
	case reason == mappedIgnore:
		return nil
	}
	m.source.add(&alert)
	if alert.Bound(0) {
		m.cut++
	}
	m.right++
	m.Alerts = append(m.Alerts, alert)
	return nil
}

// alert makes one alert. ignored is mappedIgnore for one that is to be ignored.
func (m *mapped) alert(meter *jq.Meter, item any) (a ticket.Alert, ignored string, err error) {
	status, err := textOf(meter, m.by.status, item, "status")
	if err != nil || status == mappedIgnore {
		return a, status, err
	}
	key, err := textOf(meter, m.by.key, item, "key")
	if err != nil {
		return a, "", err
	}
	if key == "" {
		return a, "", errors.New("key: it is empty")
	}
	a.Fingerprint = fingerprint(key, nil)
	if a.Named, err = textOf(meter, m.by.title, item, "title"); err != nil {
		return a, "", err
	}
	if a.Labels, err = pairsOf(meter, m.by.labels, item, "labels"); err != nil {
		return a, "", err
	}
	if a.Annotations, err = pairsOf(meter, m.by.annotations, item, "annotations"); err != nil {
		return a, "", err
	}
	if a.StartsAt, err = moment(meter, m.by.startsAt, item, "starts_at"); err != nil {
		return a, "", err
	}
	if a.EndsAt, err = moment(meter, m.by.endsAt, item, "ends_at"); err != nil {
		return a, "", err
	}
	return a, "", stands(&a, status)
}

// stands puts the map's word for how the alert is into our terms.
func stands(a *ticket.Alert, status string) error {
	switch status {
	case mappedFiring:
		a.Status, a.EndsAt = ticket.Firing, time.Time{}
	case mappedResolved:
		a.Status = ticket.Resolved
	case mappedAcknowledged:
		a.Status, a.EndsAt = ticket.Firing, time.Time{}
		a.Remark = &ticket.Remark{Kind: ticket.RemarkTaken, What: mappedAcknowledged}
	default:
		return fmt.Errorf("status: %q is none of %s, %s, %s and %s",
			ticket.Cut(status, ticket.MaxLogged), mappedFiring, mappedResolved, mappedAcknowledged, mappedIgnore)
	}
	return nil
}

// textOf is what an expression yields as a text.
func textOf(meter *jq.Meter, p *jq.Program, item any, what string) (string, error) {
	v, err := p.First(meter, item)
	if err == nil {
		var said string
		if said, err = jq.Text(v); err == nil {
			return said, nil
		}
	}
	return "", fmt.Errorf("%s: %w", what, err)
}

// pairsOf are labels or annotations. null and the empty text are none.
func pairsOf(meter *jq.Meter, p *jq.Program, item any, what string) (map[string]string, error) {
	v, err := p.First(meter, item)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if v == nil {
		return nil, nil
	}
	given, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: the expression yields no object", what)
	}
	if len(given) > pairsRead {
		return nil, fmt.Errorf("%s: %d are too many: %d at most", what, len(given), pairsRead)
	}
	pairs := make(map[string]string, len(given))
	for name, v := range given {
		said, err := jq.Text(v)
		if flag, isFlag := v.(bool); isFlag {
			said, err = strconv.FormatBool(flag), nil
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s.%s: a text wanted", what, ticket.Cut(name, ticket.MaxLogged))
		case name == "":
			return nil, fmt.Errorf("%s: one has no name", what)
		case said != "":
			pairs[name] = said
		}
	}
	return pairs, nil
}

// moment is a time: in one of the forms of timeForms, or seconds (or
// milliseconds) since 1970.
func moment(meter *jq.Meter, p *jq.Program, item any, what string) (time.Time, error) {
	said, err := textOf(meter, p, item, what)
	if err != nil {
		return time.Time{}, err
	}
	at, err := parseTime(ticket.Cut(said, longestTime))
	if err != nil {
		seconds, notNumber := strconv.ParseFloat(said, 64)
		if notNumber != nil || math.Abs(seconds) > 1e14 {
			return at, fmt.Errorf("%s: %w, or as seconds since 1970", what, err)
		}
		if math.Abs(seconds) >= 1e11 { // seconds until the year 5138, milliseconds from 1973 on
			seconds /= 1000
		}
		whole, part := math.Modf(seconds)
		at = time.Unix(int64(whole), int64(part*1e6)*1000).UTC()
	}
	return ticket.SentTime(at), nil
}
