package phonetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
)

const (
	aliceNumber = "+33612345601"
	bobNumber   = "+33612345602"
	publicURL   = "https://astreinte.example.net/pager"
)

// daemon stands for the pager. It checks each signature with Twilio's own
// validator, over the public URL, and keeps what came.
type daemon struct {
	token  string
	answer func(path string, form url.Values) (status int, mime, body string)

	mu    sync.Mutex
	forms []url.Values
	paths []string
	bad   []string // signatures that failed
}

func newDaemon(w *World) *daemon {
	d := &daemon{token: w.AuthToken(), answer: func(string, url.Values) (int, string, string) {
		return http.StatusOK, "text/xml", "<Response/>"
	}}
	return d
}

func (d *daemon) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	validator := client.NewRequestValidator(d.token)
	signed := "https://astreinte.example.net/pager" + r.URL.RequestURI()
	d.mu.Lock()
	if !validator.ValidateBody(signed, body, r.Header.Get("X-Twilio-Signature")) {
		d.bad = append(d.bad, signed)
	}
	d.forms = append(d.forms, form)
	d.paths = append(d.paths, r.URL.RequestURI())
	d.mu.Unlock()
	status, mime, answered := d.answer(r.URL.Path, form)
	rw.Header().Set("Content-Type", mime)
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, answered)
}

// statuses returns the receipts that came, as "sent" or "undelivered 30003".
func (d *daemon) statuses() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for _, form := range d.forms {
		list = append(list, strings.TrimSpace(form.Get("MessageStatus")+" "+form.Get("ErrorCode")))
	}
	return strings.Join(list, ", ")
}

func (d *daemon) checkSignatures(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.bad) > 0 || len(d.forms) == 0 {
		t.Errorf("%d requests, signature wrong on %q", len(d.forms), d.bad)
	}
}

// inBubble makes a World and its daemon without sockets.
func inBubble(t *testing.T, opt Options) (*World, *daemon) {
	t.Helper()
	d := &daemon{}
	opt.PublicURL = publicURL
	opt.Daemon = "http://daemon.test"
	opt.Client = &http.Client{Transport: Transport(d)}
	w := New(opt)
	t.Cleanup(w.Close)
	d.token, d.answer = w.AuthToken(), newDaemon(w).answer
	return w, d
}

// started makes a World on a listener, and its daemon on another.
func started(t *testing.T, opt Options) (*World, *daemon) {
	t.Helper()
	opt.PublicURL = publicURL
	w := New(opt)
	t.Cleanup(w.Close)
	d := newDaemon(w)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	w.SetDaemon(server.URL)
	if _, err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w, d
}

// rebase sends what the SDK wants to send to api.twilio.com to a World.
type rebase struct {
	client.Client
	base string
}

func (c *rebase) SendRequest(method, rawURL string, data url.Values, headers map[string]any, body ...byte) (*http.Response, error) {
	return c.Client.SendRequest(method, strings.Replace(rawURL, "https://api.twilio.com", c.base, 1), data, headers, body...)
}

// sdk returns Twilio's own client of the World's account.
func sdk(w *World, transport http.RoundTripper) *api.ApiService {
	c := &rebase{base: w.URL(), Client: client.Client{
		Credentials: client.NewCredentials(w.AccountSID(), w.AuthToken()),
		HTTPClient:  &http.Client{Transport: transport}, // no Timeout: the SDK leaves bodies open
	}}
	c.SetAccountSid(w.AccountSID())
	return api.NewApiServiceWithClient(c)
}

func order(w *World, to, body string) *api.CreateMessageParams {
	return (&api.CreateMessageParams{}).SetTo(to).SetFrom(w.Number()).SetBody(body).
		SetStatusCallback(publicURL + "/twilio/status?page=7&x=%C3%A9")
}

// fakeTB is a TB whose failure is an observation.
type fakeTB struct {
	ctx     context.Context
	failure string
}

func (f *fakeTB) Helper() {}

func (f *fakeTB) Context() context.Context { return f.ctx }

func (f *fakeTB) Fatalf(format string, args ...any) {
	if f.failure == "" {
		f.failure = fmt.Sprintf(format, args...)
	}
}

// post makes a raw request of the World in process.
func post(t *testing.T, w *World, path, mime, body string, auth func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", mime)
	if auth != nil {
		auth(req)
	}
	res, err := (&http.Client{Transport: w.RoundTripper()}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answered, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(answered)
}
