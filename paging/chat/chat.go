package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The products, as the configuration names them.
const (
	Slack      = "slack"
	Mattermost = "mattermost"
	Teams      = "teams"
)

// Products lists them.
func Products() []string { return []string{Slack, Mattermost, Teams} }

// Card is a message about a ticket, in plain text.
type Card struct {
	Urgency ticket.Urgency
	Taken   bool     // somebody has the ticket
	Over    bool     // nobody needs to do anything any more
	Head    string   // urgency and number
	Title   string   // what and where; empty: the room may not know
	Lines   []string // how it stands
	Buttons []Button // only where the product has them
	Link    string   // of the ticket's page; empty: none
	Open    string   // the words of its button
}

// Button is one that comes back when it is pressed.
type Button struct {
	Action  string // a word of small letters
	Label   string
	Value   string // comes back as it is
	Primary bool
}

// Traits are what differs between products.
type Traits struct {
	Product string
	// Edits says that a message can be changed and answered.
	Edits bool
	// Buttons says that presses come back.
	Buttons bool
	// Every is the pace that the product asks for: a message in so much time.
	Every time.Duration
}

// Room is where messages go: a channel of a product. Each call asks the product once
// and keeps to its context. Its error is a *Refusal.
type Room interface {
	// Traits are those of the room's product.
	Traits() Traits
	// Post posts a card, and returns what the product calls the message. once is the
	// same if the same message is posted again, as far as the product cares.
	Post(ctx context.Context, c *Card, once string) (id string, err error)
	// Edit has the message show another card.
	Edit(ctx context.Context, id string, c *Card) error
	// Reply answers the message, in a thread of it.
	Reply(ctx context.Context, id, text, once string) error
}

// Refusal is why a product did not do what it was asked.
type Refusal struct {
	Code   string // the product's own word, or http_503, timeout, …
	Advice string // what somebody can do about it; may be empty
	// Gone says that there is no such message any more.
	Gone bool
	// Final says that it would be refused for ever: it is about what was asked, not
	// about us or the room.
	Final bool
	// TooFast says that we were asked to wait, and After how long; 0: it does not say.
	TooFast bool
	After   time.Duration
}

// Error is the code and the advice.
func (r *Refusal) Error() string {
	if r.Advice == "" {
		return r.Code
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Advice)
}

// Press is somebody's press of a button. A door has checked who sends it.
type Press struct {
	Room          string // its configured name
	Product       string
	User          string // the account's id
	Action, Value string // the button's
}

// Listener takes presses.
type Listener interface {
	// Press acts, and returns what that person alone is told; empty: nothing, the
	// message itself says it. An error means that it is unknown whether it was done:
	// the product tells the person so.
	Press(ctx context.Context, p Press) (text string, err error)
}

// mark is the sign that a message begins with.
func (c *Card) mark() string {
	switch {
	case c.Over:
		return "✅"
	case c.Taken:
		return "👤"
	case c.Urgency >= ticket.Critical:
		return "🔴"
	case c.Urgency == ticket.Major:
		return "🟠"
	}
	return "🟡"
}

// cut is the beginning of a text of at most so many characters.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n == most-1 && len([]rune(s[i:])) > 1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
