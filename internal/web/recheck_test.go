package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// checker has answers that a test says.
type checker struct {
	asked []desk.Asked
	state ticket.Recheck
	waits time.Duration
	busy  bool
}

func (*checker) Can(*ticket.View) bool { return true }

func (c *checker) Ask(_ context.Context, _ *ticket.View, who *desk.Asked) error {
	if c.busy {
		return desk.ErrBusy
	}
	c.asked = append(c.asked, *who)
	return nil
}

func (c *checker) State(context.Context, string, string) (ticket.Recheck, error) { return c.state, nil }

func (c *checker) Wait(_ context.Context, _, _ string, d time.Duration) (ticket.Recheck, error) {
	c.waits = d
	return c.state, nil
}

// TestCheckAgainByTheLink: the page says that it waits, with a script and without, and
// then what was found, in its reader's words.
func TestCheckAgainByTheLink(t *testing.T) {
	c := &checker{}
	d := newDesk(t, func(o *Options) { o.Rechecks = c })
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	has(t, d.look(token), "<span>Vérifier</span>")
	lacks(t, d.look(token), "data-again=", "data-waits")
	c.state = ticket.Recheck{Asked: d.clock.Now()}
	w := d.press(token, "action=recheck")
	has(t, w, "Vérification en cours : la réponse arrive ici dans la minute.", `data-waits aria-busy="true"`,
		`<noscript><meta http-equiv="refresh" content="1; url=/desk/a/`, "done=recheck&amp;wait=1")
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self'") {
		t.Error(csp)
	}
	if len(c.asked) != 1 || c.asked[0].Actor.Name != "alice" || c.asked[0].Via != "link" || c.asked[0].Phone != "" {
		t.Errorf("%+v", c.asked)
	}
	if c.waits != pressWaits {
		t.Errorf("a press waits %s", c.waits)
	}
	if d.look(token + "?done=recheck&wait=1"); c.waits != pageWaits {
		t.Errorf("a page waits %s", c.waits)
	}
	lacks(t, d.look(token), "data-waits") // somebody else's press, or an old one
	at := d.clock.Now()
	c.state.Found = ticket.Summary([]ticket.Finding{{State: ticket.FoundDown, Text: "HTTP 503", Since: at, At: at}}, 0)
	w = d.look(token + "?done=recheck")
	has(t, w, "Toujours en panne depuis 03:12 : HTTP 503, vérifié 03:12.")
	lacks(t, w, "data-waits", "data-again")
	c.state.Found = ticket.Summary([]ticket.Finding{{State: ticket.FoundBack, At: at}}, 0)
	has(t, d.look(token+"?done=recheck"), "Rétabli, vérifié 03:12. Le ticket reste tel quel")
	c.busy = true
	has(t, d.press(token, "action=recheck"), "Trop de vérifications en une minute")
	d.expect(number, ticket.Open, "")
}

// TestCheckAgainByTheAPI: 202 says that it is under way, and what is known of it; GET
// reads the answer.
func TestCheckAgainByTheAPI(t *testing.T) {
	c := &checker{}
	d := newDesk(t, func(o *Options) { o.Rechecks = c })
	number := d.alert("HostDown")
	path := "/api/v1/tickets/" + number + "/recheck"
	if w := d.call("reader", http.MethodGet, path, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `{"state":"none"`) {
		t.Error(w.Code, w.Body)
	}
	c.state = ticket.Recheck{Asked: d.clock.Now()}
	w := d.call("technician", http.MethodPost, path, `{"person": "bruno"}`)
	if w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), `"recheck":{"state":"checking"`) || !strings.Contains(w.Body.String(), number) {
		t.Error(w.Code, w.Body)
	}
	if d.call("reader", http.MethodPost, path, "").Code != http.StatusForbidden || len(c.asked) != 1 {
		t.Errorf("a reader asks: %+v", c.asked)
	}
	at := d.clock.Now()
	c.state.Found = ticket.Summary([]ticket.Finding{{State: ticket.FoundBack, Since: at, At: at, By: "icinga"}, {State: ticket.FoundDown, Text: "x", Title: "db", At: at}}, 3)
	w = d.call("reader", http.MethodGet, path+"?wait=20s", "")
	if body := w.Body.String(); !strings.Contains(body, `"state":"answered"`) || !strings.Contains(body, `"result":"down"`) ||
		!strings.Contains(body, "1 down, 1 back, 0 not known of 2 checked (3 more were not). db: still down: x, checked") || c.waits != 20*time.Second {
		t.Error(body, c.waits)
	}
	if w := d.call("reader", http.MethodGet, path+"?wait=2h", ""); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	c.busy = true
	if w := d.call("technician", http.MethodPost, path, ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Error(w.Code, w.Body)
	}
}
