package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	account = "AC00000000000000000000000000000000"
	token   = "5ecretT0ken"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func response(req *http.Request, status int, h http.Header, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}
}

func config() Config {
	return Config{
		AccountSID: account, AuthToken: token, From: "+33639980000",
		PublicURL: "https://astreinte.example.net", StatusCallbacks: true,
	}
}

func newSender(t testing.TB, rt http.RoundTripper) *Sender {
	t.Helper()
	c := config()
	c.HTTP = &http.Client{Transport: rt}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message() paging.Message {
	return paging.Message{
		Key:    ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "sms"},
		Source: "prométhée & fils",
		To:     "+33612345601",
		Text:   "CRITIQUE Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12",
	}
}

func TestOrder(t *testing.T) {
	var got *http.Request
	var form url.Values
	rt := roundTrip(func(req *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		got = req
		form, err = url.ParseQuery(string(raw))
		return response(req, 201, nil, `{"sid":"SM1"}`), err
	})
	if r := newSender(t, rt).Send(t.Context(), message()); r.Class != paging.Accepted {
		t.Fatalf("got %+v", r)
	}
	if want := "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Messages.json"; got.URL.String() != want {
		t.Errorf("sent to %s, want %s", got.URL, want)
	}
	if user, password, _ := got.BasicAuth(); user != account || password != token {
		t.Errorf("authenticated as %q, %q", user, password)
	}
	callback := "https://astreinte.example.net/twilio/status?page=I261121_0001%2F1%2F0%2F0%2Falice%2Fsms&source=prom%C3%A9th%C3%A9e+%26+fils"
	want := url.Values{
		"To": {message().To}, "From": {"+33639980000"}, "Body": {message().Text},
		"ValidityPeriod": {"600"}, "StatusCallback": {callback},
	}
	if form.Encode() != want.Encode() {
		t.Errorf("sent %v\nwant %v", form, want)
	}
}

func TestOrderByService(t *testing.T) {
	c := config()
	c.From, c.MessagingServiceSID, c.StatusCallbacks = "", "MG1", false
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	p := s.order(message())
	if p.From != nil || p.StatusCallback != nil || p.MessagingServiceSid == nil || *p.MessagingServiceSid != "MG1" {
		t.Errorf("got %+v", p)
	}
}

// TestBaseURL moves the API to hosts that Twilio's library would take apart,
// with a port and a path.
func TestBaseURL(t *testing.T) {
	t.Setenv("TWILIO_EDGE", "dublin") // must not move anything
	for base, want := range map[string]string{
		"":                               "https://api.twilio.com/",
		"http://127.0.0.1:4010":          "http://127.0.0.1:4010/",
		"http://127.0.0.1:4010/mock/":    "http://127.0.0.1:4010/mock/",
		"https://a.b.c.d.example.net/tw": "https://a.b.c.d.example.net/tw/",
	} {
		var got string
		c := config()
		c.BaseURL = base
		c.HTTP = &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			got = req.URL.String()
			return response(req, 201, nil, `{}`), nil
		})}
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
			t.Errorf("%s: got %+v", base, r)
		}
		if want += "2010-04-01/Accounts/" + account + "/Messages.json"; got != want {
			t.Errorf("%s: sent to %s, want %s", base, got, want)
		}
	}
}

// TestNoAnswer sorts calls without an answer by whether the order left.
func TestNoAnswer(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	unknownHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.twilio.com", IsNotFound: true}}
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
			s := newSender(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, c.err }))
			r := s.Send(t.Context(), message())
			if r.Class != c.class || r.Code != c.code || r.Detail == "" {
				t.Errorf("got %+v, want %s %s", r, c.class, c.code)
			}
		})
	}
}

func TestContext(t *testing.T) {
	hang := roundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	t.Run("ended before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if r := newSender(t, hang).Send(ctx, message()); r.Class != paging.Transient || r.Code != "cancelled" {
			t.Errorf("got %+v: nothing left", r)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		r := newSender(t, hang).Send(ctx, message())
		if r.Class != paging.OutcomeUnknown || r.Code != "timeout" || time.Since(start) != 3*time.Second {
			t.Errorf("got %+v after %s", r, time.Since(start))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if r := newSender(t, hang).Send(t.Context(), message()); r.Code != "timeout" || time.Since(start) != timeout {
			t.Errorf("got %+v after %s: a patient context is bounded", r, time.Since(start))
		}
	})
}

// TestRealSockets uses the standard transport, which does say when it has a
// connection.
func TestRealSockets(t *testing.T) {
	var conns connCount
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path[:5] {
		case "/html":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<html>"+strings.Repeat("busy ", 1000))
		case "/half":
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"sid":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/drop":
			panic(http.ErrAbortHandler)
		}
	}))
	server.Config.ConnState = conns.note
	server.Start()
	defer server.Close()

	send := func(t *testing.T, base string, wait time.Duration) paging.Result {
		t.Helper()
		c := config()
		c.BaseURL = base
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		var r paging.Result
		for range 5 {
			r = s.Send(ctx, message())
		}
		return r
	}
	if r := send(t, server.URL+"/html", time.Minute); r.Class != paging.Transient || r.Code != "http_503" || !strings.Contains(r.Detail, "busy") {
		t.Errorf("HTML: got %+v", r)
	}
	if n := conns.count(); n != 1 {
		t.Errorf("5 calls took %d connections: a body was left unread", n)
	}
	if r := send(t, server.URL+"/half", time.Minute); r.Class != paging.Accepted || r.ProviderID != "" {
		t.Errorf("201 cut short: got %+v", r)
	}
	if r := send(t, server.URL+"/drop", time.Minute); r.Class != paging.OutcomeUnknown {
		t.Errorf("dropped: got %+v", r)
	}
	if r := send(t, "http://"+closedPort(t), time.Minute); r.Class != paging.Transient || r.Code != "connect" {
		t.Errorf("refused: got %+v", r)
	}
	if r := send(t, "https://"+strings.TrimPrefix(server.URL, "http://"), time.Minute); r.Class != paging.Transient || r.Code != "connect" {
		t.Errorf("no TLS there: got %+v", r)
	}
}

// TestDialTimeout ends while the standard transport still dials: nothing left.
func TestDialTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("no route")
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if r := s.Send(ctx, message()); r.Class != paging.Transient || r.Code != "timeout" {
			t.Errorf("got %+v", r)
		}
		time.Sleep(time.Minute) // the transport goes on dialling
	})
}

func TestConfigErrors(t *testing.T) {
	_, err := New(Config{AccountSID: "AC/1", BaseURL: "api.twilio.com", StatusCallbacks: true})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"twilio: ", "account SID", "auth token", "messaging service", "base URL", "public URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name the %s", err, want)
		}
	}
}

// TestSecrets looks for the token in everything that can be printed.
func TestSecrets(t *testing.T) {
	echo := roundTrip(func(req *http.Request) (*http.Response, error) {
		user, password, _ := req.BasicAuth()
		return response(req, 400, nil, restError("1", user+":"+password+" "+req.Header.Get("Authorization"))), nil
	})
	lost := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("proxy said " + token) })
	c := config()
	h := Handler(c, nil, nil, nil)
	s := newSender(t, echo)
	type holder struct {
		C config2
		s *Sender
	}
	basic := "AC0:" + token
	printed := []string{s.Send(t.Context(), message()).Error(), newSender(t, lost).Send(t.Context(), message()).Error()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{c, &c, c.AuthToken, &c.AuthToken, s, *s, h, holder{config2{c}, s}} {
			printed = append(printed, fmt.Sprintf(format, v))
		}
	}
	for _, p := range printed {
		for _, secret := range []string{token, basic, fmt.Sprintf("%x", token), "QUMwMDAw"} {
			if strings.Contains(p, secret) {
				t.Errorf("%s shows the token", p)
			}
		}
	}
}

type config2 struct{ Config }

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// connCount counts connections that a server was given.
type connCount struct{ n atomic.Int64 }

func (c *connCount) note(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		c.n.Add(1)
	}
}

func (c *connCount) count() int64 { return c.n.Load() }

// BenchmarkSend is one order without a network: what the library and we cost.
func BenchmarkSend(b *testing.B) {
	s := newSender(b, roundTrip(func(req *http.Request) (*http.Response, error) {
		return response(req, 201, nil, `{"sid":"SM1","status":"queued","error_code":null,"num_segments":"1"}`), nil
	}))
	m := message()
	b.ReportAllocs()
	for b.Loop() {
		if r := s.Send(b.Context(), m); r.Class != paging.Accepted {
			b.Fatalf("got %+v", r)
		}
	}
}
