//go:build long

package back

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// TestIcingaHearsForReal: a real Icinga 2 has the acknowledgements while somebody has the
// ticket. Another's stays.
func TestIcingaHearsForReal(t *testing.T) {
	o := upstreamtest.RealIcinga(t, []string{
		"actions/acknowledge-problem", "actions/remove-acknowledgement", "actions/add-comment", "actions/process-check-result",
		"objects/query/Host", "objects/query/Service", "objects/query/Comment",
	}, `
object CheckCommand "none" { command = [ "/bin/true" ] }
template Host "passive" { check_command = "none", enable_active_checks = false, max_check_attempts = 1 }
template Service "passive" { check_command = "none", enable_active_checks = false, max_check_attempts = 1 }
object Host "srv" { import "passive" }
object Service "Disk /var" { import "passive", host_name = "srv" }
object Service "Load" { import "passive", host_name = "srv" }
object Service "Well" { import "passive", host_name = "srv" }
`)
	api := upstream.NewIcinga(o)
	d := newDesk(t, KindIcinga, func(upstream.Options, func() time.Time) Tool { return Icinga{api} }, http.NotFoundHandler(), "")
	host, disk, load, well := upstream.Object{Host: "srv"}, upstream.Object{Host: "srv", Service: "Disk /var"}, upstream.Object{Host: "srv", Service: "Load"}, upstream.Object{Host: "srv", Service: "Well"}
	d.alert("a", "instance", "srv")
	for _, service := range []string{"Disk /var", "Load", "Well", "gone"} {
		d.alert(service, "instance", "srv", "service", service)
	}
	if did, err := api.Act(t.Context(), "process-check-result", []upstream.Object{host, disk, load}, map[string]any{"exit_status": 1, "plugin_output": "down"}); err != nil || len(did) != 3 {
		t.Fatalf("%+v %v", did, err)
	}
	if did, err := api.Act(t.Context(), "process-check-result", []upstream.Object{well}, map[string]any{"exit_status": 0, "plugin_output": "up"}); err != nil || len(did) != 1 {
		t.Fatalf("%+v %v", did, err)
	}
	if n, err := api.Acknowledge(t.Context(), []upstream.Object{load}, "bob", "mine"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	acknowledged := func() (names []string) {
		t.Helper()
		err := api.Objects(t.Context(), []upstream.Object{host, disk, load, well}, []string{"acknowledgement"}, func(name string, text json.RawMessage) error {
			var has struct{ Acknowledgement float64 }
			if err := json.Unmarshal(text, &has); err != nil {
				return err
			}
			if has.Acknowledgement != 0 {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		return names
	}
	comments := func() (ours int) {
		t.Helper()
		list, err := api.Comments(t.Context(), ticket.AnyMark(number))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	all, others := []string{"srv", "srv!Disk /var", "srv!Load"}, []string{"srv!Load"}
	for _, again := range []bool{false, true} {
		if r := d.tell(ticket.Acknowledged, again); r.Error != "" {
			t.Fatalf("%+v", r)
		}
		if got := acknowledged(); !slices.Equal(got, all) || comments() != 2 {
			t.Fatalf("%v are acknowledged, %d comments", got, comments())
		}
	}
	d.takes(ticket.Open)
	d.takes(ticket.Open, true)
	if got := acknowledged(); !slices.Equal(got, others) || comments() != 4 {
		t.Errorf("given up: %v are acknowledged, %d comments", got, comments())
	}
	said := comments()
	d.takes(ticket.InProgress)
	if got := acknowledged(); !slices.Equal(got, all) {
		t.Errorf("taken again: %v are acknowledged", got)
	}
	d.takes(ticket.StateResolved)
	if got := acknowledged(); !slices.Equal(got, others) || comments() <= said {
		t.Errorf("over: %v are acknowledged, %d comments", got, comments())
	}
}

// TestAlertmanagerHearsForReal: in a real Alertmanager an acknowledgement makes one
// silence, which a look extends, and which the end of the ticket ends.
func TestAlertmanagerHearsForReal(t *testing.T) {
	o := upstreamtest.RealAlertmanager(t)
	api := upstream.NewAlertmanager(o)
	later := time.Duration(0)
	tool := Alertmanager{api, func() time.Time { return time.Now().Add(later) }} // that of the Alertmanager
	d := newDesk(t, KindAlertmanager, func(upstream.Options, func() time.Time) Tool { return tool }, http.NotFoundHandler(), "")
	posted, err := json.Marshal([]any{
		map[string]any{"labels": map[string]string{"alertname": "Down", "instance": "a"}},
		map[string]any{"labels": map[string]string{"alertname": "Down", "instance": "a", "device": "sda"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(o.URL+"/api/v2/alerts", "application/json", bytes.NewReader(posted))
	if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	states := func() map[string]string { // of alerts, by device
		t.Helper()
		resp, err := http.Get(o.URL + "/api/v2/alerts")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var list []struct {
			Labels map[string]string
			Status struct{ State string }
		}
		if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
			t.Fatal(err)
		}
		states := map[string]string{}
		for _, a := range list {
			states[a.Labels["device"]] = a.Status.State
		}
		return states
	}
	silences := func() (holds []upstream.Silence) {
		t.Helper()
		list, err := api.Silences(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(list, func(s upstream.Silence) bool { return s.Over() })
	}
	listed, err := api.Alerts(t.Context(), "alertname", "Down")
	for began := time.Now(); err == nil && len(listed) < 2 && time.Since(began) < time.Minute; {
		listed, err = api.Alerts(t.Context(), "alertname", "Down")
	}
	if err != nil || len(listed) != 2 {
		t.Fatalf("%+v %v", listed, err)
	}
	for _, a := range listed {
		if a.Labels["device"] == "" {
			d.alert(a.Fingerprint, "alertname", "Down", "instance", "a", "site", "Givrand")
		}
	}
	for _, again := range []bool{false, true} {
		if r := d.tell(ticket.Acknowledged, again); r.Error != "" {
			t.Fatalf("%+v", r)
		}
		if got := silences(); len(got) != 1 || !strings.HasPrefix(got[0].Comment, testMark.On(number)) || got[0].CreatedBy != "Zoé" {
			t.Fatalf("silences %+v", got)
		}
	}
	if got := states(); got[""] != "suppressed" || got["sda"] == "suppressed" {
		t.Errorf("%v", got)
	}
	narrower := []byte(`[{"labels": {"alertname": "Down", "instance": "a", "mount": "/"}}]`) // it begins after the silence
	if resp, err := http.Post(o.URL+"/api/v2/alerts", "application/json", bytes.NewReader(narrower)); err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	var ids []string
	for began := time.Now(); err == nil && len(ids) == 0 && time.Since(began) < time.Minute; {
		ids, err = tool.Strays(t.Context(), d.kept())
	}
	if err != nil || len(ids) != 1 || ids[0] != d.kept()[0].ID {
		t.Errorf("strays of %+v: %v, %v", d.kept(), ids, err)
	}
	remade, _, err := tool.Look(t.Context(), &Act{Ticket: number, What: Taken, Mark: testMark}, d.alerts, d.kept())
	if ids, none := tool.Strays(t.Context(), remade); err != nil || none != nil || len(ids) > 0 || len(silences()) != 1 {
		t.Errorf("%+v %v %v: %v", remade, err, none, ids)
	}
	item, err := d.r.book.get(t.Context(), number)
	if err != nil || d.r.book.put(t.Context(), &item, remade) != nil {
		t.Fatal(err)
	}
	before := silences()[0]
	later = silenceFor - extendBefore + time.Minute
	held, over, err := tool.Look(t.Context(), &Act{Ticket: number, What: Taken, Mark: testMark}, d.alerts, d.kept())
	if after := silences(); err != nil || len(over) > 0 || len(held) != 1 || len(after) != 1 || held[0].ID != after[0].ID || !after[0].EndsAt.After(before.EndsAt) {
		t.Errorf("%+v %v %v: %+v", held, over, err, after)
	}
	d.takes(ticket.StateResolved)
	d.takes(ticket.StateResolved, true)
	if got := silences(); len(got) > 0 || states()[""] == "suppressed" || d.kept() != nil {
		t.Errorf("over, and silenced: %+v", got)
	}
}
