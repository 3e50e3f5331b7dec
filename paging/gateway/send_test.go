package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// spec is a gateway with everything.
func spec() Spec {
	return Spec{
		Request: Request{
			Method: "POST", URL: "https://sms.example.net/send", ContentType: "application/json",
			Headers: map[string]string{"Authorization": "Bearer {{.Secret.key}}"},
			Body:    `{"to": {{json .To}}, "text": {{json .Text}}, "ref": {{json .Ref}}, "callback": {{json .ReceiptURL}}}`,
		},
		Accepted: Accepted{Status: []int{200, 202}, When: `(.ok? // false) or (type == "string" and startswith("OK"))`},
		ID:       `if type == "string" then split(" ")[1] else .id end`,
		Error:    Error{Code: ".code?", Text: ".text?"},
		Refused: []Refusal{
			{When: `.code == "number"`, Class: "dead_address"},
			{Status: []int{422}, When: ".spam", Class: "filtered"},
			{Status: []int{409, 418}, Class: "unknown"},
			{When: `.code == "busy"`, Class: "transient"},
			{Status: []int{422}, Class: "dead_account"},
		},
		Receipts: &Receipts{
			Webhook: Webhook{Auth: Auth{Token: "hook", Query: "token"}, Method: "POST", Format: "json"},
			ID:      ".id", Ref: ".ref", State: ".state", Class: ".class", Error: ".why",
		},
		Replies: &Replies{
			Webhook: Webhook{Auth: Auth{Token: "hook", Header: "X-Token"}, Method: "POST", Format: "form"},
			ID:      ".id", From: ".from", To: ".to", Text: ".text",
		},
	}
}

func config(s Spec) Config {
	return Config{
		Name: "acme", From: "38064", Spec: s, PublicURL: "https://astreinte.example.net",
		Secrets: map[string]Secret{"key": "key-hush", "hook": "hook hush/+"},
	}
}

func newSender(t testing.TB, s Spec, rt http.RoundTripper) *Sender {
	t.Helper()
	c := config(s)
	c.HTTP = &http.Client{Transport: rt}
	sender, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

var pageKey = ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "sms"}

func message() paging.Message {
	return paging.Message{
		Key: pageKey, Source: "prometheus", Urgency: ticket.Critical, To: "+33612345601",
		Text: "CRITIQUE Acme\nREPONDRE 12 OK\nhttps://astreinte.example.net/a/link-hush",
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name       string
		status     int
		retryAfter string
		body       string
		class      paging.Class
		code, id   string
		wait       time.Duration
	}{
		{name: "accepted", status: 200, body: `{"ok": true, "id": "x-1"}`, class: paging.Accepted, id: "acme/x-1"},
		{name: "a long number for an id", status: 202, body: `{"ok": true, "id": 12345678901234567890}`, class: paging.Accepted, id: "acme/12345678901234567890"},
		{name: "no id", status: 200, body: `{"ok": true}`, class: paging.Accepted},
		{name: "an odd id", status: 200, body: `{"ok": true, "id": {}}`, class: paging.Accepted},
		{name: "no JSON", status: 200, body: "OK 42\n", class: paging.Accepted, id: "acme/42"},
		{name: "a success that is none", status: 200, body: `{"ok": false}`, class: paging.OutcomeUnknown, code: "http_200"},
		{name: "a success of another kind", status: 204, class: paging.OutcomeUnknown, code: "http_204"},
		{name: "a portal", status: 200, body: "<html>Welcome</html>", class: paging.OutcomeUnknown, code: "http_200"},
		{name: "refused with a success's status", status: 200, body: `{"code": "number"}`, class: paging.DeadAddress, code: "number"},
		{name: "by status and expression", status: 422, body: `{"spam": true}`, class: paging.Filtered, code: "http_422"},
		{name: "by status, the later rule", status: 422, body: `{"spam": false, "code": 7}`, class: paging.DeadAccount, code: "7"},
		{name: "unknown by rule", status: 418, body: `teapot`, class: paging.OutcomeUnknown, code: "http_418"},
		{name: "transient by rule", status: 400, retryAfter: "7", body: `{"code": "busy"}`, class: paging.Transient, code: "busy", wait: 7 * time.Second},
		{name: "a code that is no label", status: 500, body: `{"code": "a b\nc"}`, class: paging.Transient, code: "http_500"},
		{name: "too many", status: 429, retryAfter: "30", class: paging.Transient, code: "http_429", wait: 30 * time.Second},
		{name: "wishes for ever", status: 503, retryAfter: "999999", class: paging.Transient, code: "http_503", wait: paging.PageLife},
		{name: "a proxy", status: 502, body: "<html>", class: paging.Transient, code: "http_502"},
		{name: "timed out over there", status: 408, class: paging.Transient, code: "http_408"},
		{name: "credentials", status: 401, class: paging.DeadAccount, code: "http_401"},
		{name: "an unknown refusal", status: 400, body: `{"code": null}`, class: paging.DeadAccount, code: "http_400"},
		{name: "a redirect", status: 302, class: paging.DeadAccount, code: "http_302"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			s := newSender(t, spec(), roundTrip(func(r *http.Request) (*http.Response, error) {
				calls++
				h := http.Header{"Location": {"https://elsewhere.example.net/"}}
				if tt.retryAfter != "" {
					h.Set("Retry-After", tt.retryAfter)
				}
				return response(r, tt.status, h, tt.body), nil
			}))
			r := s.Send(t.Context(), message())
			if tooFast := tt.status == http.StatusTooManyRequests; r.TooFast != tooFast {
				t.Errorf("too fast %v", r.TooFast)
			}
			if r.Class != tt.class || r.Code != tt.code || r.ProviderID != tt.id || r.RetryAfter != tt.wait {
				t.Errorf("got %+v, want class %s, code %q, id %q, wait %s", r, tt.class, tt.code, tt.id, tt.wait)
			}
			if calls != 1 {
				t.Errorf("%d calls, want 1: the outbox repeats", calls)
			}
			if len(r.Detail) > 2*paging.MaxDetail || strings.ContainsAny(r.Detail, "\n\r") {
				t.Errorf("detail is not fit for a page: %q", r.Detail)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	var got *http.Request
	var body string
	s := newSender(t, spec(), roundTrip(func(r *http.Request) (*http.Response, error) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, body = r, string(data)
		return response(r, 200, nil, `{"ok":true,"id":1}`), nil
	}))
	if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
		t.Errorf("%+v", r)
	}
	want := `{"to": "+33612345601", "text": "CRITIQUE Acme\nREPONDRE 12 OK\nhttps://astreinte.example.net/a/link-hush", ` +
		`"ref": "prometheus/I261121_0001/1/0/0/alice/sms", ` +
		`"callback": "https://astreinte.example.net/sms/acme/receipt?page=I261121_0001%2F1%2F0%2F0%2Falice%2Fsms&source=prometheus&token=hook+hush%2F%2B"}`
	if body != want {
		t.Errorf("body\n%s, want\n%s", body, want)
	}
	if got.Method != http.MethodPost || got.URL.String() != "https://sms.example.net/send" || got.Header.Get("Authorization") != "Bearer key-hush" ||
		got.Header.Get("Content-Type") != "application/json" || got.Header.Get("User-Agent") != "astreinte" || got.ContentLength != int64(len(want)) {
		t.Errorf("%s %s %v", got.Method, got.URL, got.Header)
	}
}

// TestTextsAreWhole: a text is handed over as it was written, with the
// addresses in it. The template knows whether GSM-7 has its letters.
func TestTextsAreWhole(t *testing.T) {
	described := spec()
	described.NoLinks, described.Unicode = true, true
	described.Request.Body = `{"to": {{json .To}}, "text": {{json .Text}}, "wide": {{.Unicode}}}`
	body := ""
	s := newSender(t, described, roundTrip(func(r *http.Request) (*http.Response, error) {
		data, err := io.ReadAll(r.Body)
		body = string(data)
		return response(r, 200, nil, `{"ok":true}`), err
	}))
	for text, want := range map[string]string{
		"CRITIQUE https://shop.example.com/health ProbeFailed\n12 OK": `"text": "CRITIQUE https://shop.example.com/health ProbeFailed\n12 OK", "wide": false}`,
		"CRITIQUE 停止": `"text": "CRITIQUE 停止", "wide": true}`,
	} {
		m := message()
		m.Text = text
		if r := s.Send(t.Context(), m); r.Class != paging.Accepted || !strings.HasSuffix(body, want) {
			t.Errorf("%+v, sent %s", r, body)
		}
	}
}

func TestFunctions(t *testing.T) {
	data := map[string]any{
		"To": "+33612345601", "Text": "a \"b\" <é> & c", "Now": time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC), "Secret": map[string]string{"k": "key"},
	}
	for text, want := range map[string]string{
		`{{json .Text}}`:                   `"a \"b\" <é> & c"`,
		`{{json (sha1 "abc")}}`:            `"a9993e364706816aba3e25717850c26c9cd0d89d"`,
		`{{urlquery .Text}}`:               `a+%22b%22+%3C%C3%A9%3E+%26+c`,
		`{{xml .Text}}`:                    `a &#34;b&#34; &lt;é&gt; &amp; c`,
		`{{digits .To}}`:                   `33612345601`,
		`{{international00 .To}}`:          `0033612345601`,
		`{{md5 "abc"}}`:                    `900150983cd24fb0d6963f7d28e17f72`,
		`{{sha1 "abc"}}`:                   `a9993e364706816aba3e25717850c26c9cd0d89d`,
		`{{sha256 "abc"}}`:                 `ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad`,
		`{{sha512 "abc" | printf "%.8s"}}`: `ddaf35a1`,
		`{{hmac_sha1 "key" "The quick brown fox jumps over the lazy dog"}}`:       `de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9`,
		`{{hmac_sha256 .Secret.k "The quick brown fox jumps over the lazy dog"}}`: `f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8`,
		`{{base64 (hmac_sha256 "key" "")}}`:                                       `XV0TlWPJW1lnub2ajJsjOp3ttFByeUzSMtwbdIMmB9A=`,
		`{{base64 "user:pass"}}`:                                                  `dXNlcjpwYXNz`,
		`{{hex "é"}}`:                                                             `c3a9`,
		`{{hex (sha1 "abc")}}`:                                                    `a9993e364706816aba3e25717850c26c9cd0d89d`,
		`{{unix .Now}} {{rfc3339 .Now}}`:                                          `1795230720 2026-11-21T03:12:00Z`,
	} {
		tmpl, err := parseTemplate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := render(tmpl, data); err != nil || got != want {
			t.Errorf("%s gives %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`{{.Body}}`, `{{.Secret.other}}`, `{{printf "%d" .To}}`, `{{unix .To}}`} {
		tmpl, err := parseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := render(tmpl, data); err == nil {
			t.Errorf("%s gives %q: a mistake in it would not be found", text, got)
		}
	}
}

// TestLost: whether the order can have arrived decides what is repeated, and
// when.
func TestLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		tests := []struct {
			name  string
			err   error
			class paging.Class
			code  string
		}{
			{"refused", dial, paging.Transient, "connect"},
			{"no name", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "sms.example.net"}}, paging.Transient, "dns"},
			{"cut", io.ErrUnexpectedEOF, paging.OutcomeUnknown, "connection_lost"},
			{"cancelled", context.Canceled, paging.OutcomeUnknown, "cancelled"},
		}
		for _, tt := range tests {
			s := newSender(t, spec(), roundTrip(func(*http.Request) (*http.Response, error) { return nil, tt.err }))
			if r := s.Send(t.Context(), message()); r.Class != tt.class || r.Code != tt.code {
				t.Errorf("%s: %+v, want %s, %s", tt.name, r, tt.class, tt.code)
			}
		}
		s := newSender(t, spec(), roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if r := s.Send(ctx, message()); r.Class != paging.OutcomeUnknown || r.Code != "timeout" {
			t.Errorf("no answer: %+v", r)
		}
	})
}

// TestTemplateFails: if only this message breaks a template, it is refused for
// good.
func TestTemplateFails(t *testing.T) {
	described := spec()
	described.Request.Headers["X-To"] = `{{if eq .To "+1"}}{{slice .Text 99 100}}{{end}}{{.Secret.key}}`
	s := newSender(t, described, roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("called") }))
	m := message()
	m.To, m.Text = "+1", "key-hush"
	if r := s.Send(t.Context(), m); r.Class != paging.DeadAccount || r.Code != "template" || strings.Contains(r.Detail, "hush") {
		t.Errorf("%+v", r)
	}
}

func TestNewRefuses(t *testing.T) {
	described := spec()
	described.Request.URL = "sms.example.net"
	described.Receipts.State = "{"
	c := config(described)
	c.Name = "a/b"
	_, err := New(c)
	for _, want := range []string{`name "a/b"`, "receipts.state: not a jq expression"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
