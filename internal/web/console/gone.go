package console

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging"
)

// goneLine is a device that its push service no longer knows.
type goneLine struct{ ID, Platform, Name, Said string }

// missed are the devices that are gone and that their people have to be told of.
func (c *Console) missed(ctx context.Context, devices []paging.Device, now time.Time) ([]paging.GoneDevice, error) {
	if c.gone == nil {
		return nil, nil
	}
	return c.gone.Missed(ctx, devices, now) //nolint:wrapcheck // it names itself
}

// goneLines are those of a person. devices are all of the person's.
func (c *Console) goneLines(ctx context.Context, who *reader, person string, devices []paging.Device) (lines []goneLine, err error) {
	missed, err := c.missed(ctx, devices, who.now)
	for _, g := range paging.GoneOf(missed, person) {
		lines = append(lines, goneLine{
			ID: g.ID, Platform: cmp.Or(who.words.Console.Platforms[g.Platform], g.Platform), Name: g.Name,
			Said: lang.Fill(who.words.App.DeviceGone, "at", who.viewer().At(g.At)),
		})
	}
	return lines, err
}

// goneSaid says how many devices of a person are gone; empty: none.
func (r *reader) goneSaid(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return r.words.App.GoneOne
	}
	return lang.Fill(r.words.App.GoneMany, "n", strconv.Itoa(n))
}

// dropDevice removes a person's device, or has nobody told any more that one is
// gone.
func (c *Console) dropDevice(ctx context.Context, person, id string) error {
	err := c.people.DropDevice(ctx, person, id)
	if errors.Is(err, escalation.ErrNotFound) && c.gone != nil {
		err = c.gone.Hide(ctx, person, id)
	}
	if errors.Is(err, escalation.ErrNotFound) {
		return nil // somebody else has done it
	}
	return err //nolint:wrapcheck // it names itself
}
