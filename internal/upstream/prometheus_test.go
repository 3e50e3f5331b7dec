package upstream

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func night() time.Time { return time.Date(2026, 11, 21, 3, 31, 0, 0, time.UTC) }

// answers are the answers of a stand-in, by path.
type answers map[string]string

const twoRules = `{"status":"success","data":{"groups":[{"name":"g","file":"f","interval":15,"rules":[
 {"type":"alerting","name":"HostDown","query":"up == 0","duration":60,"labels":{"severity":"critical","instance":"{{ $labels.node }}"},"state":"firing","alerts":[
  {"labels":{"alertname":"HostDown","instance":"db","job":"node","severity":"critical"},"state":"firing","activeAt":"2026-11-21T02:12:00Z","value":"0e+00"}]},
 {"type":"alerting","name":"HostDown","query":"up == 0","duration":60,"labels":{"severity":"warning"},"alerts":[]},
 {"type":"alerting","name":"Other","query":"vector(1)","labels":{},"alerts":[]},
 {"type":"recording","name":"HostDown","query":"vector(1)"}]}]}}`

func askPrometheus(t *testing.T, s answers, a *ticket.Alert) (ticket.Finding, []string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "pager" || password != "secret" {
			t.Errorf("who asks: %q %q", user, password)
		}
		if q := r.URL.Query(); q.Has("query") != (q.Get("timeout") == "10s") {
			t.Errorf("how long it may take: %v", q)
		}
		asked = append(asked, strings.TrimPrefix(r.URL.Path, "/prom/api/v1/")+" "+r.URL.Query().Get("query"))
		body := s[strings.TrimPrefix(r.URL.Path, "/prom/api/v1/")]
		switch body {
		case "":
			w.WriteHeader(http.StatusNotFound)
		case "401":
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	p := NewPrometheus(Options{URL: server.URL + "/prom/", User: "pager", Password: "secret"}, night)
	return p.Ask(t.Context(), a), asked
}

func vector(metrics ...string) string {
	var list []string
	for _, m := range metrics {
		list = append(list, `{"metric":`+m+`,"value":[1795230660,"0.0432198"]}`)
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(list, ",") + `]}}`
}

// TestPrometheus: the rule's expression says whether the alert is still so.
func TestPrometheus(t *testing.T) {
	alert := ticket.Alert{
		Labels:       map[string]string{"alertname": "HostDown", "instance": "db", "job": "node", "severity": "critical", "site": "Givrand"},
		GeneratorURL: "http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
	}
	began := time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)
	ranged := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"node"},"values":[[1795230000,"0"],[1795230600,"0"]]},{"metric":{"job":"other"},"values":[[1795230650,"0"]]}]}}`
	for name, c := range map[string]struct {
		said   answers
		state  ticket.FindingState
		reason ticket.FindingReason
		since  time.Time
	}{
		"still so": {answers{"rules": twoRules, "query": vector(`{"__name__":"up","job":"node","instance":"exporter:9100"}`)}, ticket.FoundDown, "", began},
		"of another series, never of this one": {
			answers{"rules": twoRules, "query": vector(`{"__name__":"up","job":"other","instance":"exporter:9100"}`)}, ticket.FoundUnclear, ticket.ReasonToolUnknown, time.Time{},
		},
		"of another series, and of this one before": {
			answers{"rules": twoRules, "query": vector(`{"__name__":"up","job":"other","instance":"exporter:9100"}`), "query_range": ranged},
			ticket.FoundBack, "", time.Unix(1795230615, 0),
		},
		"over":                          {answers{"rules": twoRules, "query": vector(), "query_range": ranged}, ticket.FoundBack, "", time.Unix(1795230615, 0)},
		"a scalar":                      {answers{"rules": twoRules, "query": `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`}, ticket.FoundDown, "", began},
		"it says nothing of rules":      {answers{"query": vector(`{"job":"node"}`)}, ticket.FoundUnclear, ticket.ReasonToolAway, time.Time{}},
		"it lets nobody ask":            {answers{"rules": "401"}, ticket.FoundUnclear, ticket.ReasonToolRefuses, time.Time{}},
		"the expression takes too long": {answers{"rules": twoRules, "query": `{"status":"error","errorType":"timeout","error":"query timed out"}`}, ticket.FoundUnclear, ticket.ReasonToolAway, time.Time{}},
		"it is no Prometheus":           {answers{"rules": "<html>", "query": "<html>"}, ticket.FoundUnclear, ticket.ReasonToolAway, time.Time{}},
	} {
		f, asked := askPrometheus(t, c.said, &alert)
		if f.State != c.state || f.Reason != c.reason || !f.Since.Equal(c.since) || f.At.IsZero() && c.state != ticket.FoundUnclear {
			t.Errorf("%s: %+v, asked %q", name, f, asked)
		}
		if f.State == ticket.FoundDown && name == "still so" && f.Text != "= 0.04322" {
			t.Errorf("%s: %q", name, f.Text)
		}
		for _, q := range asked {
			if name == "it says nothing of rules" && q != "rules " {
				t.Errorf("%s: asked %q", name, q)
			}
			if !strings.HasSuffix(q, " ") && !strings.HasSuffix(q, " up == 0") {
				t.Errorf("%s: asked %q", name, q)
			}
		}
	}
}

// TestAnotherPrometheus: an alert that fires, and of which this Prometheus knows nothing
// within the last hour, may be another one's. One of more rules than are asked may be it.
func TestAnotherPrometheus(t *testing.T) {
	alert := ticket.Alert{Status: ticket.Firing, Labels: map[string]string{"alertname": "HostDown", "job": "node", "severity": "critical"}}
	held := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"node"},"values":[[1795230000,"0"]]}]}}`
	if f, _ := askPrometheus(t, answers{"rules": twoRules, "query": vector()}, &alert); f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonToolUnknown {
		t.Errorf("it never held: %+v", f)
	}
	if f, _ := askPrometheus(t, answers{"rules": twoRules, "query": vector(), "query_range": held}, &alert); f.State != ticket.FoundBack {
		t.Errorf("it held: %+v", f)
	}
	one := `{"type":"alerting","name":"HostDown","query":"up == 0"}`
	many := `{"status":"success","data":{"groups":[{"rules":[` + strings.Repeat(one+",", mostRules) + one + `]}]}}`
	if f, asked := askPrometheus(t, answers{"rules": many, "query": vector(), "query_range": held}, &alert); f.State != ticket.FoundUnclear || len(asked) != 1+2*mostRules {
		t.Errorf("of many rules: %+v, asked %q", f, asked)
	}
}

// TestAnotherName: an alert whose name was rewritten on the way has its rule by the
// expression in its address. One that no rule has is evaluated by nobody: whoever may send
// alerts could have the Prometheus work for minutes.
func TestAnotherName(t *testing.T) {
	alert := ticket.Alert{
		Labels:       map[string]string{"alertname": "DB is down", "job": "node", "severity": "P1"},
		GeneratorURL: "http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
	}
	f, asked := askPrometheus(t, answers{"rules": twoRules, "query": vector(`{"job":"node"}`)}, &alert)
	if f.State != ticket.FoundDown || len(asked) != 3 {
		t.Errorf("%+v, asked %q", f, asked)
	}
	if f, _ := askPrometheus(t, answers{"rules": twoRules, "query": vector(`{"job":"other"}`)}, &alert); f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonToolUnknown {
		t.Errorf("it is not sure: %+v", f)
	}
	for _, heavy := range []string{`count({__name__=~".+"})`, "up == 0 or on() count({__name__=~'.+'})", " up == 0", "up"} {
		alert.GeneratorURL = "http://prom:9090/graph?g0.expr=" + url.QueryEscape(heavy)
		f, asked := askPrometheus(t, answers{"rules": twoRules, "query": vector(`{"job":"node"}`)}, &alert)
		if f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonToolUnknown || len(asked) != 2 || strings.TrimSpace(strings.Join(asked, "")) != "rules rules" {
			t.Errorf("%s: %+v, asked %q", heavy, f, asked)
		}
	}
}

// TestLabelsAreNoQuery: what an alert says of itself goes into no query.
func TestLabelsAreNoQuery(t *testing.T) {
	alert := ticket.Alert{Labels: map[string]string{"alertname": `HostDown"} or vector(1)`, "instance": `x"} or vector(1)`}}
	if f, asked := askPrometheus(t, answers{"rules": twoRules, "query": vector()}, &alert); f.Reason != ticket.ReasonToolUnknown || len(asked) != 1 {
		t.Errorf("%+v, asked %q", f, asked)
	}
}

// TestNoPrometheus: a Prometheus that is not there is said to be away.
func TestNoPrometheus(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	f := NewPrometheus(Options{URL: server.URL}, night).Ask(t.Context(), &ticket.Alert{Labels: map[string]string{"alertname": "HostDown"}})
	if f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonToolAway || strings.Contains(f.Text, "127.0.0.1") {
		t.Errorf("%+v", f)
	}
}
