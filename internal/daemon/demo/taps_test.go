package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// hand is a phone's screen with a finger on it, and tickets to press.
type hand struct {
	*page
	d *Demo
	n int
}

func newHand(t *testing.T, width, height int64) *hand {
	t.Helper()
	h := &hand{d: startDemo(t, 1), page: browser(t, "fr", int(width), int(height))}
	rules := *h.d.daemon.Engine().Rules()
	policy := rules.Policies["round-the-clock"]
	policy.Steps = append(slices.Clone(policy.Steps), ticket.Step{
		Group: "on-call", By: []string{"sms"}, After: time.Hour, Repeat: []ticket.Pace{{Every: time.Hour}},
	})
	rules.Policies = map[string]ticket.Policy{policy.Name: policy}
	rules.Customers = slices.Clone(rules.Customers)
	rules.Customers[0].Phones = []string{"+33240112233"}
	h.d.daemon.Engine().SetRules(&rules)
	h.screen(width, height, "light")
	return h
}

// screen is a phone of a size, in a light or a dark room.
func (p *page) screen(width, height int64, theme string) {
	p.t.Helper()
	p.do("the screen", chromedp.EmulateViewport(width, height, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch), themed(theme))
}

// opened is a ticket that all has been told of.
func (h *hand) opened(urgency string) string {
	h.t.Helper()
	h.n++
	name := fmt.Sprintf("HostDown%02d", h.n)
	ordered, err := h.d.daemon.Engine().Ingest(h.t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: h.d.clock.Now(),
		Labels: map[string]string{
			"alertname": name, "instance": "srv-base-de-donnees-01.clinique-saint-yves.example.com:9100", "customer": "acme",
			"site": "Givrand-sur-Vie, bâtiment des urgences", "severity": urgency, "job": "node",
		},
		Annotations: map[string]string{
			"summary":     "L'hôte srv-base-de-donnees-01 ne répond plus depuis cinq minutes",
			"description": strings.Repeat("La base des dossiers est injoignable et les admissions sont à l'arrêt. ", 4),
			"runbook_url": "https://wiki.example.com/procedures/hote-en-panne", "dashboard_url": "https://grafana.example.com/d/abc?var-host=srv-db-01",
			"trap": "javascript:alert(1)",
		},
		GeneratorURL: "https://prometheus.example.com/graph?g0.expr=up+%3D%3D+0",
	}}})
	if err != nil || len(ordered.Tickets) != 1 {
		h.t.Fatalf("%v, %v", ordered, err)
	}
	return ordered.Tickets[0]
}

// link leads a person to tickets; to one of them if there is one.
func (h *hand) link(person string, numbers ...string) string {
	h.t.Helper()
	h.n++
	token := fmt.Sprintf("k3J9x2QpLm7T%02d", h.n)
	link := paging.Link{Person: person, Source: "prometheus", Ticket: numbers[0], At: h.d.clock.Now()}
	if len(numbers) > 1 {
		link.Source, link.Ticket = "", "bundle "+token
		for _, number := range numbers {
			link.Bundle = append(link.Bundle, ticket.Ref{Source: "prometheus", Number: number})
		}
	}
	if _, err := h.d.store.Reserve(h.t.Context(), paging.Reservation{Hash: paging.LinkHash(token), Link: link}); err != nil {
		h.t.Fatal(err)
	}
	return h.d.URL() + "/a/" + token
}

func (h *hand) acts(person, number string, actions ...escalation.Action) {
	h.t.Helper()
	for _, action := range actions {
		a := escalation.Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "sms"}
		if _, err := h.d.daemon.Engine().Act(h.t.Context(), number, a); err != nil {
			h.t.Fatal(err)
		}
	}
}

// pressed are the lines that buttons of pages left on a ticket, and where it
// stands.
func (h *hand) pressed(number string) (lines []string, t ticket.Ticket) {
	h.t.Helper()
	v, err := h.d.store.View(h.t.Context(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range v.Timeline {
		if e.Via == "link" {
			lines = append(lines, string(e.Kind))
		}
	}
	return lines, v.Ticket
}

// did waits until buttons have left so many lines on a ticket, and a moment
// longer for what should not come.
func (h *hand) did(number string, want int) (lines []string, t ticket.Ticket) {
	h.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); <-realAfter(50 * time.Millisecond) {
		if lines, _ = h.pressed(number); len(lines) >= want {
			break
		}
	}
	<-realAfter(settling)
	return h.pressed(number)
}

// settling is how long a page that was pressed has to come to the daemon.
const settling = 300 * time.Millisecond

// spot is a button on the screen.
type spot struct {
	Value    string
	Asks     bool
	Off      bool
	X, Y     float64 // its middle
	W, H     float64
	Overflow bool // its words do not fit
}

// spots are the buttons of the bar, in order.
func (h *hand) spots() []spot {
	h.t.Helper()
	var all []spot
	text := h.eval(`JSON.stringify([...document.querySelectorAll(".bar button")].map(b => { const r = b.getBoundingClientRect(), s = b.querySelector("span"); return {
		Value: b.value, Asks: b.name == "sure", Off: b.disabled, X: r.x + r.width / 2, Y: r.y + r.height / 2, W: r.width, H: r.height,
		Overflow: b.scrollHeight > b.clientHeight + 1 || b.scrollWidth > b.clientWidth + 1 || (s != null && (s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1)) } }))`)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// taps taps twice at one place.
func (h *hand) taps(s spot, gap time.Duration) {
	h.t.Helper()
	h.do("a tap", chromedp.TapXY(s.X, s.Y))
	<-realAfter(gap)
	// A browser that leaves a page need not say what became of a touch on it.
	ctx, cancel := context.WithTimeout(h.ctx, 3*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.TapXY(s.X, s.Y)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		h.t.Fatalf("the tap again: %v", err)
	}
}

// standings are where a ticket can stand when its page is drawn.
func (h *hand) standings() map[string]func(number string) {
	as := func(person string, actions ...escalation.Action) func(string) {
		return func(number string) { h.acts(person, number, actions...) }
	}
	return map[string]func(string){
		"open":        func(string) {},
		"taken":       as("alice", escalation.ActAcknowledge),
		"taken by":    as("bruno", escalation.ActAcknowledge),
		"in progress": as("alice", escalation.ActPickUp),
		"resolved":    as("alice", escalation.ActResolve),
	}
}

var gaps = []time.Duration{250 * time.Millisecond, 450 * time.Millisecond, 700 * time.Millisecond}

// TestATapTwice taps every button in every state twice at the same place: nothing
// happens beyond what the first tap asked for, and every button has the same
// place in every state.
func TestATapTwice(t *testing.T) {
	t.Parallel()
	h := newHand(t, 390, 844)
	places := map[string]spot{}
	round := 0
	for state, stand := range h.standings() {
		for i := range 6 {
			number := h.opened("critical")
			stand(number)
			h.do(state, chromedp.Navigate(h.link("alice", number)), see(".bar"))
			s := h.spots()[i]
			was, ok := places[s.Value]
			if place := (spot{X: s.X, Y: s.Y, W: s.W, H: s.H}); ok && was != place {
				t.Errorf("%s, %s: it is at %+v, and was at %+v", state, s.Value, place, was)
			} else {
				places[s.Value] = place
			}
			_, before := h.pressed(number)
			if round++; round%2 == 0 { // wherever the page was rolled to
				h.eval(`(document.querySelector(".rolls").scrollTo(0, 500), "")`)
			}
			h.taps(s, gaps[round%len(gaps)])
			want := 1
			if s.Off || s.Asks {
				want = 0
			}
			lines, now := h.did(number, want)
			if len(lines) != want {
				t.Errorf("%s, %s: the buttons did %v", state, s.Value, lines)
			}
			was2, is := escalation.SeenOf(&before), escalation.SeenOf(&now)
			if is.Steps > was2.Steps+1 || (want == 0 && is != was2) {
				t.Errorf("%s, %s: %+v became %+v", state, s.Value, was2, is)
			}
		}
	}
	if len(places) != 6 {
		t.Errorf("%d buttons", len(places))
	}
}

// TestTheAnswerTappedTwice: what a button asks first, and a note.
func TestTheAnswerTappedTwice(t *testing.T) {
	t.Parallel()
	h := newHand(t, 390, 844)
	for i, c := range []struct {
		action escalation.Action
		stand  escalation.Action
		line   ticket.EntryKind
	}{
		{escalation.ActResolve, escalation.ActPickUp, ticket.EntryResolved},
		{escalation.ActResolve, escalation.ActNote, ticket.EntryResolved},
		{escalation.ActEscalate, escalation.ActAcknowledge, ticket.EntryEscalated},
	} {
		number := h.opened("critical")
		h.acts("alice", number, c.stand)
		h.do("it asks", chromedp.Navigate(h.link("alice", number)), click(`button[name="sure"][value="`+string(c.action)+`"]`), see(".sure"))
		if text := h.text(".sure"); c.action == escalation.ActResolve && !strings.Contains(text, "Encore en alerte : 1.") {
			t.Errorf("it says %q", text)
		}
		spots := h.spots()
		for _, s := range spots[1:] {
			if !s.Off {
				t.Errorf("%s can be pressed while it asks", s.Value)
			}
		}
		h.taps(spots[0], gaps[i])
		if lines, _ := h.did(number, 1); !slices.Equal(lines, []string{string(c.line)}) {
			t.Errorf("%s: the buttons did %v", c.action, lines)
		}
	}
	number := h.opened("critical")
	h.do("a note is written", chromedp.Navigate(h.link("alice", number)), chromedp.SendKeys(chromedp.CSS("#note"), "le disque"))
	h.eval(`(document.querySelector("button[value=note]").scrollIntoView({block: "center"}), "")`)
	var s spot
	if err := json.Unmarshal([]byte(h.eval(`JSON.stringify((r => ({X: r.x + r.width / 2, Y: r.y + r.height / 2}))(document.querySelector("button[value=note]").getBoundingClientRect()))`)), &s); err != nil {
		t.Fatal(err)
	}
	h.taps(s, 20*time.Millisecond) // before the page has gone
	if lines, _ := h.did(number, 1); !slices.Equal(lines, []string{"note"}) {
		t.Errorf("the buttons did %v", lines)
	}
}

// TestATapTwiceForAll: the buttons of a list, in every state of its tickets.
func TestATapTwiceForAll(t *testing.T) {
	t.Parallel()
	h := newHand(t, 390, 844)
	round := 0
	for state, stand := range h.standings() {
		for i := range 6 {
			numbers := []string{h.opened("critical"), h.opened("high")}
			for _, number := range numbers {
				stand(number)
			}
			h.do(state, chromedp.Navigate(h.link("alice", numbers...)), see(".bar"))
			s := h.spots()[i]
			round++
			h.taps(s, gaps[round%len(gaps)])
			want := 1
			if s.Off || s.Asks {
				want = 0
			}
			for _, number := range numbers {
				if lines, now := h.did(number, want); len(lines) != want || escalation.SeenOf(&now).Steps > 2 {
					t.Errorf("%s, %s: the buttons did %v", state, s.Value, lines)
				}
			}
		}
	}
}

func themed(theme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return err
	})
}

// TestThePageOnSmallScreens: in each language, theme and state nothing is wider
// than the screen, and the words of the buttons fit.
func TestThePageOnSmallScreens(t *testing.T) {
	t.Parallel()
	h := newHand(t, 390, 844)
	people := map[string]string{"fr": "alice", "it": "bruno", "en": "chloe"}
	for state, stand := range h.standings() {
		one, two := h.opened("critical"), h.opened("high")
		stand(one)
		stand(two)
		for language, person := range people {
			for name, address := range map[string]string{
				"one": h.link(person, one), "all": h.link(person, one, two), "asks": h.link(person, one) + "?sure=resolve", "asks all": h.link(person, one, two) + "?sure=escalate",
			} {
				for _, size := range [][2]int64{{390, 844}, {320, 568}} {
					for _, theme := range h.themes(size[0]) {
						h.screen(size[0], size[1], theme)
						h.do(name, chromedp.Navigate(address), see(".bar"))
						what := fmt.Sprintf("%s-%s-%s-%d-%s", strings.ReplaceAll(state, " ", "-"), strings.ReplaceAll(name, " ", "-"), language, size[0], theme)
						if wide := h.eval(`String(document.documentElement.scrollWidth > document.documentElement.clientWidth || document.querySelector(".rolls").scrollWidth > document.documentElement.clientWidth)`); wide != "false" {
							t.Errorf("%s: it is wider than the screen", what)
						}
						for _, s := range h.spots() {
							if s.Overflow || s.H < 44 {
								t.Errorf("%s: the words of %s do not fit: %+v", what, s.Value, s)
							}
						}
						h.keep(what)
					}
				}
			}
		}
	}
}

// themes are those that are looked at on a screen of a width: one a width, since
// nothing is wider for its colour, but both for pictures.
func (h *hand) themes(width int64) []string {
	switch {
	case os.Getenv(screenshots) != "":
		return []string{"light", "dark"}
	case width == 320:
		return []string{"dark"}
	}
	return []string{"light"}
}

// screenshots names a folder for pictures of every state.
const screenshots = "ASTREINTE_SCREENSHOTS"

// keep writes what the screen shows into the folder of screenshots.
func (p *page) keep(name string) {
	p.t.Helper()
	p.picture(screenshots, name)
}
