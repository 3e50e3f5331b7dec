package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/events"
)

// heard is what a daemon's screens were told and have not taken yet.
func heard(r *events.Reader) string {
	var all []byte
	for {
		part := r.Take(nil)
		if len(part) == 0 {
			return string(all)
		}
		all = append(all, part...)
	}
}

func (w *town) screen() *events.Reader {
	w.t.Helper()
	r, err := w.daemon.Load().events.Subscribe("alice", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// TestAReceiptIsHeard: that a phone has shown a push is told to every screen within a
// second, though its ticket is not written.
func TestAReceiptIsHeard(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.subscribe(w.alice, "Pixel")
		screen := w.screen()
		number := w.alert("firing", "srv-db-01")
		told, arrived := "", time.Duration(0)
		for at := time.Second; at < 5*time.Second; at += 100 * time.Millisecond {
			w.at(at)
			told = heard(screen)
			if arrived == 0 && w.pushOf(number).State == ticket.PageDelivered {
				arrived = at
			}
			if arrived > 0 && strings.Contains(told, `"number":"`+number+`","state":"open"`) {
				if at-arrived > time.Second {
					t.Errorf("told %s after it arrived", at-arrived)
				}
				return
			}
		}
		t.Errorf("arrived after %s, and nobody was told: %s", arrived, told)
	}, toBrowsers)
}

// TestAMergeIsHeard: when what was paged from the spool is in the store, every screen
// is told to read anew.
func TestAMergeIsHeard(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(40 * time.Second)
		screen := w.screen()
		w.at(41 * time.Second)
		heard(screen)
		w.storeComesBack()
		for at := 41 * time.Second; at < time.Minute; at += 250 * time.Millisecond {
			w.at(at)
			if w.spooled("records") == 0 {
				w.at(at + time.Second)
				break
			}
		}
		w.onlyOne("open")
		if told := heard(screen); !strings.Contains(told, "event: "+events.Resync) {
			t.Errorf("told: %s", told)
		}
	})
}
