package daemon

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// aheads are the daily messages that a phone has had.
func aheads(p *phonetest.Phone) (list []string) {
	for _, m := range p.Messages() {
		if m.Data["kind"] == lookahead.KindAhead {
			list = append(list, m.Body)
		}
	}
	return list
}

// registered gives the manager a device.
func (w *town) registered(p *phonetest.Phone) {
	w.t.Helper()
	p.Register("token-of-" + p.Name())
	body := map[string]string{"token": "token-of-" + p.Name(), "platform": "android"}
	if code, answer := w.call(http.MethodPost, "/api/v1/people/"+p.Name()+"/devices", apiToken, body); code != http.StatusCreated {
		w.t.Fatalf("%d %s", code, answer)
	}
}

// doubtsBy lists the kinds that the API tells, with whom and what they are about.
func (w *town) doubtsBy() (list []string) {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/lookahead", apiToken, nil)
	var body struct {
		Doubts []struct {
			Kind, Person, Policy, Text string
			Groups                     []string
		}
	}
	if err := json.Unmarshal(answer, &body); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	for _, d := range body.Doubts {
		list = append(list, strings.TrimSpace(d.Kind+" "+strings.Join(d.Groups, "+")+" "+d.Person))
	}
	return list
}

const endsSoon = `until: "2026-11-26"`

// TestTheDailyLook: one push on a morning of business, by one of two daemons and over a
// restart; not the same again, and what is news first.
func TestTheDailyLook(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-23 07:30", func(t *testing.T, w *town) {
		w.registered(w.dominique)
		first := w.daemon.Load()
		stopOther := w.run(exampleConfig(t, w.world))
		expect := func(at string, want int) {
			t.Helper()
			w.untilParis(at)
			if got := aheads(w.dominique); len(got) != want {
				t.Fatalf("%s: %d messages, wanted %d: %q", at, len(got), want, got)
			}
		}
		expect("2026-11-23 07:59", 0)
		expect("2026-11-23 08:01", 1)
		if got := aheads(w.dominique)[0]; !strings.Contains(got, "Bruno Petit : aucun appel n'est connu pour être jamais arrivé") || !strings.Contains(got, "Alice Martin ne répond pas") || strings.Contains(got, "Comme avant") {
			t.Errorf("%q", got)
		}
		stopOther()
		stopOther = w.run(exampleConfig(t, w.world))
		expect("2026-11-23 09:00", 1)
		stopOther() // a second daemon lives when there is something to tell
		expect("2026-11-24 07:30", 1)
		stopOther = w.run(exampleConfig(t, w.world))
		expect("2026-11-24 12:00", 1) // nothing is news
		for _, d := range []*Daemon{first, w.daemon.Load()} {
			w.daemon.Store(d)
			w.reload(replaced(`# until: "2027-07-01"`, endsSoon))
		}
		expect("2026-11-24 12:30", 1)
		stopOther()
		expect("2026-11-25 07:30", 1)
		defer w.run(exampleConfig(t, w.world, replaced(`# until: "2027-07-01"`, endsSoon)))()
		expect("2026-11-25 07:59", 1)
		expect("2026-11-25 08:02", 2)
		if got := aheads(w.dominique)[1]; !strings.HasPrefix(got, "on-call : personne d'astreinte à partir de jeu. 26 novembre 09:00") || !strings.Contains(got, "\nComme avant : ") {
			t.Errorf("%q", got)
		}
		expect("2026-11-26 08:02", 3) // it is near
		if got := aheads(w.dominique)[2]; !strings.HasPrefix(got, "Toujours : on-call : personne d'astreinte") {
			t.Errorf("%q", got)
		}
		for _, m := range w.dominique.Messages() {
			if m.Kind == phonetest.SMS && !strings.Contains(m.Body, "pas confirm") {
				t.Errorf("a text: %q", m.Body)
			}
		}
	})
}

// TestTheDailyLookIsConfigured: at another time after a reload, or off; a provider that
// fails is tried again; whoever has no device hears nothing by what rings.
func TestTheDailyLookIsConfigured(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-23 07:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-23 08:05")
		if got := w.dominique.Messages(); len(got) != 0 {
			t.Errorf("without a device: %v", got)
		}
		w.registered(w.dominique)
		w.reload(replaced("time_zone: Europe/Paris", "time_zone: Europe/Paris\ndaily_look: \"11:30\""), replaced(`# until: "2027-07-01"`, endsSoon))
		w.untilParis("2026-11-23 11:29")
		w.world.SetFault(phonetest.Fault{Kind: phonetest.Push, Times: 100, Status: 503})
		w.untilParis("2026-11-23 11:35")
		w.world.ClearFaults()
		if got := aheads(w.dominique); len(got) != 0 {
			t.Errorf("%q", got)
		}
		w.untilParis("2026-11-23 11:45")
		if got := aheads(w.dominique); len(got) != 1 {
			t.Errorf("%q", got)
		}
		w.reload(replaced("time_zone: Europe/Paris", "time_zone: Europe/Paris\ndaily_look: off"))
		w.untilParis("2026-11-24 12:00")
		if got := aheads(w.dominique); len(got) != 1 {
			t.Errorf("it is off: %q", got)
		}
	})
}

// TestLookingAheadSeesReplacements and what changed is seen at once.
func TestLookingAheadSeesReplacements(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.at(time.Second)
		before := w.doubtsBy()
		if slices.ContainsFunc(before, func(d string) bool { return strings.HasPrefix(d, "rest") || strings.HasPrefix(d, "gap") }) {
			t.Errorf("%q", before)
		}
		w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "from": "2026-11-25T09:00:00+01:00", "to": "2026-11-26T03:00:00+01:00"})
		after := w.doubtsBy()
		for _, want := range []string{"rest_day on-call bruno", "rest_week on-call bruno"} {
			if !slices.Contains(after, want) {
				t.Errorf("%q lacks %s", after, want)
			}
		}
	})
}
