package answer

import (
	"slices"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/paging"
)

// Prove sets who keeps proofs: to is told each text. Call it before the
// conversation is used.
func (c *Conversation) Prove(to paging.Prover) { c.prover = to }

// prove notes that a text came from a person's phone, and answers what waited for it:
// said is the reply, where the text is about nothing else. A bare OK is about what came
// last: where no page came since what waits, tickets stay untaken, and are listed.
// A telephone that several share proves nobody, and neither does a group's.
func (x *exchange) prove(t paging.Text, a Answer, people []contacts.Person) (said string, err error) {
	if x.prover == nil || len(people) != 1 || x.telephone != "" || a.Verb == VerbNothing {
		return "", nil
	}
	waited, err := x.prover.Answered(x.ctx, paging.Proof{
		Person: people[0].Key, Channel: paging.WaySMS, Address: t.From, At: x.say.Now, How: paging.ByAnswer, Once: x.once,
	})
	bare := a.Verb == VerbAcknowledge && a.Code == 0
	switch {
	case err != nil && bare:
		return "", err //nolint:wrapcheck // it names itself
	case err != nil: // the text does what it says all the same
		x.log.Warn("that somebody answered was not noted", zap.String("person", people[0].Key), zap.Error(err))
	case waited.Any() && bare:
		if err := x.load(t.From, people); err != nil {
			return "", err
		}
		open, err := x.open()
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(open, func(k known) bool { return k.ticket.Progress.LastPagedAt.After(waited.At) }) {
			return "", nil // it answers the page, which came later
		}
		return x.say.Ready(waited.Handover, x.listed(open)), nil
	}
	return "", nil
}
