package paging

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// answering is a provider that answers every message alike.
type answering struct {
	Result
	asked int
}

// Send answers.
func (a *answering) Send(context.Context, Message) Result {
	a.asked++
	return a.Result
}

// carriedBy is an outbox with these providers of SMS, in this order.
func carriedBy(providers ...*answering) *Outbox {
	ways := Ways{Channels: map[string][]Provider{}}
	for i, p := range providers {
		ways.Channels[WaySMS] = append(ways.Channels[WaySMS], Provider{Name: fmt.Sprint(i + 1), Channel: p})
	}
	return NewOutbox(Parts{Clock: &escalation.WallClock{}, Ways: ways})
}

// anSMS is a claim of a page at its nth try.
func anSMS(u ticket.Urgency, n int) Claim {
	return Claim{Page: ticket.Page{
		PageKey: ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: WaySMS},
		Kind:    ticket.KindPage, Urgency: u, State: ticket.PageSending, Attempts: n,
	}}
}

func (o *Outbox) carryTest(t *testing.T, u ticket.Urgency) handed {
	t.Helper()
	return o.carry(t.Context(), anSMS(u, 1), o.carriers.askNow("sms", ""), func(carrier) Message { return Message{To: "+33612345601"} })
}

// The second provider is asked at once only if the first one has not taken the
// message. If it may have taken it, the phone would get it twice.
func TestWhoIsAskedAfterAnAnswer(t *testing.T) {
	for _, row := range []struct {
		Result
		second bool
	}{
		{Result{Class: Accepted}, false},
		{Result{Class: OutcomeUnknown, Code: "timeout"}, false},
		{Result{Class: OutcomeUnknown, Code: "connection_lost"}, false},
		{Result{Class: Transient, Code: "http_503"}, true},
		{Result{Class: Transient, Code: "http_429", TooFast: true}, true},
		{Result{Class: DeadAccount, Code: "20003"}, true},
		{Result{Class: DeadAddress, Code: "21610"}, true},
		{Result{Class: Filtered, Code: "30007"}, true},
	} {
		for _, u := range []ticket.Urgency{ticket.Critical, ticket.Major} {
			first, second := &answering{Result: row.Result}, &answering{}
			sent := carriedBy(first, second).carryTest(t, u)
			if first.asked != 1 || (second.asked == 1) != row.second {
				t.Errorf("%s, %s %s: the first was asked %d times, the second %d", u, row.Class, row.Code, first.asked, second.asked)
			}
			if want := map[bool]string{true: "2", false: "1"}[row.second]; sent.provider != want {
				t.Errorf("%s, %s %s: handed to %s, want %s", u, row.Class, row.Code, sent.provider, want)
			}
		}
	}
}

// A message whose answer was lost waits for its receipt: 5 s, then 80 s, then
// 21 min and 20 s, or as long as the provider asks for.
func TestALostAnswerWaitsForItsReceipt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := carriedBy(&answering{})
		for _, row := range []struct {
			attempts    int
			asks, waits time.Duration
		}{
			{1, 0, 5 * time.Second},
			{1, time.Minute, time.Minute},
			{2, 0, 80 * time.Second},
			{3, 0, 21*time.Minute + 20*time.Second},
			{9, 0, 21*time.Minute + 20*time.Second},
		} {
			lost := handed{Result: Result{Class: OutcomeUnknown, Code: "timeout", RetryAfter: row.asks}, provider: "1"}
			out, event := o.judge(anSMS(ticket.Critical, row.attempts), lost)
			if waits := out.RetryAt.Sub(o.clock.Now()); waits != row.waits || out.State != ticket.PageQueued || !out.Unclear || event != nil {
				t.Errorf("try %d: %s in %s, unclear %v, %v; want %s", row.attempts, out.State, waits, out.Unclear, event, row.waits)
			}
		}
	})
}

// A provider that is asked too fast is not down, whatever time it asks for.
// Its breaker counts only what does not work.
func TestTooFastIsNotDown(t *testing.T) {
	for _, row := range []struct {
		Result
		down bool
	}{
		{Result{Class: Transient, Code: "http_429", TooFast: true}, false},
		{Result{Class: Transient, Code: "http_429", TooFast: true, RetryAfter: 3 * time.Second}, false},
		{Result{Class: Transient, Code: "20429", TooFast: true}, false},
		{Result{Class: Transient, Code: "20429", TooFast: true, RetryAfter: time.Minute}, false},
		{Result{Class: Transient, Code: "QUOTA_EXCEEDED", TooFast: true}, false},
		{Result{Class: Transient, Code: "UNAVAILABLE", RetryAfter: 3 * time.Second}, true},
		{Result{Class: Accepted}, false},
		{Result{Class: DeadAddress, Code: "21610"}, false},
		{Result{Class: Filtered, Code: "30007"}, false},
		{Result{Class: Transient, Code: "http_503"}, true},
		{Result{Class: Transient, Code: "connect"}, true},
		{Result{Class: OutcomeUnknown, Code: "timeout"}, true},
		{Result{Class: DeadAccount, Code: "20003"}, true},
	} {
		name := fmt.Sprintf("%s %s %s", row.Class, row.Code, row.RetryAfter)
		h := newHealth(WaySMS, "1", NewMetrics(nil), zap.NewNop())
		for n := range tripAfter {
			tell, ok := h.allow(ticket.Major)
			if !ok {
				t.Fatalf("%s: held back after %d", name, n)
			}
			tell(row.Result)
		}
		if _, ok := h.allow(ticket.Major); ok == row.down {
			t.Errorf("%s: after %d a page goes: %v", name, tripAfter, ok)
		}
		if _, ok := h.allow(ticket.Critical); !ok {
			t.Errorf("%s: a critical page is held back", name)
		}
		if got := h.down(time.Time{}); got != row.down {
			t.Errorf("%s: down %v", name, got)
		}
	}
	first := &answering{Result: Result{Class: Transient, Code: "http_429", TooFast: true}}
	o := carriedBy(first)
	for n := range 3 * tripAfter {
		if sent := o.carryTest(t, ticket.Major); sent.Code != "http_429" || first.asked != n+1 {
			t.Fatalf("page %d: %s, asked %d times", n+1, sent.Code, first.asked)
		}
	}
}

// A provider that fails goes on failing between two tries, until it works.
func TestWhoFailsFailsUntilItWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealth(WaySMS, "1", NewMetrics(nil), zap.NewNop())
		ask := func(class Class) {
			tell, ok := h.allow(ticket.Major)
			if !ok {
				t.Fatal("held back")
			}
			tell(Result{Class: class})
		}
		if h.failing(time.Now()) {
			t.Error("fails before it was asked")
		}
		for range tripAfter {
			ask(Transient)
		}
		for range 3 {
			if !h.failing(time.Now()) || !h.down(time.Now()) {
				t.Error("does not fail, or is not down, after a failure")
			}
			time.Sleep(tripFor + time.Second)
			if !h.failing(time.Now()) || h.down(time.Now()) {
				t.Error("does not fail, or is down, when it may be asked again")
			}
			ask(Transient)
		}
		time.Sleep(tripFor + time.Second)
		if ask(Accepted); h.failing(time.Now()) {
			t.Error("fails although it works")
		}
	})
}
