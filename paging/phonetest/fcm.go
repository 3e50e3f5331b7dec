package phonetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxPayload is the most bytes of a push: its notification and data as JSON.
const maxPayload = 4096

// fcmRequest is the body of messages:send.
type fcmRequest struct {
	ValidateOnly bool            `json:"validate_only"`
	Message      json.RawMessage `json:"message"`
}

// fcmMessage is a message with the field names of the v1 reference. Parts that
// nothing here reads stay raw.
type fcmMessage struct {
	Name         string                     `json:"name"`
	Data         map[string]json.RawMessage `json:"data"`
	Notification fcmNotification            `json:"notification"`
	Android      struct {
		Data         map[string]json.RawMessage `json:"data"`
		Notification fcmNotification            `json:"notification"`
	} `json:"android"`
	WebPush json.RawMessage `json:"webpush"`
	APNS    struct {
		Payload json.RawMessage `json:"payload"`
	} `json:"apns"`
	Options   json.RawMessage `json:"fcm_options"`
	Token     string          `json:"token"`
	Topic     string          `json:"topic"`
	Condition string          `json:"condition"`
}

type fcmNotification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// fcmSend is POST messages:send: 200 and the message's name, or FCM's error.
func (w *World) fcmSend(rw http.ResponseWriter, r *http.Request) {
	if !w.bears(r) {
		w.refuse(rw, Push, "", fcmError(0, "UNAUTHENTICATED"))
		return
	}
	if r.PathValue("project") != w.opt.Project {
		w.refuse(rw, Push, "", fcmError(0, "PERMISSION_DENIED"))
		return
	}
	request, m, err := readFCM(http.MaxBytesReader(rw, r.Body, maxRequest))
	if err != nil {
		w.refuse(rw, Push, m.Token, badFCM(err))
		return
	}
	phone, a := w.recipient(m)
	if a != nil {
		w.refuse(rw, Push, m.Token, *a)
		return
	}
	if request.ValidateOnly {
		named("projects/" + w.opt.Project + "/messages/fake_message_id").write(rw)
		return
	}
	rec := m.order(phone, request.Message)
	rec.SID = "projects/" + w.opt.Project + "/messages/" + randomHex()
	w.settle(rw, r, rec, func(rec *record) answer { return named(rec.SID) })
}

// bears says whether a request has a token of our own token endpoint. Tokens
// do not expire: the demo's clock may run faster than its client's.
func (w *World) bears(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.mu.Lock()
	defer w.mu.Unlock()
	return ok && w.bearers[token]
}

func named(name string) answer {
	return jsonAnswer(http.StatusOK, struct {
		Name string `json:"name"`
	}{name})
}

// readFCM reads a request and checks its form. If there is an error, it still
// returns what it could read of the message.
func readFCM(body io.Reader) (fcmRequest, fcmMessage, error) {
	var request fcmRequest
	var m fcmMessage
	if err := json.NewDecoder(body).Decode(&request); err != nil {
		return request, m, fieldError{"", "Invalid JSON payload received. " + err.Error()}
	}
	if err := json.Unmarshal(request.Message, &m); err != nil {
		return request, m, fieldError{"message", "Invalid JSON payload received. " + err.Error()}
	}
	return request, m, errors.Join(knownFields(request.Message), m.check())
}

// fieldError says that a request does not fit the API's description.
type fieldError struct{ field, description string }

func (e fieldError) Error() string { return e.description }

// knownFields refuses a field of the message that the API does not have.
func knownFields(raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return fieldError{"message", "Invalid JSON payload received. " + err.Error()}
	}
	known := []string{"name", "data", "notification", "android", "webpush", "apns", "fcm_options", "token", "topic", "condition"}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			return fieldError{"message", fmt.Sprintf(
				"Invalid JSON payload received. Unknown name %q at 'message': Cannot find field.", name)}
		}
	}
	return nil
}

// check refuses data that is no string or has a reserved name. It refuses a
// payload that is too big.
func (m fcmMessage) check() error {
	if err := checkData("message.data", m.Data); err != nil {
		return err
	}
	if err := checkData("message.android.data", m.Android.Data); err != nil {
		return err
	}
	common := jsonSize(m.Notification) + jsonSize(m.Data)
	android := jsonSize(m.Android.Notification) + jsonSize(m.Android.Data)
	apple := 0
	if len(m.APNS.Payload) > 0 {
		apple = compactSize(m.APNS.Payload)
	}
	switch {
	case common+android > maxPayload:
		return said("Android message is too big")
	case common+apple > maxPayload:
		return said("APNs message is too big")
	}
	return nil
}

func checkData(field string, data map[string]json.RawMessage) error {
	for i, key := range slices.Sorted(maps.Keys(data)) {
		if reservedKey(key) {
			return said("Invalid data payload key: " + key)
		}
		if !bytes.HasPrefix(data[key], []byte(`"`)) {
			at := fmt.Sprintf("%s[%d].value", field, i)
			return fieldError{at, fmt.Sprintf("Invalid value at '%s' (TYPE_STRING), %s", at, data[key])}
		}
	}
	return nil
}

// reservedKey says whether FCM reserves a data key.
func reservedKey(key string) bool {
	return key == "from" || key == "message_type" ||
		strings.HasPrefix(key, "google.") || strings.HasPrefix(key, "gcm.")
}

// jsonSize is the size of v as JSON; 0 if v is empty.
func jsonSize(v any) int {
	raw, err := json.Marshal(v)
	if err != nil || string(raw) == "null" || string(raw) == `{"title":"","body":""}` {
		return 0
	}
	return compactSize(raw)
}

func compactSize(raw json.RawMessage) int {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return len(raw)
	}
	return b.Len()
}

// recipient returns the phone of the message's token, or why there is none. A
// topic or a condition has no phone and is accepted: nobody subscribed here.
func (w *World) recipient(m fcmMessage) (*Phone, *answer) {
	targets := 0
	for _, target := range []string{m.Token, m.Topic, m.Condition} {
		if target != "" {
			targets++
		}
	}
	if targets != 1 {
		a := badFCM(said("Recipient of the message is not set, or is set more than once."))
		return nil, &a
	}
	if m.Token == "" {
		return nil, nil
	}
	if strings.ContainsAny(m.Token, " \t\r\n/") {
		a := fcmError(0, "INVALID_ARGUMENT")
		return nil, &a
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if phone := w.byToken[m.Token]; phone != nil {
		return phone, nil
	}
	a := fcmError(0, "UNREGISTERED")
	return nil, &a
}

// order makes the message a record that nobody has accepted yet.
func (m fcmMessage) order(phone *Phone, raw json.RawMessage) *record {
	n := m.shown()
	rec := &record{Message: Message{
		Kind: Push, To: m.Token, Title: n.Title, Body: n.Body,
		Data: map[string]string{}, Status: "accepted", Raw: raw, phone: phone,
	}}
	for _, data := range []map[string]json.RawMessage{m.Data, m.Android.Data} {
		for key, value := range data {
			var s string
			if json.Unmarshal(value, &s) == nil {
				rec.Data[key] = s
			}
		}
	}
	return rec
}

// shown is what the phone shows: the words for Android, or for all platforms,
// or for Apple.
func (m fcmMessage) shown() fcmNotification {
	for _, n := range []fcmNotification{m.Android.Notification, m.Notification} {
		if n != (fcmNotification{}) {
			return n
		}
	}
	var payload struct {
		APS struct {
			Alert fcmNotification `json:"alert"`
		} `json:"aps"`
	}
	_ = json.Unmarshal(m.APNS.Payload, &payload) // an alert may be a bare string, or absent
	return payload.APS.Alert
}
