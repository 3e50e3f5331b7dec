//go:build long

package upstream_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// TestIcingaChecksForReal has a real Icinga 2 check a service that is down, and one that
// is well by then.
func TestIcingaChecksForReal(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	keep := func(text string) {
		t.Helper()
		if err := os.WriteFile(state, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keep("2")
	o := upstreamtest.RealIcinga(t, []string{"actions/reschedule-check", "objects/query/Host", "objects/query/Service"}, `
object CheckCommand "file" { command = [ "/bin/sh", "-c", "echo \"1 % free\"; exit $$(cat `+state+`)" ] }
object Host "srv-db-01" { check_command = "file", enable_active_checks = false }
object Service "Disk /var" { host_name = "srv-db-01", check_command = "file", check_interval = 1h, retry_interval = 1h }
`)
	check := upstream.IcingaCheck{API: upstream.NewIcinga(o)}
	alert := &ticket.Alert{Labels: map[string]string{"instance": "srv-db-01", "service": "Disk /var"}}
	ask := func() ticket.Finding {
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
		defer cancel()
		return check.Ask(ctx, alert)
	}
	if f := ask(); f.State != ticket.FoundDown || f.Text != "1 % free" || f.At.IsZero() {
		t.Errorf("%+v", f)
	}
	keep("0")
	began := time.Now()
	f := ask()
	if f.State != ticket.FoundBack || f.Since.IsZero() {
		t.Errorf("%+v", f)
	}
	t.Logf("%+v after %s", f, time.Since(began))
	other := &ticket.Alert{Labels: map[string]string{"instance": "srv-db-01", "service": "none"}}
	if f := check.Ask(t.Context(), other); f.Reason != ticket.ReasonToolUnknown {
		t.Errorf("%+v", f)
	}
	o.Password = "wrong"
	check.API = upstream.NewIcinga(o)
	if f := ask(); f.Reason != ticket.ReasonToolRefuses {
		t.Errorf("%+v", f)
	}
}
