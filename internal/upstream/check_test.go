package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// inProcess is a server without sockets, so that its time is the bubble's.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// icingaChecks answers as Icinga does, which checks an object when it is told to.
type icingaChecks struct {
	t     *testing.T
	takes time.Duration // a check
	state int           // that it finds
	due   time.Time
}

func (i *icingaChecks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Type   string
		Filter string
		Vars   struct{ Names []string } `json:"filter_vars"`
		Attrs  []string
		Force  bool
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil {
		i.t.Error(err)
	}
	switch {
	case !slices.Equal(ask.Vars.Names, []string{"srv!disk"}) || ask.Filter != "service.__name in names":
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":404,"status":"No objects found."}`))
	case r.URL.Path == "/v1/actions/reschedule-check":
		if !ask.Force || ask.Type != "Service" {
			i.t.Errorf("%+v", ask)
		}
		i.due = time.Now().Add(i.takes)
		_, _ = w.Write([]byte(`{"results":[{"code":200.0,"status":"Successfully rescheduled check for object 'srv!disk'."}]}`))
	case r.URL.Path == "/v1/objects/services":
		state, last := 1.0, 1000.5
		if !i.due.IsZero() && !time.Now().Before(i.due) {
			state, last = float64(i.state), float64(i.due.UnixMilli())/1000
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"results": []any{map[string]any{"name": "srv!disk", "type": "Service", "attrs": map[string]any{
			"state": state, "last_check": last, "last_state_change": last, "last_check_result": map[string]any{"output": "DISK 97%\nmore", "exit_status": state},
		}}}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestIcingaCheck: the result is the one that came after it was asked for.
func TestIcingaCheck(t *testing.T) {
	alert := func(host, service string) *ticket.Alert {
		return &ticket.Alert{Labels: map[string]string{"instance": host, "service": service}}
	}
	for name, c := range map[string]struct {
		takes  time.Duration
		state  int
		alert  *ticket.Alert
		found  ticket.FindingState
		reason ticket.FindingReason
		within time.Duration
	}{
		"over":       {3 * time.Second, 0, alert("srv", "disk"), ticket.FoundBack, "", 5 * time.Second},
		"still so":   {3 * time.Second, 2, alert("srv", "disk"), ticket.FoundDown, "", 5 * time.Second},
		"a warning":  {3 * time.Second, 1, alert("srv", "disk"), ticket.FoundDown, "", 5 * time.Second},
		"slow":       {time.Hour, 2, alert("srv", "disk"), ticket.FoundUnclear, ticket.ReasonToolSlow, 31 * time.Second},
		"unknown":    {0, 0, alert("other", "disk"), ticket.FoundUnclear, ticket.ReasonToolUnknown, time.Second},
		"added":      {0, 0, added(alert("srv", "disk"), "service"), ticket.FoundUnclear, ticket.ReasonToolUnknown, time.Second}, // so it is of the host
		"the host":   {0, 0, alert("srv", ""), ticket.FoundUnclear, ticket.ReasonToolUnknown, time.Second},
		"no host":    {0, 0, alert("", "disk"), ticket.FoundUnclear, ticket.ReasonLabel, time.Second},
		"a ! within": {0, 0, alert("srv!x", "disk"), ticket.FoundUnclear, ticket.ReasonToolUnknown, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			api := NewIcinga(Options{URL: "http://icinga.invalid", HTTP: inProcess{&icingaChecks{t: t, takes: c.takes, state: c.state}}})
			began := time.Now()
			f := IcingaCheck{API: api}.Ask(ctx, c.alert)
			if f.State != c.found || f.Reason != c.reason || time.Since(began) > c.within {
				t.Errorf("%s: %+v after %s", name, f, time.Since(began))
			}
			if f.State != ticket.FoundUnclear && (f.Text != "DISK 97%" || f.At.IsZero()) || f.State == ticket.FoundBack && f.Since.IsZero() {
				t.Errorf("%s: %+v", name, f)
			}
		})
	}
}

// added is an alert to which its source's configuration adds a label.
func added(a *ticket.Alert, label string) *ticket.Alert {
	a.Added = []string{label}
	return a
}

// zabbixChecks answers as Zabbix does, which has a new value some seconds after it was
// told to take one, and its trigger's a second later.
type zabbixChecks struct {
	t       *testing.T
	kind    string // of the item
	denies  bool
	becomes string // the trigger's value
	due     time.Time
	tasks   int32
}

func (z *zabbixChecks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		JSONRPC, Method, Auth string
		ID                    int
		Params                json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || ask.Method != "apiinfo.version" && r.Header.Get("Authorization") != "Bearer token" {
		z.t.Errorf("%+v %v", ask, err)
	}
	say := func(result any) {
		_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": 1, "result": result})
	}
	fresh := !z.due.IsZero() && !time.Now().Before(z.due)
	switch ask.Method {
	case "apiinfo.version":
		say("7.0.3")
	case "event.get":
		if !strings.Contains(string(ask.Params), `"eventids":["4711"]`) {
			say([]any{})
			return
		}
		say([]any{map[string]any{"eventid": "4711", "objectid": "13"}})
	case "trigger.get":
		item := map[string]any{"itemid": "77", "type": z.kind, "master_itemid": "0", "lastclock": "1000", "lastvalue": "97", "units": "%"}
		if z.kind == zabbixDependent {
			item["master_itemid"] = "70"
		}
		trigger := map[string]any{"triggerid": "13", "value": "1", "state": "0", "error": "", "lastchange": "900", "items": []any{item}}
		if fresh {
			item["lastclock"] = fmt.Sprint(z.due.Unix())
		}
		if fresh && time.Since(z.due) >= time.Second && z.becomes == "0" {
			trigger["value"], trigger["lastchange"] = "0", fmt.Sprint(z.due.Unix())
		}
		say([]any{trigger})
	case "task.create":
		var tasks []struct {
			Type    int
			Request struct{ ItemID string }
		}
		if err := json.Unmarshal(ask.Params, &tasks); err != nil || len(tasks) != 1 || tasks[0].Type != 6 {
			z.t.Errorf("%s %v", ask.Params, err)
		}
		if want := map[bool]string{true: "70", false: "77"}[z.kind == zabbixDependent]; tasks[0].Request.ItemID != want {
			z.t.Errorf("%s, wanted the item %s", ask.Params, want)
		}
		if z.denies {
			_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": 1, "error": map[string]any{"code": -32500, "message": "Application error.", "data": `No permissions to call "task.create".`}})
			return
		}
		z.tasks++
		z.due = time.Now().Add(5 * time.Second)
		say(map[string]any{"taskids": []string{"1"}})
	default:
		z.t.Errorf("%s is no method that is asked", ask.Method)
	}
}

// TestZabbixCheck: a value is taken, and the trigger says what it makes of it.
func TestZabbixCheck(t *testing.T) {
	for name, c := range map[string]struct {
		z      zabbixChecks
		event  string
		found  ticket.FindingState
		reason ticket.FindingReason
		tasks  int32
	}{
		"over":                 {zabbixChecks{kind: "0", becomes: "0"}, "4711", ticket.FoundBack, "", 1},
		"still so":             {zabbixChecks{kind: "0", becomes: "1"}, "4711", ticket.FoundDown, "", 1},
		"of another item":      {zabbixChecks{kind: zabbixDependent, becomes: "0"}, "4711", ticket.FoundBack, "", 1},
		"a trap":               {zabbixChecks{kind: "2"}, "4711", ticket.FoundDown, "", 0},
		"it may not":           {zabbixChecks{kind: "0", denies: true}, "4711", ticket.FoundDown, "", 0},
		"an event that is old": {zabbixChecks{kind: "0"}, "1", ticket.FoundUnclear, ticket.ReasonToolUnknown, 0},
		"no event":             {zabbixChecks{kind: "0"}, "abc", ticket.FoundUnclear, ticket.ReasonLabel, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			c.z.t = t
			f := ZabbixCheck{API: NewZabbix(Options{URL: "http://zabbix.invalid", Token: "token", HTTP: inProcess{&c.z}})}.Ask(ctx, &ticket.Alert{Fingerprint: c.event})
			if f.State != c.found || f.Reason != c.reason || c.z.tasks != c.tasks {
				t.Errorf("%s: %+v, %d tasks", name, f, c.z.tasks)
			}
			if f.State != ticket.FoundUnclear && (f.Text != "97 %" || f.At.IsZero()) {
				t.Errorf("%s: %+v", name, f)
			}
		})
	}
}
