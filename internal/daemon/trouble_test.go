package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

func TestASourceThatIsRefusedHasATicketAndWakesNobody(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for _, at := range []time.Duration{0, 3 * time.Minute, 5 * time.Minute, 8 * time.Minute} {
			w.at(at)
			if code, _ := w.call(http.MethodPost, "/ingest/prometheus", postToken, "no webhook"); code != http.StatusBadRequest {
				t.Fatalf("status %d", code)
			}
		}
		w.at(time.Hour)
		_, list := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil)
		if n := strings.Count(string(list), `"number"`); n != 1 || !strings.Contains(string(list), "la source prometheus est refusée") {
			t.Errorf("%d tickets: %s", n, list)
		}
		for _, p := range []*phonetest.Phone{w.alice, w.bruno, w.dominique} {
			w.expectCount(p, 0)
		}
	})
}

func TestAClockThatIsOffIsToldAndNotTrusted(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.store.SetOffset(10 * time.Minute) // the store's clock is right, the machine's is late
		w.at(time.Minute)
		_, ready := w.call(http.MethodGet, "/readyz", "", nil)
		_, metrics := w.call(http.MethodGet, "/metrics", "", nil)
		if !strings.Contains(string(ready), "clock is 10m0s from the store's") || !strings.Contains(string(metrics), "astreinte_clock_offset_seconds 600") {
			t.Errorf("readyz says %s", ready)
		}
		w.alert("firing", "srv-db-01")
		w.at(time.Minute + 2*time.Second)
		w.alice.ExpectSMS(t, "03:23") // 03:13 on the machine
	})
}

func TestADeviceThatIsGoneIsOnTheTimeline(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "gone", "platform": "ios"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		if s := w.ticket(number); !strings.Contains(timelineOf(s), "devices that are gone: 1") {
			t.Errorf("timeline:\n%s", timelineOf(s))
		}
		_, metrics := w.call(http.MethodGet, "/metrics", "", nil)
		if !strings.Contains(string(metrics), "astreinte_devices_unregistered_total 1") {
			t.Error("it was not counted")
		}
	})
}
