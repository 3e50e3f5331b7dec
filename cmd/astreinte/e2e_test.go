package main_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestEndToEnd runs the real program between a real Prometheus, a real
// Alertmanager and a real store. Only the providers are stand-ins.
func TestEndToEnd(t *testing.T) {
	program := build(t)
	redis := func(t *testing.T) string { return redistest.Single(t).URL() }
	bolt := func(*testing.T) string { return "bolt:astreinte.db" }
	for _, tt := range []struct {
		name  string
		store func(*testing.T) string
		watch func(*site, *testing.T)
		flow  func(*site, *testing.T)
	}{
		{"paged to recovered, through Alertmanager, on Redis", redis, (*site).watchThroughAlertmanager, (*site).pagedToRecovered},
		{"paged to recovered, from Prometheus itself, on Redis", redis, (*site).watchDirectly, (*site).pagedToRecovered},
		{"killed while paging, through Alertmanager, on Redis", redis, (*site).watchThroughAlertmanager, (*site).killedWhilePaging},
		{"killed while paging, from Prometheus itself, on bolt", bolt, (*site).watchDirectly, (*site).killedWhilePaging},
		{"a second daemon on one bolt file", bolt, func(*site, *testing.T) {}, (*site).refusesASecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, program, tt.store(t))
			tt.watch(s, t)
			tt.flow(s, t)
		})
	}
}

// pagedToRecovered is the life of an alert: paged by SMS and push, escalated,
// acknowledged by SMS, recovered.
func (s *site) pagedToRecovered(t *testing.T) {
	s.register(t, "alice", "device-of-alice")
	s.alice.Register("device-of-alice")

	s.broken.Store(true)
	page := s.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 HostDown", "REPONDRE")
	push := s.alice.ExpectPush(t, "srv-db-01 HostDown")
	opened := s.onlyTicket(t)
	if push.Data["ticket"] != opened.Number || page.Code() == "" || push.Code() != page.Code() {
		t.Errorf("ticket %s was paged with the code %q and the push %v", opened.Number, page.Code(), push.Data)
	}
	s.escalates(t, opened)
	await(t, "the receipts of a page by SMS, which the provider signs", func() error {
		for _, p := range s.ticket(t, opened.Number).Pages {
			if p.Channel == "sms" && p.State == "delivered" && p.ProviderID != "" {
				return nil
			}
		}
		return errors.New("no page was delivered")
	})

	s.takes(t, page)
	s.dominique.ExpectSMS(t, "PRIS par Alice Martin")
	s.pagesNobody(t, opened.Number)
	s.recovers(t, opened.Number)
	s.alice.ExpectSMS(t, "TERMINE")
	s.dominique.ExpectSMS(t, "TERMINE")
}

// killedWhilePaging is a crash: whoever was being paged is still paged, for
// the same ticket.
func (s *site) killedWhilePaging(t *testing.T) {
	s.broken.Store(true)
	page := s.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 HostDown")
	s.daemon.kill()
	killed := time.Now()
	s.start(t)

	await(t, "the next page after the crash", func() error {
		for _, m := range s.alice.Messages() {
			if m.Accepted.After(killed) && m.Code() == page.Code() {
				return nil
			}
		}
		return fmt.Errorf("alice has %v", s.alice.Messages())
	})
	survivor := s.onlyTicket(t)
	if !survivor.OpenedAt.Before(killed) || survivor.Episode != 1 {
		t.Errorf("opened %s in episode %d, killed %s", survivor.OpenedAt, survivor.Episode, killed)
	}
	s.escalates(t, survivor)
	await(t, "the sender to repeat the alert", func() error {
		alerts := s.ticket(t, survivor.Number).Alerts
		if len(alerts.Sample) == 1 && alerts.Sample[0].LastAt.After(killed) {
			return nil
		}
		return fmt.Errorf("alerts %+v, killed %s", alerts, killed)
	})
	s.takes(t, page) // its code outlived the crash
	s.pagesNobody(t, survivor.Number)
	s.recovers(t, survivor.Number)
}

// refusesASecond: a second daemon on the same file says why it ends, and the
// first goes on.
func (s *site) refusesASecond(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	second := exec.CommandContext(ctx, s.program, serveArgs...)
	second.Dir, second.Env = s.dir, s.environ("127.0.0.1:0")
	said, err := second.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("it ended with %v, want exit status 1:\n%s", err, said)
	}
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	last := lines[len(lines)-1]
	for _, want := range []string{"astreinte: ", "astreinte.db", "held by process " + strconv.Itoa(s.daemon.cmd.Process.Pid) + " ", "stop it or use another file"} {
		if !strings.Contains(last, want) {
			t.Errorf("no %q in its last line:\n%s", want, said)
		}
	}
	if err := s.ready(); err != nil {
		t.Errorf("the first daemon: %v", err)
	}
}

// escalates checks that the manager is paged in time, not sooner, and that the
// technician is paged more than once before.
func (s *site) escalates(t *testing.T, opened shown) {
	t.Helper()
	page := s.dominique.ExpectSMS(t, "srv-db-01 HostDown", "REPONDRE")
	if after := page.Accepted.Sub(opened.OpenedAt); after < escalatesAfter-clockError {
		t.Errorf("dominique was paged %s after the opening, want %s", after, escalatesAfter)
	}
	if n := pages(s.alice.Messages()); n < 2 {
		t.Errorf("alice was paged %d times before dominique was: %v", n, s.alice.Messages())
	}
	if now := s.ticket(t, opened.Number); now.State != "open" || now.Step != 1 {
		t.Errorf("ticket %s is %s at step %d", now.Number, now.State, now.Step)
	}
}

// pages counts the messages by SMS that ask for an answer.
func pages(messages []phonetest.Message) int {
	n := 0
	for _, m := range messages {
		if m.Kind == phonetest.SMS && m.Code() != "" {
			n++
		}
	}
	return n
}

// takes answers a page with its code and OK.
func (s *site) takes(t *testing.T, page phonetest.Message) {
	t.Helper()
	if reply := page.Reply(t, page.Code()+" OK"); !strings.HasPrefix(reply, page.Code()+" PRIS ") {
		t.Errorf("%s OK was answered %q", page.Code(), reply)
	}
	if now := s.onlyTicket(t); now.State != "acknowledged" || now.AcknowledgedBy != "alice" || !now.NextPageAt.IsZero() {
		t.Errorf("ticket %s is %s by %q, next page %s", now.Number, now.State, now.AcknowledgedBy, now.NextPageAt)
	}
}

// pagesNobody waits until everything under way has come out. Then no message
// may go to anybody for the time of three rounds.
func (s *site) pagesNobody(t *testing.T, number string) {
	t.Helper()
	await(t, "the last pages to come out", func() error {
		for _, p := range s.ticket(t, number).Pages {
			if p.State == "queued" || p.State == "sending" {
				return fmt.Errorf("a page to %s by %s is %s", p.Person, p.Channel, p.State)
			}
		}
		return nil
	})
	before := len(s.world.Messages())
	holds(t, 3*repeatsEvery+time.Second, func() error {
		if now := s.world.Messages(); len(now) > before {
			return fmt.Errorf("after the acknowledgement came %v", now[before:])
		}
		return nil
	})
}

// recovers mends the server. Its sender must then resolve the ticket.
func (s *site) recovers(t *testing.T, number string) {
	t.Helper()
	s.broken.Store(false)
	await(t, "the recovery", func() error {
		if now := s.ticket(t, number); now.State != "resolved" || now.Alerts.Resolved != 1 {
			return fmt.Errorf("it is %s with the alerts %+v", now.State, now.Alerts)
		}
		return nil
	})
	s.onlyTicket(t)
}
