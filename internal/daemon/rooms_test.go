package daemon

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging/chat/chattest"
)

const (
	slackSecret    = "signing-secret-of-the-app"
	slackChannel   = "C0123456789"
	slackAlice     = "U0ALICE"
	mattermostRoom = "abcdefghijklmnopqrstuvwxyz"
	mattermostUser = "alice0000000000000000000ab"
)

// square has the products beside the town, and its rooms in them.
type square struct {
	town       *town
	slack      *chattest.Slack
	mattermost *chattest.Mattermost
	teams      *chattest.Teams
	hangs      atomic.Bool // Slack answers nothing
}

// RoundTrip leads to whoever has the host.
func (s *square) RoundTrip(req *http.Request) (*http.Response, error) {
	switch req.URL.Host {
	case "slack.com":
		if s.hangs.Load() {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		return s.slack.RoundTrip(req)
	case "mm.example.net":
		return s.mattermost.RoundTrip(req)
	case "flow.example.net":
		return s.teams.RoundTrip(req)
	}
	return s.town.world.RoundTripper().RoundTrip(req)
}

const roomsSection = `
chat:
  ops-room:
    slack: {channel: ` + slackChannel + `, token: xoxb-1, signing_secret: ` + slackSecret + `}
    language: en
  duty:
    mattermost: {url: "https://mm.example.net", channel: ` + mattermostRoom + `, token: bot-token}
  flow: {teams: {url: "https://flow.example.net/x?sig=hush"}}
  bellac-room:
    slack: {channel: C0000000002, token: xoxb-1, signing_secret: ` + slackSecret + `}
    customers: [bellac]
`

func inSquare(t *testing.T, f func(t *testing.T, w *town, s *square), change ...func([]byte) []byte) {
	t.Helper()
	s := &square{}
	prepare := func(w *town) {
		s.town, w.others = w, s
		clock := escalation.Clock(&escalation.WallClock{}).Now // the bubble's
		s.slack = chattest.NewSlack("xoxb-1", slackSecret, clock, slackChannel, "C0000000002")
		s.mattermost = chattest.NewMattermost("bot-token", mattermostRoom, clock)
		s.teams = chattest.NewTeams("hush", clock)
	}
	all := append([]func([]byte) []byte{
		withHooks(roomsSection),
		replaced("by: [push, sms]                       # both at once", "by: [push, sms, ops-room, duty, flow, bellac-room]"),
		replaced("skill: confirmed ", "chat: {slack: "+slackAlice+", mattermost: "+mattermostUser+"}\n    skill: confirmed "),
		replaced("bruno: {name: Bruno Petit,", "bruno: {name: Bruno Petit, role: reader, chat: {slack: U0BRUNO},"),
	}, change...)
	inTownWith(t, "", prepare, func(t *testing.T, w *town) {
		f(t, w, s)
		for _, wrong := range [][]string{s.slack.Wrong(), s.mattermost.Wrong(), s.teams.Wrong()} {
			if len(wrong) > 0 {
				t.Errorf("what no product takes: %q", wrong)
			}
		}
	}, all...)
}

// only is the one message of a room, which says all of these.
func only(t *testing.T, messages []chattest.Message, parts ...string) chattest.Message {
	t.Helper()
	if len(messages) != 1 {
		t.Fatalf("%d messages: %+v", len(messages), messages)
	}
	says(t, &messages[0], parts...)
	return messages[0]
}

func says(t *testing.T, m *chattest.Message, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(m.Text, part) {
			t.Errorf("no %q in\n%s", part, m.Text)
		}
	}
}

func (w *town) act(number, action string, body any) {
	w.t.Helper()
	if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/"+action, apiToken, body); code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", action, code, answer)
	}
}

// TestATicketIsOneMessageInARoom: it shows the ticket's life, in the room's language,
// with notes in its thread. Teams has a card for what matters.
func TestATicketIsOneMessageInARoom(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		first := only(t, s.slack.Messages(), "CRITICAL · "+number, "Acme/Givrand srv-db-01 HostDown", "Nobody has it yet", "Paged: Alice Martin", "GTI until 2026-11-21 04:12")
		if _, can := first.Buttons["acknowledge"]; !can || len(first.Buttons) != 2 {
			t.Errorf("buttons %v", first.Buttons)
		}
		only(t, s.mattermost.Messages(), "CRITIQUE", "Personne ne l'a encore pris")
		only(t, s.teams.Messages(), "CRITIQUE", "Personne")
		w.at(16 * time.Minute)
		only(t, s.slack.Messages(), "Alice Martin, Dominique Roy")
		w.act(number, "acknowledge", map[string]string{"person": "alice"})
		w.at(16*time.Minute + 5*time.Second)
		if m := only(t, s.slack.Messages(), "Alice Martin has it since 2026-11-21 03:28"); m.ID != first.ID || m.Buttons["acknowledge"] != "" {
			t.Errorf("%+v", m)
		}
		w.act(number, "pickup", map[string]string{"person": "alice"})
		w.act(number, "note", map[string]string{"person": "alice", "text": "the <!channel> disk is full"})
		w.at(17 * time.Minute)
		said := s.slack.Messages()
		if len(said) != 2 || said[1].Thread != first.ID || said[1].Text != "Alice Martin: the &lt;!channel&gt; disk is full" {
			t.Errorf("%+v", said)
		}
		says(t, &said[0], "works on it since")
		w.alert("resolved", "srv-db-01")
		w.at(18 * time.Minute)
		says(t, &s.slack.Messages()[0], "Over since 2026-11-21 03:29")
		w.alert("firing", "srv-db-01")
		w.at(19 * time.Minute)
		says(t, &s.slack.Messages()[0], "Nobody has it yet", "Reopened 2026-11-21 03:30")
		w.act(number, "resolve", map[string]string{"person": "alice"})
		w.act(number, "close", nil)
		w.at(20 * time.Minute)
		says(t, &s.slack.Messages()[0], "Closed")
		if n := len(s.slack.Messages()); n != 2 {
			t.Errorf("%d messages", n)
		}
		if n := len(s.mattermost.Messages()); n != 2 {
			t.Errorf("%d posts", n)
		}
		var cards []string
		for _, m := range s.teams.Messages() {
			cards = append(cards, strings.Split(m.Text, "\n")[2])
		}
		if got := strings.Join(cards, "; "); strings.Count(got, ";") != 4 {
			t.Errorf("cards %s", got)
		}
		for _, m := range s.slack.Messages() {
			if strings.Contains(m.Text, "C0000000002") {
				t.Error("the wall")
			}
		}
	})
}

// now is the time in the bubble.
func (s *square) now() time.Time { return s.town.daemon.Load().clock.Now() }

// presses is what the door answers to a press in Slack.
func (s *square) presses(m chattest.Message, action, user string) int {
	s.town.t.Helper()
	body := s.slack.Pressed(slackChannel, m.ID, action, m.Buttons[action], user)
	return s.posts(s.slack.Request(publicURL+"/chat/slack/bellac-room", body, s.now())) // one address for all rooms of the app
}

func (s *square) posts(req *http.Request) int {
	s.town.t.Helper()
	req.RequestURI = ""
	resp, err := s.town.client.Do(req)
	if err != nil {
		s.town.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// TestWhoPressesTakesIt: the account is a person's, whose role counts. The press stops
// the pages and is seen in the message; a stranger is told what to do.
func TestWhoPressesTakesIt(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		open := only(t, s.slack.Messages())
		if code := s.presses(open, "acknowledge", "U0NOBODY"); code != http.StatusOK {
			t.Errorf("a stranger: %d", code)
		}
		if code := s.presses(open, "acknowledge", "U0BRUNO"); code != http.StatusOK {
			t.Errorf("a reader: %d", code)
		}
		w.expectState(number, "open")
		if code := s.presses(open, "acknowledge", slackAlice); code != http.StatusOK {
			t.Errorf("alice: %d", code)
		}
		w.expectState(number, "acknowledged")
		w.at(10 * time.Second)
		taken := only(t, s.slack.Messages(), "Alice Martin has it since 2026-11-21 03:12")
		if code := s.presses(open, "acknowledge", slackAlice); code != http.StatusOK { // the same again
			t.Errorf("again: %d", code)
		}
		whispers := strings.Join(s.slack.Whispers(), "\n")
		for _, part := range []string{"U0NOBODY: I do not know you", "people.YOU.chat.slack: U0NOBODY", "U0BRUNO: Votre rôle"} {
			if !strings.Contains(whispers, part) {
				t.Errorf("no %q in %s", part, whispers)
			}
		}
		if strings.Contains(whispers, slackAlice) {
			t.Errorf("alice was told %s", whispers)
		}
		if got := w.timelineOf(number); !strings.Contains(got, "chat") && !strings.Contains(got, "in a chat room") {
			t.Errorf("no chat in %s", got)
		}
		// A press meant for another episode changes nothing.
		w.act(number, "resolve", map[string]string{"person": "alice"})
		if s.presses(taken, "pickup", slackAlice); !strings.Contains(strings.Join(s.slack.Whispers(), "\n"), "déjà terminé") {
			t.Errorf("%q", s.slack.Whispers())
		}
		w.expectState(number, "resolved")
		// By Mattermost, on another ticket.
		other := w.alert("firing", "srv-db-02")
		w.at(20 * time.Second)
		post := s.mattermost.Messages()
		if code := s.posts(s.mattermost.Press(post[len(post)-1].ID, "acknowledge", mattermostUser)); code != http.StatusOK {
			t.Errorf("%d", code)
		}
		w.expectState(other, "acknowledged")
	})
}

// TestNobodyPressesForAnothersTicket: a button's ticket must be one of the room's.
func TestNobodyPressesForAnothersTicket(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		m := only(t, s.slack.Messages())
		for _, c := range []struct{ channel, value string }{
			{"C0000000002", m.Buttons["acknowledge"]}, {slackChannel, "I261121_9999 1"}, {slackChannel, number}, {slackChannel, number + " x"}, {slackChannel, ""},
		} {
			body := s.slack.Pressed(c.channel, m.ID, "acknowledge", c.value, slackAlice)
			if code := s.posts(s.slack.Request(publicURL+"/chat/slack/ops-room", body, s.now())); code != http.StatusOK {
				t.Errorf("%v: %d", c, code)
			}
		}
		body := s.slack.Pressed(slackChannel, m.ID, "close", m.Buttons["acknowledge"], slackAlice)
		s.posts(s.slack.Request(publicURL+"/chat/slack/ops-room", body, s.now()))
		forged := s.slack.Request(publicURL+"/chat/slack/ops-room", body, s.now().Add(-time.Hour))
		if code := s.posts(forged); code != http.StatusForbidden {
			t.Errorf("an old one: %d", code)
		}
		w.expectState(number, "open")
		if n := len(s.slack.Whispers()); n != 6 {
			t.Errorf("%d whispers: %q", n, s.slack.Whispers())
		}
	})
}

// TestARoomIsNobody: a step that pages by a room alone reaches nobody, and the next one
// starts at once.
func TestARoomIsNobody(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.expectCount(w.alice, 0)
		w.expectCount(w.dominique, 1)
		only(t, s.slack.Messages(), "Paged: Dominique Roy")
	}, replaced("by: [push, sms, ops-room, duty, flow, bellac-room]", "by: [ops-room]"))
}

// TestARoomThatFailsHoldsUpNoPage: it hangs, or refuses, and shows the last state once
// it works. A message that somebody deleted is posted anew.
func TestARoomThatFailsHoldsUpNoPage(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		s.hangs.Store(true)
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.expectCount(w.alice, 1)
		only(t, s.mattermost.Messages()) // nor any other room
		w.act(number, "acknowledge", map[string]string{"person": "alice"})
		w.at(20 * time.Second)
		s.hangs.Store(false)
		s.slack.Fail(func(string) *http.Response {
			return chattest.Answer(200, map[string]any{"ok": false, "error": "not_in_channel"})
		})
		w.at(2 * time.Minute)
		if len(s.slack.Messages()) != 0 {
			t.Fatal(s.slack.Messages())
		}
		s.slack.Fail(nil)
		w.at(6 * time.Minute)
		m := only(t, s.slack.Messages(), "Alice Martin has it since")
		if m.Edits != 0 {
			t.Errorf("%d edits", m.Edits)
		}
		s.slack.Delete(m.ID)
		w.act(number, "pickup", map[string]string{"person": "alice"})
		w.at(7 * time.Minute)
		if again := only(t, s.slack.Messages(), "works on it"); again.ID == m.ID {
			t.Error("it is the one that was deleted")
		}
	})
}

// TestAStormInARoom: as fast as the room takes it, and each message shows how its
// ticket ended. Pages wait for none of it.
func TestAStormInARoom(t *testing.T) {
	const many = 60
	inSquare(t, func(t *testing.T, w *town, s *square) {
		s.slack.Limit(time.Second)
		for i := range many {
			w.alert("firing", fmt.Sprintf("srv-%03d", i), "alertname", fmt.Sprintf("Down%d", i))
		}
		w.at(5 * time.Second)
		w.alice.ExpectSMS(t)
		w.at(20 * time.Second)
		for i := range many {
			w.alert("resolved", fmt.Sprintf("srv-%03d", i), "alertname", fmt.Sprintf("Down%d", i))
		}
		w.at(20 * time.Minute)
		all := s.slack.Messages()
		if len(all) != many {
			t.Fatalf("%d messages of %d", len(all), many)
		}
		for i := range all {
			says(t, &all[i], "Over since")
		}
		if took := all[len(all)-1].At.Sub(all[0].At); took > many*time.Second*2 { // most of a minute; more where a message and its change come to be sent at one moment
			t.Errorf("it took %v", took)
		}
		if calls := s.slack.Calls(); calls > 2*many {
			t.Errorf("%d calls", calls)
		}
	})
}

// TestTheAPITellsOfRooms: what each last said, a test message, and what they have of a
// ticket.
func TestTheAPITellsOfRooms(t *testing.T) {
	inSquare(t, func(t *testing.T, w *town, s *square) {
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		ask := func(method, path string, parts ...string) {
			t.Helper()
			code, answer := w.call(method, path, apiToken, nil)
			for _, part := range parts {
				if code != http.StatusOK || !strings.Contains(string(answer), part) {
					t.Errorf("%s: %d, no %s in %s", path, code, part, answer)
				}
			}
		}
		ask(http.MethodGet, "/api/v1/tickets/"+number, `"room":"ops-room","product":"slack","state":"posted"`, `"room":"bellac-room","product":"slack","state":"hidden"`)
		ask(http.MethodPost, "/api/v1/rooms/duty/test", `"state":"posted"`)
		s.slack.Fail(func(string) *http.Response {
			return chattest.Answer(200, map[string]any{"ok": false, "error": "invalid_auth"})
		})
		ask(http.MethodPost, "/api/v1/rooms/ops-room/test", `"state":"failed"`, "invalid_auth: the token is wrong")
		ask(http.MethodGet, "/api/v1/rooms", `"name":"ops-room","product":"slack"`, "invalid_auth")
		if code, _ := w.call(http.MethodPost, "/api/v1/rooms/nowhere/test", apiToken, nil); code != http.StatusNotFound {
			t.Errorf("a room that is none: %d", code)
		}
	})
}
