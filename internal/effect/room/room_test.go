package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
	"github.com/astreinte/astreinte/paging/chat/chattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	channel = "C0123456789"
	number  = "I261121_0001"
)

// hall has a room over a store with one ticket, in a bubble.
type hall struct {
	t     *testing.T
	clock *escalation.WallClock
	store *storetest.Memory
	rules *escalation.Rules
	rooms *Rooms
	slack *chattest.Slack
	acted []desk.Order
	by    desk.Actor
	says  desk.Result
	n     int
}

// Act takes orders down.
func (h *hall) Act(_ context.Context, by desk.Actor, o desk.Order, _ ...desk.Target) []desk.Result {
	h.acted, h.by = append(h.acted, o), by
	return []desk.Result{h.says}
}

func inHall(t *testing.T, f func(t *testing.T, h *hall)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hall{t: t, clock: &escalation.WallClock{}, store: storetest.New(), says: desk.Result{Outcome: desk.Done}}
		time.Sleep(storetest.Began().Sub(h.clock.Now()))
		d, err := contacts.NewDirectory([]contacts.Person{
			{Key: "alice", Name: "Alice", Chat: map[string]string{chat.Slack: "U1"}}, {Key: "carla", Role: contacts.RoleReader, Chat: map[string]string{chat.Slack: "U2"}},
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		h.rules = &escalation.Rules{
			Location: time.UTC, Language: "en", Directory: d, Rooms: []escalation.Room{{Name: "ops"}, {Name: "walled", Customers: []string{"bellac"}}},
			Customers: []escalation.Customer{{Key: "acme", Name: "Acme"}},
		}
		h.slack = chattest.NewSlack("xoxb-1", "hush", h.clock.Now, channel)
		h.rooms = h.open()
		h.change(func(x *ticket.Ticket) { x.Rooms = []string{"ops", "walled"} })
		f(t, h)
		if len(h.slack.Wrong()) > 0 {
			t.Error(h.slack.Wrong())
		}
	})
}

// open is the rooms as a daemon has them that starts now.
func (h *hall) open() *Rooms {
	r := New(Options{
		Records: h.store.Records(), Tickets: h.store, Desk: h, Rules: func() *escalation.Rules { return h.rules },
		Link: func(path string) string { return "https://astreinte.example.net" + path }, Now: h.clock.Now,
	})
	room := chat.NewSlack(chat.SlackConfig{Name: "ops", Channel: channel, Token: "xoxb-1", Secret: "hush", HTTP: h.slack})
	r.Set([]Setting{{Name: "ops", Language: "en", Room: room}, {Name: "walled", Language: "en", Room: room}})
	return r
}

// change commits a change of the ticket, with its effects.
func (h *hall) change(f func(x *ticket.Ticket), entries ...ticket.Entry) {
	h.t.Helper()
	c := escalation.Change{Ticket: storetest.Ticket("prometheus", number), TakeGroup: true}
	if h.n > 0 {
		list, err := h.store.Load(h.t.Context(), "prometheus", []string{number})
		if err != nil || len(list) != 1 {
			h.t.Fatal(list, err)
		}
		c = escalation.Change{Ticket: list[0].Ticket, Revision: list[0].Revision}
	}
	h.n++
	f(&c.Ticket)
	c.Timeline = entries
	writes, err := escalation.EffectWrites(escalation.RoomEffects(h.rules.Rooms, &c.Ticket, c.Revision, h.clock.Now()))
	if err != nil {
		h.t.Fatal(err)
	}
	c.Records = writes
	if errs, err := h.store.Commit(h.t.Context(), "prometheus", []escalation.Change{c}); err != nil || errs[0] != nil {
		h.t.Fatal(errs, err)
	}
}

// work has a queue work for some time, and ends it.
func (h *hall) work(r *Rooms, d time.Duration) {
	h.t.Helper()
	ctx, stop := context.WithCancel(h.t.Context())
	q := effect.New(effect.Options{
		Kind: ticket.RoomRecords, Records: h.store.Records(), Tickets: r, Clock: h.clock, Owner: fmt.Sprint("daemon", h.n, h.clock.Now().UnixNano()), Over: Over, Gone: Gone,
		Chance: func() float64 { return 1 },
	})
	q.SetReceivers(r.Receivers())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx) })
	time.Sleep(d)
	stop()
	running.Wait()
}

func (h *hall) waits() int {
	h.t.Helper()
	list, err := h.store.Records().List(h.t.Context(), "prometheus", ticket.RoomRecords, "", 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(list)
}

func (h *hall) messages() []Message {
	h.t.Helper()
	list, err := h.rooms.Of(h.t.Context(), &ticket.Ticket{Number: number, Customer: "acme", Rooms: []string{"ops", "walled"}})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func taken(x *ticket.Ticket) {
	x.State, x.AcknowledgedAt, x.AcknowledgedBy = ticket.Acknowledged, storetest.At(time.Minute), storetest.Person("alice")
}

// TestManyChangesAreOneCall: whatever waited while the room was away, it is told once,
// how the ticket is. The wall holds.
func TestManyChangesAreOneCall(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		for range 20 {
			h.change(func(x *ticket.Ticket) { x.Firing++ })
		}
		h.change(taken)
		if n := h.waits(); n != 22 {
			t.Fatalf("%d wait", n)
		}
		h.work(h.rooms, 10*time.Second)
		got := h.slack.Messages()
		if h.waits() != 0 || h.slack.Calls() != 1 || len(got) != 1 || !strings.Contains(got[0].Text, "Alice has it") {
			t.Errorf("%d wait, %d calls: %+v", h.waits(), h.slack.Calls(), got)
		}
		h.change(func(*ticket.Ticket) {}) // nothing that the room shows
		h.work(h.rooms, 10*time.Second)
		if h.slack.Calls() != 1 || h.waits() != 0 {
			t.Errorf("%d calls, %d wait", h.slack.Calls(), h.waits())
		}
		if list := h.messages(); list[0].State != StatePosted || list[0].Product != chat.Slack || list[1].State != StateHidden {
			t.Errorf("%+v", list)
		}
	})
}

// TestAMessageSurvivesADaemon: the next one changes the same message. One that was told
// and not written down is posted again, once.
func TestAMessageSurvivesADaemon(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		h.work(h.rooms, 10*time.Second)
		h.change(taken)
		h.work(h.open(), 10*time.Second)
		if got := h.slack.Messages(); len(got) != 1 || got[0].Edits != 1 {
			t.Fatalf("%+v", got)
		}
		// The daemon dies as soon as Slack has the message: nothing more is written.
		h.slack.Delete(h.slack.Messages()[0].ID)
		h.change(func(x *ticket.Ticket) { x.State = ticket.InProgress })
		h.slack.Fail(func(call string) *http.Response {
			if call == "chat.postMessage" {
				h.store.Fail(storetest.On(storetest.FailBefore))
			}
			return nil
		})
		ctx, dies := context.WithTimeout(t.Context(), 10*time.Second)
		defer dies()
		list, err := h.store.Records().Claim(ctx, records.Claim{Kind: ticket.RoomRecords, Owner: "dies", Now: h.clock.Now(), Until: h.clock.Now().Add(time.Minute), Most: 1})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		e, err := ticket.ReadEffect(list[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		if r := h.rooms.Receivers()["chat/ops"].Send(ctx, &e); r.Class != effect.Again {
			t.Errorf("%+v", r)
		}
		h.store.Fail(nil)
		h.slack.Fail(nil)
		h.work(h.open(), 2*time.Minute)
		if got := h.slack.Messages(); len(got) != 2 || h.waits() != 0 {
			t.Errorf("%d wait: %+v", h.waits(), got)
		}
		h.change(func(x *ticket.Ticket) { x.State, x.ResolvedAt = ticket.StateResolved, h.clock.Now() })
		h.work(h.open(), 10*time.Second)
		if got := h.slack.Messages(); len(got) != 2 || !strings.Contains(got[1].Text, "Over since") {
			t.Errorf("the newer one goes on: %+v", got)
		}
	})
}

// TestARoomThatIsGivenUp: after a day the ticket says why.
func TestARoomThatIsGivenUp(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		h.slack.Fail(func(string) *http.Response {
			return chattest.Answer(200, map[string]any{"ok": false, "error": "is_archived"})
		})
		h.work(h.rooms, time.Hour)
		if s := h.rooms.Statuses(); s[0].Error == "" || !strings.Contains(s[0].Error, "is_archived") || s[0].FailedAt.IsZero() {
			t.Errorf("%+v", s)
		}
		if m := h.messages()[0]; m.State != StateWaiting || !strings.Contains(m.Error, "is_archived") {
			t.Errorf("%+v", m)
		}
		h.work(h.rooms, 25*time.Hour)
		if m := h.messages()[0]; m.State != StateFailed || !strings.Contains(m.Error, "is_archived") || h.waits() != 0 {
			t.Errorf("%+v, %d wait", m, h.waits())
		}
		h.slack.Fail(nil)
		h.change(taken)
		h.work(h.rooms, time.Minute)
		if m := h.messages()[0]; m.State != StatePosted || m.Error != "" {
			t.Errorf("%+v", m)
		}
	})
}

// TestTooFast: all wait for as long as the room asks, and none is lost.
func TestTooFast(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		calls := 0
		h.slack.Fail(func(string) *http.Response {
			if calls++; calls == 1 {
				return chattest.Answer(429, map[string]any{"ok": false}, "Retry-After", "40")
			}
			return nil
		})
		h.work(h.rooms, 39*time.Second)
		if n := h.slack.Calls(); n != 1 {
			t.Errorf("%d calls while it rests", n)
		}
		h.work(h.rooms, 40*time.Second)
		if len(h.slack.Messages()) != 1 {
			t.Error("it was never told")
		}
	})
}

// TestTooFastForHours: a room does not rest for longer than an hour, whatever the product
// asks for.
func TestTooFastForHours(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		calls := 0
		h.slack.Fail(func(string) *http.Response {
			if calls++; calls == 1 {
				return chattest.Answer(429, map[string]any{"ok": false}, "Retry-After", "60000")
			}
			return nil
		})
		h.work(h.rooms, longestHeld+time.Minute)
		if len(h.slack.Messages()) != 1 {
			t.Error("an hour later it is not told")
		}
	})
}

// TestAMeetingIsTold: that there is one, not where: that is on the ticket.
func TestAMeetingIsTold(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		h.change(func(*ticket.Ticket) {}, ticket.Entry{At: h.clock.Now(), Kind: ticket.EntryMeeting, Actor: storetest.Person("alice"), Said: ticket.Plain("https://meet.example.net/secret")})
		h.work(h.rooms, time.Minute)
		if got := h.slack.Messages(); len(got) != 1 || !strings.Contains(got[0].Text, "its link is on the ticket") || strings.Contains(got[0].Text, "meet.example.net") {
			t.Errorf("%+v", got)
		}
	})
}

// TestNotes: each once, in order, in the thread; a discreet room has none.
func TestNotes(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		note := func(text string) ticket.Entry {
			return ticket.Entry{At: h.clock.Now(), Kind: ticket.EntryNote, Actor: storetest.Person("alice"), Said: ticket.Plain(text)}
		}
		var notes []ticket.Entry
		for i := range 8 {
			notes = append(notes, note(fmt.Sprint("note ", i)))
		}
		h.change(func(*ticket.Ticket) {}, notes...)
		h.work(h.rooms, time.Minute)
		h.work(h.open(), time.Minute)
		var got []string
		for _, m := range h.slack.Messages() {
			if m.Thread != "" {
				got = append(got, m.Text)
			}
		}
		if len(got) != 8 || got[0] != "Alice: note 0" || got[7] != "Alice: note 7" || h.waits() != 0 {
			t.Errorf("%d wait: %q", h.waits(), got)
		}
		h.rules.Customers[0].Discreet = true
		h.change(taken, note("a secret"))
		h.work(h.rooms, time.Minute)
		for _, m := range h.slack.Messages() {
			if strings.Contains(m.Text, "a secret") || m.Thread == "" && (strings.Contains(m.Text, "Acme") || strings.Contains(m.Text, "srv-db-01") || !strings.Contains(m.Text, number)) {
				t.Errorf("a discreet room reads %s", m.Text)
			}
		}
	})
}

// TestStrangersAreToldNowAndThen: a room answers so many of them, whoever they are, and
// goes on when their time is over. People are answered all the same.
func TestStrangersAreToldNowAndThen(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		told := func() (n int) {
			for i := range 3 * ticket.MaxRoomTests {
				text, err := h.rooms.Press(t.Context(), chat.Press{Room: "ops", Product: chat.Slack, User: fmt.Sprintf("X%d", i), Action: "acknowledge", Value: number + " 1"})
				if err != nil {
					t.Fatal(err)
				}
				if text != "" {
					n++
				}
			}
			return n
		}
		if n := told(); n != ticket.MaxRoomTests {
			t.Errorf("%d were told", n)
		}
		if _, err := h.rooms.Press(t.Context(), chat.Press{Room: "ops", Product: chat.Slack, User: "U1", Action: "acknowledge", Value: number + " 1"}); err != nil || len(h.acted) != 1 {
			t.Errorf("alice: %v, %d", err, len(h.acted))
		}
		time.Sleep(testsWithin)
		if n := told(); n != ticket.MaxRoomTests {
			t.Errorf("%d were told later", n)
		}
	})
}

// TestWhatAPressOrders: of the desk, for whom; and what everybody else is told.
func TestWhatAPressOrders(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		press := func(user, action, value string) string {
			t.Helper()
			text, err := h.rooms.Press(t.Context(), chat.Press{Room: "ops", Product: chat.Slack, User: user, Action: action, Value: value})
			if err != nil {
				text = "error"
			}
			return text
		}
		if got := press("U1", "acknowledge", number+" 1"); got != "" || len(h.acted) != 1 || h.acted[0].Verb != escalation.ActAcknowledge || h.by.Person != "alice" || h.by.Via != Via || h.by.Role != desk.Technician {
			t.Errorf("%q, %+v by %+v", got, h.acted, h.by)
		}
		if press("U2", "acknowledge", number+" 1"); h.by.Role != desk.Reader {
			t.Errorf("a reader is %v", h.by.Role)
		}
		n := len(h.acted)
		for _, c := range [][]string{
			{"U9", "acknowledge", number + " 1"},
			{"", "acknowledge", number + " 1"},
			{"U1", "close", number + " 1"},
			{"U1", "resolve", number + " 1"},
			{"U1", "acknowledge", "I261121_0002 1"},
			{"U1", "acknowledge", number},
			{"U1", "acknowledge", ""},
		} {
			if got := press(c[0], c[1], c[2]); got == "" || got == "error" {
				t.Errorf("%q: %q", c, got)
			}
		}
		if text, err := h.rooms.Press(t.Context(), chat.Press{Room: "walled", Product: chat.Slack, User: "U1", Action: "acknowledge", Value: number + " 1"}); err != nil || text == "" {
			t.Errorf("the wall: %q, %v", text, err)
		}
		if len(h.acted) != n {
			t.Errorf("%+v", h.acted[n:])
		}
		by := escalation.StateError{State: ticket.Acknowledged, By: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, At: storetest.At(0)}
		for outcome, part := range map[desk.Outcome]string{
			desk.Already: "", desk.Taken: "Alice has it since 2026-11-21 03:12", desk.Over: "over already", desk.Stale: "changed", desk.Forbidden: "role", desk.Unknown: "no such ticket", desk.Failed: "error",
		} {
			h.says = desk.Result{Number: number, Outcome: outcome, State: &by, Err: context.DeadlineExceeded}
			if got := press("U1", "acknowledge", number+" 1"); !strings.Contains(got, part) || (part == "") != (got == "") {
				t.Errorf("%s: %q", outcome, got)
			}
		}
		h.store.Fail(storetest.On(storetest.FailBefore))
		if got := press("U1", "acknowledge", number+" 1"); got != "error" {
			t.Errorf("while the store is away: %q", got)
		}
		h.store.Fail(nil)
	})
}

// TestTestMessages are bounded.
func TestTestMessages(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		for i := range ticket.MaxRoomTests + 1 {
			id, err := h.rooms.Test(t.Context(), "ops", "dominique")
			if want := i < ticket.MaxRoomTests; (err == nil) != want || (id != "") != want {
				t.Errorf("%d: %q, %v", i, id, err)
			}
		}
		if _, err := h.rooms.Test(t.Context(), "nowhere", "dominique"); !errors.Is(err, ErrNoRoom) {
			t.Error(err)
		}
		if got := h.slack.Messages(); !slices.ContainsFunc(got, func(m chattest.Message) bool { return strings.Contains(m.Text, "A test by dominique") }) {
			t.Errorf("%+v", got)
		}
		time.Sleep(testsWithin)
		if _, err := h.rooms.Test(t.Context(), "ops", "dominique"); err != nil {
			t.Error(err)
		}
	})
}
