package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// TestAFieldIsNamedByItsFlag: who gives --until does not know of a field "to".
func TestAFieldIsNamedByItsFlag(t *testing.T) {
	for said, want := range map[string]string{
		"to: it is over before it begins": "--until: it is over before it begins", "their_from: it is needed": "--their-from: it is needed",
		"person: nobody of that name": "person: nobody of that name", "no such group": "no such group",
	} {
		if got := byFlag(&client.Error{Status: 400, Message: said}); got.Error() != want {
			t.Errorf("%q is said as %q", said, got)
		}
	}
	if other := errors.New("to: x"); !errors.Is(byFlag(other), other) || byFlag(nil) != nil {
		t.Error("what the API did not say is changed")
	}
}

// TestAResolveSaysWhatStillFires, since it will open the ticket again.
func TestAResolveSaysWhatStillFires(t *testing.T) {
	var out bytes.Buffer
	one := client.Ticket{}
	if sayFiring(&out, &one); out.Len() > 0 {
		t.Errorf("nothing fires: %s", &out)
	}
	one.Alerts.Firing = 3
	one.Alerts.Sample = append(one.Alerts.Sample, client.Alert{Status: "firing", Title: "srv-db-01 HostDown"}, client.Alert{Status: "resolved", Title: "over"})
	if sayFiring(&out, &one); !strings.Contains(out.String(), "srv-db-01 HostDown") || !strings.Contains(out.String(), "and 2 more") || strings.Contains(out.String(), "over\n") {
		t.Errorf("%s", &out)
	}
}

// TestSinceWhenDutyIsCounted is said where the report begins before that.
func TestSinceWhenDutyIsCounted(t *testing.T) {
	for since, want := range map[time.Time]bool{
		{}: false, time.Date(2026, 11, 9, 8, 0, 0, 0, time.Local): true, time.Date(2026, 10, 9, 8, 0, 0, 0, time.Local): false,
	} {
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		if err := sayCounted(cmd, &client.DutyReport{From: "2026-11-01", Since: since}); err != nil || strings.Contains(out.String(), "counted since Mon 2026-11-09 08:00") != want {
			t.Errorf("%s: %q, %v", since, &out, err)
		}
	}
}

// TestSimulateByLabels: an alert is described by its labels where a payload of its tool
// has none.
func TestSimulateByLabels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk.yml")
	text := `server: {public_url: "https://a.example.net"}
time_zone: Europe/Paris
sources: {s: {type: nagios, token: a-long-word-for-a-tool, labels: {site: Givrand}}}
sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612340009"}}
customers: {acme: {}}
people: {alice: {phones: ["+33612340001"]}}
groups: {on-call: {people: [alice]}}
policies: {page: {steps: [{page: on-call}]}}
route: {receiver: page}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	simulated := func(args ...string) (string, int) {
		root := newRoot()
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&out)
		code := run(t.Context(), root, append([]string{"simulate", "--config", path, "--source", "s", "--at", "2026-11-21T03:00"}, args...))
		return out.String(), code
	}
	if out, code := simulated("--label", "customer=acme", "--label", "host=srv-db01", "--label", "urgency=critical"); code != exitDone || !strings.Contains(out, "critical acme/Givrand") || !strings.Contains(out, "alice") {
		t.Errorf("%d %s", code, out)
	}
	for _, args := range [][]string{{}, {"--label", "customer=acme", "-"}, {"--label", "acme"}} {
		if out, code := simulated(args...); code != exitUsage {
			t.Errorf("%v: %d %s", args, code, out)
		}
	}
}
