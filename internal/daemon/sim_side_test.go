package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// scriptSide has providers report on orders that they have not answered yet,
// answer after the recovery, and refuse somebody for a while, in half of the
// worlds. It draws from its own random source.
func (s *sim) scriptSide(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 31))
	if rng.IntN(2) != 0 {
		return
	}
	for range 1 + rng.IntN(4) {
		p := s.people[rng.IntN(len(s.people))]
		if len(p.phones) == 0 {
			continue
		}
		f := phonetest.Fault{Kind: phonetest.SMS, To: p.phones[rng.IntN(len(p.phones))].Number(), Times: 1 + rng.IntN(8)}
		seconds := time.Duration(1+rng.IntN(9)) * time.Second
		switch rng.IntN(4) {
		case 0:
			f.Answer, f.Receipt, f.ReceiptCode = seconds, "undelivered", []int{30003, 30005}[rng.IntN(2)]
			f.Times = 30
		case 1:
			f.Answer = seconds
		case 2:
			f.Latency = seconds
		default:
			f.Status, f.Code, f.Times = 400, 21610, 30
		}
		at := 10*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-10*time.Second)))
		add(at, fmt.Sprintf("a provider is early, late or refuses: %+v", f), func() {
			s.trouble(s.plan.trouble)
			s.world.SetFault(f)
		})
	}
}

// judgeNotices: no notice goes while a page of the same ticket to the same
// person is on its way.
func (h *history) judgeNotices() {
	for _, o := range h.sends {
		if o.kind != ticket.KindTaken && o.kind != ticket.KindRecovered {
			continue
		}
		for _, x := range h.sends {
			about := x.kind == ticket.KindPage || x.kind == ticket.KindJoined
			if !about || x.key.Ticket != o.key.Ticket || x.key.Person != o.key.Person || !x.at.Before(o.at) ||
				!x.done.IsZero() && !x.done.After(o.at) {
				continue
			}
			if x.by.hurt(x.at.Add(-leaseBefore), o.at) || h.restored(x.at, o.at) || h.s.movedIn(x.at, o.at) || x.vague || o.vague {
				continue // somebody else has the page by now
			}
			if slices.ContainsFunc(h.settled[x.key], func(w outcome) bool { return w.how == "receipt" && !w.at.After(o.at) }) {
				continue // the provider has it, and only its answer is late
			}
			h.s.problem("overtakes", "%s went out at %.3f while %s of %.3f had no answer", o.key, h.s.since(o.at), x.key, h.s.since(x.at))
		}
	}
}

// judgeFlood: whatever a provider says, and when, a step orders few SMS to one
// number of a person within ten seconds.
func (h *history) judgeFlood() {
	type where struct {
		number        string
		episode, step int
		to            string
	}
	times := map[where][]time.Time{}
	for _, o := range h.sends {
		if o.key.Channel != "sms" || (o.refused && !o.final) { // refused for now: it is tried again, ever later
			continue
		}
		w := where{o.key.Ticket, o.key.Episode, o.key.Step.Number(), o.to}
		recent := slices.DeleteFunc(times[w], func(at time.Time) bool { return o.at.Sub(at) > 10*time.Second })
		if times[w] = append(recent, o.at); len(times[w]) > 4 && !o.by.hurt(o.at.Add(-leaseBefore), o.at) {
			h.s.problem("flood", "%d SMS of step %d of %s to %s within ten seconds, at %.3f", len(times[w]), w.step, o.key.Ticket, o.to, h.s.since(o.at))
			return
		}
	}
}

// judgeJoined: if all pages about what joined last have failed, every manager
// was tried.
func (h *history) judgeJoined(number string, rules *escalation.Rules) {
	view, err := h.s.memory.View(context.Background(), number)
	t := &view.Ticket
	if err != nil || !t.State.Taken() || !t.Progress.JoinDue.IsZero() || h.tickets[number].back {
		return
	}
	managers := rules.Directory.Managers()
	var joined, failed, tried int
	for i := range view.Pages {
		p := &view.Pages[i]
		if p.Kind != ticket.KindJoined || p.Episode != t.Progress.Episode || p.At.Before(t.Progress.JoinedAt) || p.Round.Before(t.Progress.Joined) {
			continue
		}
		joined++
		if p.State == ticket.PageFailed || p.State == ticket.PageUndelivered {
			failed++
		}
		for _, m := range managers {
			if m.Key == p.Person {
				tried++
			}
		}
	}
	said := slices.ContainsFunc(view.Timeline, func(e ticket.Entry) bool {
		return e.Kind == ticket.EntryUnreachable && !e.At.Before(t.Progress.JoinedAt)
	})
	if joined > 0 && joined == failed && tried == 0 && !said && len(managers) > 0 {
		h.s.problem("nobody hears", "%s: what joined at %s reached nobody, and no manager was tried", number, clockOf(t.Progress.JoinedAt))
	}
}
