package mask

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSecrets go, whatever the text's form, and what is none stays as it stood.
func TestSecrets(t *testing.T) {
	for in, want := range map[string]string{
		`{"routing_key": "R0", "dedup_key": "db/disk", "payload": {"summary": "disk full"}}`:           `{"routing_key": "***", "dedup_key": "db/disk", "payload": {"summary": "disk full"}}`,
		`{"apiKey":1,"Password":null,"token":"","key":"k","groupKey":"{}"}`:                            `{"apiKey":"***","Password":null,"token":"","key":"***","groupKey":"{}"}`,
		`{"authorization": {"user": "u", "deep": ["a}", 1]}, "host": "a"}`:                             `{"authorization": "***", "host": "a"}`,
		`[{"name":"db_password","value":"p"},{"name":"host","value":"a"}]`:                             `[{"name":"db_password","value":"***"},{"name":"host","value":"a"}]`,
		`{"Message": "{\"AlarmName\":\"a\",\"secret\":\"s\"}", "Signature": "c2ln"}`:                   `{"Message": "{\"AlarmName\":\"a\",\"secret\":\"***\"}", "Signature": "***"}`,
		`{"SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"}`: `{"SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=***"}`,
		`{"url": "https://ann:p@ss@mon.example.net/x?token=abc&host=a"}`:                               `{"url": "https://***@mon.example.net/x?token=***&host=a"}`,
		`{"generatorURL": "http://prometheus:9090/graph?g0.expr=up", "text": "a <b> & c"}`:             `{"generatorURL": "http://prometheus:9090/graph?g0.expr=up", "text": "a <b> & c"}`,
		`{"password": "a`:                                   `{"password": "***"`,
		`{"secret": {"a": [1, 2`:                            `{"secret": "***"`,
		`{"text": "log in with password=hunter2 n`:          `{"text": "log in with password=*** n"`,
		`token=abc&payload=%7B%22token%22%3A%22x%22%7D&a=b`: `token=***&payload=%7B%22token%22%3A%22***%22%7D&a=b`,
		"Authorization: Basic dXNlcjpwYXNz\nhost: a":        "Authorization: ***\nhost: a",
		"curl -H 'Authorization: Bearer abc.def-ghi'":       "curl -H 'Authorization: ***'",
		"used GenieKey 0123456789":                          "used GenieKey ***",
		"--b\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\nabc\r\n--b\r\nContent-Disposition: form-data; name=\"host\"\r\n\r\nsrv\r\n--b--": "--b\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\n***\n--b\r\nContent-Disposition: form-data; name=\"host\"\r\n\r\nsrv\r\n--b--",
		"the disk is full: 98%": "the disk is full: 98%",
		"":                      "",
		"known-secret is known": "*** is known",
	} {
		if got := Text([]byte(in), "known-secret", "full"); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// FuzzText: JSON stays JSON, what was masked has nothing more to mask, and a secret under
// its name is never there.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`{"a": "b"}`, `[1, {"token": "x"}]`, "token=x&a=%7B%7D", "\"", `{"name":"key","value":[`, "a://b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Text([]byte(in))
		if json.Valid([]byte(in)) && !json.Valid([]byte(out)) {
			t.Errorf("%q becomes %q", in, out)
		}
		whole, err := json.Marshal(map[string]string{"text": in, "api_token": "s3cr3t-of-nobody"})
		if err != nil {
			t.Fatal(err)
		}
		if out := Text(whole); !json.Valid([]byte(out)) || strings.Contains(out, "s3cr3t-of-nobody") {
			t.Errorf("%q becomes %q", whole, out)
		}
	})
}
