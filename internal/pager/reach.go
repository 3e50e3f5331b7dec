package pager

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

// devicesEvery is how soon this daemon knows of a device that another daemon
// registered. The outbox reads the devices itself when it sends.
const devicesEvery = 5 * time.Second

// reach knows who can be paged by which channel. It is also a Directory, so
// that a device that is registered here counts at once.
type reach struct {
	paging.Phonebook
	rules   func() *escalation.Rules
	ways    []paging.Way
	by      func() paging.Ways                         // the ways in force: who carries what
	devices atomic.Pointer[map[string][]paging.Device] // by person; nil: not known yet
	list    atomic.Pointer[[]paging.Device]            // all devices; nil: not known yet
	log     *zap.Logger
}

// can says whether a channel can reach a person. A device counts if a
// configured provider carries it. If the devices are not known yet, can says
// yes: the outbox finds out, and nobody is passed over by mistake.
func (r *reach) can(p contacts.Person, channel string) bool {
	w := paging.FindWay(r.ways, channel)
	return w != nil && slices.Contains(r.rules().Channels, channel) && w.Reaches(p, func(person string) bool {
		devices := r.devices.Load()
		return devices == nil || slices.ContainsFunc((*devices)[person], func(d paging.Device) bool {
			return slices.ContainsFunc(r.by().Channels[channel], func(by paging.Provider) bool { return by.Carries == nil || by.Carries(&d) })
		})
	})
}

func (r *reach) refresh(ctx context.Context) {
	all, err := r.Devices(ctx, "")
	if err != nil {
		if ctx.Err() == nil {
			r.log.Warn("the registered devices could not be read", zap.Error(err))
		}
		return
	}
	people := make(map[string][]paging.Device, len(all))
	for _, d := range all {
		people[d.Person] = append(people[d.Person], d)
	}
	r.devices.Store(&people)
	r.list.Store(&all)
}

// run learns of devices that other daemons register.
func (r *reach) run(ctx context.Context) {
	tick := time.NewTicker(devicesEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.refresh(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// PutDevice files a device (paging.Phonebook).
func (r *reach) PutDevice(ctx context.Context, d paging.Device) (paging.Device, error) {
	d, err := r.Phonebook.PutDevice(ctx, d)
	if err == nil {
		r.refresh(ctx)
	}
	return d, err
}

// DropDevice removes a device (paging.Phonebook).
func (r *reach) DropDevice(ctx context.Context, person, id string) error {
	err := r.Phonebook.DropDevice(ctx, person, id)
	if err == nil {
		r.refresh(ctx)
	}
	return err
}
