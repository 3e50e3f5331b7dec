package twilio

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// answer is one answer of Twilio's API and what it means for a page: the retry
// table.
type answer struct {
	name       string
	status     int
	retryAfter string
	body       string

	class paging.Class
	code  string
	id    string
	wait  time.Duration
}

func restError(code, message string) string {
	return `{"code":` + code + `,"message":"` + message + `","more_info":"https://www.twilio.com/docs/errors/` + code + `","status":400}`
}

var answers = []answer{
	{name: "created", status: 201, body: `{"sid":"SM1","status":"queued","error_code":null}`, class: paging.Accepted, id: "SM1"},
	{name: "created, unreadable", status: 201, body: `{"sid": "SM`, class: paging.Accepted},
	{name: "created, empty", status: 201, class: paging.Accepted},
	{name: "created, but failed at once", status: 201, body: `{"sid":"SM1","status":"failed","error_code":30006,"error_message":"Landline"}`, class: paging.DeadAddress, code: "30006"},
	{name: "ok with an id", status: 200, body: `{"sid":"SM1"}`, class: paging.Accepted, id: "SM1"},
	{name: "a portal's page", status: 200, body: `<html>Welcome</html>`, class: paging.OutcomeUnknown, code: "http_200"},
	{name: "a redirect", status: 302, body: `moved`, class: paging.DeadAccount, code: "http_302"},

	{name: "invalid number", status: 400, body: restError("21211", "Invalid 'To' Phone Number"), class: paging.DeadAddress, code: "21211"},
	{name: "cannot be reached", status: 400, body: restError("21214", "x"), class: paging.DeadAddress, code: "21214"},
	{name: "not valid", status: 400, body: restError("21217", "x"), class: paging.DeadAddress, code: "21217"},
	{name: "region", status: 400, body: restError("21408", "x"), class: paging.DeadAddress, code: "21408"},
	{name: "unsubscribed", status: 400, body: restError("21610", "x"), class: paging.DeadAddress, code: "21610"},
	{name: "unroutable", status: 400, body: restError("21612", "x"), class: paging.DeadAddress, code: "21612"},
	{name: "not mobile", status: 400, body: restError("21614", "x"), class: paging.DeadAddress, code: "21614"},

	{name: "authenticate", status: 401, body: restError("20003", "Authenticate"), class: paging.DeadAccount, code: "20003"},
	{name: "not found", status: 404, body: restError("20404", "x"), class: paging.DeadAccount, code: "20404"},
	{name: "sender", status: 400, body: restError("21606", "x"), class: paging.DeadAccount, code: "21606"},
	{name: "trial", status: 400, body: restError("21608", "x"), class: paging.DeadAccount, code: "21608"},
	{name: "empty text", status: 400, body: restError("21602", "x"), class: paging.DeadAccount, code: "21602"},
	{name: "long text", status: 400, body: restError("21617", "x"), class: paging.DeadAccount, code: "21617"},
	{name: "401 of a proxy", status: 401, body: "<html>", class: paging.DeadAccount, code: "http_401"},
	{name: "404 of a proxy", status: 404, body: "<html>", class: paging.DeadAccount, code: "http_404"},

	{name: "filtered", status: 400, body: restError("30007", "x"), class: paging.Filtered, code: "30007"},

	{name: "too many requests", status: 429, retryAfter: "7", body: restError("20429", "x"), class: paging.Transient, code: "20429", wait: 7 * time.Second},
	{name: "429 without a body", status: 429, retryAfter: "-3", class: paging.Transient, code: "http_429"},
	{name: "429 for ever", status: 429, retryAfter: "99999999999999999999", class: paging.Transient, code: "http_429"},
	{name: "429 for long", status: 429, retryAfter: "9999999", class: paging.Transient, code: "http_429", wait: Validity},
	{name: "queue overflow", status: 400, body: restError("30001", "x"), class: paging.Transient, code: "30001"},
	{name: "queue full", status: 400, body: restError("21611", "x"), class: paging.Transient, code: "21611"},
	{name: "rate limit", status: 400, body: restError("14107", "x"), class: paging.Transient, code: "14107"},
	{name: "10DLC rate limit", status: 400, body: restError("30022", "x"), class: paging.Transient, code: "30022"},
	{name: "channel rate limit", status: 400, body: restError("63018", "x"), class: paging.Transient, code: "63018"},
	{name: "unreachable handset", status: 400, body: restError("30003", "x"), class: paging.Transient, code: "30003"},
	{name: "503 of a proxy", status: 503, retryAfter: "120", body: "<html><h1>Service Unavailable</h1></html>", class: paging.Transient, code: "http_503", wait: 2 * time.Minute},
	{name: "500", status: 500, body: restError("20500", "x"), class: paging.Transient, code: "20500"},
	{name: "502 without a body", status: 502, class: paging.Transient, code: "http_502"},

	{name: "an unknown 4xx", status: 400, body: restError("21999", "new"), class: paging.DeadAddress, code: "21999"},
	{name: "an unknown code, 429", status: 429, body: restError("29999", "new"), class: paging.Transient, code: "29999"},
	{name: "JSON that is no error", status: 400, body: `[1,2]`, class: paging.DeadAddress, code: "http_400"},
}

func TestAnswers(t *testing.T) {
	for _, a := range answers {
		t.Run(a.name, func(t *testing.T) {
			check(t, a)
		})
	}
}

// TestFixtures tries Twilio's own answers with the table's reader.
func TestFixtures(t *testing.T) {
	check(t, answer{
		status: 400, body: fixture(t, "twilio-error-20001.json"),
		class: paging.DeadAddress, code: "20001", // nothing in it says who is to blame
	})
	check(t, answer{
		status: 201, body: fixture(t, "twilio-message-create-201.json"),
		class: paging.Accepted, id: "SM" + strings.Repeat("a", 32),
	})
}

func check(t *testing.T, a answer) {
	t.Helper()
	calls, closed := 0, 0
	s := newSender(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		calls++
		h := http.Header{"Location": {"https://elsewhere.example.net/"}}
		if a.retryAfter != "" {
			h.Set("Retry-After", a.retryAfter)
		}
		res := response(req, a.status, h, a.body)
		res.Body = onClose{res.Body, func() { closed++ }}
		return res, nil
	}))
	r := s.Send(t.Context(), message())
	if tooFast := a.status == http.StatusTooManyRequests; r.TooFast != tooFast {
		t.Errorf("%s: too fast %v", a.name, r.TooFast)
	}
	if r.Class != a.class || r.Code != a.code || r.ProviderID != a.id || r.RetryAfter != a.wait || r.Unregistered {
		t.Errorf("got %+v, want class %s, code %q, id %q, wait %s", r, a.class, a.code, a.id, a.wait)
	}
	if calls != 1 {
		t.Errorf("%d calls, want 1: the outbox repeats", calls)
	}
	if closed == 0 {
		t.Error("the body was left open")
	}
	if len(r.Detail) > 2*paging.MaxDetail || strings.ContainsAny(r.Detail, "\n\r") {
		t.Errorf("detail is not fit for a page: %q", r.Detail)
	}
}

type onClose struct {
	io.ReadCloser
	then func()
}

func (b onClose) Close() error {
	b.then()
	return b.ReadCloser.Close()
}

// TestClassify names what each code of the table does to a receipt, and what an
// unknown one does.
func TestClassify(t *testing.T) {
	for code, m := range codes {
		if got := Classify(code, 0); got != m.class {
			t.Errorf("Classify(%d, 0) = %s, want %s", code, got, m.class)
		}
		if m.class == paging.Accepted || m.class == paging.OutcomeUnknown || m.text == "" {
			t.Errorf("code %d: class %s, text %q", code, m.class, m.text)
		}
	}
	for _, code := range []int{0, 30999} {
		if got := Classify(code, 0); got != paging.Transient {
			t.Errorf("Classify(%d, 0) = %s: a phone would be given up for an unknown reason", code, got)
		}
	}
	if got := Classify(0, 418); got != paging.DeadAddress {
		t.Errorf("Classify(0, 418) = %s, want dead_address", got)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"90":                            90 * time.Second,
		"soon":                          0,
		"Sat, 21 Nov 2026 03:13:00 GMT": time.Minute,
		"Sat, 21 Nov 2026 03:11:00 GMT": 0,
		"Sat, 21 Nov 2099 03:11:00 GMT": Validity,
	} {
		h := http.Header{"Retry-After": {value}}
		if got := paging.RetryAfter(h, now); got != want {
			t.Errorf("Retry-After: %s is %s, want %s", value, got, want)
		}
	}
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func fixtureJSON(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(fixture(t, name)), v); err != nil {
		t.Fatal(err)
	}
}
