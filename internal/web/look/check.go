package look

import (
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Check is what is known of checking a ticket again.
type Check struct {
	Can    bool // something can be asked about it
	Latest ticket.Recheck
}

// Waits says whether a page is to wait for an answer, by what came of the button that
// was pressed.
func (c *Check) Waits(done string) bool {
	return escalation.Action(done) == escalation.ActRecheck && c.Latest.Waits()
}

// checked says what came of checking again: that it is under way, what was found, or,
// if nothing can be asked, what was last heard.
func (v *Viewer) checked(view *ticket.View, c *Check) string {
	w := v.Words
	switch {
	case c.Latest.Waits():
		return w.Recheck.Waits
	case c.Latest.Found != nil:
		text := lang.Capital(w.Found(c.Latest.Found, v.Reader())) + "."
		if c.Latest.Found.State == ticket.FoundBack && view.Ticket.State.Active() {
			text += " " + w.Recheck.Stays
		}
		return text
	}
	return v.lastWord(view)
}
