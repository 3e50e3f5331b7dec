package daemon

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/standby"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatIsOverFarBackInTheSpoolWakesNobody keeps more requests than are read
// at once. An alert begins in the first and is over in the last. Nobody is
// paged from the spool before all of it was read.
func TestWhatIsOverFarBackInTheSpoolWakesNobody(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		spool := w.daemon.Load().spool
		var kept sync.WaitGroup
		for i := range 2*standby.ReadTogether + 1 {
			kept.Go(func() {
				_, err := spool.Take(t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
					Source: "prometheus", Fingerprint: fmt.Sprintf("other-%d", i), Status: ticket.Resolved,
					Labels: map[string]string{"alertname": "Other", "customer": "acme"}, StartsAt: w.start,
				}}})
				if err != nil {
					t.Error(err)
				}
			})
		}
		kept.Wait()
		w.alert("resolved", "srv-db-01")
		w.at(29 * time.Second)
		w.alert("firing", "srv-web-01", "alertname", "DiskFull") // and this goes on
		w.at(45 * time.Second)
		if w.spooled("paging") != 1 {
			t.Error("nothing is paged from the spool")
		}
		w.alice.ExpectSMS(t, "srv-web-01 DiskFull")
		w.expectCount(w.alice, 1)
	})
}
