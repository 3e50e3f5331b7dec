package ingest

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

func nagiosSource() Source {
	return Source{Name: "nagios", Type: TypeNagios, Token: "t", MaxBody: DefaultMaxBody, Labels: map[string]string{"site": "Givrand"}}
}

func fromFixture(t *testing.T, name string) ticket.Alert {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	w, alerts := postTo(t, nagiosSource(), string(data))
	if w.Code != http.StatusAccepted || len(alerts) != 1 {
		t.Fatalf("%s: %d %s, %+v", name, w.Code, w.Body, alerts)
	}
	return alerts[0]
}

// TestAddedLabels: an alert says which labels its source's configuration added, so that
// its tool is told of what it sent itself.
func TestAddedLabels(t *testing.T) {
	s := nagiosSource()
	s.Labels = map[string]string{"site": "Givrand", "service": "web", "instance": "other"}
	for name, body := range map[string]string{
		"host":    `{"host": "srv", "what": "HOST", "service": "ignored", "type": "PROBLEM", "host_state": "DOWN"}`,
		"service": `{"host": "srv", "service": "web", "type": "PROBLEM", "service_state": "CRITICAL"}`,
	} {
		w, alerts := postTo(t, s, body)
		if w.Code != http.StatusAccepted || len(alerts) != 1 {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		want, service := []string{"service", "site"}, ""
		if name == "service" {
			want, service = []string{"site"}, "web"
		}
		a := &alerts[0]
		if !slices.Equal(a.Added, want) || a.Labels["service"] != "web" || a.Sent("service") != service || a.Sent("instance") != "srv" || a.Sent("site") != "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestNagiosFixtures: what Nagios and Icinga 2 put into the environment of
// their commands, posted as it is.
func TestNagiosFixtures(t *testing.T) {
	problem := fromFixture(t, "nagios-env-service-problem.json")
	if problem.Status != ticket.Firing || problem.Remark != nil || problem.Title() != "srv-db01 Disk /var" || problem.Fingerprint != "srv-db01/Disk%20%2Fvar" ||
		problem.Labels["severity"] != "critical" || problem.Labels["site"] != "Givrand" || len(problem.Labels) != 5 || problem.StartsAt.Unix() != 1795280450 ||
		!strings.HasPrefix(problem.Annotations["summary"], "DISK CRITICAL") || !strings.HasPrefix(problem.Annotations["description"], "Second line: ça déborde") {
		t.Errorf("%+v", problem)
	}
	ack := fromFixture(t, "nagios-env-service-ack.json")
	if ack.Status != ticket.Firing || ack.Fingerprint != problem.Fingerprint || !ack.StartsAt.Equal(problem.StartsAt) || ack.Remark == nil || ack.Remark.Kind != ticket.RemarkTaken ||
		ack.Remark.By != "Jérôme" || ack.Remark.Text != "Je regarde, purge en cours" {
		t.Errorf("%+v %+v", ack, ack.Remark)
	}
	host := fromFixture(t, "nagios-env-host-problem.json")
	if host.Status != ticket.Firing || host.Title() != "srv-db01 HostDown" || host.Fingerprint != "srv-db01" || host.Labels["severity"] != "critical" || host.Annotations["state"] != "DOWN" {
		t.Errorf("%+v", host)
	}
	host = fromFixture(t, "icinga2-env-host-problem.json")
	if host.Status != ticket.Firing || host.Title() != "web01.example.org HostDown" || host.Annotations["summary"] != "CRITICAL - Host Unreachable (192.0.2.20)" {
		t.Errorf("%+v", host)
	}
	flapping := fromFixture(t, "icinga2-env-service-flappingstart.json") // the service is well, its host is not
	if flapping.Status != ticket.Unsaid || flapping.Fingerprint != "web01.example.org/http%20vhost%20%C3%A9" || flapping.Remark == nil || flapping.Remark.What != "FLAPPINGSTART" {
		t.Errorf("%+v %+v", flapping, flapping.Remark)
	}
}

// TestWhatANotificationMeans: of every kind, well and not.
func TestWhatANotificationMeans(t *testing.T) {
	for _, tt := range []struct {
		kind, state string
		status      ticket.AlertStatus
		severity    string
		remark      ticket.RemarkKind
	}{
		{"PROBLEM", "CRITICAL", ticket.Firing, "critical", ""},
		{"PROBLEM", "WARNING", ticket.Firing, "warning", ""},
		{"PROBLEM", "UNKNOWN", ticket.Firing, "warning", ""},
		{"PROBLEM", "2", ticket.Firing, "critical", ""},
		{"PROBLEM", "CRIT", ticket.Firing, "critical", ""},
		{"PROBLEM", "", ticket.Firing, "", ""},
		{"RECOVERY", "OK", ticket.Resolved, "info", ""},
		{"RECOVERY", "", ticket.Resolved, "", ""},
		{"", "CRITICAL", ticket.Firing, "critical", ""},
		{"", "OK", ticket.Resolved, "info", ""},
		{"ACKNOWLEDGEMENT", "CRITICAL", ticket.Firing, "critical", ticket.RemarkTaken},
		{"FLAPPINGSTART", "CRITICAL", ticket.Firing, "critical", ticket.RemarkNoted},
		{"FLAPPINGSTART", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"FLAPPINGSTOP", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"FLAPPINGEND", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"FLAPPINGDISABLED", "", ticket.Unsaid, "", ticket.RemarkNoted},
		{"DOWNTIMESTART", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"DOWNTIMEEND", "CRITICAL", ticket.Firing, "critical", ticket.RemarkNoted},
		{"DOWNTIMECANCELLED", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"DOWNTIMEREMOVED", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
		{"CUSTOM", "OK", ticket.Unsaid, "info", ticket.RemarkNoted},
	} {
		w, alerts := postTo(t, nagiosSource(), `{"host": "srv", "service": "http", "type": "`+tt.kind+`", "state": "`+tt.state+`", "host_state": "DOWN", "author": "Zoé"}`)
		if w.Code != http.StatusAccepted || len(alerts) != 1 {
			t.Errorf("%s %s: %d %s", tt.kind, tt.state, w.Code, w.Body)
			continue
		}
		a := alerts[0]
		remark := ticket.RemarkKind("")
		if a.Remark != nil {
			remark = a.Remark.Kind
		}
		if a.Status != tt.status || a.Labels["severity"] != tt.severity || remark != tt.remark || a.Fingerprint != "srv/http" {
			t.Errorf("%s %s: %+v %+v", tt.kind, tt.state, a, a.Remark)
		}
	}
	for state, want := range map[string]string{"DOWN": "critical", "UNREACHABLE": "error", "1": "critical", "2": "error"} {
		_, alerts := postTo(t, nagiosSource(), `{"HOSTNAME": "srv", "NOTIFICATIONTYPE": "PROBLEM", "HOSTSTATE": "`+state+`"}`)
		if len(alerts) != 1 || alerts[0].Labels["severity"] != want || alerts[0].Status != ticket.Firing {
			t.Errorf("host %s: %+v", state, alerts)
		}
	}
}

// TestManyNotifications in one request, the oldest first; what is wrong is
// named, what is right is taken.
func TestManyNotifications(t *testing.T) {
	w, alerts := postTo(t, nagiosSource(), `[{"host": "a", "state": "DOWN"}, {"state": "DOWN"}, 7, {"host": "b"}, {"host": "a", "state": "UP"}]`)
	said := message(t, w)
	if w.Code != http.StatusBadRequest || len(alerts) != 2 || alerts[0].Status != ticket.Unsaid || alerts[0].Remark.What != "DOWN" || alerts[1].Status != ticket.Resolved || alerts[1].EndsAt.IsZero() {
		t.Errorf("%d %s: %+v", w.Code, said, alerts)
	}
	for _, want := range []string{"alerts[1]: no host", "alerts[2]: a notification is an object", "alerts[3]: neither a type nor a state", "the other 2 were taken"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s does not say %s", said, want)
		}
	}
	for _, body := range []string{``, `{`, `7`, `"x"`, `[`} {
		if w, alerts := postTo(t, nagiosSource(), body); w.Code != http.StatusBadRequest || len(alerts) > 0 {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
}

// TestWhatIsOverByNow: what began and ended within one request fires no more;
// what began again does.
func TestWhatIsOverByNow(t *testing.T) {
	_, alerts := postTo(t, nagiosSource(), `[{"host": "a", "state": "DOWN"}, {"host": "b", "state": "DOWN"}, {"host": "a", "state": "UP"}, {"host": "a", "state": "DOWN"}]`)
	var got []string
	for _, a := range alerts {
		got = append(got, a.Fingerprint+" "+string(a.Status))
	}
	if want := "a , b firing, a resolved, a firing"; strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func FuzzNagios(f *testing.F) {
	for _, name := range []string{"nagios-env-service-problem.json", "nagios-env-service-ack.json", "icinga2-env-service-flappingstart.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`[{"host": "a", "state": "DOWN", "x": {}}, {"host": 1, "type": true}]`))
	s := nagiosSource()
	s.MaxAlerts = 50
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseNagios(t.Context(), data, &s, now, nil)
		if err != nil {
			return
		}
		for _, a := range p.Alerts {
			if a.Fingerprint == "" || len(a.Fingerprint) > longestFingerprint || a.Status == ticket.Unsaid && a.Remark == nil {
				t.Errorf("%q: %+v", data, a)
			}
		}
	})
}
