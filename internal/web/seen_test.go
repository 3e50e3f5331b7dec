package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// led is the outcome that a press led back to.
func led(t *testing.T, token string, code int, location string) string {
	t.Helper()
	done, found := strings.CutPrefix(location, "/desk/a/"+token+"?")
	if code != http.StatusOK || !found {
		t.Fatalf("%d to %q", code, location)
	}
	return done
}

// TestAPageThatIsOld: every button that was drawn for what is so no more changes
// nothing, and says what is so.
func TestAPageThatIsOld(t *testing.T) {
	for _, step := range []struct {
		action escalation.Action
		then   escalation.Action // by bruno, after the page was drawn
		done   string
		says   string
	}{
		{escalation.ActAcknowledge, escalation.ActAcknowledge, "done=taken", "Rien n&#39;a changé : pris par Bruno Petit à 03:12."},
		{escalation.ActPickUp, escalation.ActAcknowledge, "done=taken", "pris par Bruno Petit"},
		{escalation.ActEscalate, escalation.ActAcknowledge, "done=taken", "pris par Bruno Petit"},
		{escalation.ActEscalate, escalation.ActEscalate, "done=escalate", "Passé. On appelle : Dominique Roy."}, // at once: it is the same
		{escalation.ActResolve, escalation.ActPickUp, "done=taken", "pris par Bruno Petit"},
		{escalation.ActResolve, escalation.ActResolve, "done=over", "c&#39;est terminé"},
		{escalation.ActRecheck, escalation.ActResolve, "done=over", "c&#39;est terminé"},
		{escalation.ActPickUp, escalation.ActResolve, "done=over", "c&#39;est terminé"},
	} {
		d := newDesk(t)
		number := d.alert("HostDown")
		token := d.linkOf("alice", number)
		seen := d.drawn(token)
		d.as("bruno", number, step.then)
		before, err := d.store.View(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		w := d.post(token, "action="+string(step.action)+seen)
		if done := led(t, token, w.Code, w.Header().Get("Content-Location")); done != step.done {
			t.Errorf("%s after %s: %s, want %s", step.action, step.then, done, step.done)
		}
		after, err := d.store.View(t.Context(), number)
		if err != nil || len(after.Timeline) != len(before.Timeline) || len(after.Pages) != len(before.Pages) || after.Ticket.State != before.Ticket.State {
			t.Errorf("%s after %s changed something: %v", step.action, step.then, err)
		}
		has(t, d.look(token+"?"+step.done), step.says)
	}
}

// TestAnEpisodeLater: what was drawn in the episode before, too, in a browser and
// for a program.
func TestAnEpisodeLater(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	seen := d.drawn(token)
	d.as("bruno", number, escalation.ActAcknowledge, escalation.ActEscalate)
	d.clock.pass(time.Minute)
	for _, action := range []string{"acknowledge", "pickup", "escalate", "resolve"} {
		w := d.post(token, "action="+action+seen)
		if done := led(t, token, w.Code, w.Header().Get("Content-Location")); done != "done=stale" {
			t.Errorf("%s: %s", action, done)
		}
		w = d.post(token, "action="+action+seen, "Accept", "application/json")
		if got := decode[errorBody](t, w).Error; w.Code != http.StatusConflict || got.Code != "state" || got.State != ticket.Open {
			t.Errorf("%s: %d %s", action, w.Code, w.Body)
		}
	}
	d.expect(number, ticket.Open, "")
	has(t, d.look(token+"?done=stale"), "la page datait")
}

// TestAFormersVersionsPage says nothing of what it showed: it may take the
// ticket, ask and write, and nothing that a second tap would do by mistake.
func TestAFormerVersionsPage(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	for action, done := range map[string]string{"pickup": "stale", "escalate": "stale", "resolve": "stale", "undo": "stale", "recheck": "recheck", "note": "note"} {
		w := d.post(token, "text=x&action="+action)
		if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done="+done {
			t.Errorf("%s: %s", action, got)
		}
	}
	d.expect(number, ticket.Open, "")
	bundle := d.bundleOf("bruno", number)
	w := d.post(bundle, "action=resolve")
	if got := led(t, bundle, w.Code, w.Header().Get("Content-Location")); got != "done=stale" {
		t.Errorf("for all: %s", got)
	}
	w = d.post(token, "action=acknowledge")
	led(t, token, w.Code, w.Header().Get("Content-Location"))
	d.expect(number, ticket.Acknowledged, "alice")
	if w := d.post(token, "action=pickup", "Accept", "application/json"); w.Code != http.StatusOK { // a program means what it says
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, forged := range []string{"o", "o1", "z1.1.0.1", "o1.1.0.-2", "o-1.1.0.1", "o1.1.0.1-o1.1.0.1", "o9999999999.1.0.1"} {
		if w := d.post(token, "action=resolve&seen="+forged); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", forged, w.Code)
		}
	}
	d.expect(number, ticket.InProgress, "alice")
}

// TestOfABundleOnlyWhatIsAsShown: a button for all does nothing to those that
// are another than the list showed, and says how many.
func TestOfABundleOnlyWhatIsAsShown(t *testing.T) {
	d := newDesk(t)
	same, again, gone := d.alert("Same"), d.alert("Again"), d.alert("Gone")
	d.as("bruno", gone, escalation.ActResolve, escalation.ActClose)
	token := d.bundleOf("alice", gone, same, again)
	seen := d.drawn(token)
	if !strings.HasPrefix(seen, "&seen=x-o1.") {
		t.Fatalf("it carries %q", seen)
	}
	d.as("bruno", again, escalation.ActAcknowledge, escalation.ActEscalate) // another episode
	w := d.post(token, "action=acknowledge"+seen)
	if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done=acknowledge&left=1&n=1" {
		t.Errorf("%s", got)
	}
	d.expect(same, ticket.Acknowledged, "alice")
	d.expect(again, ticket.Open, "")
	has(t, d.look(token+"?done=acknowledge&left=1&n=1"), "Laissés tels quels : 1 (")
}

// TestPassedOnAgain: the page that a press led to does not pass on what was
// passed on a moment ago.
func TestPassedOnAgain(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	d.press(token, "action=escalate")
	d.clock.pass(700 * time.Millisecond)
	w := d.press(token, "action=escalate")
	if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done=escalate" {
		t.Errorf("%s", got)
	}
	d.clock.pass(escalation.PressedWithin)
	w = d.press(token, "action=escalate")
	if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done=nobody" {
		t.Errorf("%s", got)
	}
	has(t, d.look(token+"?done=nobody"), "Rien n&#39;a changé : il n&#39;y a plus personne à appeler.")
	if w := d.press(token, "action=escalate", "Accept", "application/json"); decode[errorBody](t, w).Error.Code != "nobody_left" {
		t.Errorf("%s", w.Body)
	}
	view, err := d.store.View(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, e := range view.Timeline {
		if e.Kind == ticket.EntryEscalated {
			passed++
		}
	}
	if passed != 1 {
		t.Errorf("it was passed on %d times", passed)
	}
}

// TestResolvedThoughMoreFires: what joined after the page was drawn is not called
// over by its button, and waits for nobody's reopening.
func TestResolvedThoughMoreFires(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	seen := d.drawn(token)
	if joined := d.alert("another", "alertname", "HostDown", "instance", "srv-db-02"); joined != number {
		t.Fatalf("it joined %s", joined)
	}
	w := d.post(token, "action=resolve"+seen)
	if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done=stale" {
		t.Errorf("%s", got)
	}
	d.expect(number, ticket.Open, "")
	w = d.press(token, "action=resolve")
	if got := led(t, token, w.Code, w.Header().Get("Content-Location")); got != "done=resolve" {
		t.Errorf("%s", got)
	}
}
