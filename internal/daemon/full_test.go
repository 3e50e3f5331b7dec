package daemon

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// roomless is a store whose disk is full: it takes no new record but those that are
// needed to answer.
type roomless struct{ keptOpen }

func (s roomless) Records() records.Store { return noRoom{s.keptOpen.Records()} }

type noRoom struct{ records.Store }

func (s noRoom) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	for i := range writes {
		if writes[i].Grows() {
			return nil, errors.New("the disk is full")
		}
	}
	return s.Store.Write(ctx, home, writes...) //nolint:wrapcheck // a test's
}

// TestAnAnswerNeedsNoRoom: a bare OK takes the ticket, and a link's button does, though
// the store has no room to note that the person can be reached.
func TestAnAnswerNeedsNoRoom(t *testing.T) {
	inTownWith(t, "", func(w *town) { w.full = true }, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.hears("+33612345601", "SM00000000000000000000000000000043", "OK")
		w.expectState(first, "acknowledged")
		second := w.alert("firing", "srv-db-02")
		w.at(3 * time.Minute)
		got := w.alice.Messages()
		if code := w.button(got[len(got)-1].Link(), "acknowledge"); code != http.StatusOK {
			t.Errorf("the button is answered %d", code)
		}
		w.expectState(second, "acknowledged")
	})
}
