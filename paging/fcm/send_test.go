package fcm

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	firebase "firebase.google.com/go/v4"
	"go.uber.org/goleak"
	"google.golang.org/api/option"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func response(req *http.Request, status int, h http.Header, body string) *http.Response {
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}
}

const (
	bearer   = "ya29.5ecretBearer"
	tokenURL = "https://oauth.example.net/token"
)

func isToken(req *http.Request) bool { return req.URL.String() == tokenURL }

func tokenBody(token string) string {
	return `{"access_token":"` + token + `","expires_in":3599,"token_type":"Bearer"}`
}

// authorized answers the token endpoint, and leaves FCM to f.
func authorized(f roundTrip) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if isToken(req) {
			return response(req, 200, nil, tokenBody(bearer)), nil
		}
		return f(req)
	}
}

var serviceAccount = sync.OnceValue(func() map[string]string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"type": "service_account", "project_id": "acme-duty", "client_email": "a@acme-duty.iam.gserviceaccount.com",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": tokenURL,
	}
})

// credentials is the service account's key file with some fields changed.
func credentials(changes ...string) Secret {
	file := map[string]string{}
	for k, v := range serviceAccount() {
		file[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		file[changes[i]] = changes[i+1]
	}
	raw, err := json.Marshal(file)
	if err != nil {
		panic(err)
	}
	return Secret(raw)
}

func newSender(t testing.TB, rt http.RoundTripper) *Sender {
	t.Helper()
	s, err := New(t.Context(), Config{CredentialsJSON: credentials(), HTTP: &http.Client{Transport: rt}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// orderedAt is when a message is handed over, if the time does not matter.
var orderedAt = time.Date(2026, time.November, 21, 3, 12, 0, 0, time.UTC)

func message() paging.Message {
	return paging.Message{
		Key:    ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "push"},
		Source: "prometheus", To: "t0ken:of-a-phone", Platform: "android",
		Title: "CRITIQUE Acme/Givrand", Body: "srv-db-01 HostDown 03:12 GTI 04:12",
		Data: map[string]string{"ticket": "I261121_0001", "code": "12", "link": "https://astreinte.example.net/a/x"},
	}
}

// bySDK is what Firebase's own client says of an answer.
func bySDK(t *testing.T, a reply) error {
	t.Helper()
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "p"}, option.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(req *http.Request) (*http.Response, error) { return response(req, a.status, nil, a.body), nil }),
	}))
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Send(t.Context(), push(message(), orderedAt))
	return err
}

// TestRequest checks a push on the wire.
func TestRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	s := newSender(t, authorized(func(req *http.Request) (*http.Response, error) {
		var err error
		got = req
		body, err = io.ReadAll(req.Body)
		return response(req, 200, nil, `{"name":"n"}`), err
	}))
	if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
		t.Fatalf("got %+v", r)
	}
	if want := "https://fcm.googleapis.com/v1/projects/acme-duty/messages:send"; got.URL.String() != want {
		t.Errorf("sent to %s, want %s", got.URL, want)
	}
	if auth := got.Header.Get("Authorization"); auth != "Bearer "+bearer {
		t.Errorf("authorized by %q", auth)
	}
	var sent struct {
		Message struct {
			Token        string            `json:"token"`
			Data         map[string]string `json:"data"`
			Notification map[string]string `json:"notification"`
			Android      struct {
				Priority     string         `json:"priority"`
				TTL          string         `json:"ttl"`
				Notification map[string]any `json:"notification"`
			} `json:"android"`
			APNS struct {
				Headers map[string]string         `json:"headers"`
				Payload map[string]map[string]any `json:"payload"`
			} `json:"apns"`
			Webpush struct {
				Headers map[string]string `json:"headers"`
				Options map[string]string `json:"fcm_options"`
			} `json:"webpush"`
		} `json:"message"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	m, in := sent.Message, message()
	for what, ok := range map[string]bool{
		"token":                  m.Token == in.To,
		"title and body":         m.Notification["title"] == in.Title && m.Notification["body"] == in.Body,
		"data":                   len(m.Data) == 3 && m.Data["ticket"] == in.Data["ticket"] && m.Data["code"] == "12" && m.Data["link"] == in.Data["link"],
		"android priority":       m.Android.Priority == "high" && m.Android.Notification["notification_priority"] == "PRIORITY_MAX",
		"android ttl":            m.Android.TTL == "600s",
		"apns priority":          m.APNS.Headers["apns-priority"] == "10" && m.APNS.Headers["apns-push-type"] == "alert",
		"apns expiration":        len(m.APNS.Headers["apns-expiration"]) == 10,
		"apns time-sensitive":    m.APNS.Payload["aps"]["interruption-level"] == "time-sensitive",
		"apns sound":             m.APNS.Payload["aps"]["sound"] == "default",
		"webpush urgency":        m.Webpush.Headers["Urgency"] == "high" && m.Webpush.Headers["TTL"] == "600",
		"webpush opens the link": m.Webpush.Options["link"] == in.Data["link"],
	} {
		if !ok {
			t.Errorf("%s: %s", what, body)
		}
	}
}

// TestLongPush cuts what FCM would not take.
func TestLongPush(t *testing.T) {
	m := message()
	m.Title, m.Body = strings.Repeat("é", 5000), strings.Repeat("€", 5000)
	m.Data["link"] = "http://127.0.0.1/a/x" // not https: no link for browsers, but a push
	p := push(m, orderedAt)
	if n := len(p.Notification.Title); n > maxTitle || n < maxTitle-4 || strings.ToValidUTF8(p.Notification.Title, "?") != p.Notification.Title {
		t.Errorf("title of %d bytes: %q", n, p.Notification.Title)
	}
	if n := len(p.Notification.Body); n > maxBody || n < maxBody-4 || strings.ToValidUTF8(p.Notification.Body, "?") != p.Notification.Body {
		t.Errorf("body of %d bytes: %q", n, p.Notification.Body)
	}
	if p.Webpush.FCMOptions != nil {
		t.Errorf("browsers open %q, which FCM refuses", p.Webpush.FCMOptions.Link)
	}
	s := newSender(t, authorized(func(req *http.Request) (*http.Response, error) {
		return response(req, 200, nil, `{"name":"n"}`), nil
	}))
	if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
		t.Errorf("got %+v", r)
	}
	m.To = ""
	if r := s.Send(t.Context(), m); r.Class != paging.DeadAddress || r.Unregistered {
		t.Errorf("no token: got %+v", r)
	}
}

func TestEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:4011":       "http://127.0.0.1:4011/v1/projects/other/messages:send",
		"http://127.0.0.1:4011/mock/": "http://127.0.0.1:4011/mock/v1/projects/other/messages:send",
	} {
		var got string
		s, err := New(t.Context(), Config{
			CredentialsJSON: credentials(), Endpoint: endpoint, ProjectID: "other",
			HTTP: &http.Client{Transport: authorized(func(req *http.Request) (*http.Response, error) {
				got = req.URL.String()
				return response(req, 200, nil, `{"name":"n"}`), nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted || got != want {
			t.Errorf("got %+v, sent to %s, want %s", r, got, want)
		}
	}
}

// TestNoAnswer sorts calls without an answer by whether the push left.
func TestNoAnswer(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	unknownHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for _, c := range []struct {
		name  string
		err   error
		class paging.Class
		code  string
	}{
		{"refused", refused, paging.Transient, "connect"},
		{"unknown host", unknownHost, paging.Transient, "dns"},
		{"reset", reset, paging.OutcomeUnknown, "connection_lost"},
		{"cut", io.ErrUnexpectedEOF, paging.OutcomeUnknown, "connection_lost"},
		{"timeout", os.ErrDeadlineExceeded, paging.OutcomeUnknown, "timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			s := newSender(t, authorized(func(*http.Request) (*http.Response, error) { calls++; return nil, c.err }))
			r := s.Send(t.Context(), message())
			if r.Class != c.class || r.Code != c.code || r.Detail == "" || calls != 1 {
				t.Errorf("got %+v in %d calls, want %s %s in one", r, calls, c.class, c.code)
			}
		})
		t.Run("token endpoint "+c.name, func(t *testing.T) {
			s := newSender(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, c.err }))
			r := s.Send(t.Context(), message())
			if r.Class != paging.Transient || !strings.HasPrefix(r.Code, "oauth_") {
				t.Errorf("got %+v: the push never left", r)
			}
		})
	}
}

func TestContext(t *testing.T) {
	hang := roundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	for _, c := range []struct {
		name  string
		rt    http.RoundTripper
		class paging.Class
		code  string
	}{
		{"FCM hangs", authorized(hang), paging.OutcomeUnknown, "timeout"},
		{"the token endpoint hangs", hang, paging.Transient, "oauth_timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, start := newSender(t, c.rt), time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if r := s.Send(ctx, message()); r.Class != c.class || r.Code != c.code || time.Since(start) != 3*time.Second {
					t.Errorf("got %s %s after %s", r.Class, r.Code, time.Since(start))
				}
				start = time.Now()
				if r := s.Send(t.Context(), message()); r.Code != c.code || time.Since(start) != timeout {
					t.Errorf("got %s after %s: a patient context is bounded", r.Code, time.Since(start))
				}
				cancel()
				if r := s.Send(ctx, message()); r.Class != paging.Transient {
					t.Errorf("ended before: got %+v", r)
				}
			})
		})
	}
}

// TestDialTimeout ends while the standard transport still dials: nothing left.
func TestDialTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("no route")
		}}
		s := newSender(t, authorized(dials.RoundTrip))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if r := s.Send(ctx, message()); r.Class != paging.Transient || r.Code != "timeout" {
			t.Errorf("got %+v", r)
		}
		time.Sleep(time.Minute) // the transport goes on dialling
	})
}

func TestConfigErrors(t *testing.T) {
	for want, c := range map[string]Config{
		"not JSON":        {CredentialsJSON: Secret("hello"), Endpoint: "fcm"},
		"service account": {CredentialsJSON: credentials("type", "authorized_user")},
		"private_key":     {CredentialsJSON: credentials("private_key", "s3cretPEM")},
		"client_email":    {CredentialsJSON: credentials("client_email", "")},
		"project":         {CredentialsJSON: credentials("project_id", "")},
		"token_uri":       {CredentialsJSON: credentials("token_uri", "localhost")},
		"endpoint":        {CredentialsJSON: credentials(), Endpoint: "fcm.googleapis.com"},
	} {
		_, err := New(t.Context(), c)
		if err == nil || !strings.HasPrefix(err.Error(), "fcm: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v shows the key", err)
		}
	}
}

// TestSecrets looks for the key and the access token in everything that can be
// printed.
func TestSecrets(t *testing.T) {
	echo := authorized(func(req *http.Request) (*http.Response, error) {
		return response(req, 400, nil, failure("X", "X", "", "you are "+req.Header.Get("Authorization"))), nil
	})
	c := Config{CredentialsJSON: credentials()}
	s := newSender(t, echo)
	printed := []string{s.Send(t.Context(), message()).Error()}
	if !strings.Contains(printed[0], paging.Hidden) {
		t.Errorf("got %s", printed[0])
	}
	type holder struct {
		C Config
		s *Sender
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{c, &c, c.CredentialsJSON, s, *s, holder{c, s}} {
			printed = append(printed, fmt.Sprintf(format, v))
		}
	}
	for _, p := range printed {
		for _, secret := range []string{"PRIVATE KEY", fmt.Sprintf("%x", "PRIVATE KEY"), bearer, "80 82 73 86 65 84 69"} {
			if strings.Contains(p, secret) {
				t.Errorf("%.200s shows a secret", p)
			}
		}
	}
}

// BenchmarkSend is one push without a network: what the SDK and we cost.
func BenchmarkSend(b *testing.B) {
	s := newSender(b, authorized(func(req *http.Request) (*http.Response, error) {
		return response(req, 200, nil, `{"name":"projects/p/messages/1"}`), nil
	}))
	m := message()
	b.ReportAllocs()
	for b.Loop() {
		if r := s.Send(b.Context(), m); r.Class != paging.Accepted {
			b.Fatalf("got %+v", r)
		}
	}
}
