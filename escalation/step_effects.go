package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Webhook says what a receiver is told, and of whose tickets.
type Webhook struct {
	Name      string
	Source    string   // whose tickets; empty: those of all sources
	Events    []string // of ticket.TellableEvents
	Customers []string // whose tickets; none: all tickets
}

// Receiver is the webhook's name as a receiver of effects.
func (h *Webhook) Receiver() string { return WebhookReceiver(h.Name) }

// WebhookReceiver is what effects call the webhook of a name.
func WebhookReceiver(name string) string { return "webhook/" + name }

// hears reports whether the webhook is told of an event of this ticket.
func (h *Webhook) hears(event string, t *ticket.Ticket) bool {
	return slices.Contains(h.Events, event) && (h.Source == "" || h.Source == t.Source) &&
		(len(h.Customers) == 0 || slices.Contains(h.Customers, t.Customer))
}

// Effects makes the effects of a commit: for each thing that happened, one for
// each webhook that is told of it. It is pure. t is the ticket as the commit
// leaves it; revision is the one before.
func Effects(hooks []Webhook, t *ticket.Ticket, revision int64, told []ticket.Told, now time.Time) []ticket.Effect {
	var all []ticket.Effect
	for n, what := range told {
		for i := range hooks {
			if !hooks[i].hears(what.Event, t) {
				continue
			}
			all = append(all, ticket.Effect{
				Ticket: t.Number, To: hooks[i].Receiver(), Order: ticket.EffectOrder(revision, n),
				Event: what.Event, At: what.At, Queued: now, About: t.Shown(),
			})
		}
	}
	return all
}

// EffectWrites makes the records of effects. A full store takes them too: they
// also go with what ends something, and must not stop it.
func EffectWrites(effects []ticket.Effect) ([]records.Write, error) {
	writes := make([]records.Write, len(effects))
	for i := range effects {
		value, err := effects[i].Value()
		if err != nil {
			return nil, err
		}
		writes[i] = records.Write{Kind: effects[i].Kind(), Key: effects[i].Key(), Value: value, Due: effects[i].Queued, Vital: true}
	}
	return writes, nil
}

// EffectEnded says how an effect of the ticket ended.
type EffectEnded struct {
	Effect ticket.Effect
	Sent   bool
	Why    string // why it was given up
}

func (EffectEnded) event() {}

// effectEnded writes it into the timeline. No receiver is told of it.
func (s *stepper) effectEnded(e EffectEnded) {
	actor := &ticket.Actor{Kind: ticket.ActorSystem, Name: e.Effect.To}
	if e.Sent {
		s.log(ticket.EntryEffect, actor, "rule", ticket.Said{Detail: ticket.SaidTold, Args: ticket.Args{Receiver: e.Effect.To, Event: e.Effect.Event}})
		return
	}
	s.log(ticket.EntryEffectFailed, actor, "rule", ticket.Said{
		Detail: ticket.SaidUntold, Args: ticket.Args{Receiver: e.Effect.To, Event: e.Effect.Event, Error: ticket.Cut(e.Why, ticket.MaxNote)},
	})
}
