package phonetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
)

const formType = "application/x-www-form-urlencoded"

func TestTwilioAcceptsAMessage(t *testing.T) {
	w, d := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	twilio := sdk(w, http.DefaultTransport)

	made, err := twilio.CreateMessage(order(w, aliceNumber, "CRITIQUE fenêtre [1]"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^SM[0-9a-f]{32}$`).MatchString(*made.Sid) {
		t.Errorf("sid = %q", *made.Sid)
	}
	if *made.Status != "queued" || *made.NumSegments != "1" || *made.From != w.Number() || *made.To != aliceNumber {
		t.Errorf("made %+v", made)
	}
	got := alice.ExpectSMS(t, "CRITIQUE", "fenêtre")
	if got.SID != *made.Sid || got.Encoding != UCS2 || got.Segments != 1 || got.At.IsZero() {
		t.Errorf("the phone got %+v", got)
	}
	eventually(t, w, func() bool { return d.statuses() == "queued, sent, delivered" })
	d.checkSignatures(t)
	if d.paths[0] != "/twilio/status?page=7&x=%C3%A9" {
		t.Errorf("the receipts came to %s", d.paths[0])
	}
	fetched, err := twilio.FetchMessage(*made.Sid, &api.FetchMessageParams{})
	if err != nil {
		t.Fatal(err)
	}
	if *fetched.Status != "delivered" || fetched.DateSent == nil {
		t.Errorf("fetched %+v", fetched)
	}
}

func TestTwilioAcceptsAMessagingService(t *testing.T) {
	w, _ := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	params := (&api.CreateMessageParams{}).SetTo(aliceNumber).SetBody("ok").
		SetMessagingServiceSid("MG0123456789abcdef0123456789abcdef")
	made, err := sdk(w, http.DefaultTransport).CreateMessage(params)
	if err != nil {
		t.Fatal(err)
	}
	if *made.Status != "accepted" || made.From != nil {
		t.Errorf("made %+v", made)
	}
	if got := alice.ExpectSMS(t, "ok"); got.From != w.Number() {
		t.Errorf("came from %s", got.From)
	}
}

// The answer has the fields that Twilio publishes, with their types.
func TestTwilioAnswerHasThePublishedShape(t *testing.T) {
	raw, err := os.ReadFile("testdata/twilio-message-create-201.json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	w := New(Options{})
	t.Cleanup(w.Close)
	form := url.Values{"To": {aliceNumber}, "From": {w.Number()}, "Body": {"Hello! 👍"}}
	res, body := post(t, w, w.messagesPath(), formType, form.Encode(), w.basicAuth)
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	for name, value := range want {
		mine, there := got[name]
		if !there {
			t.Errorf("%s is missing", name)
			continue
		}
		if _, isString := value.(string); isString && mine != nil {
			if _, mineToo := mine.(string); !mineToo {
				t.Errorf("%s = %v, want a string", name, mine)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d fields, want %d", len(got), len(want))
	}
}

func (w *World) messagesPath() string {
	return "/2010-04-01/Accounts/" + w.AccountSID() + "/Messages.json"
}

func (w *World) basicAuth(r *http.Request) { r.SetBasicAuth(w.AccountSID(), w.AuthToken()) }

func TestTwilioRefuses(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	w.Phone("bob", bobNumber)
	w.optedOut[bobNumber] = true
	for _, tt := range []struct {
		name   string
		change func(url.Values)
		code   int
	}{
		{"no To", func(f url.Values) { f.Del("To") }, 21604},
		{"a national To", func(f url.Values) { f.Set("To", "0612345601") }, 21211},
		{"a To with spaces", func(f url.Values) { f.Set("To", "+33 6 12 34 56 01") }, 21211},
		{"no From", func(f url.Values) { f.Del("From") }, 21603},
		{"another's From", func(f url.Values) { f.Set("From", "+33600000000") }, 21606},
		{"a From of twelve letters", func(f url.Values) { f.Set("From", "Abcdefghijkl") }, 21606},
		{"a service that is none", func(f url.Values) { f.Set("MessagingServiceSid", "MG1") }, 21701},
		{"no Body", func(f url.Values) { f.Del("Body") }, 21602},
		{"1601 characters", func(f url.Values) { f.Set("Body", strings.Repeat("é", 1601)) }, 21617},
		{"a StatusCallback that is none", func(f url.Values) { f.Set("StatusCallback", "/twilio/status") }, 21609},
		{"a ValidityPeriod that is none", func(f url.Values) { f.Set("ValidityPeriod", "abc") }, 20001},
		{"somebody who left", func(f url.Values) { f.Set("To", bobNumber) }, 21610},
		{"nothing: 1600 characters", func(f url.Values) { f.Set("Body", strings.Repeat("é", 1600)) }, 0},
		{"nothing: a name as From", func(f url.Values) { f.Set("From", "Astreinte") }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{"To": {aliceNumber}, "From": {w.Number()}, "Body": {"x"}}
			tt.change(form)
			res, body := post(t, w, w.messagesPath(), formType, form.Encode(), w.basicAuth)
			if tt.code == 0 {
				if res.StatusCode != http.StatusCreated {
					t.Errorf("%d %s", res.StatusCode, body)
				}
				return
			}
			var e client.TwilioRestError
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != http.StatusBadRequest || e.Status != http.StatusBadRequest || e.Code != tt.code || e.Message == "" || e.MoreInfo == "" {
				t.Errorf("%d %s, want 400 and %d", res.StatusCode, body, tt.code)
			}
		})
	}
}

func TestTwilioRefusesUnreadCalls(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	form := url.Values{"To": {aliceNumber}, "From": {w.Number()}, "Body": {"x"}}.Encode()
	wrong := func(r *http.Request) { r.SetBasicAuth(w.AccountSID(), "guess") }
	for _, tt := range []struct {
		name         string
		path         string
		mime         string
		auth         func(*http.Request)
		status, code int
	}{
		{"no password", w.messagesPath(), formType, nil, 401, 20003},
		{"a wrong password", w.messagesPath(), formType, wrong, 401, 20003},
		{"another's account", "/2010-04-01/Accounts/AC00/Messages.json", formType, w.basicAuth, 401, 20003},
		{"JSON", w.messagesPath(), "application/json", w.basicAuth, 415, 21604},
		{"a path that is none", "/2010-04-01/Accounts/AC00/Faxes.json", formType, w.basicAuth, 404, 20404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, body := post(t, w, tt.path, tt.mime, form, tt.auth)
			var e client.TwilioRestError
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || e.Code != tt.code {
				t.Errorf("%d %s, want %d and %d", res.StatusCode, body, tt.status, tt.code)
			}
		})
	}
	if n := len(w.Messages()); n != 0 {
		t.Errorf("%d messages were accepted", n)
	}
}

func TestTwilioFetchOfAnUnknownMessage(t *testing.T) {
	w, _ := started(t, Options{})
	_, err := sdk(w, http.DefaultTransport).FetchMessage("SM"+strings.Repeat("0", 32), &api.FetchMessageParams{})
	var rest *client.TwilioRestError
	if !errors.As(err, &rest) || rest.Code != 20404 || rest.Status != 404 {
		t.Errorf("error %v", err)
	}
}
