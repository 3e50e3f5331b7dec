package phone

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// proof is what is known of a phone beside its device: who added it by which session,
// and when its person last confirmed that a push came. It is a record under the
// device's id. Whether the device is proven its own record says (paging.Device.Proven).
type proof struct {
	Person    string    `json:"person"`
	Session   string    `json:"session,omitempty"`
	Added     time.Time `json:"added"`
	Confirmed time.Time `json:"confirmed,omitzero"`
}

const kindProof = "phone"

// deviceOf finds a device of a person; escalation.ErrNotFound if it is none.
func (a *App) deviceOf(ctx context.Context, person, id string) error {
	devices, err := a.People.Devices(ctx, person)
	if err != nil {
		return fmt.Errorf("phone: devices of %s: %w", person, err)
	}
	for i := range devices {
		if devices[i].ID == id && person != "" {
			return nil
		}
	}
	return fmt.Errorf("phone: no such device of %q: %w", person, escalation.ErrNotFound)
}

// change changes what is known of a phone.
func (a *App) change(ctx context.Context, id string, do func(p *proof)) error {
	for try := 0; ; try++ {
		was, err := paging.Readable(a.proofs.Get(ctx, id))
		if err == nil {
			do(&was.Of)
			var write records.Write
			if write, err = a.proofs.Put(id, was.Revision, was.Of); err == nil {
				_, err = a.Records.Write(ctx, records.House, write)
			}
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, records.ErrConflict) || try == 10:
			return fmt.Errorf("phone: note what is known of device %s: %w", id, err)
		}
	}
}

// known lists what is known, by the device's id.
func (a *App) known(ctx context.Context) (map[string]proof, error) {
	items, err := a.proofs.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("phone: what is known of phones: %w", err)
	}
	all := map[string]proof{}
	for i := range items {
		all[items[i].Key] = items[i].Of
	}
	return all, nil
}

// forget removes what is known of a phone.
func (a *App) forget(ctx context.Context, id string) error {
	_, err := a.Records.Write(ctx, records.House, a.proofs.Remove(id, records.Any))
	if err != nil && !errors.Is(err, records.ErrNotFound) {
		return fmt.Errorf("phone: forget device %s: %w", id, err)
	}
	return nil
}
