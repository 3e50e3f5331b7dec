package phonetest

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// TB is the part of a *testing.T, *testing.B or *rapid.T that the assertions
// need.
type TB interface {
	// Helper marks the caller as a helper, so that failures name the test's line.
	Helper()
	// Fatalf fails the test and ends it.
	Fatalf(format string, args ...any)
	// Context ends just before the test's cleanup.
	Context() context.Context
}

// ExpectSMS returns the oldest SMS on the phone whose text has all these words
// and that no Expect or Reply has returned yet. It waits for it, at most
// Options.Patience. Then it fails and says what did arrive.
func (p *Phone) ExpectSMS(tb TB, words ...string) Message {
	tb.Helper()
	return p.expect(tb, SMS, words)
}

// ExpectPush is ExpectSMS for pushes; the words may be in the title.
func (p *Phone) ExpectPush(tb TB, words ...string) Message {
	tb.Helper()
	return p.expect(tb, Push, words)
}

// ExpectNothing fails if the phone has a message that no Expect or Reply has
// returned. Given a time, only messages that arrived then or later count. It
// does not wait: the test lets time pass.
func (p *Phone) ExpectNothing(tb TB, since ...time.Time) {
	tb.Helper()
	w := p.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rec := range p.inbox {
		if rec.read || (len(since) > 0 && rec.At.Before(since[0])) {
			continue
		}
		tb.Fatalf("%s expected nothing, but got %s", p.name, rec.Message)
		return
	}
}

func (p *Phone) expect(tb TB, kind Kind, words []string) Message {
	tb.Helper()
	changes, cancel := p.world.Subscribe()
	defer cancel()
	patience := time.NewTimer(p.world.opt.Patience)
	defer patience.Stop()
	for {
		if m, ok := p.pick(kind, words); ok {
			return m
		}
		select {
		case <-changes:
		case <-patience.C:
			tb.Fatalf("%s waited %s for %s %q and got:\n%s",
				p.name, p.world.opt.Patience, kind, words, p.account())
			return Message{}
		case <-tb.Context().Done():
			tb.Fatalf("%s waited for %s %q until the test ended and got:\n%s",
				p.name, kind, words, p.account())
			return Message{}
		}
	}
}

// pick returns the first unread message that fits, and marks it read.
func (p *Phone) pick(kind Kind, words []string) (Message, bool) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	for _, rec := range p.inbox {
		if !rec.read && rec.Kind == kind && hasAll(rec.Title+"\n"+rec.Body, words) {
			rec.read = true
			return rec.Message, true
		}
	}
	return Message{}, false
}

func hasAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// account tells what happened to the phone, for a failed expectation: its
// messages, what did not arrive, and the latest calls that were refused.
func (p *Phone) account() string {
	w := p.world
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	for _, rec := range p.inbox {
		note := ""
		if rec.read {
			note = " (already expected)"
		}
		fmt.Fprintf(&b, "  %s%s\n", rec.Message, note)
	}
	if len(p.inbox) == 0 {
		b.WriteString("  nothing\n")
	}
	for _, rec := range w.records {
		if rec.phone == p && rec.At.IsZero() {
			fmt.Fprintf(&b, "  accepted: %s\n", rec.Message)
		}
	}
	for _, a := range lastOf(w.attempts, 10) {
		if a.Status != 201 && a.Status != 200 {
			fmt.Fprintf(&b, "  refused: %s\n", a)
		}
	}
	return b.String()
}

func lastOf[T any](list []T, n int) []T {
	return list[max(0, len(list)-n):]
}
