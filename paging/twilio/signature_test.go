package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// signature is Twilio's rule written a second time, to compare with the
// library's.
func signature(key, target string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			target += name + v
		}
	}
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(target))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TestVectors tries the check with signatures from the tests of Twilio's own
// libraries.
func TestVectors(t *testing.T) {
	var vectors []struct {
		AuthToken string      `json:"auth_token"`
		URL       string      `json:"url"`
		Params    [][2]string `json:"params"`
		Body      string      `json:"body"`
		Expected  string      `json:"expected"`
	}
	fixtureJSON(t, "twilio-signature-vectors.json", &vectors)
	if len(vectors) < 4 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		u, err := url.Parse(v.URL)
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{}
		for _, p := range v.Params {
			form.Add(p[0], p[1])
		}
		body := v.Body
		if body == "" {
			body = form.Encode()
		}
		for _, host := range []string{"mycompany.com", "mycompany.com:443"} {
			valid := func(token, target, body string, form url.Values, sig string) bool {
				c := Config{AccountSID: account, AuthToken: Secret(token), PublicURL: "https://" + host}
				return signedBy(c, target, body, form, sig)
			}
			if !valid(v.AuthToken, u.RequestURI(), body, form, v.Expected) {
				t.Errorf("%s refused as %s", v.URL, host)
			}
			other := url.Values{"CallSid": {"CA0"}}
			for what, ok := range map[string]bool{
				"another token": valid("54321", u.RequestURI(), body, form, v.Expected),
				"another query": valid(v.AuthToken, u.RequestURI()+"1", body, form, v.Expected),
				"another path":  valid(v.AuthToken, "/x"+u.RequestURI(), body, form, v.Expected),
				"another body":  valid(v.AuthToken, u.RequestURI(), body+"x", other, v.Expected),
				"no signature":  valid(v.AuthToken, u.RequestURI(), body, form, ""),
			} {
				if ok {
					t.Errorf("%s: accepted with %s", v.URL, what)
				}
			}
		}
	}
}

func signedBy(c Config, target, body string, form url.Values, sig string) bool {
	r := httptest.NewRequest(http.MethodPost, target, http.NoBody)
	r.Header.Set("X-Twilio-Signature", sig)
	return newHandler(c, nil, nil, nil).signed(r, []byte(body), form)
}

// TestSignedURL keeps to the public URL, whatever a proxy makes of the Host.
func TestSignedURL(t *testing.T) {
	form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"sent"}, "Twice": {"b", "a", "b"}}
	query := "?page=I261121_0001%2F1%2F0%2F0%2Falice%2Fsms&source=a+b%26"
	for _, c := range []struct {
		public, signed string
		want           int
	}{
		{"https://a.example.net", "https://a.example.net" + statusPath + query, 200},
		{"https://a.example.net/", "https://a.example.net:443" + statusPath + query, 200},
		{"https://a.example.net:443", "https://a.example.net" + statusPath + query, 200},
		{"https://a.example.net:8443", "https://a.example.net:8443" + statusPath + query, 200},
		{"http://a.example.net", "http://a.example.net:80" + statusPath + query, 200},
		{"https://a.example.net/on/call", "https://a.example.net/on/call" + statusPath + query, 200},
		{"https://a.example.net", "http://a.example.net" + statusPath + query, 403},
		{"https://a.example.net", "https://b.example.net" + statusPath + query, 403},
		{"https://a.example.net", "https://a.example.net" + statusPath, 403},
		{"https://a.example.net", "https://a.example.net" + smsPath + query, 403},
		{"", statusPath + query, 403},
	} {
		conf := config()
		conf.PublicURL = c.public
		d := newDoor(conf)
		if w := d.post(t, statusPath+query, form, signature(token, c.signed, form)); w.Code != c.want {
			t.Errorf("public %s, signed %s: answered %d, want %d", c.public, c.signed, w.Code, c.want)
		}
		if c.want == 403 && len(d.listener.receipts) != 0 {
			t.Errorf("public %s, signed %s: acted on", c.public, c.signed)
		}
	}
}

// TestWrongSignature is logged loudly if it is most likely our own mistake,
// once a minute, and quietly otherwise.
func TestWrongSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(config())
		stranger := url.Values{"AccountSid": {"AC1"}, "From": {"+1"}}
		ours := url.Values{"AccountSid": {account}, "From": {"+1"}}
		for range 3 {
			d.post(t, smsPath, stranger, "x")
			if w := d.post(t, smsPath+"?a=b", ours, "x"); w.Code != http.StatusForbidden {
				t.Errorf("answered %d", w.Code)
			}
		}
		want := []string{EventForged, EventWrongURL, EventForged, EventWrongURL, EventForged, EventWrongURL}
		if !slices.Equal(d.events, want) || d.logs.Len() != 1 {
			t.Fatalf("observed %v, logged %d", d.events, d.logs.Len())
		}
		entry := d.logs.All()[0]
		if u := entry.ContextMap()["expected_url"]; u != "https://astreinte.example.net/twilio/sms?a=b" || !strings.Contains(entry.Message, "public_url") {
			t.Errorf("logged %q %v", entry.Message, entry.Context)
		}
		time.Sleep(complainEvery)
		d.post(t, smsPath, ours, "x")
		if d.logs.Len() != 2 {
			t.Errorf("%d log lines, want 2", d.logs.Len())
		}
	})
}
