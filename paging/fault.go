package paging

import (
	"context"
	"fmt"
	"runtime/debug"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// faultCode is the code of a message if the program itself, or a provider's
// library in it, failed while sending.
const faultCode = "fault"

// A fault of the program in one page must not end the daemon. It would end the
// next daemon too, which claims the same page, and nobody would be paged any
// more. The fault is logged whole and counted, and the page is tried again
// later.

// asked has a provider send a message. After a fault it is unknown what became
// of it.
func (o *Outbox) asked(ctx context.Context, channel Channel, m Message) (r Result) {
	defer func() {
		if what := recover(); what != nil {
			o.fault("a provider's library was at fault: the page is tried again", what, m.Key.String())
			r = Result{Class: OutcomeUnknown, Code: faultCode, Detail: fmt.Sprint(what)}
		}
	}()
	return channel.Send(ctx, m)
}

// attempted is attempt. It turns a fault into an error.
func (o *Outbox) attempted(ctx context.Context, c Claim, log *zap.Logger) (out Outcome, follow escalation.Event, err error) {
	defer func() {
		if what := recover(); what != nil {
			o.fault("the program was at fault: the page is tried again", what, c.Page.String())
			out = Outcome{
				State: ticket.PageQueued, Unclear: true, RetryAt: o.clock.Now().Add(backoff(c.Page.Attempts)), Address: c.Page.Address, Error: faultCode,
			}
			follow, err = nil, nil
		}
	}()
	return o.attempt(ctx, c, log)
}

// bundleAttempted is sendBundle. It turns a fault into an error.
func (o *Outbox) bundleAttempted(ctx context.Context, claims []Claim) (outs []Outcome, err error) {
	defer func() {
		if what := recover(); what != nil {
			o.fault("the program was at fault: an SMS for several tickets is tried again", what, claims[0].Page.String())
			outs, err = nil, fmt.Errorf("paging: a fault: %v", what)
		}
	}()
	return o.sendBundle(ctx, claims)
}

func (o *Outbox) fault(said string, what any, page string) {
	o.metrics.faults.Inc()
	o.log.Error(said, zap.String("page", page), zap.String("fault", ticket.Logged(fmt.Sprint(what))), zap.ByteString("stack", debug.Stack()))
}
