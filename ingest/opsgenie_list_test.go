package ingest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astreinte/astreinte/internal/ticket"
)

// threeAlerts are what a store may know: the first two are of one ticket.
func threeAlerts() *knows {
	k := &knows{}
	for i, alias := range []string{"db1!ping", "db2!ping", "web1!load"} {
		a := ticket.Alert{Fingerprint: alertID(alias), Status: ticket.Firing, Named: alias + " is down", Labels: map[string]string{"priority": "P1", "entity": "host" + fmt.Sprint(i)}, Annotations: map[string]string{"alias": alias, "tags": "night, " + alias[:3], "description": "it hangs"}}
		t := ticket.Ticket{Number: "I261121_0001", State: ticket.Open, UpdatedAt: now}
		if i == 2 {
			a.Status = ticket.Resolved
			t.Number, t.State = "I261121_0002", ticket.StateResolved
		}
		at := now.Add(time.Duration(i) * time.Minute)
		k.all = append(k.all, Known{Alert: ticket.AlertRecord{Alert: a, FirstAt: at, LastAt: at, Count: int64(i + 1)}, Ticket: t})
	}
	return k
}

// TestAlertsAreListed and counted for senders that ask for those of an alias, or of a
// status.
func TestAlertsAreListed(t *testing.T) {
	known := threeAlerts()
	h := standIns(&taker{}, func(o *Options) { o.Known = known })
	for query, want := range map[string]string{
		"":                               "web1!load db2!ping db1!ping",
		"query=status:open":              "db2!ping db1!ping",
		"query=status%3A%20open":         "db2!ping db1!ping",
		"query=status=closed":            "web1!load",
		`query=alias:"db2!ping"`:         "db2!ping",
		"query=alias:db1!ping AND tag:x": "",
		"query=alias:nobody":             "",
		"query=alias:db* and status:open AND tag: night": "db2!ping db1!ping",
		"query=acknowledged:true":                        "web1!load",
		"query=hangs":                                    "web1!load db2!ping db1!ping",
		`query="db1!ping is"`:                            "db1!ping",
		"query=count>1 AND count<=2":                     "db2!ping",
		"query=entity:host0 priority:p1":                 "db1!ping",
		"query=tinyId:I261121_0002":                      "web1!load",
		"query=id:" + alertID("db1!ping"):                "db1!ping",
		"limit=1&order=asc":                              "db1!ping",
		"limit=1&offset=2":                               "db1!ping",
		"offset=20":                                      "",
		"sort=alias&order=asc":                           "db1!ping db2!ping web1!load",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		code, answer := asked(t, h, http.MethodGet, "/v2/alerts?"+v.Encode(), "")
		list, _ := answer["data"].([]any)
		var got []string
		for _, one := range list {
			shown, _ := one.(map[string]any)
			got = append(got, fmt.Sprint(shown["alias"]))
			if shown["description"] != nil || shown["details"] != nil {
				t.Errorf("a list has what it has not there: %v", shown)
			}
		}
		if code != http.StatusOK || strings.Join(got, " ") != want {
			t.Errorf("%s: %d %q, want %q", query, code, got, want)
		}
		if v.Has("limit") || v.Has("offset") {
			continue
		}
		code, answer = asked(t, h, http.MethodGet, "/jsm/ops/integration/v2/alerts/count?"+v.Encode(), "")
		if data, _ := answer["data"].(map[string]any); code != http.StatusOK || data["count"] != float64(len(got)) {
			t.Errorf("%s: %d, counted %v of %d", query, code, answer, len(got))
		}
	}
}

// TestOtherPages of a list have addresses.
func TestOtherPages(t *testing.T) {
	h := standIns(&taker{}, func(o *Options) { o.Known = threeAlerts() })
	_, answer := asked(t, h, http.MethodGet, "https://pager.example.net/v2/alerts?limit=2&query=tag:night", "")
	paging, _ := answer["paging"].(map[string]any)
	const at = "https://pager.example.net/v2/alerts?limit=2&offset=%d&order=desc&query=tag%%3Anight&sort=createdAt"
	if paging["next"] != fmt.Sprintf(at, 2) || paging["first"] != fmt.Sprintf(at, 0) || paging["last"] != fmt.Sprintf(at, 2) {
		t.Errorf("%v", paging)
	}
	if _, answer = asked(t, h, http.MethodGet, fmt.Sprint(paging["next"]), ""); strings.Contains(fmt.Sprint(answer["paging"]), "next") || len(answer["data"].([]any)) != 1 {
		t.Errorf("%v", answer)
	}
}

// TestListsThatAreWrong: what cannot be read is said, and nothing is read into it.
func TestListsThatAreWrong(t *testing.T) {
	h := standIns(&taker{}, func(o *Options) { o.Known = threeAlerts() })
	for query, field := range map[string]string{
		"query=status:open OR tag:x": "query", "query=NOT tag:x": "query", "query=(tag:x)": "query", "query=status:(open)": "query", `query=alias:"x`: "query",
		"query=shoe:3": "query", "query=status:": "query", "query=count>x": "query", "query=alias>3": "query", "query=:x": "query", "query=" + strings.Repeat("x ", 21): "query",
		"query=" + strings.Repeat("x", ticket.MaxTitle+1): "query",
		"limit=101": "limit", "limit=0": "limit", "limit=x": "limit", "offset=-1": "offset", "offset=20001": "offset", "sort=shoe": "sort", "order=up": "order", "searchIdentifier=x": "searchIdentifier",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		code, answer := asked(t, h, http.MethodGet, "/v2/alerts?"+v.Encode(), "")
		if errs, _ := answer["errors"].(map[string]any); code != http.StatusUnprocessableEntity || errs[field] == nil {
			t.Errorf("%.80s: %d %v", query, code, answer)
		}
	}
}

// TestATinyID is a ticket's number: it shows an alert of the ticket, and ends one only if
// no other fires.
func TestATinyID(t *testing.T) {
	tk := &taker{}
	known := threeAlerts()
	known.all = append(known.all, known.all[2])
	known.all[3].Alert.Fingerprint, known.all[3].Alert.Status, known.all[3].Ticket.Number = alertID("web2"), ticket.Firing, "I261121_0004"
	known.all[2].Ticket.Number = "I261121_0004"
	h := standIns(tk, func(o *Options) { o.Known = known })
	code, answer := asked(t, h, http.MethodGet, "/v2/alerts/I261121_0001?identifierType=tiny", "")
	if data, _ := answer["data"].(map[string]any); code != http.StatusOK || data["alias"] != "db1!ping" || data["tinyId"] != "I261121_0001" {
		t.Errorf("%d %v", code, answer)
	}
	if code, _ = asked(t, h, http.MethodGet, "/v2/alerts/I261121_0003?identifierType=tiny", ""); code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
	for path, want := range map[string]string{
		"I261121_0001/close": "", "I261121_0004/close": alertID("web2"), "I261121_0001/acknowledge": alertID("db1!ping"), "I261121_0003/acknowledge": "",
	} {
		tk.batches = nil
		_, answer := asked(t, h, http.MethodPost, "/v2/alerts/"+path+"?identifierType=tiny", "{}")
		got := ""
		for _, b := range tk.batches {
			for _, a := range b.Alerts {
				got += a.Fingerprint
			}
		}
		if got != want || want == "" && became(t, h, answer)["success"] != false {
			t.Errorf("%s reaches %q, want %q", path, got, want)
		}
	}
}

// TestWhoAsksIsNotHeardOf: a source that only asks may be silent all the same, and what is
// not there is no refusal. Nobody sees another source's alerts.
func TestWhoAsksIsNotHeardOf(t *testing.T) {
	heard, registry := 0, prometheus.NewRegistry()
	h := standIns(&taker{}, func(o *Options) {
		o.Known, o.Registerer, o.Heard = threeAlerts(), registry, func(string) { heard++ }
	})
	for _, path := range []string{"", "/count", "?query=(", "/nobody?identifierType=alias"} {
		asked(t, h, http.MethodGet, "/v2/alerts"+path, "")
	}
	if heard != 0 {
		t.Errorf("it was heard %d times", heard)
	}
	if n := testutil.ToFloat64(h.requests.WithLabelValues("og", "200")); n != 2 {
		t.Errorf("%g questions were counted", n)
	}
	for key, want := range map[string]int{"GenieKey other-og-hush": 503, "GenieKey wrong": 401, "GenieKey s3cr3t": 401, "": 401} {
		for _, path := range []string{"/v2/alerts", "/v2/alerts/count"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Header.Set("Authorization", key)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want || strings.Contains(w.Body.String(), "db1") {
				t.Errorf("%s with %q: %d %s", path, key, w.Code, w.Body)
			}
		}
	}
}

// FuzzGenieQuery: a query is read or refused, and says the same of an alert twice.
func FuzzGenieQuery(f *testing.F) {
	for _, text := range []string{"status:open", `alias:"a b" AND count>=3`, `"x\"y"`, "a:b:c", "tag:*a*b*", "::", "x AND", "createdAt < 1470394841148"} {
		f.Add(text)
	}
	known := threeAlerts()
	c := &call{source: &Source{Name: "og"}}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := readGenieQuery(text)
		if err != nil {
			return
		}
		for i := range known.all {
			s := c.shown("x", &known.all[i])
			first := q.fits(&s)
			if again := q.fits(&s); again != first || len(q.terms) > mostTerms {
				t.Errorf("%q", text)
			}
		}
	})
}
