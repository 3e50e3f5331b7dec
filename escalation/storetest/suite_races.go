package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func raceCases() []testCase {
	return []testCase{
		{"one revision, one winner", raceRevision},
		{"one number, one winner", raceNumber},
		{"one group, one winner", raceGroup},
		{"one alert, one winner", raceAlert},
		{"every repeat counts", raceRepeats},
		{"every page to one owner", raceClaims},
		{"no claim after an acknowledgement", raceAcknowledge},
	}
}

// winners commits n changes at once and counts those that were applied. All
// others must have met a conflict.
func (b *bench) winners(n int, change func(i int) escalation.Change) int {
	b.Helper()
	var (
		lock sync.Mutex
		won  int
	)
	b.together(n, func(i int) error {
		errs, err := b.s.Commit(b.ctx, prometheus, []escalation.Change{change(i)})
		if err != nil {
			return err
		}
		if errors.Is(errs[0], escalation.ErrConflict) {
			return nil
		}
		lock.Lock()
		defer lock.Unlock()
		won++
		return errs[0]
	})
	return won
}

func raceRevision(b *bench) {
	was := b.opened(prometheus)
	for round := range 10 {
		won := b.winners(8, func(i int) escalation.Change {
			change := Next(was, func(t *ticket.Ticket) { t.Title = fmt.Sprintf("%d.%d", round, i) })
			change.Timeline = []ticket.Entry{Note(At(0), change.Ticket.Title)}
			return change
		})
		b.same("winners", won, 1)
		was = b.load(prometheus, was.Ticket.Number)
		texts := b.texts(was.Ticket.Number)
		b.same("entries", len(texts), round+2)
		b.same("the last entry", texts[len(texts)-1], was.Ticket.Title)
	}
}

func raceNumber(b *bench) {
	t := b.ticket(prometheus)
	b.same("winners", b.winners(8, func(i int) escalation.Change {
		mine := t
		mine.Title = fmt.Sprint(i)
		mine.GroupKey = fmt.Sprint("group ", i)
		return Opening(&mine)
	}), 1)
	b.same("tickets", counted(b.stats()), map[string]int{"major open": 1})
}

func raceGroup(b *bench) {
	numbers := make([]string, 8)
	for i := range numbers {
		numbers[i] = b.number(prometheus)
	}
	b.same("winners", b.winners(8, func(i int) escalation.Change {
		t := Ticket(prometheus, numbers[i])
		t.GroupKey = "one group"
		change := Opening(&t, Alert(prometheus, fmt.Sprint("f", i)))
		change.Pages = []ticket.Page{Page(&t, "alice")}
		return change
	}), 1)
	b.same("tickets", counted(b.stats()), map[string]int{"major open": 1})
	b.same("pages", b.stats().Queued, 1)
	b.same("alerts", len(b.inGroup(prometheus, SenderGroup)), 1)
}

func raceAlert(b *bench) {
	numbers := make([]string, 8)
	for i := range numbers {
		numbers[i] = b.number(prometheus)
	}
	b.same("winners", b.winners(8, func(i int) escalation.Change {
		t := Ticket(prometheus, numbers[i])
		return Opening(&t, Alert(prometheus, "f1"))
	}), 1)
	winner := b.alert(prometheus, "f1").Ticket
	b.same("the winner's alerts", len(b.view(winner).Alerts), 1)
	b.same("tickets", counted(b.stats()), map[string]int{"major open": 1})
}

func raceRepeats(b *bench) {
	const callers, calls = 8, 20
	was := b.opened(prometheus, "f1", "f2")
	b.together(callers, func(int) error {
		for range calls {
			observed, err := b.s.Observe(b.ctx, prometheus, []escalation.Observation{
				Observation(Alert(prometheus, "f1"), At(time.Minute)), Observation(Alert(prometheus, "f2"), At(time.Minute)),
			})
			if err != nil {
				return err
			}
			for _, item := range observed.Items {
				if item.Verdict != escalation.Repeat {
					return fmt.Errorf("verdict %d, want a repeat", item.Verdict)
				}
			}
		}
		return nil
	})
	b.same("count", b.alert(prometheus, "f1").Count, 1+callers*calls)
	b.same("count", b.alert(prometheus, "f2").Count, 1+callers*calls)
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
}

func raceClaims(b *bench) {
	const owners, tickets = 8, 9
	for i := range tickets {
		b.paged(sources()[i%3], "alice", "bob", "carol", "dave", "erin", "frank")
	}
	var (
		lock   sync.Mutex
		owner  = map[string]string{}
		tokens = map[int64]bool{}
	)
	b.together(owners, func(i int) error {
		me := fmt.Sprint("owner ", i)
		for {
			claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{Owner: me, Now: At(time.Minute), Until: At(2 * time.Minute), Limit: 4})
			if err != nil || len(claims) == 0 {
				return err
			}
			lock.Lock()
			for _, c := range claims {
				key := c.Page.Source + " " + c.Page.String()
				if other, taken := owner[key]; taken {
					b.Errorf("%s claimed %s, which %s has", me, key, other)
				}
				owner[key], tokens[c.Token] = me, true
			}
			lock.Unlock()
		}
	})
	// An owner may find nothing while others claim. The last owner claims the
	// rest.
	rest, _ := b.claim("the last", At(time.Minute), 100)
	b.same("pages", len(owner)+len(rest), tickets*6)
}

func raceAcknowledge(b *bench) {
	for range 10 {
		was := b.paged(prometheus, "alice", "bob", "carol")
		var (
			lock         sync.Mutex
			acknowledged bool
		)
		b.together(4, func(i int) error {
			if i == 0 {
				errs, err := b.s.Commit(b.ctx, prometheus, []escalation.Change{
					Next(was, func(t *ticket.Ticket) { Acknowledge(t, At(0)) }),
				})
				lock.Lock()
				defer lock.Unlock()
				acknowledged = true
				return errors.Join(append(errs, err)...)
			}
			lock.Lock()
			after := acknowledged
			lock.Unlock()
			claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{Owner: fmt.Sprint(i), Now: At(time.Minute), Until: At(2 * time.Minute), Limit: 1})
			if after && len(claims) > 0 {
				b.Errorf("claimed %s after the acknowledgement", keys(claims))
			}
			return err
		})
		b.none("acknowledged", At(time.Minute))
		b.none("acknowledged, claims that ran out", At(time.Hour))
	}
}
