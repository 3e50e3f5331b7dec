package phonetest

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

func TestReply(t *testing.T) {
	w, d := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	bob := w.Phone("bob", bobNumber)
	d.answer = func(path string, form url.Values) (int, string, string) {
		if path != "/twilio/sms" {
			return http.StatusOK, "text/xml", "<Response/>"
		}
		return http.StatusOK, "text/xml; charset=utf-8", `<?xml version="1.0" encoding="UTF-8"?>
<Response><Message>12 PRIS &lt;03:14&gt;</Message>
<Message to="+33612345602"><Body>alice a pris 12</Body></Message></Response>`
	}
	text := "CRITIQUE Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12\n" +
		"REPONDRE 12 OK = je prends, 12 T tester, 12 E passer\n" +
		"https://astreinte.example.net/a/k3J9x2QpLm7T"
	if _, err := sdk(w, http.DefaultTransport).CreateMessage(order(w, aliceNumber, text)); err != nil {
		t.Fatal(err)
	}
	page := alice.ExpectSMS(t, "HostDown")
	if page.Code() != "12" || page.Link() != "https://astreinte.example.net/a/k3J9x2QpLm7T" || page.Segments != 1 {
		t.Errorf("code %q, link %q, %d segments", page.Code(), page.Link(), page.Segments)
	}
	if got := page.Reply(t, page.Code()+" OK"); got != "12 PRIS <03:14>" {
		t.Errorf("reply %q", got)
	}
	if got := bob.ExpectSMS(t, "alice"); got.Body != "alice a pris 12" {
		t.Errorf("bob got %s", got)
	}
	d.checkSignatures(t)
	list := alice.Messages()
	if len(list) != 2 || list[1].Body != "12 PRIS <03:14>" || list[1].From != w.Number() {
		t.Errorf("alice has %v", list)
	}
	alice.ExpectNothing(t)
	if sent := alice.Sent(); len(sent) != 1 || sent[0].Body != "12 OK" {
		t.Errorf("alice sent %v", sent)
	}
}

// A text that comes in has the same parameters as one from Twilio.
func TestInboundFormIsComplete(t *testing.T) {
	raw, err := os.ReadFile("testdata/twilio-sms-inbound.form")
	if err != nil {
		t.Fatal(err)
	}
	want, err := url.ParseQuery(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	w := New(Options{})
	t.Cleanup(w.Close)
	got := w.inboundForm(aliceNumber, "12 OK")
	for name := range want {
		if !got.Has(name) {
			t.Errorf("%s is missing", name)
		}
	}
	if got.Get("From") != aliceNumber || got.Get("To") != w.Number() || got.Get("Body") != "12 OK" {
		t.Errorf("form %v", got)
	}
}

func TestSendWantsTwiML(t *testing.T) {
	for _, tt := range []struct {
		name         string
		status       int
		mime, answer string
		want         string
	}{
		{"forbidden", 403, "text/plain", "no", "11200"},
		{"no content", 204, "text/xml", "", "11200"},
		{"JSON", 200, "application/json", "{}", "12300"},
		{"no XML", 200, "text/xml", "ok", "12100"},
		{"other XML", 200, "text/xml", "<html/>", "12100"},
		{"too long", 200, "text/xml", "<Response><Message>" + strings.Repeat("a", 1601) + "</Message></Response>", "21617"},
		{"empty", 200, "text/xml", "<Response/>", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, d := inBubble(t, Options{})
				d.answer = func(string, url.Values) (int, string, string) { return tt.status, tt.mime, tt.answer }
				said, err := w.Phone("alice", aliceNumber).Send(t.Context(), "?")
				if tt.want == "" && (err != nil || said != "") {
					t.Errorf("said %q, %v", said, err)
				}
				if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("error %v, want %s", err, tt.want)
				}
			})
		})
	}
}

func TestSendWithoutWay(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	alice := w.Phone("alice", aliceNumber)
	if _, err := alice.Send(t.Context(), "?"); err == nil {
		t.Error("texted to a daemon that nobody named")
	}
	alice.SwitchOff()
	tb := &fakeTB{ctx: t.Context()}
	if alice.Text(tb, "?"); !strings.Contains(tb.failure, "switched off") {
		t.Errorf("failure %q", tb.failure)
	}
}

func TestReplyToAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := inBubble(t, Options{})
		alice := w.Phone("alice", aliceNumber)
		if _, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x").SetFrom("Astreinte")); err != nil {
			t.Fatal(err)
		}
		page := alice.ExpectSMS(t, "x")
		synctest.Wait()
		tb := &fakeTB{ctx: t.Context()}
		page.Reply(tb, "12 OK")
		if !strings.Contains(tb.failure, "Astreinte") || strings.Contains(strings.Join(d.paths, " "), "/twilio/sms") {
			t.Errorf("failure %q, requests %v", tb.failure, d.paths)
		}
	})
}

func TestOptingOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := inBubble(t, Options{})
		d.answer = func(string, url.Values) (int, string, string) {
			return http.StatusOK, "text/xml", "<Response><Message>bye</Message></Response>"
		}
		alice := w.Phone("alice", aliceNumber)
		twilio := sdk(w, w.RoundTripper())
		if said := alice.Text(t, " stop "); said != "" {
			t.Errorf("said %q to one who left", said)
		}
		if _, err := twilio.CreateMessage(order(w, aliceNumber, "x")); err == nil || !strings.Contains(err.Error(), "21610") {
			t.Errorf("error %v", err)
		}
		if said := alice.Text(t, "START"); said != "bye" {
			t.Errorf("said %q", said)
		}
		if _, err := twilio.CreateMessage(order(w, aliceNumber, "x")); err != nil {
			t.Error(err)
		}
	})
}
