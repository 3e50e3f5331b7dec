package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Prefix is what the numbers of the suite's tickets start with.
const Prefix = "I261121_"

// SenderGroup is the sender's group that Alert's alerts come in.
const SenderGroup = `{}:{alertname="HostDown"}`

// Began is when everything in the suite begins: a Saturday night, UTC.
func Began() time.Time { return time.Date(2026, time.November, 21, 3, 12, 0, 0, time.UTC) }

// At is d after Began.
func At(d time.Duration) time.Time { return Began().Add(d) }

// Ticket is an open major ticket, opened at Began. It is alone in its group.
// Its first page is ordered, and the next is due at At(3m).
func Ticket(source, number string) ticket.Ticket {
	t := ticket.Ticket{
		Number: number, Source: source, Kind: ticket.Incident, State: ticket.Open,
		Urgency: ticket.Major, Customer: "acme", Site: "Givrand", Title: "srv-db-01 HostDown",
		Group:    map[string]string{"customer": "acme", "alertname": "HostDown"},
		GroupKey: "round-the-clock/" + number,
		OpenedAt: Began(), UpdatedAt: Began(), Firing: 1,
		Policy: ticket.Policy{
			Name:         "round-the-clock",
			Steps:        []ticket.Step{{Group: "network", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: ticket.DefaultRepeat}}}},
			ReopenWithin: ticket.DefaultReopenWithin,
			CloseAfter:   ticket.DefaultCloseAfter,
		},
		Progress: ticket.Progress{Episode: 1, Began: Began()},
	}
	NextRound(&t, At(ticket.DefaultRepeat))
	return t
}

// NextRound sets when the next page of an open ticket is due. That is the
// ticket's deadline. The zero time: never.
func NextRound(t *ticket.Ticket, at time.Time) {
	t.Progress.Steps = []ticket.StepRun{{Started: t.Progress.Began, First: t.Progress.Began, Next: at, Round: 1}}
}

// Acknowledge marks the ticket as taken by alice. It then has no deadline.
func Acknowledge(t *ticket.Ticket, at time.Time) {
	t.State = ticket.Acknowledged
	t.AcknowledgedAt, t.UpdatedAt = at, at
	t.AcknowledgedBy = Person("alice")
}

// PickUp marks an acknowledged ticket as worked on by alice.
func PickUp(t *ticket.Ticket, at time.Time) {
	t.State = ticket.InProgress
	t.PickedUpAt, t.UpdatedAt = at, at
	t.PickedUpBy = Person("alice")
}

// Resolve marks the ticket as resolved by its sender. Its deadline is then the
// time of its closing.
func Resolve(t *ticket.Ticket, at time.Time) {
	t.State = ticket.StateResolved
	t.ResolvedAt, t.UpdatedAt = at, at
	t.ResolvedBy = &ticket.Actor{Kind: ticket.ActorSender, Name: t.Source}
	t.Progress.CloseAt = at.Add(t.Policy.CloseAfter)
}

// Close marks the ticket as closed by a rule.
func Close(t *ticket.Ticket, at time.Time) {
	t.State = ticket.Closed
	t.ClosedAt, t.UpdatedAt = at, at
}

// Person is a person as an actor.
func Person(name string) *ticket.Actor { return &ticket.Actor{Kind: ticket.ActorPerson, Name: name} }

// Alert is a firing alert that started at Began, in SenderGroup, and counts as
// silent at At(5m).
func Alert(source, fingerprint string) ticket.Alert {
	return ticket.Alert{
		Source: source, Fingerprint: fingerprint, Status: ticket.Firing,
		Labels:      map[string]string{"alertname": "HostDown", "instance": fingerprint},
		Annotations: map[string]string{"summary": "host " + fingerprint + " is down"},
		StartsAt:    Began(), SenderGroup: SenderGroup, SilentAt: At(5 * time.Minute),
	}
}

// Record is the alert as the store keeps it with the ticket, heard of once, at
// Began.
func Record(t *ticket.Ticket, a ticket.Alert) ticket.AlertRecord {
	return ticket.AlertRecord{
		Alert: a, Ticket: t.Number, Urgency: t.Urgency, FirstAt: Began(), LastAt: Began(), Count: 1,
	}
}

// Page is the page by SMS that the first round of the ticket's first step
// orders for a person at Began.
func Page(t *ticket.Ticket, person string) ticket.Page {
	return ticket.Page{
		PageKey: ticket.PageKey{
			Ticket: t.Number, Episode: t.Progress.Episode, Person: person, Channel: "sms",
		},
		Source: t.Source, Kind: ticket.KindPage, Urgency: t.Urgency, At: Began(), State: ticket.PageQueued,
	}
}

// Note is an entry of a timeline. A token wrote it in a person's name.
func Note(at time.Time, text string) ticket.Entry {
	by := Person("alice")
	by.Token = "desk"
	return ticket.Entry{At: at, Kind: ticket.EntryNote, Actor: by, Via: "api", Said: ticket.Plain(text)}
}

// Observation is the alert as heard of at a time, major, of no group.
func Observation(a ticket.Alert, at time.Time) escalation.Observation {
	return escalation.Observation{Alert: a, Urgency: ticket.Major, At: at}
}

// Opening is the change that opens a ticket with its first alerts. It takes
// its group from nobody. Its timeline says that it was opened.
func Opening(t *ticket.Ticket, alerts ...ticket.Alert) escalation.Change {
	c := escalation.Change{
		Ticket: *t, TakeGroup: true,
		Timeline: []ticket.Entry{{At: t.OpenedAt, Kind: ticket.EntryOpened, Said: ticket.Plain("opened")}},
	}
	for _, a := range alerts {
		c.Alerts = append(c.Alerts, escalation.AlertChange{Record: Record(t, a)})
	}
	return c
}

// Next is a change of the ticket as it was read. edit makes the change; nil:
// none.
func Next(was ticket.Record, edit func(t *ticket.Ticket)) escalation.Change {
	t := was.Ticket
	if edit != nil {
		edit(&t)
	}
	return escalation.Change{Ticket: t, Revision: was.Revision}
}
