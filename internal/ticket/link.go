package ticket

import "time"

// Ref names a ticket and its source.
type Ref struct {
	Source string `json:"source"`
	Number string `json:"number"`
}

// Link is what a link's token stands for.
type Link struct {
	Person string    `json:"person"`
	Source string    `json:"source"`
	Ticket string    `json:"ticket"`
	At     time.Time `json:"at"`
	// Bundle are the tickets of a message that stands for several. Then Ticket is
	// the bundle's name, and Source is empty.
	Bundle []Ref `json:"bundle,omitempty"`
	// Channel is by which the link was sent; empty: it is not known.
	Channel string `json:"channel,omitempty"`
}

// Reservation asks for a code and files a link, for one person and ticket.
type Reservation struct {
	Phone string // E.164; empty: no code
	Link
	Hash string // hex SHA-256 of the link's token; empty: no link
}

// LinkRests is how long the links of a closed ticket still say that it is
// over. After that they are unknown, like links that never existed.
const LinkRests = 30 * 24 * time.Hour

// LinksEnded reports whether the links of a ticket are over for good. The
// links of a ticket that is not closed never are, however old it is.
func (t *Ticket) LinksEnded(now time.Time) bool {
	return t.State == Closed && !now.Before(t.ClosedAt.Add(LinkRests))
}
