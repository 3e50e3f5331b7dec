package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func genieAuth(r *http.Request) { r.Header.Set("Authorization", "GenieKey og-hush-hush") }

// asked asks the API of Opsgenie and reads its answer.
func asked(t *testing.T, h http.Handler, method, path, body string) (int, map[string]any) {
	t.Helper()
	w := post(t, h, path, body, genieAuth, func(r *http.Request) { r.Method = method })
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	if took, ok := answer["took"].(float64); !ok || took < 0 || answer["requestId"] == "" {
		t.Errorf("%s", w.Body)
	}
	return w.Code, answer
}

// became asks what became of a request.
func became(t *testing.T, h http.Handler, answer map[string]any) map[string]any {
	t.Helper()
	code, status := asked(t, h, http.MethodGet, "/v2/alerts/requests/"+fmt.Sprint(answer["requestId"]), "")
	data, ok := status["data"].(map[string]any)
	if code != http.StatusOK || !ok || data["success"] != data["isSuccess"] {
		t.Fatalf("%d %v", code, status)
	}
	return data
}

// TestAlertsOfRealSenders: each opens an alert with the right title, severity
// and key.
func TestAlertsOfRealSenders(t *testing.T) {
	tests := []struct {
		file, title, severity, alias, url string
		labels, annotations               map[string]string
	}{
		{
			"opsgenie-create-alertmanager.json", "PostgresDown pg-prod (postgres critical db)", "critical", "d9e0ec5f531a3eac3cbbc07c2f4fb56f127c563d50b7f84949aeb4dbaf3fbfc5",
			"http://am1.monitoring.example.org:9093/#/alerts?receiver=og",
			map[string]string{"alertname": "PostgresDown", "team": "db", "priority": "P1"},
			map[string]string{"tags": "db, prod", "responders": "team dba"},
		},
		{
			"grafana-opsgenie-create.json", "(val1)", "", "6e3538104c14b583da237e9693b76debbc17f0f8058ef20492e5853096cf8733", "http://localhost/alerting/list",
			map[string]string{"alertname": "alert1", "lbl1": "val1"},
			map[string]string{"source": "Grafana"},
		},
		{
			"zabbix-opsgenie-problem.json", "srv-app02 Zabbix agent is not available (for 3m)", "warning", "11053",
			"https://zabbix.example.org/tr_events.php?triggerid=23210&eventid=11053",
			map[string]string{"host": "srv-app02", "class": "os", "priority": "P3"},
			map[string]string{"responders": "team infra", "source": "Zabbix"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			for _, path := range []string{"/v2/alerts", "/v2/alerts/", "/jsm/ops/integration/v2/alerts", "/jsm/ops/integration/v2/alerts/", "/ingest/og/v2/alerts", "/ingest/og/jsm/ops/integration/v2/alerts/"} {
				tk := &taker{}
				h := standIns(tk)
				code, answer := asked(t, h, http.MethodPost, path, fixture(t, tt.file))
				if code != http.StatusAccepted || answer["result"] != "Request will be processed" || len(answer) != 3 || len(tk.batches) != 1 || tk.batches[0].Source != "og" {
					t.Fatalf("%s: %d %v %+v", path, code, answer, tk.batches)
				}
				a := tk.batches[0].Alerts[0]
				if a.Title() != tt.title || a.Labels["severity"] != tt.severity || a.Status != ticket.Firing || a.Fingerprint != alertID(tt.alias) || a.GeneratorURL != tt.url {
					t.Errorf("%q %+v", a.Title(), a)
				}
				for name, want := range tt.labels {
					if a.Labels[name] != want {
						t.Errorf("label %s is %q, want %q", name, a.Labels[name], want)
					}
				}
				for name, want := range tt.annotations {
					if a.Annotations[name] != want {
						t.Errorf("annotation %s is %q, want %q", name, a.Annotations[name], want)
					}
				}
				if status := became(t, h, answer); status["success"] != true || status["alias"] != tt.alias || status["alertId"] != a.Fingerprint || status["status"] != "Created alert" || status["action"] != "Create" {
					t.Errorf("%v", status)
				}
			}
			read, err := Tools().Read(Source{Type: TypeOpsgenie}, []byte(fixture(t, tt.file)), now)
			if err != nil || len(read) != 1 || read[0].Title() != tt.title {
				t.Errorf("simulate reads %+v, %v", read, err)
			}
		})
	}
}

// nobody takes alerts of which it knows none.
type nobody struct{ batches []ticket.Batch }

func (n *nobody) Take(_ context.Context, b ticket.Batch) (Taken, error) {
	n.batches = append(n.batches, b)
	return Taken{Accepted: len(b.Alerts)}, nil
}

// TestOrders: what is done to an alert reaches it by its alias and by its id,
// and the answer about the request says what became of it.
func TestOrders(t *testing.T) {
	const alias = "host/disk a%b é\x00"
	id := alertID(alias)
	for _, tt := range []struct {
		method, order, body string
		status              ticket.AlertStatus
		remark              *ticket.Remark
		action, says        string
	}{
		{"POST", "/close", `{"source":"am"}`, ticket.Resolved, nil, "Close", "Closed alert"},
		{"POST", "/close", ``, ticket.Resolved, nil, "Close", "Closed alert"},
		{"POST", "/close", `{"user":"Ann","note":"mended"}`, ticket.Resolved, &ticket.Remark{Kind: ticket.RemarkNoted, By: "Ann", What: "close", Text: "mended"}, "Close", "Closed alert"},
		{"DELETE", "", ``, ticket.Resolved, nil, "Delete", "Closed alert"},
		{"POST", "/acknowledge", `{"user":"Ann","note":"on it"}`, ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkTaken, By: "Ann", What: "acknowledge", Text: "on it"}, "Acknowledge", "Acknowledged alert"},
		{"POST", "/notes", `{"note":"hm"}`, ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "notes", Text: "hm"}, "AddNote", "Added note to alert"},
		{"POST", "/unacknowledge", `{"user":"Ann"}`, ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, By: "Ann", What: "unacknowledge"}, "UnAcknowledge", ""},
		{"POST", "/snooze", `{"endTime":"2026-11-22T00:00:00Z"}`, ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "snooze"}, "Snooze", ""},
	} {
		for _, named := range []string{url.PathEscape(alias) + tt.order + "?identifierType=alias", id + tt.order + "?identifierType=id", id + tt.order} {
			tk := &taker{}
			h := standIns(tk)
			code, answer := asked(t, h, tt.method, "/v2/alerts/"+named, tt.body)
			if code != http.StatusAccepted || len(tk.batches) != 1 {
				t.Fatalf("%s: %d %v", named, code, answer)
			}
			a := tk.batches[0].Alerts[0]
			if a.Fingerprint != id || a.Status != tt.status || fmt.Sprintf("%+v", a.Remark) != fmt.Sprintf("%+v", tt.remark) {
				t.Errorf("%s: %+v %+v", named, a, a.Remark)
			}
			status := became(t, h, answer)
			if status["success"] != (tt.says != "") || status["action"] != tt.action || tt.says != "" && status["status"] != tt.says || status["alertId"] != id {
				t.Errorf("%s: %v", named, status)
			}
			none := standIns(nil, func(o *Options) { o.Taker = &nobody{} })
			_, answer = asked(t, none, tt.method, "/v2/alerts/"+named, tt.body)
			if status := became(t, none, answer); status["success"] != false || tt.says != "" && !strings.Contains(fmt.Sprint(status["status"]), "There is no open alert") {
				t.Errorf("%s, of an alert that nobody knows: %v", named, status)
			}
		}
	}
	tk := &taker{}
	for path, method := range map[string]string{"a/message": "PUT", "a/description": "PUT", "a/priority": "PUT", "a/tags": "POST", "a/close?identifierType=tiny": "POST"} {
		h := standIns(tk)
		code, answer := asked(t, h, method, "/v2/alerts/"+path, `{"message":"x"}`)
		if status := became(t, h, answer); code != http.StatusAccepted || status["success"] != false || len(tk.batches) > 0 {
			t.Errorf("%s: %d %v %+v", path, code, status, tk.batches)
		}
	}
}

// TestAliasesWithSlashes: a sender may leave a slash as it is.
func TestAliasesWithSlashes(t *testing.T) {
	for path, alias := range map[string]string{"a/b/close": "a/b", "a%2Fb/close": "a/b", "a%2fb/close/": "a/b", "%00/close": "\x00", "requests/close": "requests", "%2e%2e/close": ".."} {
		tk := &taker{}
		code, answer := asked(t, standIns(tk), http.MethodPost, "/v2/alerts/"+path+"?identifierType=alias", "")
		if code != http.StatusAccepted || tk.batches[0].Alerts[0].Fingerprint != alertID(alias) {
			t.Errorf("%s: %d %v %+v", path, code, answer, tk.batches)
		}
	}
}

// TestRequestsAreKnownEverywhere: no daemon keeps anything of a request. Each
// that has the source's token can be asked what became of it, at any time.
func TestRequestsAreKnownEverywhere(t *testing.T) {
	first, second := standIns(&taker{}), standIns(&taker{}, func(o *Options) { o.Now = func() time.Time { return now.Add(24 * time.Hour) } })
	_, answer := asked(t, first, http.MethodPost, "/v2/alerts", `{"message":"x","alias":"`+strings.Repeat("long", 200)+`"}`)
	status := became(t, second, answer)
	if status["processedAt"] != "2026-11-21T17:22:30.000Z" || status["alertId"] != alertID(strings.Repeat("long", 200)) || status["alias"] != "" {
		t.Errorf("%v", status)
	}
	for range 10_000 {
		if status := became(t, second, answer); status["success"] != true {
			t.Fatalf("%v", status)
		}
	}
	id := fmt.Sprint(answer["requestId"])
	flipped := "A"
	if id[20] == 'A' {
		flipped = "B"
	}
	for _, wrong := range []string{"", "x", id[:len(id)-1], id + "A", id[:20] + flipped + id[21:], "43a29c5c-3dbf-4fa4-9c26-f4f71023e120", strings.Repeat("A", 5000), "%00"} {
		code, answer := asked(t, second, http.MethodGet, "/v2/alerts/requests/"+wrong, "")
		if code != http.StatusNotFound || wrong != "" && answer["message"] != "Request not found. It might not be processed, yet." || answer["data"] != nil {
			t.Errorf("%.50q: %d %v", wrong, code, answer)
		}
	}
	w := post(t, second, "/v2/alerts/requests/"+id, "", func(r *http.Request) {
		r.Method = http.MethodGet
		r.Header.Set("Authorization", "GenieKey other-og-hush")
	})
	if w.Code != http.StatusNotFound {
		t.Errorf("another source is told: %d %s", w.Code, w.Body)
	}
}

// later takes alerts down for a store that is away.
type later struct{}

func (later) Take(_ context.Context, b ticket.Batch) (Taken, error) {
	return Taken{Accepted: len(b.Alerts), Later: true}, nil
}

// TestOrdersWhileTheStoreIsAway are written down, and count as done.
func TestOrdersWhileTheStoreIsAway(t *testing.T) {
	h := standIns(nil, func(o *Options) { o.Taker = later{} })
	_, answer := asked(t, h, http.MethodPost, "/v2/alerts/a/close?identifierType=alias", "")
	if status := became(t, h, answer); status["success"] != true {
		t.Errorf("%v", status)
	}
}

// TestAnAlertWithoutAnAlias gets its id for one.
func TestAnAlertWithoutAnAlias(t *testing.T) {
	tk := &taker{}
	h := standIns(tk)
	_, answer := asked(t, h, http.MethodPost, "/v2/alerts", `{"message":"x"}`)
	status := became(t, h, answer)
	id := fmt.Sprint(status["alertId"])
	if !isAlertID(id) || status["alias"] != id {
		t.Fatalf("%v", status)
	}
	for _, kind := range []string{"", "?identifierType=alias", "?identifierType=id"} {
		asked(t, h, http.MethodPost, "/v2/alerts/"+id+"/close"+kind, "")
		if a := tk.batches[len(tk.batches)-1].Alerts[0]; a.Fingerprint != tk.batches[0].Alerts[0].Fingerprint {
			t.Errorf("%s: %+v", kind, a)
		}
	}
}

// TestWrongRequests: what Opsgenie refuses is refused as it does.
func TestWrongRequests(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, key, body string
		status                        int
		message, field                string
	}{
		{"no key", "POST", "/v2/alerts", "", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"a wrong key", "POST", "/v2/alerts", "GenieKey og-hush-hus", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"a bearer", "POST", "/v2/alerts", "Bearer og-hush-hush", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"an empty key", "POST", "/v2/alerts", "GenieKey ", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"in the query", "POST", "/v2/alerts?token=og-hush-hush", "", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"PagerDuty's key", "POST", "/v2/alerts", "GenieKey pd-hush-hush", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"another source's key", "POST", "/ingest/og/v2/alerts", "GenieKey other-og-hush", `{"message":"x"}`, 401, "Could not authenticate", ""},
		{"no source", "POST", "/ingest/nobody/v2/alerts", "GenieKey og-hush-hush", `{"message":"x"}`, 404, "no source named", ""},
		{"another type's source", "POST", "/ingest/pd/v2/alerts?token=pd-hush-hush", "", `{"message":"x"}`, 404, "is of type pagerduty", ""},
		{"no message", "POST", "/v2/alerts", "GenieKey og-hush-hush", `{"message":" "}`, 422, "Request body is not processable. Please check the errors.", "message"},
		{"nothing", "POST", "/v2/alerts", "GenieKey og-hush-hush", ``, 422, "Request body is not processable. Please check the errors.", "message"},
		{"an unknown priority", "POST", "/v2/alerts", "GenieKey og-hush-hush", `{"message":"x","priority":"P6"}`, 422, "Request body is not processable. Please check the errors.", "priority"},
		{"an odd alias", "POST", "/v2/alerts", "GenieKey og-hush-hush", `{"message":"x","alias":{}}`, 422, "Request body is not processable. Please check the errors.", "alias"},
		{"a list", "POST", "/v2/alerts", "GenieKey og-hush-hush", `[]`, 422, "Request body is not processable. Please check the errors.", "body"},
		{"an unknown kind of name", "POST", "/v2/alerts/a/close?identifierType=x", "GenieKey og-hush-hush", `{}`, 422, "Request body is not processable. Please check the errors.", "identifierType"},
		{"no JSON", "POST", "/v2/alerts", "GenieKey og-hush-hush", `{"message":`, 400, "the body is not JSON", ""},
		{"too long", "POST", "/v2/alerts", "GenieKey og-hush-hush", `{"message":"` + strings.Repeat("x", longestGenie) + `"}`, 413, "larger than", ""},
		{"a list of something", "GET", "/v2/alerts/a/b", "GenieKey og-hush-hush", ``, 404, "There is nothing at this path", ""},
		{"closed by GET", "GET", "/v2/alerts/a/close", "GenieKey og-hush-hush", ``, 405, "The method is not supported", ""},
		{"an unknown order", "POST", "/v2/alerts/a/explode", "GenieKey og-hush-hush", ``, 404, "There is nothing at this path", ""},
		{"an unknown alert", "GET", "/v2/alerts/a", "GenieKey og-hush-hush", ``, 404, "Alert does not exist", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			w := post(t, standIns(tk), tt.path, tt.body, func(r *http.Request) {
				r.Method = tt.method
				r.Header.Set("Authorization", tt.key)
			})
			var answer struct {
				Message, RequestID string
				Errors             map[string]string
				Took               *float64
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != tt.status || !strings.HasPrefix(answer.Message, tt.message) && !strings.Contains(answer.Message, tt.message) || answer.RequestID == "" || answer.Took == nil {
				t.Fatalf("%d %.300s %v", w.Code, w.Body, err)
			}
			if (tt.field != "") != (len(answer.Errors) > 0) || tt.field != "" && answer.Errors[tt.field] == "" || len(tk.batches) > 0 {
				t.Errorf("%s %+v", w.Body, tk.batches)
			}
		})
	}
	w := post(t, standIns(&taker{err: errors.New("disk full")}), "/v2/alerts", `{"message":"x"}`, genieAuth)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// knows knows some alerts of the source og.
type knows struct{ all []Known }

func (k knows) Known(_ context.Context, source, fingerprint string) (Known, bool, error) {
	if source == "og-other" {
		return Known{}, false, errors.New("the store is away")
	}
	for _, one := range k.all {
		if source == "og" && fingerprint == one.Alert.Fingerprint {
			return one, true, nil
		}
	}
	return Known{}, false, nil
}

func (k knows) List(_ context.Context, source string, which Which, do func(*Known) bool) error {
	if source == "og-other" {
		return errors.New("the store is away")
	}
	for i := range k.all {
		over := k.all[i].Alert.Status == ticket.Resolved
		if (which == Either || over == (which == Over)) && !do(&k.all[i]) {
			return nil
		}
	}
	return nil
}

func (k knows) Numbered(_ context.Context, _, number string) (all []Known, _ error) {
	for _, one := range k.all {
		if one.Ticket.Number == number {
			all = append(all, one)
		}
	}
	return all, nil
}

// TestAnAlertIsShown to senders that ask what became of it.
func TestAnAlertIsShown(t *testing.T) {
	tk := &taker{}
	known := &knows{}
	h := standIns(tk, func(o *Options) { o.Known = known })
	asked(t, h, http.MethodPost, "/v2/alerts", fixture(t, "opsgenie-create-alertmanager.json"))
	known.all = []Known{{
		Alert:  ticket.AlertRecord{Alert: tk.batches[0].Alerts[0], FirstAt: now, LastAt: now.Add(time.Minute), Count: 3},
		Ticket: ticket.Ticket{Number: "I261121_0001", State: ticket.Acknowledged},
	}}
	const alias = "d9e0ec5f531a3eac3cbbc07c2f4fb56f127c563d50b7f84949aeb4dbaf3fbfc5"
	code, answer := asked(t, h, http.MethodGet, "/v2/alerts/"+alias+"?identifierType=alias", "")
	data, _ := answer["data"].(map[string]any)
	for name, want := range map[string]any{
		"id": alertID(alias), "tinyId": "I261121_0001", "alias": alias, "status": "open", "acknowledged": true, "count": 3.0, "priority": "P1",
		"createdAt": "2026-11-21T17:22:30.000Z", "lastOccurredAt": "2026-11-21T17:23:30.000Z",
	} {
		if code != http.StatusOK || data[name] != want {
			t.Errorf("%d: %s is %v, want %v", code, name, data[name], want)
		}
	}
	known.all[0].Ticket.State = ticket.StateResolved
	_, answer = asked(t, h, http.MethodGet, "/v2/alerts/"+alertID(alias), "")
	if data, _ := answer["data"].(map[string]any); data["status"] != "closed" {
		t.Errorf("%v", data)
	}
	w := post(t, h, "/v2/alerts/a", "", func(r *http.Request) {
		r.Method = http.MethodGet
		r.Header.Set("Authorization", "GenieKey other-og-hush")
	})
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestExpectedAnswers: the answers have the fields of Opsgenie's, in its order.
func TestExpectedAnswers(t *testing.T) {
	h := standIns(&taker{})
	fields := func(body string) (names []string) {
		d := json.NewDecoder(strings.NewReader(body))
		depth, name := 0, true
		for {
			token, err := d.Token()
			if err != nil {
				return names
			}
			switch token := token.(type) {
			case json.Delim:
				if token == '{' {
					depth++
				} else {
					depth--
				}
				name = true
			default:
				if name {
					names = append(names, fmt.Sprint(depth, token))
				}
				name = !name
			}
		}
	}
	var created, status *httptest.ResponseRecorder
	created = post(t, h, "/v2/alerts", `{"message":"x"}`, genieAuth)
	var answer struct{ RequestID string }
	if err := json.Unmarshal(created.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	status = post(t, h, "/v2/alerts/requests/"+answer.RequestID, "", genieAuth, func(r *http.Request) { r.Method = http.MethodGet })
	wrong := post(t, h, "/v2/alerts", `{"message":""}`, genieAuth)
	wrongFields := strings.Replace(wrong.Body.String(), `"message":"Message can not be empty."`, `"recipients#type":""`, 1)
	for name, body := range map[string]string{"create_202": created.Body.String(), "request_status_200": status.Body.String(), "unprocessable_422": wrongFields} {
		if got, want := fields(body), fields(expected(t, "opsgenie-expected-responses.json", name)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
}
