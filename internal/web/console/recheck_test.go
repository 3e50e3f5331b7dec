package console

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// checker has answers that a test says.
type checker struct {
	asked []desk.Asked
	state ticket.Recheck
}

func (*checker) Can(*ticket.View) bool { return true }

func (c *checker) Ask(_ context.Context, _ *ticket.View, who *desk.Asked) error {
	c.asked = append(c.asked, *who)
	return nil
}

func (c *checker) State(context.Context, string, string) (ticket.Recheck, error) { return c.state, nil }

func (c *checker) Wait(context.Context, string, string, time.Duration) (ticket.Recheck, error) {
	return c.state, nil
}

// TestCheckAgainOnAPage: the page says that it waits, looks again without a script, and
// then says what was found.
func TestCheckAgainOnAPage(t *testing.T) {
	c := &checker{}
	o := newOffice(t, home)
	o.serve(home, o.store, func(s *web.Options) { s.Rechecks = c })
	number := o.alert("HostDown")
	has(t, o.get("bruno", "/tickets/"+number), "<span>Check again</span>")
	c.state = ticket.Recheck{Asked: o.clock.Now()}
	w := o.press("bruno", number, "recheck")
	has(t, w, `aria-busy="true"`, `http-equiv="refresh" content="2`)
	if len(c.asked) != 1 || c.asked[0].Actor.Name != "bruno" || c.asked[0].Via != "console" {
		t.Errorf("%+v", c.asked)
	}
	hasNot(t, o.get("bruno", "/tickets/"+number), `aria-busy="true"`) // an old press, or another's
	at := o.clock.Now()
	c.state.Found = ticket.Summary([]ticket.Finding{{State: ticket.FoundDown, Text: "HTTP <503>", Since: at, At: at}}, 0)
	w = o.get("bruno", "/tickets/"+number+"?done=recheck")
	has(t, w, "Still down since 03:12: HTTP &lt;503&gt;, checked 03:12.", `class="said bad"`)
	hasNot(t, w, `aria-busy="true"`, "HTTP <503>")
	c.state.Found = ticket.Summary([]ticket.Finding{{State: ticket.FoundBack, At: at}}, 0)
	has(t, o.get("bruno", "/tickets/"+number+"?done=recheck"), `class="said good"`)
	if reader := o.post("carla", "/tickets/"+number, "action", "recheck", "seen", "x"); len(c.asked) != 1 || strings.Contains(reader.Body.String(), "aria-busy") {
		t.Errorf("a reader has it checked: %d", reader.Code)
	}
}
