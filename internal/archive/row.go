package archive

import (
	"hash/fnv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// row is what lists select and sort tickets by.
type row struct {
	id                                                         int64
	number, source                                             string
	version, revision                                          int64
	state                                                      string
	urgency                                                    int64
	kind, origin, customer, site, team, tier, assignee, owner  string
	category, equipment, application, domain, service          string
	billable                                                   int64
	opened, updated, due, stopped, resolved, closed, wordsHash int64
	promised, picked, next, missed                             int64

	parties [3]party // in a table of their own
}

var columns = []string{
	"id", "number", "source", "version", "revision", "state", "urgency",
	"kind", "origin", "customer", "site", "team", "tier", "assignee", "owner",
	"category", "equipment", "application", "domain", "service", "billable",
	"opened_at", "updated_at", "due_at", "stopped_at", "resolved_at", "closed_at", "wording",
	"promised", "picked_up_at", "next_at", "missed",
}

func (r *row) values() []any {
	return []any{
		r.id, r.number, r.source, r.version, r.revision, r.state, r.urgency,
		r.kind, r.origin, r.customer, r.site, r.team, r.tier, r.assignee, r.owner,
		r.category, r.equipment, r.application, r.domain, r.service, r.billable,
		r.opened, r.updated, r.due, r.stopped, r.resolved, r.closed, r.wordsHash,
		r.promised, r.picked, r.next, r.missed,
	}
}

// places are where values of a row are read to.
func (r *row) places() []any {
	return []any{
		&r.id, &r.number, &r.source, &r.version, &r.revision, &r.state, &r.urgency,
		&r.kind, &r.origin, &r.customer, &r.site, &r.team, &r.tier, &r.assignee, &r.owner,
		&r.category, &r.equipment, &r.application, &r.domain, &r.service, &r.billable,
		&r.opened, &r.updated, &r.due, &r.stopped, &r.resolved, &r.closed, &r.wordsHash,
		&r.promised, &r.picked, &r.next, &r.missed,
	}
}

// upsert writes a row over the one of the same number.
var upsert = func() string {
	var b strings.Builder
	b.WriteString("INSERT INTO tickets (" + strings.Join(columns, ", ") + ") VALUES (" +
		strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ") ON CONFLICT (number) DO UPDATE SET ")
	for i, c := range columns[2:] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}()

// The values of billable.
const (
	unbillable = 0
	billable   = 1
	unsaid     = -1
)

// byHand is the source of tickets that no alert opened.
const byHand = "manual"

// originOf is how a ticket came.
func originOf(t *ticket.Ticket, s *sheet) string {
	switch {
	case s.Origin != "":
		return s.Origin
	case t.Source == byHand:
		return "hand"
	}
	return "alert"
}

var billables = map[string]int64{"yes": billable, "no": unbillable, "": unsaid}

func rowOf(c *ticket.Changed, s *sheet) row {
	t := &c.View.Ticket
	r := row{
		id: idOf(t), number: t.Number, source: t.Source, version: c.Version, revision: c.Revision,
		state: string(t.State), urgency: int64(t.Urgency), kind: string(t.Kind), origin: originOf(t, s),
		customer: t.Customer, site: t.Site, assignee: t.Assignee,
		category: s.Category, equipment: s.Equipment, application: s.Application, domain: s.Domain, service: s.Service,
		billable: billables[s.Billable], opened: micros(t.OpenedAt), updated: micros(t.UpdatedAt), due: micros(t.GTI.DueAt),
		stopped: micros(t.GTIStoppedAt()), resolved: micros(t.ResolvedAt), closed: micros(t.ClosedAt),
		picked: micros(t.PickedUpAt), next: micros(t.NextDue()), parties: partiesOf(s),
	}
	if t.GTIState(t.OpenedAt) != ticket.GTINone {
		r.promised = 1
	}
	if t.Missed() {
		r.missed = 1
	}
	if r.equipment == "" {
		r.equipment = t.Host
	}
	r.team, r.tier, r.owner = t.Place.Group, string(t.Place.Tier.Known()), t.Place.Owner
	return r
}

// Tickets that were opened in the same microsecond have ids of their own, by
// their numbers.
const idBits = 11

func idOf(t *ticket.Ticket) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Number)) // it cannot fail
	return micros(t.OpenedAt)<<idBits | int64(h.Sum32()>>(32-idBits))
}

// idFrom is the least id of a ticket that was opened at a time or later.
func idFrom(at time.Time) int64 { return micros(at) << idBits }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
