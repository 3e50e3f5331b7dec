package peer

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	mostFilters = ticket.MaxPeerFilters
	// mostEffort is what an answer may take to hold alerts against the regular expressions
	// of its question: their instructions, times the bytes of the labels.
	mostEffort = ticket.MaxPeerEffort
	// stands is how long an alert stands at least of which nobody said until when.
	stands = 5 * time.Minute
	// atOnce is how many tickets are listed together.
	atOnce = 500
)

// filter is which alerts somebody asks for.
type filter struct {
	matchers                              labels.Matchers
	costs                                 []int           // of each
	left                                  int             // of mostEffort
	receiver                              *labels.Matcher // nil: any
	active, silenced, inhibited, unjudged bool
}

// filter reads what is asked for from the query.
func (q *question) filter() (f filter, err error) {
	query := q.URL.Query()
	if f.matchers, err = matchersOf(query["filter"]); err != nil {
		return f, err
	}
	f.costs, f.left = silence.Costs(f.matchers), mostEffort
	for name, into := range map[string]*bool{"active": &f.active, "silenced": &f.silenced, "inhibited": &f.inhibited, "unprocessed": &f.unjudged} {
		if *into, err = flag(query.Get(name)); err != nil {
			return f, badly(name + ": true or false")
		}
	}
	if text := query.Get("receiver"); text != "" {
		if len(text) > ticket.MaxTitle {
			return f, badly("receiver: it is too long")
		}
		if silence.Heavy(text) {
			return f, badly("receiver: it has too many parts once compiled")
		}
		if f.receiver, err = labels.NewMatcher(labels.MatchRegexp, "receiver", text); err != nil {
			return f, badly("failed to parse receiver param: " + err.Error())
		}
	}
	return f, nil
}

// flag reads one that is true where it is left out.
func flag(text string) (bool, error) {
	if text == "" {
		return true, nil
	}
	return strconv.ParseBool(text) //nolint:wrapcheck // its caller says what is wrong
}

func matchersOf(texts []string) (all labels.Matchers, err error) {
	if len(texts) > mostFilters {
		return nil, badly(fmt.Sprintf("filter: %d at most", mostFilters))
	}
	for _, text := range texts {
		m, err := silence.ParseMatcher(text)
		if err != nil {
			return nil, badly("filter: " + err.Error())
		}
		all = append(all, m)
	}
	return all, nil
}

// errEffort is of a question that costs more than an answer may.
var errEffort = badly("filter: the regular expressions cost too much for so many alerts: name labels whole, or write them shorter")

// fits says whether an alert is asked for. muted says that a silence holds it back.
func (f *filter) fits(a *ticket.AlertRecord, policy string, muted bool) (bool, error) {
	if muted && !f.silenced || !muted && !f.active || f.receiver != nil && !f.receiver.Matches(policy) {
		return false, nil
	}
	for i, m := range f.matchers {
		value := a.Labels[m.Name]
		if f.left -= f.costs[i] * len(value); f.left < 0 {
			return false, errEffort
		}
		if !m.Matches(value) {
			return false, nil
		}
	}
	return true, nil
}

// each calls for every ticket of the source that is at work, with those of its alerts
// that are asked for. There are mostAlerts alerts in all at most.
func (q *question) each(do func(t *ticket.Ticket, alerts []alertShape)) error {
	f, err := q.filter()
	if err != nil {
		return err
	}
	room := mostAlerts
	return q.tickets(func(t *ticket.Ticket) error {
		if room <= 0 {
			return nil
		}
		list, err := q.desk.Alerts.Firing(q.Context(), t.Number, room)
		if errors.Is(err, escalation.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("peer: alerts of %s: %w", t.Number, err)
		}
		room -= len(list)
		alerts := []alertShape{}
		for i := range list {
			if err := q.Context().Err(); err != nil {
				return fmt.Errorf("peer: %w", err)
			}
			by := q.rules.MutedBy(&list[i].Alert, q.now)
			fits, err := f.fits(&list[i], t.Policy.Name, len(by) > 0)
			if err != nil {
				return err
			}
			if fits {
				alerts = append(alerts, q.shape(&list[i], t, by))
			}
		}
		if len(alerts) > 0 {
			do(t, alerts)
		}
		return nil
	})
}

// tickets calls for every ticket of the source that is at work.
func (q *question) tickets(do func(t *ticket.Ticket) error) error {
	query := ticket.Query{Scope: ticket.Everything(), Source: q.source, States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: atOnce}
	for {
		list, next, err := q.desk.Alerts.Tickets(q.Context(), query)
		if err != nil {
			return fmt.Errorf("peer: list tickets: %w", err)
		}
		for i := range list {
			if err := do(&list[i]); err != nil {
				return err
			}
		}
		if query.Cursor = next; next == "" {
			return nil
		}
	}
}

func (q *question) shape(a *ticket.AlertRecord, t *ticket.Ticket, by []string) alertShape {
	s := alertShape{
		Labels: orEmpty(a.Labels), Annotations: orEmpty(a.Annotations), GeneratorURL: a.GeneratorURL, Fingerprint: a.Fingerprint,
		StartsAt: a.StartsAt.UTC(), EndsAt: a.SilentAt.UTC(), UpdatedAt: a.LastAt.UTC(), Receivers: []named{{t.Policy.Name}},
		Status: alertStatus{State: "active", SilencedBy: []string{}, InhibitedBy: []string{}, MutedBy: []string{}},
	}
	if s.StartsAt.IsZero() {
		s.StartsAt = a.FirstAt.UTC()
	}
	if earliest := q.now.Add(stands).UTC(); a.SilentAt.IsZero() {
		s.EndsAt = earliest
	}
	if len(by) > 0 {
		s.Status.State, s.Status.SilencedBy = "suppressed", by
	}
	return s
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func (q *question) alerts() (any, error) {
	all := []alertShape{}
	err := q.each(func(_ *ticket.Ticket, alerts []alertShape) { all = append(all, alerts...) })
	slices.SortFunc(all, func(a, b alertShape) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return all, err
}

// groups are tickets: each is one group.
func (q *question) groups() (any, error) {
	all := []groupShape{}
	err := q.each(func(t *ticket.Ticket, alerts []alertShape) {
		all = append(all, groupShape{orEmpty(t.Group), named{t.Policy.Name}, alerts})
	})
	slices.SortStableFunc(all, func(a, b groupShape) int { return cmp.Compare(a.Receiver.Name, b.Receiver.Name) })
	return all, err
}

// receivers are the policies of the source's tickets, and that of an alert which says
// nothing.
func (q *question) receivers() (any, error) {
	policies := map[string]bool{q.rules.Resolve(&ticket.Alert{Source: q.source, Status: ticket.Firing}).Policy.Name: true}
	err := q.tickets(func(t *ticket.Ticket) error { policies[t.Policy.Name] = true; return nil })
	all := []named{}
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		all = append(all, named{name})
	}
	return all, err
}
