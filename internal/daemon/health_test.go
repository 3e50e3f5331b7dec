package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestTheConsoleIsTold everything that an operator would look for.
func TestTheConsoleIsTold(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.daemon.Load().Doubted([]string{"groups.on-call: nobody on Sundays"})
		w.at(time.Minute)
		well := vitals{w.daemon.Load()}.Health(t.Context())
		if len(well.Store)+len(well.Warnings) != 0 || len(well.Doubts) != 1 || well.Late != 0 || len(well.Providers) < 2 {
			t.Errorf("%+v", well)
		}
		for _, p := range well.Providers {
			if p.Failing {
				t.Errorf("%+v fails", p)
			}
		}
		w.call(http.MethodPost, "/ingest/prometheus", postToken, "no webhook")
		w.store.SetOffset(10 * time.Minute)
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 503})
		w.at(2 * time.Minute)
		w.alert("firing", "srv-db-01")
		w.at(10 * time.Minute)
		h := vitals{w.daemon.Load()}.Health(t.Context())
		var source console.Source
		for _, s := range h.Sources {
			if s.Name == "prometheus" {
				source = s
			}
		}
		if source.HeardAt.IsZero() || !source.RefusedAt.IsZero() || source.Type == "" {
			t.Errorf("the source: %+v", source)
		}
		failing := 0
		for _, p := range h.Providers {
			if p.Failing && p.Channel == "sms" {
				failing++
			}
		}
		if failing != 1 {
			t.Errorf("the providers: %+v", h.Providers)
		}
		if len(h.Warnings) != 1 || !strings.Contains(h.Warnings[0], "clock") {
			t.Errorf("%q", h.Warnings)
		}
		if _, page := w.call(http.MethodGet, "/now", apiToken, nil); strings.Contains(string(page), "srv-db-01") { // it leads to the page for signing in
			t.Errorf("an API token opens a page: %s", page)
		}
	})
}
