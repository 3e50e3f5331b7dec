package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The codes of answers to mails (RFC 5321, 4.2.3).
const (
	mailTaken    = 250
	mailLater    = 451 // its sender keeps it and tries again
	mailTooLarge = 552
	mailRefused  = 554 // nobody will ever take it
)

// Delivered is what became of a mail.
type Delivered struct {
	Code   int    // of the answer: 250, 451 or 554
	Reason string // why it was not taken
	Taken  Taken
	Ours   bool // it is a mail of our own, or an answer to one: it opens nothing
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
		d := Delivered{Code: mailRefused, Reason: "the source is not heard from this address"}
		h.count(source, d.Code, d.Reason, false)
		h.rememberMail(source, &Request{From: from, Status: d.Code, Code: "forbidden", Reason: d.Reason, Length: len(mail)}, false)
		return d
	}
	d, code := h.deliver(ctx, &s, mail)
	h.count(source, d.Code, d.Reason, d.Code != mailLater)
	h.rememberMail(source, &Request{
		From: from, Status: d.Code, Code: code, Reason: d.Reason, Accepted: d.Taken.Accepted, Tickets: d.Taken.Tickets,
		Length: len(mail), Body: bytes.Clone(mail[:min(len(mail), ticket.MaxSaidBody)]),
	}, true)
	return d
}

// deliver reads a mail and takes its alerts. code is why it was not taken, as a request
// is told.
func (h *Handler) deliver(ctx context.Context, s *Source, mail []byte) (d Delivered, code string) {
	t := &taking{taker: h.taker, source: s.Name}
	p, err := parseMail(ctx, mail, s, h.now(), nil)
	if err == nil {
		h.cut.Add(float64(p.cut))
		err = t.ingest(ctx, p.Batch)
	}
	var left *notTaken
	switch {
	case err == nil:
		return Delivered{Code: mailTaken, Taken: t.taken, Ours: p.ours}, ""
	case errors.As(err, &left):
		h.log.Error("alerts of a mail could not be made durable: the mail server is asked to send it again", zap.String("source", s.Name), zap.Error(err))
		return Delivered{Code: mailLater, Reason: notDurable(err)}, "not_durable"
	case errors.Is(err, jq.ErrLate), ctx.Err() != nil:
		return Delivered{Code: mailLater, Reason: "there was no time to read the mail: send it again"}, "busy"
	}
	return Delivered{Code: mailRefused, Reason: err.Error()}, "bad_body"
}

// NoMail counts a mail of a source, brought by from, that was not taken before anybody
// could read
// it.
func (h *Handler) NoMail(source, from string, code int, reason string) {
	why := "bad_body"
	switch code {
	case mailLater:
		why = "busy"
		h.busy.Inc()
	case mailTooLarge:
		why = "too_large"
	}
	reason = fmt.Sprintf("a mail: %s", ticket.Logged(reason))
	h.count(source, code, reason, code >= 500)
	h.rememberMail(source, &Request{From: from, Status: code, Code: why, Reason: reason}, true)
}
