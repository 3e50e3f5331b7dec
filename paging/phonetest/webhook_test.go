package phonetest

import (
	"encoding/json"
	"net/url"
	"os"
	"testing"

	"github.com/twilio/twilio-go/client"
)

func TestSignatureOfTheVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/twilio-signature-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		AuthToken string      `json:"auth_token"`
		URL       string      `json:"url"`
		Params    [][2]string `json:"params"`
		Body      string      `json:"body"`
		Expected  string      `json:"expected"`
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors {
		form := url.Values{}
		for _, p := range v.Params {
			form.Add(p[0], p[1])
		}
		if got := signature(v.AuthToken, v.URL, form); got != v.Expected {
			t.Errorf("signature of %s = %s, want %s", v.URL, got, v.Expected)
		}
		body := v.Body
		if body == "" {
			body = form.Encode()
		}
		validator := client.NewRequestValidator(v.AuthToken)
		if !validator.ValidateBody(v.URL, []byte(body), signature(v.AuthToken, v.URL, form)) {
			t.Errorf("the validator refuses %s", v.URL)
		}
	}
}

func TestSignatureCountsEqualValuesOnce(t *testing.T) {
	once := signature("t", "https://x.test/", url.Values{"a": {"1", "2"}})
	if got := signature("t", "https://x.test/", url.Values{"a": {"2", "1", "2"}}); got != once {
		t.Errorf("%s, want %s", got, once)
	}
}

func TestActualURL(t *testing.T) {
	w := New(Options{PublicURL: "https://a.test/pager/", Daemon: "http://127.0.0.1:9/"})
	t.Cleanup(w.Close)
	for public, want := range map[string]string{
		"https://a.test/pager/twilio/sms":     "http://127.0.0.1:9/twilio/sms",
		"https://a.test/pager?x=1":            "http://127.0.0.1:9?x=1",
		"https://a.test/pager":                "http://127.0.0.1:9",
		"https://a.test/pagerduty/":           "https://a.test/pagerduty/",
		"https://elsewhere.test/pager/status": "https://elsewhere.test/pager/status",
	} {
		if got := w.actual(public); got != want {
			t.Errorf("actual(%s) = %s, want %s", public, got, want)
		}
	}
}
