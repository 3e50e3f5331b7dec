package daemon

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// toolDoor leads to an Alertmanager that is told who has a ticket.
type toolDoor struct {
	town *town
	tool *upstreamtest.Alertmanager

	mu    sync.Mutex
	away  bool
	asked int
}

const toolHost = "alertmanager.example.net"

// RoundTrip takes what is for the tool. The providers get the rest.
func (d *toolDoor) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != toolHost {
		return d.town.world.RoundTripper().RoundTrip(req)
	}
	d.mu.Lock()
	d.asked++
	away := d.away
	d.mu.Unlock()
	w := httptest.NewRecorder()
	if away {
		w.WriteHeader(http.StatusBadGateway)
	} else {
		d.tool.ServeHTTP(w, req)
	}
	r := w.Result()
	r.Request = req
	return r, nil
}

func (d *toolDoor) goes(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
}

// inHeardTown is inTown with a tool that is told who has its tickets.
func inHeardTown(t *testing.T, f func(t *testing.T, w *town, d *toolDoor)) {
	t.Helper()
	d := &toolDoor{}
	section := "prometheus: {type: alertmanager, write_back: {alertmanager: {url: \"https://" + toolHost + "/am\", token: " + upstreamtest.Token + "}},"
	inTownWith(t, "", func(w *town) {
		d.town, w.others = w, d
		d.tool = upstreamtest.NewAlertmanager(time.Now().Add(-time.Hour))
		d.tool.Now = time.Now
	}, func(t *testing.T, w *town) { f(t, w, d) }, replaced("prometheus: {type: alertmanager,", section))
}

func (w *town) fires(d *toolDoor, name string) string {
	d.tool.Fires(name, "alertname", "HostDown", "instance", name)
	return w.alert("firing", name)
}

func TestAToolHearsOfATicketsLife(t *testing.T) {
	inHeardTown(t, func(t *testing.T, w *town, d *toolDoor) {
		number := w.fires(d, "srv-db-01")
		w.at(10 * time.Second)
		if got := d.tool.Silenced(); len(got) > 0 {
			t.Fatalf("nobody has it, and it is silenced: %v", got)
		}
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/pickup", apiToken, map[string]string{"person": "alice"})
		w.at(20 * time.Second)
		if s := d.tool.Silences(); len(s) != 1 || !strings.HasPrefix(s[0].Comment, number+" (Astreinte ") || s[0].CreatedBy != "Alice Martin" {
			t.Fatalf("silences %+v", s)
		}
		w.at(3 * time.Hour)
		if got := d.tool.Silenced(); !slices.Equal(got, []string{"srv-db-01"}) || d.tool.Made() != 1 {
			t.Errorf("after three hours %v, %d silences were made", got, d.tool.Made())
		}
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/resolve", apiToken, nil)
		w.at(3*time.Hour + 10*time.Second)
		if got := d.tool.Silences(); len(got) > 0 {
			t.Errorf("it is over, and silenced: %+v", got)
		}
		lines := linesOf(w.ticket(number), "effect")
		if len(lines) != 2 || !strings.Contains(lines[0], "alertmanager/prometheus") {
			t.Errorf("the timeline says %q", lines)
		}
	})
}

// TestTheEndThatASilenceHides: the Alertmanager does not tell it, and the ticket ends all
// the same, before its acknowledgement does.
func TestTheEndThatASilenceHides(t *testing.T) {
	inHeardTown(t, func(t *testing.T, w *town, d *toolDoor) {
		number := w.fires(d, "srv-db-01")
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "alice"})
		w.at(time.Minute)
		d.tool.Over("srv-db-01")
		w.at(13 * time.Minute)
		w.expectState(number, "resolved")
		w.at(14 * time.Minute)
		if got := d.tool.Silences(); len(got) > 0 {
			t.Errorf("it is over, and silenced: %+v", got)
		}
	})
}

// TestAnAlertThatASilenceOfOursHoldsBack: it began later and has one label more, so it
// is another one. It is held back for seconds.
func TestAnAlertThatASilenceOfOursHoldsBack(t *testing.T) {
	inHeardTown(t, func(t *testing.T, w *town, d *toolDoor) {
		number := w.fires(d, "srv-db-01")
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "alice"})
		w.at(time.Minute)
		d.tool.Fires("narrow", "alertname", "HostDown", "instance", "srv-db-01", "device", "sda")
		if got := d.tool.Silenced(); len(got) != 2 {
			t.Fatalf("%v are silenced: the test shows nothing", got)
		}
		w.at(time.Minute + 2*backEvery)
		if got := d.tool.Silenced(); !slices.Equal(got, []string{"srv-db-01"}) {
			t.Errorf("%v are silenced", got)
		}
	})
}

// TestAToolThatIsAway holds up no page. Health says so, and when it is back it hears what
// it is to know.
func TestAToolThatIsAway(t *testing.T) {
	inHeardTown(t, func(t *testing.T, w *town, d *toolDoor) {
		d.goes(true)
		first := w.fires(d, "srv-db-01")
		w.call(http.MethodPost, "/api/v1/tickets/"+first+"/pickup", apiToken, map[string]string{"person": "alice"})
		w.at(time.Minute)
		began := time.Now()
		second := w.alert("firing", "srv-web-01", "site", "Elsewhere")
		w.at(time.Minute + 2*time.Second)
		pages := w.ticket(second).Pages
		for _, p := range pages {
			if p.State != "sent" && p.State != "delivered" || p.At.Sub(began) > time.Second {
				t.Errorf("page %+v", p)
			}
		}
		if len(pages) == 0 {
			t.Error("nobody was paged")
		}
		warned := func() bool {
			return slices.ContainsFunc(vitals{w.daemon.Load()}.Health(context.Background()).Warnings, func(line string) bool {
				return strings.Contains(line, "alertmanager/prometheus") && strings.Contains(line, "HTTP 502")
			})
		}
		if !warned() {
			t.Error("health does not say that the tool is away")
		}
		w.at(2 * time.Hour)
		if d.asked > 60 {
			t.Errorf("a tool that is away was asked %d times in two hours", d.asked)
		}
		d.goes(false)
		w.at(2*time.Hour + 20*time.Minute)
		if got := d.tool.Silenced(); !slices.Equal(got, []string{"srv-db-01"}) || warned() {
			t.Errorf("it is back: %v", got)
		}
	})
}
