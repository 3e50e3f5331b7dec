package fcm

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"firebase.google.com/go/v4/messaging"

	"github.com/astreinte/astreinte/paging"
)

// reply is one answer of FCM and what it means for a page: the retry table.
type reply struct {
	name       string
	status     int
	retryAfter string
	body       string

	class paging.Class
	code  string
	id    string
	wait  time.Duration
	gone  bool
}

const (
	fcmErrorType   = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
	badRequestType = "type.googleapis.com/google.rpc.BadRequest"
)

// failure writes an error body: Google's status, FCM's code, the field that is
// wrong; empty for none.
func failure(status, code, field, message string) string {
	var details []map[string]any
	if code != "" {
		details = append(details, map[string]any{"@type": fcmErrorType, "errorCode": code})
	}
	if field != "" {
		details = append(details, map[string]any{
			"@type": badRequestType, "fieldViolations": []map[string]string{{"field": field, "description": message}},
		})
	}
	raw, err := json.Marshal(map[string]any{"error": map[string]any{"status": status, "message": message, "details": details}})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

const notAToken = "The registration token is not a valid FCM registration token"

var replies = []reply{
	{name: "sent", status: 200, body: `{"name":"projects/p/messages/1"}`, class: paging.Accepted, id: "projects/p/messages/1"},
	{name: "a portal's page", status: 200, body: `<html>Welcome</html>`, class: paging.OutcomeUnknown, code: "http_200"},
	{name: "sent, unreadable", status: 200, body: `{"name":"proj`, class: paging.OutcomeUnknown, code: "http_200"},
	{name: "a redirect", status: 302, body: `moved`, class: paging.DeadAccount, code: "http_302"},

	{name: "unregistered", status: 404, body: failure("NOT_FOUND", "UNREGISTERED", "", "Requested entity was not found."), class: paging.DeadAddress, code: "UNREGISTERED", gone: true},
	{name: "no token", status: 400, body: failure("INVALID_ARGUMENT", "INVALID_ARGUMENT", "", notAToken), class: paging.DeadAddress, code: "INVALID_ARGUMENT", gone: true},
	{name: "no token, by field", status: 400, body: failure("INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token", "Invalid registration"), class: paging.DeadAddress, code: "INVALID_ARGUMENT", gone: true},
	{name: "no reason", status: 400, body: failure("INVALID_ARGUMENT", "INVALID_ARGUMENT", "", "Request contains an invalid argument."), class: paging.DeadAddress, code: "INVALID_ARGUMENT"},
	{name: "another project's", status: 403, body: failure("PERMISSION_DENIED", "SENDER_ID_MISMATCH", "", "SenderId mismatch"), class: paging.DeadAddress, code: "SENDER_ID_MISMATCH"},

	{name: "a field", status: 400, body: failure("INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.android.ttl", "Invalid registration token ttl"), class: paging.DeadAccount, code: "INVALID_ARGUMENT"},
	{name: "bad JSON", status: 400, body: failure("INVALID_ARGUMENT", "", "", "Invalid JSON payload received."), class: paging.DeadAccount, code: "INVALID_ARGUMENT"},
	{name: "Apple refuses us", status: 401, body: failure("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "", "Auth error from APNS"), class: paging.DeadAccount, code: "THIRD_PARTY_AUTH_ERROR"},
	{name: "no permission", status: 403, body: failure("PERMISSION_DENIED", "", "", "denied"), class: paging.DeadAccount, code: "PERMISSION_DENIED"},
	{name: "no such project", status: 404, body: failure("NOT_FOUND", "", "", "Requested entity was not found."), class: paging.DeadAccount, code: "NOT_FOUND"},
	{name: "404 of a proxy", status: 404, body: "<html>", class: paging.DeadAccount, code: "http_404"},

	{name: "quota", status: 429, body: failure("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "", "x"), class: paging.Transient, code: "QUOTA_EXCEEDED", wait: time.Minute},
	{name: "quota, named pause", status: 429, retryAfter: "90", body: failure("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "", "x"), class: paging.Transient, code: "QUOTA_EXCEEDED", wait: 90 * time.Second},
	{name: "429 of a proxy", status: 429, class: paging.Transient, code: "http_429", wait: time.Minute},
	{name: "unavailable", status: 503, retryAfter: "7", body: failure("UNAVAILABLE", "UNAVAILABLE", "", "x"), class: paging.Transient, code: "UNAVAILABLE", wait: 7 * time.Second},
	{name: "unavailable for long", status: 503, retryAfter: "9999999", body: failure("UNAVAILABLE", "UNAVAILABLE", "", "x"), class: paging.Transient, code: "UNAVAILABLE", wait: TTL},
	{name: "503 of a proxy", status: 503, body: "<html><h1>Service Unavailable</h1></html>", class: paging.Transient, code: "http_503"},
	{name: "internal", status: 500, body: failure("INTERNAL", "INTERNAL", "", "x"), class: paging.Transient, code: "INTERNAL"},
	{name: "unspecified", status: 500, body: failure("UNKNOWN", "UNSPECIFIED_ERROR", "", "x"), class: paging.Transient, code: "UNSPECIFIED_ERROR"},
	{name: "502 without a body", status: 502, class: paging.Transient, code: "http_502"},

	{name: "an unknown 4xx", status: 418, body: failure("TEAPOT", "TEAPOT", "", "new"), class: paging.DeadAddress, code: "TEAPOT"},
	{name: "JSON that is no error", status: 400, body: `[1,2]`, class: paging.DeadAddress, code: "http_400"},
}

func TestReplies(t *testing.T) {
	for _, a := range replies {
		t.Run(a.name, func(t *testing.T) {
			check(t, a)
		})
	}
}

func check(t *testing.T, a reply) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start, calls, closed := time.Now(), 0, 0
		s := newSender(t, authorized(func(req *http.Request) (*http.Response, error) {
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
		if r.Class != a.class || r.Code != a.code || r.ProviderID != a.id || r.RetryAfter != a.wait || r.Unregistered != a.gone {
			t.Errorf("got %s %q id %q wait %s gone %t\nwant %s %q id %q wait %s gone %t",
				r.Class, r.Code, r.ProviderID, r.RetryAfter, r.Unregistered, a.class, a.code, a.id, a.wait, a.gone)
		}
		if calls != 1 || closed == 0 || time.Since(start) != 0 {
			t.Errorf("%d calls in %s, %d bodies closed; want one at once: the outbox repeats", calls, time.Since(start), closed)
		}
		if len(r.Detail) > 2*paging.MaxDetail || strings.ContainsAny(r.Detail, "\n\r") {
			t.Errorf("detail is not fit for a page: %q", r.Detail)
		}
	})
}

type onClose struct {
	io.ReadCloser
	then func()
}

func (b onClose) Close() error {
	b.then()
	return b.ReadCloser.Close()
}

// TestFixtures holds FCM's own answers against the table, and the SDK's
// predicates against our reader.
func TestFixtures(t *testing.T) {
	var fixtures []struct {
		Status int             `json:"http_status"`
		Body   json.RawMessage `json:"body"`
		Class  string          `json:"class"`
	}
	if err := json.Unmarshal([]byte(fixture(t, "fcm-error-responses.json")), &fixtures); err != nil {
		t.Fatal(err)
	}
	want := []reply{
		{class: paging.DeadAccount, code: "INVALID_ARGUMENT"},
		{class: paging.DeadAddress, code: "INVALID_ARGUMENT", gone: true},
		{class: paging.DeadAddress, code: "UNREGISTERED", gone: true},
		{class: paging.Transient, code: "QUOTA_EXCEEDED", wait: time.Minute},
		{class: paging.Transient, code: "UNAVAILABLE"},
		{class: paging.Transient, code: "INTERNAL"},
	}
	predicates := map[string]func(error) bool{
		"UNREGISTERED": messaging.IsUnregistered, "QUOTA_EXCEEDED": messaging.IsQuotaExceeded,
		"UNAVAILABLE": messaging.IsUnavailable, "INTERNAL": messaging.IsInternal,
	}
	if len(fixtures) != len(want) {
		t.Fatalf("%d fixtures, %d expectations", len(fixtures), len(want))
	}
	for i, f := range fixtures {
		a := want[i]
		a.status, a.body = f.Status, string(f.Body)
		t.Run(a.code+" "+f.Class, func(t *testing.T) {
			check(t, a)
			if is := predicates[a.code]; is != nil {
				synctest.Test(t, func(t *testing.T) { // the SDK alone, which repeats
					if err := bySDK(t, a); !is(err) {
						t.Errorf("the SDK reads %v", err)
					}
				})
			}
		})
	}
}

func TestSuccessFixture(t *testing.T) {
	check(t, reply{status: 200, body: fixture(t, "fcm-send-success.json"), class: paging.Accepted, id: "projects/test-project/messages/msg_id"})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"-1":                            0,
		"90":                            90 * time.Second,
		"soon":                          0,
		"Sat, 21 Nov 2026 03:13:00 GMT": time.Minute,
		"Sat, 21 Nov 2026 03:11:00 GMT": 0,
		"Sat, 21 Nov 2099 03:11:00 GMT": TTL,
	} {
		if got := paging.RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
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
