package back

import (
	"context"
	"errors"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// Checkmk acknowledges in a Checkmk, one host or service after the other.
type Checkmk struct{ API *upstream.Checkmk }

var _ Tool = Checkmk{}

// Take acknowledges what is not held yet (Tool). One that is acknowledged already gets
// another comment: its API does not say.
func (t Checkmk) Take(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error) {
	if len(alerts) > 0 && len(objectsOf(alerts)) == 0 {
		return held, errNoObject
	}
	before := len(held)
	for i := range alerts {
		o, ok := objectOf(&alerts[i])
		if !ok || slices.ContainsFunc(held, func(h Held) bool { return h.Host == o.Host && h.Service == o.Service }) {
			continue
		}
		took, err := t.API.Acknowledge(ctx, o, a.Text)
		switch {
		case err != nil:
			return held, slowly(ctx, err, len(held) > before)
		case took:
			held = append(held, Held{Alert: alerts[i].Fingerprint, Host: o.Host, Service: o.Service})
		}
	}
	return held, nil
}

// Leave takes back what is held (Tool). What recovered needs nothing.
func (t Checkmk) Leave(ctx context.Context, a *Act, _ []ticket.AlertRecord, held []Held) ([]Held, error) {
	if a.What == Recovered {
		return nil, nil
	}
	var never error
	before := len(held)
	for len(held) > 0 {
		err := t.API.Unacknowledge(ctx, upstream.Object{Host: held[0].Host, Service: held[0].Service})
		if err != nil && !upstream.IsNever(err) {
			return held, slowly(ctx, err, len(held) < before)
		}
		never = errors.Join(err, never)
		if held = held[1:]; err != nil {
			return nil, never // nor will it take the others back
		}
	}
	return nil, nil
}

// slowly is err, or that the try had no time left for all that was to be done. A tool that
// does nothing at all is not slow: it fails.
func slowly(ctx context.Context, err error, some bool) error {
	if some && ctx.Err() != nil {
		return errSlow
	}
	return err
}
