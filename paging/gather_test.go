package paging

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ready is a store with pages to claim; some of them are critical.
type ready struct {
	Store
	critical int
	asked    []int
}

func (r *ready) Claim(_ context.Context, c ClaimRequest) ([]Claim, time.Time, error) {
	r.asked = append(r.asked, c.Limit)
	if c.AtLeast != ticket.Critical {
		return make([]Claim, c.Limit), time.Time{}, nil
	}
	return make([]Claim, min(r.critical, c.Limit)), time.Time{}, nil
}

// No more pages are claimed than there are senders for. Critical pages have
// taken some.
func TestNoMoreIsClaimedThanThereAreSendersFor(t *testing.T) {
	for _, row := range []struct {
		critical, normal, urgent int
		sated                    []string
		asked                    []int
	}{
		{0, 10, 18, nil, []int{10}},
		{3, 10, 18, []string{"a"}, []int{18, 7}},
		{10, 10, 18, []string{"a"}, []int{18}},
		{18, 10, 18, []string{"a"}, []int{18}},
		{2, 0, 8, nil, []int{8}},
	} {
		store := &ready{critical: row.critical}
		o := &Outbox{store: store}
		if _, _, err := o.gatherFor(t.Context(), time.Time{}, room{normal: row.normal, urgent: row.urgent, sated: row.sated}); err != nil {
			t.Error(err)
		}
		if !slices.Equal(store.asked, row.asked) {
			t.Errorf("%+v: asked for %d", row, store.asked)
		}
	}
}
