package phonetest

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"
)

// pusher returns Firebase's own client of a World's project.
func pusher(t *testing.T, w *World) *messaging.Client {
	t.Helper()
	credentials, err := w.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: w.Project()},
		option.WithEndpoint(w.URL()+"/v1"),
		option.WithCredentialsJSON(credentials))
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFCMAcceptsAPush(t *testing.T) {
	w, _ := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	alice.Register("token-a")
	name, err := pusher(t, w).Send(t.Context(), &messaging.Message{
		Token:        "token-a",
		Notification: &messaging.Notification{Title: "CRITIQUE Acme", Body: "srv-db-01 HostDown"},
		Data:         map[string]string{"ticket": "I261121_0001", "code": "12", "link": "https://a.test/a/x"},
		Android:      &messaging.AndroidConfig{Priority: "high"},
		APNS: &messaging.APNSConfig{Payload: &messaging.APNSPayload{Aps: &messaging.Aps{
			Sound: "default", CustomData: map[string]any{"interruption-level": "time-sensitive"},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	push := alice.ExpectPush(t, "CRITIQUE", "HostDown")
	if !strings.HasPrefix(name, "projects/"+w.Project()+"/messages/") || push.SID != name {
		t.Errorf("name %q, message %+v", name, push)
	}
	if push.Code() != "12" || push.Link() != "https://a.test/a/x" || push.Data["ticket"] != "I261121_0001" {
		t.Errorf("data %v", push.Data)
	}
	if push.Title != "CRITIQUE Acme" || push.Body != "srv-db-01 HostDown" || push.To != "token-a" {
		t.Errorf("message %+v", push)
	}
	if !strings.Contains(string(push.Raw), `"priority":"high"`) {
		t.Errorf("raw %s", push.Raw)
	}
}

func TestFCMRefuses(t *testing.T) {
	w, _ := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	alice.Register("token-a")
	alice.Unregister("token-a")
	alice.Register("token-b")
	fcm := pusher(t, w)
	for _, tt := range []struct {
		name string
		m    messaging.Message
		is   func(error) bool
	}{
		{"a token that was dropped", messaging.Message{Token: "token-a"}, messaging.IsUnregistered},
		{"a token that is none", messaging.Message{Token: "not a token"}, messaging.IsInvalidArgument},
		{"too much data", messaging.Message{
			Token: "token-b", Data: map[string]string{"k": strings.Repeat("x", 4096)},
		}, messaging.IsInvalidArgument},
		{"a reserved key", messaging.Message{
			Token: "token-b", Data: map[string]string{"from": "x"},
		}, messaging.IsInvalidArgument},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := fcm.Send(t.Context(), &tt.m); err == nil || !tt.is(err) {
				t.Errorf("error %v", err)
			}
		})
	}
	if len(w.Messages()) != 0 {
		t.Errorf("accepted %v", w.Messages())
	}
	if _, err := fcm.SendDryRun(t.Context(), &messaging.Message{Token: "token-b"}); err != nil {
		t.Error(err)
	}
	alice.ExpectNothing(t)
}

// Requests that the SDK does not let through.
func TestFCMRefusesRawRequests(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	w.Phone("alice", aliceNumber).Register("token-a")
	w.bearers["b"] = true
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer b") }
	path := "/v1/projects/" + w.Project() + "/messages:send"
	for _, tt := range []struct {
		name, path, body string
		auth             func(*http.Request)
		status           int
		want             string
	}{
		{"no bearer", path, `{"message":{"token":"token-a"}}`, nil, 401, `"UNAUTHENTICATED"`},
		{"another project", "/v1/projects/other/messages:send", `{"message":{"token":"token-a"}}`, bearer, 403, `"PERMISSION_DENIED"`},
		{"a number as data", path, `{"message":{"token":"token-a","data":{"n":12}}}`, bearer, 400, `Invalid value at 'message.data[0].value' (TYPE_STRING), 12`},
		{"an unknown field", path, `{"message":{"token":"token-a","text":"x"}}`, bearer, 400, `Cannot find field`},
		{"no JSON", path, `message`, bearer, 400, `Invalid JSON payload`},
		{"nobody", path, `{"message":{}}`, bearer, 400, `Recipient`},
		{"two recipients", path, `{"message":{"token":"token-a","topic":"t"}}`, bearer, 400, `Recipient`},
		{"nothing", path, `{"message":{"token":"token-a"}}`, bearer, 200, `"name":"projects/`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, body := post(t, w, tt.path, "application/json", tt.body, tt.auth)
			if res.StatusCode != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d with %s", res.StatusCode, body, tt.status, tt.want)
			}
		})
	}
	fixture, err := os.ReadFile("testdata/fcm-send-android.json")
	if err != nil {
		t.Fatal(err)
	}
	if res, body := post(t, w, path, "application/json", string(fixture), bearer); res.StatusCode != http.StatusOK {
		t.Errorf("the SDK's own example: %d %s", res.StatusCode, body)
	}
}

// Our errors are like the published ones: the same status, and the same detail
// with the same code.
func TestFCMErrorsAreThePublishedOnes(t *testing.T) {
	raw, err := os.ReadFile("testdata/fcm-error-responses.json")
	if err != nil {
		t.Fatal(err)
	}
	var published []struct {
		Status int          `json:"http_status"`
		Body   fcmErrorBody `json:"body"`
	}
	if err := json.Unmarshal(raw, &published); err != nil {
		t.Fatal(err)
	}
	for _, p := range published {
		want := p.Body.Error.Details[0]
		if want.Type != fcmErrorType {
			continue
		}
		a := fcmError(0, want.ErrorCode)
		var got fcmErrorBody
		if err := json.Unmarshal(a.body, &got); err != nil {
			t.Fatal(err)
		}
		if a.status != p.Status || got.Error.Code != p.Status || got.Error.Details[0].ErrorCode != want.ErrorCode {
			t.Errorf("%s: %d %s", want.ErrorCode, a.status, a.body)
		}
	}
}
