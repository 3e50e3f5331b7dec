package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// ear is a paging.Listener that writes down what it hears.
type ear struct {
	mu       sync.Mutex
	texts    []paging.Text
	receipts []paging.Receipt
	classes  []paging.Class
	reply    string
	err      error
	wait     chan struct{} // if not nil, Answer waits for it
}

func (e *ear) Answer(_ context.Context, t paging.Text) (string, error) {
	if e.wait != nil {
		<-e.wait
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.texts = append(e.texts, t)
	return e.reply, e.err
}

func (e *ear) Receive(_ context.Context, r paging.Receipt, c paging.Class) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.receipts, e.classes = append(e.receipts, r), append(e.classes, c)
	return e.err
}

// door is a handler with what it sends, hears and logs.
type door struct {
	http.Handler
	ear    *ear
	mu     sync.Mutex // guards events and sent
	events []string
	logs   *observer.ObservedLogs
	sent   []string // bodies
	status int      // of the gateway's answers
	sender *Sender
}

func newDoor(t testing.TB, s Spec) *door {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	d := &door{ear: &ear{reply: "12 PRIS"}, logs: logs, status: 200}
	c := config(s)
	c.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent = append(d.sent, string(body))
		return response(r, d.status, nil, fmt.Sprintf(`{"ok": true, "id": %d}`, len(d.sent))), nil
	})}
	sender, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.sender = sender
	d.Handler = NewHandler(c, sender, d.ear, zap.New(core), func(event string) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.events = append(d.events, event)
	})
	return d
}

func (d *door) ask(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

const (
	receiptPath = "/sms/acme/receipt?token=hook+hush%2F%2B"
	replyPath   = "/sms/acme/reply"
)

func TestReceipts(t *testing.T) {
	const inQuery = receiptPath + "&source=prometheus&page=I261121_0001%2F1%2F0%2F0%2Falice%2Fsms"
	byKey := paging.Receipt{Source: "prometheus", Key: pageKey}
	tests := []struct {
		name, target, body string
		status             int
		event              string
		want               paging.Receipt
		class              paging.Class
	}{
		{"delivered", receiptPath, `{"id": 7, "state": "delivered"}`, 200, EventReceipt, paging.Receipt{ProviderID: "acme/7", State: "delivered"}, 0},
		{"sent", receiptPath, `{"id": "a", "state": "sent"}`, 200, EventReceipt, paging.Receipt{ProviderID: "acme/a", State: "sent"}, 0},
		{"dead", receiptPath, `{"id": "a", "state": "failed", "class": "dead_address", "why": "23: barred"}`, 200, EventReceipt, paging.Receipt{ProviderID: "acme/a", State: "failed", Error: `"23: barred"`}, paging.DeadAddress},
		{"filtered", receiptPath, `{"id": "a", "state": "undelivered", "class": "filtered"}`, 200, EventReceipt, paging.Receipt{ProviderID: "acme/a", State: "undelivered", Error: `"no reason given"`}, paging.Filtered},
		{"an odd class", receiptPath, `{"id": "a", "state": "undelivered", "class": "weather", "why": {}}`, 200, EventReceipt, paging.Receipt{ProviderID: "acme/a", State: "undelivered", Error: `"no reason given"`}, paging.Transient},
		{"by the query", inQuery, `{"state": "delivered"}`, 200, EventReceipt, paging.Receipt{Source: byKey.Source, Key: byKey.Key, State: "delivered"}, 0},
		{"by its reference", receiptPath, `{"state": "delivered", "ref": "prometheus/I261121_0001/1/0/0/alice/sms"}`, 200, EventReceipt, paging.Receipt{Source: byKey.Source, Key: byKey.Key, State: "delivered"}, 0},
		{"nothing new", receiptPath, `{"id": 7, "state": "queued"}`, 200, EventIgnored, paging.Receipt{}, 0},
		{"no state", receiptPath, `{"id": 7}`, 200, EventIgnored, paging.Receipt{}, 0},
		{"of nothing", receiptPath, `{"state": "delivered", "ref": "x"}`, 400, EventMalformed, paging.Receipt{}, 0},
		{"a list", receiptPath, `[1]`, 400, EventMalformed, paging.Receipt{}, 0},
		{"no JSON", receiptPath, `{`, 400, EventMalformed, paging.Receipt{}, 0},
		{"two", receiptPath, `{} {}`, 400, EventMalformed, paging.Receipt{}, 0},
		{"too big", receiptPath, strings.Repeat(" ", ticket.MaxGatewayBody+1), 413, EventMalformed, paging.Receipt{}, 0},
		{"another token", "/sms/acme/receipt?token=hook", `{"id": 7, "state": "delivered"}`, 403, EventForged, paging.Receipt{}, 0},
		{"no token", "/sms/acme/receipt", `{"id": 7, "state": "delivered"}`, 403, EventForged, paging.Receipt{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t, spec())
			w := d.ask("POST", tt.target, tt.body)
			if w.Code != tt.status || !slices.Equal(d.events, []string{tt.event}) {
				t.Fatalf("answered %d with %v, want %d with %s", w.Code, d.events, tt.status, tt.event)
			}
			if tt.event != EventReceipt {
				if len(d.ear.receipts) > 0 {
					t.Errorf("handed over %+v", d.ear.receipts)
				}
				return
			}
			got := d.ear.receipts[0]
			if got.At.IsZero() {
				t.Error("no time")
			}
			got.At = tt.want.At
			if got != tt.want || d.ear.classes[0] != tt.class {
				t.Errorf("handed over %+v, %s, want %+v, %s", got, d.ear.classes[0], tt.want, tt.class)
			}
		})
	}
}

func TestReceiptAnswers(t *testing.T) {
	described := spec()
	described.Receipts.Each = ".[]"
	described.Receipts.Answer = Answer{Status: 202, ContentType: "application/json", Body: `{"got": true}`}
	const two = `[{"id": 1, "state": "delivered"}, {"id": 2, "state": "delivered"}]`
	d := newDoor(t, described)
	w := d.ask("POST", receiptPath, two)
	if w.Code != 202 || w.Body.String() != `{"got": true}` || w.Header().Get("Content-Type") != "application/json" || len(d.ear.receipts) != 2 {
		t.Errorf("answered %d %q, heard %v", w.Code, w.Body, d.ear.receipts)
	}
	d.ear.err = fmt.Errorf("paging: receipt: %w", escalation.ErrNotFound)
	if w := d.ask("POST", receiptPath, two); w.Code != 202 || d.events[3] != EventReceiptOrphan {
		t.Errorf("answered %d for pages that nobody knows, %v", w.Code, d.events)
	}
	d.ear.err = errors.New("the store is away")
	if w := d.ask("POST", receiptPath, two); w.Code != 503 || len(d.ear.receipts) != 6 || d.logs.Len() != 1 {
		t.Errorf("answered %d, logged %d, heard %d", w.Code, d.logs.Len(), len(d.ear.receipts))
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if w := d.ask(method, receiptPath, two); w.Code != 405 {
			t.Errorf("%s is answered %d", method, w.Code)
		}
	}
	if w := d.ask("POST", "/sms/acme/other", ""); w.Code != 404 {
		t.Errorf("another path is answered %d", w.Code)
	}
}

// TestReceiptBeforeTheStoreKnows: the sender remembers which page an id is.
func TestReceiptBeforeTheStoreKnows(t *testing.T) {
	d := newDoor(t, spec())
	if r := d.sender.Send(t.Context(), message()); r.ProviderID != "acme/1" {
		t.Fatalf("%+v", r)
	}
	d.ask("POST", receiptPath, `{"id": 1, "state": "delivered"}`)
	if r := d.ear.receipts[0]; r.Key != pageKey || r.Source != "prometheus" || r.ProviderID != "acme/1" {
		t.Errorf("handed over %+v", r)
	}
}

// TestWhatIsTooLongIsCut: no field of a webhook is kept at whatever length it comes, and a
// receipt's id is cut as that of the answer was.
func TestWhatIsTooLongIsCut(t *testing.T) {
	long, token := strings.Repeat("x", 80_000), []string{"X-Token", "hook hush/+"}
	d := newDoor(t, spec())
	if w := d.ask("POST", receiptPath, `{"id": "`+long+`", "state": "failed", "why": "`+long+`"}`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if r := d.ear.receipts[0]; r.ProviderID != "acme/"+paging.BoundID(long) || len(r.ProviderID) > 5+ticket.MaxProviderID || len(r.Error) > 2*ticket.MaxProviderDetail {
		t.Errorf("%d bytes of an id, %d of why", len(r.ProviderID), len(r.Error))
	}
	if w := d.ask("POST", receiptPath, `{"state": "delivered", "ref": "`+long+`/I261121_0001/1/0/0/alice/sms"}`); w.Code != 400 || len(d.ear.receipts) != 1 {
		t.Errorf("a reference without end: %d", w.Code)
	}
	if w := d.ask("POST", replyPath, form("id", long, "from", long, "text", long), token...); w.Code != 200 || len(d.ear.texts) != 1 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if x := d.ear.texts[0]; len(x.From) > ticket.MaxPhone || len(x.Body) > ticket.MaxText || len(x.ProviderID) > 5+ticket.MaxProviderID {
		t.Errorf("%d, %d, %d bytes", len(x.From), len(x.Body), len(x.ProviderID))
	}
	if w := d.ask("POST", replyPath, strings.Repeat("a&", 60_000), token...); w.Code != 400 {
		t.Errorf("fields without end: %d", w.Code)
	}
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func TestTexts(t *testing.T) {
	d := newDoor(t, spec())
	token := []string{"X-Token", "hook hush/+"}
	body := form("id", "m1", "from", "00 33 6 12 34 56 01", "to", "38064", "text", "12 OK\nbye")
	if w := d.ask("POST", replyPath, body, token...); w.Code != 200 || w.Body.String() != "" {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	want := paging.Text{From: "+33612345601", To: "38064", Body: "12 OK\nbye", ProviderID: "acme/m1"}
	if len(d.ear.texts) != 1 || d.ear.texts[0] != want {
		t.Errorf("heard %+v", d.ear.texts)
	}
	if len(d.sent) != 1 || !strings.Contains(d.sent[0], `"to": "+33612345601", "text": "12 PRIS", "ref": "", "callback": "https://astreinte.example.net/sms/acme/receipt?token=hook+hush%2F%2B"`) {
		t.Errorf("the reply that was sent: %v", d.sent)
	}

	// The same again: as before, and no second SMS.
	if w := d.ask("POST", replyPath, body, token...); w.Code != 200 || len(d.ear.texts) != 1 || len(d.sent) != 1 {
		t.Errorf("the same again: %d, heard %d, sent %d", w.Code, len(d.ear.texts), len(d.sent))
	}
	// Another phone's text, to which the gateway gives the same id.
	if d.ask("POST", replyPath, form("id", "m1", "from", "+33612345602", "text", "12 OK"), token...); len(d.ear.texts) != 2 || len(d.sent) != 2 {
		t.Errorf("another phone's: heard %d, sent %d", len(d.ear.texts), len(d.sent))
	}
	d.ear.texts, d.sent = d.ear.texts[:1], d.sent[:1]
	// Another text: the gateway does not take its reply, but it is acted on all
	// the same.
	d.status = 500
	if w := d.ask("POST", replyPath, form("id", "m2", "from", "+33612345601", "text", "?"), token...); w.Code != 200 || len(d.sent) != 2 {
		t.Errorf("answered %d, sent %v", w.Code, d.sent)
	}
	// The store is away: 503, and acted on when it comes again.
	d.ear.err = errors.New("the store is away")
	third := form("id", "m3", "from", "+33612345601", "text", "OK")
	if w := d.ask("POST", replyPath, third, token...); w.Code != 503 || len(d.sent) != 2 {
		t.Errorf("answered %d, sent %d", w.Code, len(d.sent))
	}
	d.ear.err, d.ear.reply = nil, ""
	if w := d.ask("POST", replyPath, third, token...); w.Code != 200 || len(d.ear.texts) != 4 || len(d.sent) != 2 {
		t.Errorf("answered %d, heard %d, sent %d", w.Code, len(d.ear.texts), len(d.sent))
	}
	if w := d.ask("POST", replyPath, form("id", "m5", "from", "+33612345601", "text", " Stop "), token...); w.Code != 200 {
		t.Errorf("STOP is answered %d", w.Code)
	}
	for _, bad := range []string{form("id", "m4", "text", "OK"), "%", ""} {
		if w := d.ask("POST", replyPath, bad, token...); w.Code != 400 {
			t.Errorf("%q is answered %d", bad, w.Code)
		}
	}
	if w := d.ask("POST", replyPath, body, "X-Token", "x"); w.Code != 403 {
		t.Errorf("another token is answered %d", w.Code)
	}
	wantEvents := []string{
		EventText, EventTextAgain, EventText, EventText, EventReplyFailed, EventRetry, EventText, EventText, EventOptOut,
		EventMalformed, EventMalformed, EventMalformed, EventForged,
	}
	if !slices.Equal(d.events, wantEvents) {
		t.Errorf("observed %v, want %v", d.events, wantEvents)
	}
}

// TestSameTextTwiceAtOnce: an impatient gateway sends a text again while the
// first is in hand. It is acted on once and answered twice.
func TestSameTextTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, spec())
		d.ear.wait = make(chan struct{})
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if w := d.ask("POST", replyPath, form("id", "m1", "from", "+33612345601", "text", "OK"), "X-Token", "hook hush/+"); w.Code != 200 {
					t.Errorf("answered %d", w.Code)
				}
			})
		}
		synctest.Wait()
		close(d.ear.wait)
		both.Wait()
		if len(d.ear.texts) != 1 || len(d.sent) != 1 {
			t.Errorf("heard %d, sent %d", len(d.ear.texts), len(d.sent))
		}
	})
}

func TestReplyInTheAnswer(t *testing.T) {
	described := spec()
	described.Replies.Reply = ReplyByAnswer
	described.Replies.Answer = Answer{ContentType: "application/json", Body: `{"text": {{json .Reply}}}`}
	d := newDoor(t, described)
	for range 2 {
		w := d.ask("POST", replyPath, form("id", "m1", "from", "+33612345601", "text", "OK"), "X-Token", "hook hush/+")
		if w.Code != 200 || w.Body.String() != `{"text": "12 PRIS"}` {
			t.Errorf("answered %d %q", w.Code, w.Body)
		}
	}
	if len(d.sent) > 0 || len(d.ear.texts) != 1 {
		t.Errorf("sent %v, heard %d", d.sent, len(d.ear.texts))
	}
}

func TestAuth(t *testing.T) {
	const body = `{"id": 7, "state": "delivered"}`
	m := hmac.New(sha256.New, []byte("hook hush/+"))
	m.Write([]byte(body))
	sum := m.Sum(nil)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("hook hush/+"))
	home := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	tests := []struct {
		name   string
		auth   Auth
		header []string
		status int
	}{
		{"basic, no colon in the secret", Auth{Basic: "hook"}, []string{"Authorization", basic}, 403},
		{"hex", Auth{HMAC: "hook", Header: "X-S"}, []string{"X-S", hex.EncodeToString(sum)}, 200},
		{"hex with a prefix", Auth{HMAC: "hook", Header: "X-S", Prefix: "sha256="}, []string{"X-S", "sha256=" + hex.EncodeToString(sum)}, 200},
		{"without the prefix", Auth{HMAC: "hook", Header: "X-S", Prefix: "sha256="}, []string{"X-S", hex.EncodeToString(sum)}, 403},
		{"base64", Auth{HMAC: "hook", Header: "X-S", Encoding: "base64"}, []string{"X-S", base64.StdEncoding.EncodeToString(sum)}, 200},
		{"another sum", Auth{HMAC: "hook", Header: "X-S"}, []string{"X-S", hex.EncodeToString(sum[1:])}, 403},
		{"another algorithm", Auth{HMAC: "hook", Header: "X-S", Algorithm: "sha1"}, []string{"X-S", hex.EncodeToString(sum)}, 403},
		{"no sum", Auth{HMAC: "hook", Header: "X-S"}, nil, 403},
		{"from home", Auth{Networks: home}, nil, 200},
		{"from elsewhere", Auth{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, nil, 403},
		{"from home with a token", Auth{Networks: home, Token: "hook", Header: "X-T"}, []string{"X-T", "hook hush/+"}, 200},
		{"from home without it", Auth{Networks: home, Token: "hook", Header: "X-T"}, nil, 403},
	}
	for _, tt := range tests {
		described := spec()
		described.Receipts.Auth = tt.auth
		d := newDoor(t, described)
		if w := d.ask("POST", "/sms/acme/receipt", body, tt.header...); w.Code != tt.status {
			t.Errorf("%s: answered %d, want %d", tt.name, w.Code, tt.status)
		}
	}
	described := spec()
	described.Receipts.Auth = Auth{Basic: "pair"}
	c := config(described)
	c.Secrets["pair"] = "user:pass:word"
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	h := NewHandler(c, s, &ear{}, nil, nil)
	for password, want := range map[string]int{"pass:word": 200, "pass": 403, "": 403} {
		r := httptest.NewRequest(http.MethodPost, "/sms/acme/receipt", strings.NewReader(body))
		r.SetBasicAuth("user", password)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("password %q: answered %d, want %d", password, w.Code, want)
		}
	}
}

// TestHMACSaysNothingOfTheQuery: a signed body cannot be sent again for
// another page.
func TestHMACSaysNothingOfTheQuery(t *testing.T) {
	const body = `{"state": "delivered"}`
	m := hmac.New(sha256.New, []byte("hook hush/+"))
	m.Write([]byte(body))
	described := spec()
	described.Receipts.Auth = Auth{HMAC: "hook", Header: "X-S"}
	d := newDoor(t, described)
	w := d.ask("POST", "/sms/acme/receipt?source=prometheus&page=I261121_0001%2F1%2F0%2F0%2Falice%2Fsms", body, "X-S", hex.EncodeToString(m.Sum(nil)))
	if w.Code != 400 || len(d.ear.receipts) > 0 {
		t.Errorf("answered %d, heard %v", w.Code, d.ear.receipts)
	}
}

func TestNumbers(t *testing.T) {
	for from, want := range map[string]string{
		"+33612345601": "+33612345601", "33612345601": "+33612345601", "0033612345601": "+33612345601", "+33 (6) 12.34-56 01": "+33612345601",
		"0612345601": "0612345601", "38064": "38064", "": "", "Orange": "Orange", "+": "+",
	} {
		if got := e164(from); got != want {
			t.Errorf("%q is %q, want %q", from, got, want)
		}
	}
}

// TestNothingSecretIsSaid: the gateway, and whoever sends to us, repeat all
// secrets. It reads every error, log line, answer and printed value.
func TestNothingSecretIsSaid(t *testing.T) {
	echo := `{"code": "key-hush", "text": "hook hush/+ hook+hush%2F%2B ` + base64.StdEncoding.EncodeToString([]byte("key-hush")) +
		` Bearer key-hush https://astreinte.example.net/a/link-hush https%3A%2F%2Fastreinte.example.net%2Fa%2Flink-hush hook  hush/+"}`
	var said []string
	for _, rt := range []roundTrip{
		func(r *http.Request) (*http.Response, error) { return response(r, 400, nil, echo), nil },
		func(r *http.Request) (*http.Response, error) { return response(r, 500, nil, "not JSON: "+echo), nil },
		func(r *http.Request) (*http.Response, error) { return nil, errors.New(r.URL.String() + echo) },
	} {
		described := spec()
		described.Request.URL += "?key={{urlquery .Secret.key}}"
		s := newSender(t, described, rt)
		r := s.Send(t.Context(), message())
		said = append(said, fmt.Sprintf("%v %+v %s", r, r, r.Error()), fmt.Sprintf("%v %+v %#v", s, s, s))
	}
	d := newDoor(t, spec())
	d.status = 400
	d.ear.err = errors.New("away")
	for _, body := range []string{`{"state": ["key-hush"]}`, `key-hush`, `{"id": 1, "state": "failed", "why": "key-hush hook hush/+"}`} {
		said = append(said, d.ask("POST", receiptPath, body).Body.String())
	}
	for _, receipt := range d.ear.receipts {
		said = append(said, receipt.Error)
	}
	d.ear.err = nil
	said = append(said, d.ask("POST", replyPath, form("id", "1", "from", "+33612345601", "text", "key-hush"), "X-Token", "hook hush/+").Body.String())
	for _, entry := range d.logs.All() {
		said = append(said, fmt.Sprint(entry.Message, entry.ContextMap()))
	}
	c := config(spec())
	said = append(said, fmt.Sprintf("%v %+v %#v %q", c, c, c, c.Secrets))
	if len(d.logs.All()) < 3 {
		t.Errorf("%d log lines: too few to say much", d.logs.Len())
	}
	for _, s := range said {
		if strings.Contains(s, "hush") || strings.Contains(s, base64.StdEncoding.EncodeToString([]byte("key-hush"))) {
			t.Errorf("a secret is in %s", s)
		}
	}
}

// FuzzWebhooks: whatever comes, the answer is one that a gateway understands,
// and what is handed over is whole.
func FuzzWebhooks(f *testing.F) {
	f.Add("id=1&state=delivered&from=33612345601&text=OK", "")
	f.Add(`{"id": 1, "state": "delivered", "from": "+33612345601", "text": "OK"}`, "source=a&page=I1/1/0/0/a/sms")
	f.Add(`[{"id": null, "state": "failed", "class": "filtered", "why": 1e999}]`, "%")
	f.Add("\xff\xfe", "\x00")
	f.Fuzz(func(t *testing.T, body, query string) {
		for _, format := range []string{"json", "form", "query"} {
			described := spec()
			described.Receipts.Format, described.Replies.Format = format, format
			described.Receipts.Auth = Auth{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}
			described.Replies.Auth = described.Receipts.Auth
			d := newDoor(t, described)
			for _, path := range []string{"/sms/acme/receipt", "/sms/acme/reply"} {
				r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
				r.URL.RawQuery = query
				w := httptest.NewRecorder()
				d.ServeHTTP(w, r)
				if !slices.Contains([]int{200, 400, 413}, w.Code) {
					t.Errorf("answered %d", w.Code)
				}
			}
			for _, text := range d.ear.texts {
				if text.From == "" {
					t.Errorf("nobody texts %+v", text)
				}
			}
			for _, r := range d.ear.receipts {
				if !slices.Contains([]ticket.PageState{"sent", "delivered", "undelivered", "failed"}, r.State) || (r.ProviderID == "" && r.Source == "") {
					t.Errorf("a receipt of nothing: %+v", r)
				}
			}
		}
	})
}
