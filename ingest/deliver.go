package ingest

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The codes of answers to mails (RFC 5321, 4.2.3).
const (
	mailTaken   = 250
	mailLater   = 451 // its sender keeps it and tries again
	mailRefused = 554 // nobody will ever take it
)

// Delivered is what became of a mail.
type Delivered struct {
	Code   int    // of the answer: 250, 451 or 554
	Reason string // why it was not taken
	Taken  Taken
}

// MailRoom is the memory that one mail takes of that for bodies in flight.
type MailRoom struct{ lease lease }

// MailRoom begins to take memory for a mail of a source.
func (h *Handler) MailRoom(source string) *MailRoom {
	return &MailRoom{lease{of: h.budget, source: source}}
}

// Grow takes memory for so many bytes in all. It is false if there is none now.
func (m *MailRoom) Grow(n int64) bool { return m.lease.grow(n) }

// End gives everything back.
func (m *MailRoom) End() { m.lease.end() }

// TakesMail reports whether there is a source of that name that sends mails.
func (h *Handler) TakesMail(source string) bool {
	s, ok := (*h.sources.Load())[source]
	return ok && h.tools.Mailed(s.Type)
}

// Deliver takes a mail for a source. from is the address of the mail server
// that brings it. As with a request, the answer is 250 only once the alerts
// are durable.
func (h *Handler) Deliver(ctx context.Context, source, from string, mail []byte) Delivered {
	s, ok := (*h.sources.Load())[source]
	if !ok || !h.tools.Mailed(s.Type) {
		return Delivered{Code: mailLater, Reason: "the source is configured no more"}
	}
	if !s.admits(from) {
		reason := "the source is not heard from this address"
		h.count(source, mailRefused, reason, false)
		return Delivered{Code: mailRefused, Reason: reason}
	}
	t := &taking{taker: h.taker, source: s.Name}
	p, err := parseMail(ctx, mail, &s, h.now(), nil)
	if err == nil {
		h.cut.Add(float64(p.cut))
		err = t.ingest(ctx, p.Batch)
	}
	if err == nil {
		h.count(source, mailTaken, "", true)
		return Delivered{Code: mailTaken, Taken: t.taken}
	}
	d := Delivered{Code: mailRefused, Reason: err.Error()}
	var left *notTaken
	switch {
	case errors.As(err, &left):
		d = Delivered{Code: mailLater, Reason: notDurable(err)}
		h.log.Error("alerts of a mail could not be made durable: the mail server is asked to send it again", zap.String("source", source), zap.Error(err))
	case errors.Is(err, jq.ErrLate), ctx.Err() != nil:
		d = Delivered{Code: mailLater, Reason: "there was no time to read the mail: send it again"}
	}
	h.count(source, d.Code, d.Reason, d.Code == mailRefused)
	return d
}

// NoMail counts a mail of a source that was not taken before anybody could read
// it.
func (h *Handler) NoMail(source string, code int, reason string) {
	if code == mailLater {
		h.busy.Inc()
	}
	h.count(source, code, fmt.Sprintf("a mail: %s", ticket.Logged(reason)), code >= 500)
}
