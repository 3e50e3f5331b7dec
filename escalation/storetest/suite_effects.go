package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// effectCases test that an effect is stored exactly when the commit that
// causes it is.
func effectCases() []testCase {
	return []testCase{
		{"there when the commit is", effectsWithCommit},
		{"not there where it is refused", effectsRefused},
		{"a key is queued once", effectsOnce},
		{"ended with a line of the timeline", effectsEnded},
		{"beside the pages of their commit", effectsBesidePages},
	}
}

// effectsOf are the writes of a webhook's effects that a ticket's change
// causes.
func (b *bench) effectsOf(t *ticket.Ticket, revision int64, events ...string) []records.Write {
	b.Helper()
	var told []ticket.Told
	for _, event := range events {
		told = append(told, ticket.Told{Event: event, At: Began()})
	}
	hooks := []escalation.Webhook{{Name: "desk", Events: ticket.TellableEvents()}}
	writes, err := escalation.EffectWrites(escalation.Effects(hooks, t, revision, told, Began()))
	b.ok(err)
	return writes
}

// effects are the keys of a source's effects.
func (b *bench) effects(source string) []string {
	b.Helper()
	list, err := b.s.Records().List(b.ctx, source, ticket.EffectRecords, "", 100)
	b.ok(err)
	keys := make([]string, len(list))
	for i := range list {
		e, err := ticket.ReadEffect(list[i].Value)
		b.ok(err)
		if keys[i] = list[i].Key; e.Key() != keys[i] || e.Lane()+e.Order != keys[i] {
			b.Errorf("the effect %q lies under %q", e.Key(), keys[i])
		}
	}
	return keys
}

func effectsWithCommit(b *bench) {
	t := b.ticket(prometheus)
	c := Opening(&t, Alert(prometheus, "a"))
	c.Records = b.effectsOf(&t, 0, ticket.ToldOpened, ticket.ToldAcknowledged)
	b.apply(c)
	b.same("in order", b.effects(prometheus), []string{
		t.Number + " webhook/desk 000000000000.0000", t.Number + " webhook/desk 000000000000.0001",
	})
	b.same("of no other source", len(b.effects(grafana)), 0)
	claimed, err := b.s.Records().Claim(b.ctx, records.Claim{
		Kind: ticket.EffectRecords, Owner: "one", Now: Began(), Until: At(time.Minute), Most: 9,
	})
	b.ok(err)
	b.same("both are due", len(claimed), 2)
}

func effectsRefused(b *bench) {
	was := b.opened(prometheus, "a")
	first := was.Ticket
	b.apply(escalation.Change{Ticket: first, Revision: was.Revision, Records: b.effectsOf(&first, was.Revision, ticket.ToldAcknowledged)})
	there := b.effects(prometheus)
	b.refused("on an old revision", escalation.Change{
		Ticket: first, Revision: was.Revision, Records: b.effectsOf(&first, was.Revision+7, ticket.ToldResolved),
	})
	other := b.ticket(prometheus)
	stale := Opening(&other, Alert(prometheus, "b"))
	stale.GroupWas = "I261121_9999"
	stale.Records = b.effectsOf(&other, 0, ticket.ToldOpened)
	b.refused("of a ticket whose group is another's", stale)
	b.same("what was there, and no more", b.effects(prometheus), there)
}

func effectsOnce(b *bench) {
	was := b.opened(prometheus, "a")
	writes := b.effectsOf(&was.Ticket, was.Revision, ticket.ToldAcknowledged)
	b.apply(escalation.Change{Ticket: was.Ticket, Revision: was.Revision, Records: writes})
	now := b.load(prometheus, was.Ticket.Number)
	b.refused("the same key again", escalation.Change{Ticket: was.Ticket, Revision: now.Revision, Records: writes})
	b.same("one", len(b.effects(prometheus)), 1)
}

func effectsEnded(b *bench) {
	was := b.opened(prometheus, "a")
	b.apply(escalation.Change{Ticket: was.Ticket, Revision: was.Revision, Records: b.effectsOf(&was.Ticket, was.Revision, ticket.ToldAcknowledged)})
	claim := func(owner string, now time.Duration) records.Record {
		b.Helper()
		claimed, err := b.s.Records().Claim(b.ctx, records.Claim{
			Kind: ticket.EffectRecords, Owner: owner, Now: At(now), Until: At(now + time.Minute), Most: 9,
		})
		b.ok(err)
		if len(claimed) != 1 {
			b.Fatalf("%s has %d effects", owner, len(claimed))
		}
		return claimed[0]
	}
	end := func(r records.Record) escalation.Change {
		now := b.load(prometheus, was.Ticket.Number)
		return escalation.Change{
			Ticket: now.Ticket, Revision: now.Revision, Timeline: []ticket.Entry{{At: Began(), Kind: ticket.EntryEffect}},
			Records: []records.Write{{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true}},
		}
	}
	lost := claim("one", 0)
	held := claim("two", time.Minute)
	before := len(b.view(was.Ticket.Number).Timeline)
	b.refused("by a claim that was lost", end(lost))
	b.same("no line", len(b.view(was.Ticket.Number).Timeline), before)
	b.apply(end(held))
	b.same("a line", len(b.view(was.Ticket.Number).Timeline), before+1)
	b.same("it is gone", len(b.effects(prometheus)), 0)
}

func effectsBesidePages(b *bench) {
	t := b.ticket(prometheus)
	c := Opening(&t, Alert(prometheus, "a"))
	c.Pages = []ticket.Page{Page(&t, "alice")}
	c.Records = b.effectsOf(&t, 0, ticket.ToldOpened)
	b.apply(c)
	b.same("its page waits", len(b.view(t.Number).Pages), 1)
	b.same("and its effect", len(b.effects(prometheus)), 1)
}
