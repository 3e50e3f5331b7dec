package ticket

import "time"

// Past says what a store may forget because it is over.
type Past struct {
	Tickets time.Time // tickets that were closed before it; the zero time: none
	Links   time.Time // links and codes of tickets that were closed before it
	Limit   int       // how much to look at in one call, of each
	// Copied are the only tickets that leave, by number, each at that revision:
	// somebody else has them. Nil: any may leave.
	Copied map[string]int64
}

// Forgotten is what one call forgot.
type Forgotten struct {
	Tickets, Links, Codes int
	More                  bool // there are tickets that were not looked at
}

// Nothing reports whether the call forgot nothing.
func (f Forgotten) Nothing() bool { return f.Tickets+f.Links+f.Codes == 0 }

// Add adds what a later call forgot.
func (f *Forgotten) Add(g Forgotten) {
	f.Tickets, f.Links, f.Codes, f.More = f.Tickets+g.Tickets, f.Links+g.Links, f.Codes+g.Codes, g.More
}

// Leaves reports whether a ticket may be forgotten.
func (p *Past) Leaves(t *Ticket) bool { return t.State == Closed && t.ClosedAt.Before(p.Tickets) }

// Refs are the tickets that a link, or a code, stands for.
func Refs(source, number string, bundle []Ref) []Ref {
	if len(bundle) > 0 {
		return bundle
	}
	return []Ref{{Source: source, Number: number}}
}
