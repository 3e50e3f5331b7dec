package paging

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// part is those devices of a person that one provider carries.
type part struct {
	carrier
	devices []Device
	results []handed
}

// toDevices sends to all devices of a person at once, to each by the first
// provider that carries it. It is enough that one device takes the push.
// Devices that are gone are forgotten, and counted.
func (o *Outbox) toDevices(ctx context.Context, w *Way, c Claim, person contacts.Person, log *zap.Logger) (sent handed, forgotten int, err error) {
	devices, err := o.phones.Devices(ctx, person.Key)
	if err != nil {
		return handed{}, 0, fmt.Errorf("paging: devices of %s: %w", person.Key, err)
	}
	parts := o.carriers.parts(w.Name, devices)
	switch {
	case len(parts) > 0:
	case len(devices) > 0 && len(o.carriers.of(w.Name)) == 0: // a reload just took the channel away: the next try says so
		return handed{Result: resting()}, 0, nil
	default:
		return handed{Result: w.Nowhere}, 0, nil
	}
	facts, err := o.facts(ctx, c, person, firstOf(person.Phones))
	if err != nil {
		return handed{}, 0, err
	}
	language := Language(person, o.actions.Rules())
	var sending sync.WaitGroup
	for _, p := range parts {
		m := w.Text(language, facts, p.Provider)
		sending.Go(func() { o.sendPart(ctx, c, p, m, language) })
	}
	sending.Wait()
	var results []handed
	for _, p := range parts {
		results = append(results, p.results...)
		forgotten += o.forget(ctx, p, log)
	}
	return best(results), forgotten, nil
}

// parts sorts devices by the providers that carry them. It leaves out those
// that no provider carries.
func (cs *carriers) parts(channel string, devices []Device) (parts []*part) {
	of := map[string]*part{}
	for i := range devices {
		list := cs.carrying(channel, &devices[i])
		if len(list) == 0 {
			continue
		}
		k := list[0]
		if of[k.Name] == nil {
			of[k.Name] = &part{carrier: k}
			parts = append(parts, of[k.Name])
		}
		of[k.Name].devices = append(of[k.Name].devices, devices[i])
	}
	return parts
}

// carrying lists a channel's providers that can push to a device.
func (cs *carriers) carrying(channel string, d *Device) (list []carrier) {
	for _, k := range cs.of(channel) {
		if k.Carries == nil || k.Carries(d) {
			list = append(list, k)
		}
	}
	return list
}

// sendPart sends one message to each device of a part, unless its provider is
// not to be asked now.
func (o *Outbox) sendPart(ctx context.Context, c Claim, p *part, m Message, language string) {
	tell, ok := p.allow(c.Page.Urgency)
	if !ok {
		p.results = []handed{{Result: resting()}}
		return
	}
	m.Key, m.Source, m.Urgency, m.Language, m.Life = c.Page.PageKey, c.Page.Source, c.Page.Urgency, language, life(&c.Ticket)
	p.results = make([]handed, len(p.devices))
	var sent sync.WaitGroup
	for i := range p.devices {
		m := p.devices[i].addressed(m)
		sent.Go(func() {
			p.results[i] = handed{provider: p.Name, receipts: p.Receipts, Result: o.send(ctx, c, p.Channel, m)}
		})
	}
	sent.Wait()
	tell(best(p.results).Result)
}

// addressed is m for this device.
func (d *Device) addressed(m Message) Message {
	m.To, m.Platform, m.Device, m.Push = d.address(), d.Platform, d.ID, d.Push
	return m
}

// longestLife is how long a push may be kept if the policy repeats rarely.
const longestLife = 24 * time.Hour

// life is how long the provider should keep a push of a ticket. It is at least
// as long as any pace at which the page is repeated, so that a sleeping phone
// has one of them.
func life(t *ticket.Ticket) time.Duration {
	longest := PageLife
	for i := range t.Policy.Steps {
		for _, pace := range t.Policy.Steps[i].Repeat {
			longest = max(longest, pace.Every)
		}
	}
	return min(longest, longestLife)
}

// forget removes those devices of a part that are gone, and says how many.
func (o *Outbox) forget(ctx context.Context, p *part, log *zap.Logger) (forgotten int) {
	for i, r := range p.results {
		if r.Unregistered && i < len(p.devices) && o.drop(ctx, &p.devices[i], log) {
			forgotten++
		}
	}
	return forgotten
}

// drop removes a device that its provider says is gone. Its person is to be told
// of that, so it is written down before.
func (o *Outbox) drop(ctx context.Context, d *Device, log *zap.Logger) bool {
	log = log.With(zap.String("person", d.Person), zap.String("device", d.ID))
	o.gone(ctx, d)
	if err := o.phones.DropDevice(ctx, d.Person, d.ID); err != nil {
		log.Warn("a device that is gone could not be forgotten", zap.Error(err))
		return false
	}
	o.metrics.unregistered.Inc()
	log.Warn("a device is gone: the person has to register it anew")
	return true
}
