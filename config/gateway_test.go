package config

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// gatewayDesk is the desk with a gateway that has everything.
const gatewayDesk = `
sms:
  provider: http
  replies: same
  bundle_over: 5
  http:
    name: acme
    from: "+33644630000"
    rate: 2.5
    secrets: {key: key-hush, hook: hook-hush}
    request:
      url: https://sms.example.net/send
      content_type: application/json
      headers: {Authorization: "Bearer {{.Secret.key}}", X-Sum: "{{sha256 .Body}}"}
      body: '{"to": {{json (digits .To)}}, "from": {{json .From}}, "text": {{json .Text}}, "callback": {{json .ReceiptURL}}, "ref": {{json .Ref}}}'
    accepted: {status: 202, when: .ok, sample: '{"ok": true, "id": 7}'}
    id: .id
    error: {code: .error.code, text: .error.text}
    refused:
      - {status: [400, 422], when: '.error.code == "number"', class: dead_address}
      - {when: .banned, class: filtered}
    receipts:
      auth: {token: hook, query: token}
      id: .id
      state: .state
      class: .class
      error: .why
      sample: '{"id": 7, "state": "delivered"}'
    replies:
      auth: {hmac: hook, header: X-Signature, prefix: "sha256="}
      id: .id
      from: .from
      text: .text
      sample: '{"id": 9, "from": "33612345601", "text": "12 OK"}'
`

func gatewayText(old, replacement string) string {
	text := strings.Replace(desk, `sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612345699"}}`, gatewayDesk, 1)
	if !strings.Contains(text, old) || !strings.Contains(text, "sms.example.net") {
		panic("the desk does not say " + old)
	}
	return strings.Replace(text, old, replacement, 1)
}

// TestReceiptsMayNameThePage: `ref` is read. A gateway that gives no id of its
// own gives back the name that the request gave the page.
func TestReceiptsMayNameThePage(t *testing.T) {
	cfg, report := parseText(t, gatewayText("      state: .state", "      ref: .ref\n      state: .state"), nil)
	wantErrors(t, report.Errors)
	if cfg != nil && cfg.SMS.HTTP.Spec.Receipts.Ref != ".ref" {
		t.Errorf("receipts %+v", cfg.SMS.HTTP.Spec.Receipts)
	}
}

func TestGateway(t *testing.T) {
	cfg, report := parseText(t, gatewayText("", ""), nil)
	wantErrors(t, report.Errors)
	wantErrors(t, report.Warnings)
	if cfg == nil {
		return
	}
	s := cfg.SMS
	if s.Provider != "http" || s.Replies != "same" || s.BundleOver != 5 || s.Fallback != nil {
		t.Errorf("sms %+v", s)
	}
	g := s.HTTP
	if g.Name != "acme" || g.Rate != 2.5 || g.From != "+33644630000" || g.Secrets["key"].Reveal() != "key-hush" || g.Spec.Request.Method != http.MethodPost ||
		len(g.Spec.Accepted.Status) != 1 || len(g.Spec.Refused) != 2 || g.Spec.Receipts.Format != "json" || g.Spec.Replies.Auth.HMAC != "hook" {
		t.Errorf("gateway %+v", g)
	}
}

// TestGatewayErrors changes one thing in gatewayDesk. Each error names its
// place.
func TestGatewayErrors(t *testing.T) {
	tests := []struct{ old, new, want string }{
		// Shape.
		{"name: acme", "name: a/b", `sms.http.name: a name of letters, digits, - and _ wanted, not "a/b"`},
		{"name: acme", "name: twilio", `sms.http.name: a name of letters`},
		{"rate: 2.5", "rate: -1", `sms.http.rate: a number from 0 up wanted, not "-1"`},
		{"rate: 2.5", "rats: 2", `sms.http.rats: unknown key; did you mean "rate"?`},
		{"bundle_over: 5", "bundle_over: -5", `sms.bundle_over: -5 is too little: 0 or more`},
		{"bundle_over: 5", "rate: 5", `sms.rate: each provider has its own: write twilio.rate or http.rate`},
		{"bundle_over: 5", "twilio: {}", `sms.twilio: the provider is http`},
		{"key: key-hush", "Key: key-hush", `sms.http.secrets.Key: a secret's name has small letters`},
		{"status: 202", "status: 99", `sms.http.accepted.status: 99 is too little: 100 or more`},
		{"[400, 422]", "[400, 622]", `sms.http.refused[0].status[1]: 622 is no HTTP status`},
		{"id: .id\n      state", "method: PUT\n      state", `sms.http.receipts.method: no method "PUT": GET or POST`},
		// The sender, and the answers.
		{`from: "+33644630000"`, `from: Astreinte`, `sms.replies: a sender that is a name takes no answers`},
		{"replies: same", "replies: none", ""},
		{"name: acme", "name: acme\n    links: false", ""},
		// Templates.
		{"{{sha256 .Body}}", "{{sha257 .Body}}", `sms.http.request.headers.X-Sum: not a template: 1: function "sha257" not defined`},
		{"{{json .Text}}", `"{{.Text}}"`, `sms.http.request.body: it is no JSON with a text that has quotes and lines: write {{json .Text}}`},
		{"{{json .Text}}", `{{json (printf "%.20s" .Text)}}`, `sms.http.request.body: no field of it is the text as it was`},
		{"{{json (digits .To)}}", `""`, `sms.http.request: the phone's number is nowhere in it`},
		{"{{.Secret.key}}", "{{.Secret.kay}}", `sms.http.request: request.headers.Authorization: the template fails: 1:16: executing "" at <.Secret.kay>: map has no entry for key "kay"`},
		{"sms.example.net/send", "sms.example.net/{{.Body}}", `sms.http.request: request.url: the template fails`},
		{"https://sms.example.net/send", "sms.example.net/send", `sms.http.request.url: it gives no address like https://host/path`},
		{"X-Sum:", "'X Sum':", `sms.http.request.headers."X Sum": not the name of a header`},
		{"content_type: application/json", "content_type: a b", `sms.http.request.body: content_type is none, such as application/json`},
		{"content_type: application/json", "content_type: application/json; charset=utf-8", ""},
		{`{{json .Text}}, "callback"`, `{{json .Text}}, "page": {{json (slice .Page 0 3)}}, "callback"`, `sms.http.request: request.body: the template fails`},
		// Expressions.
		{".error.code == ", ".error.code = = ", `sms.http.refused[0].when: not a jq expression: unexpected token "="`},
		{"state: .state", "state: .state | ascii_downcaze", `sms.http.receipts.state: not a jq expression: function not defined: ascii_downcaze/0`},
		{"when: .banned", "when: 'last(repeat(1))'", `sms.http.refused[1].when: the expression does not end`},
		{"class: filtered", "class: spam", `sms.http.refused[1].class: no class "spam": dead_address, dead_account, filtered, transient or unknown`},
		{"{when: .banned, class: filtered}", "{class: filtered}", `sms.http.refused[1]: status or when wanted`},
		{`{"ok": true, "id": 7}`, `{"ok": false}`, `sms.http.accepted.sample: it is not accepted, but unknown`},
		{`{"ok": true, "id": 7}`, `{"ok": true}`, `sms.http.accepted.sample: id finds nothing in it`},
		{`{"id": 7, "state": "delivered"}`, `{"id": 7, "state": "DELIVERED"}`, `sms.http.receipts.sample: it has no id (or ref) and state`},
		{`{"id": 9, "from": "33612345601", "text": "12 OK"}`, `{"id": 9}`, `sms.http.replies.sample: it has no from and text`},
		{"    id: .id\n    error", "    error", `sms.http.receipts.id: receipts name a message by its id, and nothing says where an answer gives it`},
		// The auth of receipts and replies.
		{"auth: {token: hook, query: token}", "auth: {}", `sms.http.receipts.auth: token, basic, hmac or networks wanted`},
		{"auth: {token: hook, query: token}", "auth: {token: hook}", `sms.http.receipts.auth: query or header wanted`},
		{"auth: {token: hook, query: token}", "auth: {token: hok, query: token}", `sms.http.receipts.auth.token: no secret named "hok"`},
		{"auth: {token: hook, query: token}", "auth: {networks: [10.0.0.0/8]}", ""},
		{"auth: {token: hook, query: token}", "auth: {networks: [10.0.0.0/99]}", `sms.http.receipts.auth.networks[0]: "10.0.0.0/99" is no network`},
		{"header: X-Signature, ", "header: X-Signature, algorithm: md5, ", `sms.http.replies.auth.algorithm: no algorithm "md5"`},
	}
	for _, tt := range tests {
		cfg, report := parseText(t, gatewayText(tt.old, tt.new), nil)
		switch {
		case tt.want == "":
			wantErrors(t, report.Errors)
		case cfg != nil || len(report.Errors) == 0 || !strings.HasPrefix(report.Errors[0].String(), tt.want):
			t.Errorf("%s:\n%v, want\n%s", tt.new, report.Errors, tt.want)
		}
		out, err := json.Marshal(report)
		if err != nil {
			t.Error(err)
		}
		wantHidden(t, tt.new, string(out))
	}
}

func TestGatewayWarnings(t *testing.T) {
	text := gatewayText("replies: same", "replies: none")
	_, report := parseText(t, text, nil)
	wantErrors(t, report.Warnings, "sms.http.replies: sms.replies is none: pages will not say how to answer")

	start, end := strings.Index(text, "    receipts:"), strings.Index(text, "    replies:")
	_, report = parseText(t, text[:start]+text[end:], nil)
	wantErrors(t, report.Warnings, "sms.http: no receipts: a text that never arrives is not noticed", "sms.http.replies: sms.replies is none")

	_, report = parseText(t, strings.Replace(text, "name: acme", "links: false", 1), nil)
	wantErrors(t, report.Errors, "sms.http.links: without links and without replies nobody can acknowledge")
}

const twilioFallback = `
  fallback: {provider: twilio, replies: same, twilio: {account_sid: AC1, auth_token: fallback-hush, from: "+33612345699"}}
`

func TestFallback(t *testing.T) {
	cfg, report := parseText(t, gatewayText("  bundle_over: 5\n", twilioFallback), nil)
	wantErrors(t, report.Errors)
	if cfg == nil {
		return
	}
	if f := cfg.SMS.Fallback; f == nil || f.Provider != "twilio" || f.Replies != "same" || f.Twilio.Rate != 1 || cfg.SMS.BundleOver != DefaultBundleOver {
		t.Errorf("fallback %+v", f)
	}
	for replacement, want := range map[string]string{
		"  fallback: {}\n": "sms.fallback.provider: provider: twilio, or http",
		"  fallback: {provider: twilio, fallback: {}, twilio: {account_sid: AC1, auth_token: x, from: '12345'}}\n":                                                              "sms.fallback.fallback: there is one fallback",
		"  fallback: {provider: twilio, bundle_over: 1, twilio: {account_sid: AC1, auth_token: x, from: '12345'}}\n":                                                            "sms.fallback.bundle_over: it stands beside the first provider",
		"  fallback: {provider: http, http: {name: acme, request: {url: 'https://h/{{.To}}?t={{urlquery .Text}}', method: GET}}}\n":                                             "sms.fallback.http.name: the first provider is named \"acme\" too",
		"  fallback: {provider: http, replies: same, http: {name: other, request: {url: 'https://h/{{.To}}?t={{urlquery .Text}}', method: GET}}}\n":                             "sms.fallback.replies: http.replies says nothing about how answers come in",
		"  fallback: {provider: http, http: {name: other, request: {url: 'https://h/{{.To}}?t={{.Text}}', method: GET}}}\n":                                                     "sms.fallback.http.request.url: it gives no address like https://host/path (write {{urlquery .Text}} in a query)",
		"  fallback: {provider: http, http: {name: other, request: {url: 'https://h/', content_type: application/x-www-form-urlencoded, body: 'to={{.To}}&text={{.Text}}'}}}\n": "sms.fallback.http.request.body: no field of it is the text as it was: write {{urlquery .Text}}",
	} {
		_, report := parseText(t, gatewayText("  bundle_over: 5\n", replacement), nil)
		if len(report.Errors) == 0 || !strings.HasPrefix(report.Errors[0].String(), want) {
			t.Errorf("%s: %v, want %s", replacement, report.Errors, want)
		}
	}
}

func TestRates(t *testing.T) {
	for with, want := range map[string]float64{
		`from: "+33612345699"`:                 1,
		`from: "+33612345699", rate: 0`:        0,
		`from: "+33612345699", rate: 0.5`:      0.5,
		`from: "12345"`:                        0,
		`from: Astreinte`:                      0,
		`messaging_service_sid: MG1`:           0,
		`messaging_service_sid: MG1, rate: 30`: 30,
	} {
		cfg, report := parseText(t, strings.Replace(desk, `from: "+33612345699"`, with, 1), nil)
		wantErrors(t, report.Errors)
		if cfg != nil && cfg.SMS.Twilio.Rate != want {
			t.Errorf("%s: %v a second, want %v", with, cfg.SMS.Twilio.Rate, want)
		}
	}
}

// TestNoGatewaySecretShows prints, in every way, a Config with a gateway.
func TestNoGatewaySecretShows(t *testing.T) {
	cfg, report := parseText(t, gatewayText("  bundle_over: 5\n", twilioFallback), nil)
	wantErrors(t, report.Errors)
	if cfg == nil {
		return
	}
	for _, v := range []any{cfg, *cfg, *cfg.SMS, cfg.SMS.HTTP, *cfg.SMS.Fallback} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			wantHidden(t, verb, fmt.Sprintf(verb, v))
		}
		out, err := json.Marshal(v)
		wantHidden(t, "JSON", string(out))
		if err != nil {
			t.Error(err)
		}
		if out, err = yaml.Marshal(v); err != nil {
			t.Error(err)
		}
		wantHidden(t, "YAML", string(out))
	}
}

// TestReadyGateways: the files of docs/gateways are accepted as they are,
// alone and included, once their secrets exist.
func TestReadyGateways(t *testing.T) {
	files, err := filepath.Glob("../docs/gateways/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		dir := t.TempDir()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		write(t, filepath.Join(dir, name), string(data))
		for _, secret := range []string{"ovh.application-key", "ovh.application-secret", "ovh.consumer-key", "ovh.webhook", "vonage.api-key", "vonage.api-secret", "vonage.webhook"} {
			write(t, filepath.Join(dir, "secrets", secret), secret+"-hush")
		}
		text := strings.Replace(desk, `sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612345699"}}`, "include: ["+name+"]", 1)
		write(t, filepath.Join(dir, "main.yml"), text)
		cfg, report := Load(filepath.Join(dir, "main.yml"), Options{Now: saturday})
		wantErrors(t, report.Errors)
		wantErrors(t, report.Warnings)
		if cfg != nil && (cfg.SMS.Provider != "http" || cfg.SMS.Replies != "same" || cfg.SMS.HTTP.Spec.Accepted.Sample == "") {
			t.Errorf("%s: %+v", file, cfg.SMS)
		}
	}
}
