package ingest

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// standInBodies are bodies that somebody made, of an event or an alert. begin
// and end stand around what is large in them.
func standInBodies(begin, end, properties string) []hostileBody {
	object := func(each func(int) string) func(int) string { return filled(begin+properties+`{`, `}`+end, each) }
	return []hostileBody{
		{"properties without end", object(each(`"%x":"b"`)), 1},
		{"one property again and again", object(always(`"a":"b"`)), 1},
		{"a needed property again and again", object(always(`"alertname":"b"`)), 1},
		{"objects for properties", object(each(`"%x":{}`)), 1},
		{"a long property", long(begin+properties+`{"a":"`, `"}`+end, "x"), 1},
		{"a property that is not UTF-8", long(begin+properties+`{"a":"`, `"}`+end, "\xff"), 1},
		{"a long name", long(begin+properties+`{"`, `":"x"}`+end, "x"), 1},
		{"deep", deep(begin+properties+`{"a":`, "[", "", "]", "}"+end, 9000), 1},
		{"too deep", deep(begin+properties+`{"a":`, `{"a":`, "1", "}", "}"+end, math.MaxInt), 0},
		{"alerts that fire", filled(begin+properties+`{"firing":[`, `]}`+end, each(`{"labels":{"a":"%d","b":"c"}}`)), 1},
		{"an alert with labels without end", filled(begin+properties+`{"firing":[{"labels":{`, `}}]}`+end, each(`"a%d":"c"`)), 1},
		{"a list of labels", long(begin+properties+`{"firing":"Labels:\n`, `"}`+end, ` - a = b\n`), 1},
		{"many lists of labels", long(begin+properties+`{"firing":"`, `"}`+end, `Labels:\n - a = b\n\n`), 1},
		{"unknown fields", filled(begin+properties+`{},`, end, each(`"%x":[{},1,"x"]`)), 1},
		{"no end", long(begin+properties+`{`, ``, `"a":"b",`), 0},
	}
}

// TestStrangersTakeLittle: bodies whose sender is not known yet leave three
// quarters of the memory for bodies to those who are.
func TestStrangersTakeLittle(t *testing.T) {
	b := newBudget(400 << 10 * becomes)
	stranger, source := &lease{of: b}, &lease{of: b, source: "prometheus"}
	if stranger.grow(101<<10) || !stranger.grow(100<<10) || (&lease{of: b}).grow(1) {
		t.Errorf("strangers have %d of %d", b.by[""], b.total)
	}
	if !source.grow(300 << 10) {
		t.Errorf("a source finds %d of %d taken", b.taken, b.total)
	}
	stranger.end()
	source.end()
	if b.taken != 0 || len(b.by) != 0 {
		t.Errorf("%+v", b)
	}
}

// TestAStrangersLengthIsNotBelieved: no room is made for a body because its
// sender says that it will come.
func TestAStrangersLengthIsNotBelieved(t *testing.T) {
	h := standIns(&taker{}, func(o *Options) { o.Memory = 100 << 10 * becomes })
	w := post(t, h, v2Path, `{"routing_key":"pd-hush-hush","event_action":"resolve","dedup_key":"a"}`, func(r *http.Request) { r.ContentLength = 500 << 10 })
	if w.Code != http.StatusAccepted {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestAStandInWhoseSenderLeaves takes nothing.
func TestAStandInWhoseSenderLeaves(t *testing.T) {
	for path, auth := range map[string]func(*http.Request){v2Path: withoutKey, "/v2/alerts": genieAuth} {
		tk := &taker{}
		post(t, standIns(tk), path, `{"routing_key":"pd-hush-hush","event_action":"resolve","dedup_key":"a","message":"x"}`, auth, func(r *http.Request) {
			ctx, leave := context.WithCancel(r.Context())
			leave()
			*r = *r.WithContext(ctx)
		})
		if len(tk.batches) > 0 {
			t.Errorf("%s: %+v", path, tk.batches)
		}
	}
}

// TestTheFirstByNameHasAKey that two sources share: package config warns of it.
func TestTheFirstByNameHasAKey(t *testing.T) {
	tk := &taker{}
	h := standIns(tk)
	h.SetSources([]Source{{Name: "b", Type: TypeOpsgenie, Token: "t", MaxBody: 9999}, {Name: "a", Type: TypeOpsgenie, Token: "t", MaxBody: 9999}, {Name: "0", Type: TypeOpsgenie, MaxBody: 9999}})
	w := post(t, h, "/v2/alerts", `{"message":"x"}`, func(r *http.Request) { r.Header.Set("Authorization", "GenieKey t") })
	if w.Code != http.StatusAccepted || tk.batches[0].Source != "a" {
		t.Errorf("%d %s %+v", w.Code, w.Body, tk.batches)
	}
	for _, gone := range []string{"og-hush-hush", ""} {
		if w := post(t, h, "/v2/alerts", `{"message":"x"}`, func(r *http.Request) { r.Header.Set("Authorization", "GenieKey "+gone) }); w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", gone, w.Code, w.Body)
		}
	}
}

// TestStandInNetworksAndLabels: what a source's configuration says holds
// whichever way its sender found.
func TestStandInNetworksAndLabels(t *testing.T) {
	from := "10.0.0.1"
	tk := &taker{}
	h := standIns(tk, func(o *Options) {
		o.Client = func(*http.Request) string { return from }
		for i := range o.Sources {
			o.Sources[i].Labels = map[string]string{"site": "Givrand", "severity": "x"}
			o.Sources[i].Networks = networks(t, "10.0.0.0/8")
		}
	})
	ask := func() (int, int) {
		return post(t, h, "/v2/alerts", `{"message":"x","priority":"P1"}`, genieAuth).Code,
			post(t, h, v2Path, `{"routing_key":"pd-hush-hush","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"info"}}`, withoutKey).Code
	}
	if og, pd := ask(); og != http.StatusAccepted || pd != http.StatusAccepted {
		t.Fatalf("%d %d", og, pd)
	}
	for i, severity := range []string{"critical", "info"} {
		if labels := tk.batches[i].Alerts[0].Labels; labels["site"] != "Givrand" || labels["severity"] != severity {
			t.Errorf("%v", labels)
		}
	}
	from = "192.0.2.1"
	if og, pd := ask(); og != http.StatusForbidden || pd != http.StatusForbidden || len(tk.batches) != 2 {
		t.Errorf("%d %d", og, pd)
	}
}

// FuzzEvent: whatever the body, what is read of it is what the engine relies
// on, and costs what its length allows.
func FuzzEvent(f *testing.F) {
	for _, name := range []string{
		"pagerduty-v2-trigger-alertmanager.json", "pagerduty-v2-trigger-full.json", "pagerduty-v2-acknowledge.json", "pagerduty-v2-resolve-alertmanager.json",
		"grafana-pagerduty-trigger.json", "zabbix-pagerduty-problem.json", "zabbix-pdagent-v1-trigger.json", "nagios-pdagent-service-trigger.json",
	} {
		f.Add([]byte(fixture(f, name)))
	}
	for _, odd := range append(oddities, `"a\u0000b"`, `[{"labels":{"a":"b"}},{"labels":{"a":"c"}},7]`, `"Labels:\n - a = b\nLabels:\n - = \n"`) {
		f.Add([]byte(`{"event_action":"trigger","payload":{"summary":"x","source":"y","severity":"info","custom_details":{"firing":` + odd + `,"a":` + odd + `},"class":` + odd + `},"links":[` + odd + `]}`))
		f.Add([]byte(`{"event_type":"trigger","description":"x","details":` + odd + `,"contexts":[` + odd + `]}`))
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, data []byte) { standsIn(t, data, parseEvent) })
}

// FuzzGenie is FuzzEvent for Opsgenie's alerts.
func FuzzGenie(f *testing.F) {
	for _, name := range []string{"opsgenie-create-alertmanager.json", "opsgenie-close-alertmanager.json", "grafana-opsgenie-create.json", "zabbix-opsgenie-problem.json"} {
		f.Add([]byte(fixture(f, name)))
	}
	for _, odd := range append(oddities, `"a:b"`, `{"name":"a","type":"team"}`, `"Host: a\nLabels:\n - a = b"`) {
		f.Add([]byte(`{"message":"x","alias":` + odd + `}`))
		f.Add([]byte(`{"message":"x","tags":[` + odd + `],"details":{"a":` + odd + `},"responders":[` + odd + `],"description":` + odd + `}`))
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, data []byte) { standsIn(t, data, parseGenie) })
}

func standsIn(t *testing.T, data []byte, parse parser) {
	t.Helper()
	s := &Source{Name: "standin", Labels: map[string]string{"site": "Givrand"}}
	p, err := parse(t.Context(), data, s, now, nil)
	if err != nil {
		if err.Error() == "" || len(p.Alerts) > 0 {
			t.Errorf("%v, and %+v", err, p)
		}
		return
	}
	checkParsed(t, p)
	if len(p.Alerts) != 1 {
		t.Errorf("%d alerts of one request", len(p.Alerts))
	}
	for _, a := range p.Alerts {
		if a.Status == ticket.Firing && strings.TrimSpace(a.Title()) == "" {
			t.Errorf("no title: %+v", a)
		}
	}
	frugal(t, data, func() (parsed, error) { return parse(t.Context(), data, s, now, nil) })
}

// FuzzRequestID: an id is what this source made, or nothing.
func FuzzRequestID(f *testing.F) {
	s := &Source{Name: "og", Token: "og-hush-hush"}
	for i := range orders {
		f.Add(s.requestID(outcome{order: byte(i), at: time.UnixMilli(1764187200123), alert: newAlertID(), alias: fmt.Sprint("alias", i)}))
	}
	f.Add(s.requestID(outcome{}))
	f.Fuzz(func(t *testing.T, id string) {
		if o, ok := s.outcomeOf(id); ok && s.requestID(o) != id {
			t.Errorf("%q is read as %+v", id, o)
		}
	})
}

func networks(t *testing.T, cidr string) []netip.Prefix {
	t.Helper()
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		t.Fatal(err)
	}
	return []netip.Prefix{p}
}
