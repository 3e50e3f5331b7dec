package console

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestNow: what is open comes before what is taken, the worst first; who is on call
// stands there, and that the pager is well by saying nothing.
func TestNow(t *testing.T) {
	o := newOffice(t, home)
	low := o.alert("Slow", "urgency", "low")
	o.clock.pass(time.Minute)
	late := o.alert("Major", "urgency", "major")
	o.clock.pass(time.Minute)
	critical := o.alert("Down")
	taken := o.alert("Taken")
	o.acts("bruno", taken, escalation.ActAcknowledge)
	over := o.alert("Over")
	o.acts("bruno", over, escalation.ActResolve)
	w := o.get("alice", "/now")
	body := w.Body.String()
	order := []string{critical, late, low, taken}
	for i := 1; i < len(order); i++ {
		if a, b := strings.Index(body, `id="t-`+order[i-1]), strings.Index(body, `id="t-`+order[i]); a < 0 || a > b {
			t.Errorf("%s does not stand before %s: %d, %d", order[i-1], order[i], a, b)
		}
	}
	has(t, w, "CRITIQUE", "Acme &amp; Fils · Givrand", "vous", "jusqu&#39;à 26/11 09:00", "puis Bruno Petit", `action="/desk/tickets/`+critical+`"`)
	hasNot(t, w, over, lang.In("fr").Console.PagerWrong, `action="/desk/tickets/`+taken+`"`)
	hasNot(t, o.get("carla", "/now"), "data-take")
	has(t, newOffice(t, home).get("alice", "/"), lang.In("fr").Console.NobodyNow)
}

// TestTakenFromNow: the button is the ticket's own, and leads back.
func TestTakenFromNow(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("Down")
	seal := sealedIn.FindStringSubmatch(o.get("alice", "/now").Body.String())[1]
	w := o.follow("alice", o.post("alice", "/tickets/"+number, "action", "acknowledge", "seen", seal, "back", "/now"))
	has(t, w, number+": ", `class="flash good"`)
	if view := o.view(number); !view.Ticket.TakenBy("alice") || view.Timeline[len(view.Timeline)-1].Via != "console" {
		t.Errorf("%+v", view.Timeline)
	}
	w = o.follow("bruno", o.post("bruno", "/tickets/"+number, "action", "acknowledge", "seen", seal, "back", "/now"))
	has(t, w, `class="flash bad"`, "Alice Martin")
	for _, back := range []string{"https://evil.example/", "//evil.example/now", "/api/v1/backup", "/a/x"} {
		w := o.post("bruno", "/tickets/"+number, "action", "recheck", "seen", seal, "back", back)
		if to := w.Header().Get("Location"); !strings.HasPrefix(to, "/desk/?") && !strings.HasPrefix(to, "/desk/tickets?") {
			t.Errorf("%s leads to %s", back, to)
		}
	}
}

// TestNowIsBounded: of many tickets fifty are shown and the rest are counted, and it
// says that not all were compared.
func TestNowIsBounded(t *testing.T) {
	o := newOffice(t, home)
	o.many(compared+20, "low")
	worst := o.alert("Down")
	w := o.get("bruno", "/now")
	if n := strings.Count(w.Body.String(), "data-row"); n != shownNow+1 { // and once in data-rows
		if n != shownNow+2 {
			t.Errorf("%d rows", n)
		}
	}
	body := w.Body.String()
	if at := strings.Index(body, `id="t-`); at < 0 || !strings.HasPrefix(body[at:], `id="t-`+worst) {
		t.Errorf("the worst is not the first")
	}
	has(t, w, "171 more open", "the newest 200 are compared")
	o.acts("alice", worst, escalation.ActResolve)
	if asks, err := o.console.ask(t.Context(), ticket.Everything()); err != nil || !asks.bounded || len(asks.open) != shownNow {
		t.Errorf("%d, %v, %v", len(asks.open), asks.bounded, err)
	}
	o.press("alice", worst, "undo")
	o.get("bruno", "/now")
	o.press("alice", worst, "acknowledge")
	has(t, o.get("bruno", "/now"), "Taken by Alice Martin") // what was done here is seen at once
}

// TestWhatIsWrongWithThePager stands on Now for everybody, in words.
func TestWhatIsWrongWithThePager(t *testing.T) {
	o := newOffice(t, home)
	o.health = Health{
		Store: []string{"disk full"}, Providers: []Provider{{"sms", "twilio", true}, {"push", "fcm", false}},
		Sources: []Source{{Name: "prometheus", TestedAt: saturday.Add(-2 * time.Hour), RefusedAt: saturday.Add(-time.Hour), Reason: "no JSON"}}, Waits: 3 * time.Minute, Warnings: []string{"a clock is off"},
		Doubts: []string{"nobody covers Sundays"}, Late: 7, Queued: 4, Version: "1.2.3",
	}
	has(t, o.get("bruno", "/now"), "twilio (sms) fails.", "The source prometheus is refused since 02:12", "A page has waited for 3 min.", "The store cannot be written")
	hasNot(t, o.get("bruno", "/now"), "fcm", "disk full", "/health")
	has(t, o.get("edith", "/now"), `href="/desk/health"`)
	has(t, o.get("edith", "/health"), "disk full", "a clock is off", "nobody covers Sundays", "1.2.3", "twilio", "Alice Martin", "the oldest for 3 min")
	has(t, o.get("edith", "/sources"), "prometheus", "refused · 02:12", "no JSON", "nothing known · test message 01:12")
}

// TestHealthOfWhatComesAndGoes: rooms of chat are called so, and the listener for mails has
// a line.
func TestHealthOfWhatComesAndGoes(t *testing.T) {
	o := newOffice(t, home)
	hasNot(t, o.get("edith", "/health"), "Mail in", "Rooms of chat")
	o.health = Health{
		Providers: []Provider{{"sms", "twilio", false}}, Rooms: []Provider{{"teams", "ops-room", true}},
		MailIn: &MailIn{Address: "127.0.0.1:2525", Listening: true, LastAt: saturday.Add(-3 * time.Minute), Refused: 4, Returned: 2},
	}
	_, rooms, found := strings.Cut(o.get("edith", "/health").Body.String(), "<h2>Rooms of chat</h2>")
	if !found || !strings.Contains(rooms, "<b>ops-room</b>") || strings.Contains(rooms, "twilio") {
		t.Errorf("rooms: %s", rooms)
	}
	has(t, o.get("edith", "/health"), "ops-room (teams) fails.", "listens at 127.0.0.1:2525 · last mail 03:09 (3 min) · refused since the start: 4 · our own that came back: 2")
	o.health.MailIn = &MailIn{Address: "127.0.0.1:2525"}
	has(t, o.get("edith", "/health"), "Mails of tools are not taken: nothing listens at 127.0.0.1:2525.", "no mail since the start")
}

// TestTheOrderOfStates: nothing that is over asks for anybody.
func TestTheOrderOfStates(t *testing.T) {
	o := newOffice(t, home)
	for i, state := range []escalation.Action{escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActResolve} {
		o.acts("alice", o.alert("Down"+string(rune('A'+i))), state)
	}
	asks, err := o.console.ask(t.Context(), ticket.Everything())
	if err != nil || len(asks.open) != 0 || len(asks.taken) != 2 || asks.taken[0].State == ticket.StateResolved {
		t.Errorf("%+v, %v", asks, err)
	}
}
