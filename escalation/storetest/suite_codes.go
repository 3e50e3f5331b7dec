package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const (
	alicePhone = "+262692000001"
	bobPhone   = "+262692000002"
)

func codeCases() []testCase {
	return []testCase{
		{"start at 11, unique per phone", codesUnique},
		{"one code a ticket", codesOfTicket},
		{"a released code is kept for 72 h", codesReleased},
		{"a released code comes back to its ticket", codesComeBack},
		{"a code that went on to another ticket is not released by the first", codesWentOn},
		{"listed in order", codesListed},
		{"of a bundle", codesOfBundle},
		{"no phone: a link alone", codesLinkAlone},
		{"links", links},
		{"at once, different tickets", codesAtOnce},
		{"at once, the same ticket", codesAtOnceSame},
	}
}

// reservation is alice's reservation for a ticket. The ticket need not be
// stored.
func reservation(phone string, n int, at time.Time) paging.Reservation {
	number := fmt.Sprintf("%s%04d", Prefix, n)
	return paging.Reservation{
		Phone: phone, Hash: "hash-" + phone + number,
		Link: paging.Link{Person: "alice", Source: sources()[n%3], Ticket: number, At: at},
	}
}

func (b *bench) reserve(r paging.Reservation) int {
	b.Helper()
	code, err := b.s.Reserve(b.ctx, r)
	b.ok(err)
	return code
}

func (b *bench) release(r paging.Reservation, at time.Time) {
	b.Helper()
	b.ok(b.s.Release(b.ctx, r.Phone, r.Ticket, at))
}

func (b *bench) codes(phone string) []paging.Code {
	b.Helper()
	codes, err := b.s.Codes(b.ctx, phone)
	b.ok(err)
	return codes
}

func codesUnique(b *bench) {
	b.same("the first", b.reserve(reservation(alicePhone, 1, At(0))), 11)
	b.same("the first of another phone", b.reserve(reservation(bobPhone, 1, At(0))), 11)
	seen := map[int]bool{11: true}
	for i := range 120 {
		code := b.reserve(reservation(alicePhone, i+2, At(0)))
		if code < 11 || seen[code] {
			b.Errorf("ticket %d: code %d", i+2, code)
		}
		seen[code] = true
	}
	if codes := b.codes("+262692999999"); len(codes) > 0 {
		b.Errorf("codes of an unknown phone: %v", codes)
	}
}

func codesOfTicket(b *bench) {
	first := reservation(alicePhone, 1, At(0))
	code := b.reserve(first)
	b.reserve(reservation(alicePhone, 2, At(0)))
	again := first
	again.Hash, again.At = "another", At(time.Hour)
	b.same("asked again", b.reserve(again), code)
	for _, hash := range []string{first.Hash, again.Hash} {
		link, err := b.s.Link(b.ctx, hash)
		b.ok(err)
		b.same("the link's ticket", link.Ticket, first.Ticket)
	}
	b.same("how many", len(b.codes(alicePhone)), 2)
}

func codesReleased(b *bench) {
	one := reservation(alicePhone, 1, At(0))
	code := b.reserve(one)
	b.release(one, At(time.Hour))
	b.release(reservation(alicePhone, 99, At(0)), At(time.Hour)) // never reserved
	for i := range 30 {
		at := At(time.Hour + time.Duration(i)*(72*time.Hour-time.Second)/29)
		if got := b.reserve(reservation(alicePhone, i+2, at)); got == code {
			b.Fatalf("code %d given again %v after its release", code, at.Sub(At(time.Hour)))
		}
	}
	if codes := b.codes(alicePhone); len(codes) > 0 {
		b.isAt("released at", codes[0].ReleasedAt, At(time.Hour))
	}
	seen := map[int]bool{}
	for i := range 10 {
		got := b.reserve(reservation(alicePhone, i+50, At(time.Hour+72*time.Hour)))
		if got < 11 || seen[got] {
			b.Errorf("code %d after 72 h", got)
		}
		seen[got] = true
	}
	held := map[int]string{}
	for _, c := range b.codes(alicePhone) {
		if held[c.Code] != "" {
			b.Errorf("code %d is listed for %s and %s", c.Code, held[c.Code], c.Ticket)
		}
		held[c.Code] = c.Ticket
	}
}

func codesComeBack(b *bench) {
	one := reservation(alicePhone, 1, At(0))
	code := b.reserve(one)
	b.release(one, At(time.Hour))
	one.At = At(100 * time.Hour)
	b.same("reserved again, long after", b.reserve(one), code)
	codes := b.codes(alicePhone)
	b.same("how many", len(codes), 1)
	b.isAt("released at", codes[0].ReleasedAt, time.Time{})
	// The code is in use again. Nobody else gets it, whenever it was released
	// before.
	if got := b.reserve(reservation(alicePhone, 2, At(1000*time.Hour))); got == code {
		b.Errorf("code %d given to another while it is in use", code)
	}
}

// codesWentOn writes a note on a ticket that closed long ago, which releases
// the ticket's code again. By then the code may be another ticket's.
func codesWentOn(b *bench) {
	one, two := reservation(alicePhone, 1, At(0)), reservation(alicePhone, 2, At(80*time.Hour))
	code := b.reserve(one)
	b.release(one, At(time.Hour))
	b.release(one, At(50*time.Hour))
	b.isAt("released twice", b.codes(alicePhone)[0].ReleasedAt, At(time.Hour))
	b.same("the code of the next ticket, 72 h after the first release", b.reserve(two), code)
	b.release(one, At(90*time.Hour))
	b.same("codes", b.codes(alicePhone), []paging.Code{{Code: code, Source: two.Source, Ticket: two.Ticket, Person: "alice", At: two.At}})
	for i := range 3 {
		if got := b.reserve(reservation(alicePhone, 3+i, At(1000*time.Hour))); got == code {
			b.Errorf("code %d was given to a third ticket, while the second has it", code)
		}
	}
	b.same("the second ticket's code, still", b.reserve(two), code)
	b.release(two, At(1001*time.Hour)) // and the other ticket's own release counts
	b.isAt("released at", b.codes(alicePhone)[0].ReleasedAt, At(1001*time.Hour))
}

func codesListed(b *bench) {
	var want []paging.Code
	for i := range 12 {
		r := reservation(alicePhone, 20-i, At(time.Duration(i)*time.Minute))
		code := b.reserve(r)
		want = append(want, paging.Code{Code: code, Source: r.Source, Ticket: r.Ticket, Person: "alice", At: r.At})
	}
	got := b.codes(alicePhone)
	for i := 1; i < len(got); i++ {
		if got[i].Code <= got[i-1].Code {
			b.Errorf("code %d after %d", got[i].Code, got[i-1].Code)
		}
	}
	byTicket := func(codes []paging.Code) map[string]paging.Code {
		found := map[string]paging.Code{}
		for _, c := range codes {
			found[c.Ticket] = c
		}
		return found
	}
	b.same("codes", byTicket(got), byTicket(want))
	b.release(reservation(alicePhone, 20, At(0)), At(time.Hour))
	got = b.codes(alicePhone)
	b.same("how many, one released", len(got), 12)
	b.isAt("released at", byTicket(got)[reservation(alicePhone, 20, At(0)).Ticket].ReleasedAt, At(time.Hour))
}

func codesLinkAlone(b *bench) {
	r := reservation("", 1, At(0))
	b.same("code", b.reserve(r), 0)
	link, err := b.s.Link(b.ctx, r.Hash)
	b.ok(err)
	b.same("link", link, r.Link)
	b.same("codes of no phone", len(b.codes("")), 0)
}

func links(b *bench) {
	for i := range 3 {
		r := reservation(alicePhone, i+1, At(time.Duration(i)*time.Minute))
		b.reserve(r)
		link, err := b.s.Link(b.ctx, r.Hash)
		b.ok(err)
		b.same("link", link, r.Link)
	}
	r := reservation(alicePhone, 9, At(0))
	r.Hash = ""
	b.reserve(r)
	for _, hash := range []string{"unknown", ""} {
		_, err := b.s.Link(b.ctx, hash)
		b.is("link "+hash, err, escalation.ErrNotFound)
	}
}

func codesAtOnce(b *bench) {
	var (
		lock sync.Mutex
		seen = map[int]int{}
	)
	b.together(16, func(i int) error {
		for j := range 5 {
			code, err := b.s.Reserve(b.ctx, reservation(alicePhone, 1+i*5+j, At(0)))
			if err != nil {
				return err
			}
			lock.Lock()
			seen[code]++
			lock.Unlock()
		}
		return nil
	})
	b.same("how many", len(seen), 80)
}

func codesAtOnceSame(b *bench) {
	codes := make([]int, 16)
	b.together(len(codes), func(i int) (err error) {
		codes[i], err = b.s.Reserve(b.ctx, reservation(alicePhone, 1, At(0)))
		return err
	})
	for _, code := range codes {
		b.same("code", code, 11)
	}
	b.same("how many", len(b.codes(alicePhone)), 1)
}

func codesOfBundle(b *bench) {
	r := paging.Reservation{
		Phone: alicePhone, Hash: "hash-of-bundle",
		Link: paging.Link{Person: "alice", Ticket: "bundle-1", At: At(0), Bundle: []ticket.Ref{
			{Source: prometheus, Number: Prefix + "0001"}, {Source: sources()[1], Number: Prefix + "0002"},
		}},
	}
	code := b.reserve(r)
	codes := b.codes(alicePhone)
	b.same("codes", codes, []paging.Code{{Code: code, Ticket: "bundle-1", Person: "alice", At: At(0), Bundle: r.Bundle}})
	link, err := b.s.Link(b.ctx, r.Hash)
	b.ok(err)
	b.same("the link", link, r.Link)
}
