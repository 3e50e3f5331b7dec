package daemon

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// scriptBetween has receipts come between a claim's end and the next claim, in
// half of the worlds. The answers to some orders are lost, and the provider
// reports while the page waits for its next try. It draws from its own random
// source.
func (s *sim) scriptBetween(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 41))
	if rng.IntN(2) != 0 {
		return
	}
	for range 1 + rng.IntN(4) {
		p := s.people[rng.IntN(len(s.people))]
		at := 10*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-10*time.Second)))
		off := time.Duration(rng.IntN(3)) * time.Duration(rng.IntN(20)) * time.Second
		f := phonetest.Fault{Kind: phonetest.SMS, Cut: true, Taken: true, Times: 1 + rng.IntN(3)}
		if rng.IntN(4) == 0 {
			f.Receipt, f.ReceiptCode = "undelivered", 30003
		}
		if len(p.phones) == 0 {
			continue
		}
		phone := p.phones[rng.IntN(len(p.phones))]
		f.To = phone.Number()
		add(at, fmt.Sprintf("receipts come between two claims: %+v, the phone is off for %s", f, off), func() {
			s.trouble(s.plan.trouble)
			s.world.SetFault(f)
			if off > 0 {
				phone.SwitchOff()
				s.beside(func() {
					s.sleep(off)
					phone.SwitchOn()
				})
			}
		})
	}
}

// scriptFading has a number die for good once a page has reached it, in a
// third of the worlds: it is refused, or reported as undelivered. It draws by
// its own seed.
func (s *sim) scriptFading(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 43))
	if rng.IntN(3) != 0 {
		return
	}
	for _, p := range s.people[:1+rng.IntN(len(s.people))] {
		refused := rng.IntN(2) == 0
		for _, phone := range p.phones {
			f := phonetest.Fault{Kind: phonetest.SMS, To: phone.Number(), Receipt: "undelivered", ReceiptCode: 30005}
			if refused {
				f = phonetest.Fault{Kind: phonetest.SMS, To: phone.Number(), Status: 400, Code: 21211}
			}
			add(time.Second, phone.Number()+" will die after its first page", func() {
				s.beside(func() { s.fades(phone, f) })
			})
		}
	}
}

// fades waits for a phone's first page, and lets its number die.
func (s *sim) fades(phone *phonetest.Phone, f phonetest.Fault) {
	for len(phone.Messages()) == 0 {
		if !s.sleep(time.Second) {
			return
		}
	}
	s.tell("%s has its first page, and dies", f.To)
	s.trouble(5 * time.Second)
	s.mu.Lock()
	s.faded = append(s.faded, f)
	s.mu.Unlock()
	s.world.SetFault(f)
}

// stayDead sets what does not heal.
func (s *sim) stayDead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faded {
		s.world.SetFault(f)
	}
}
