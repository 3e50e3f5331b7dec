package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// listener writes down what it hears.
type listener struct {
	mu       sync.Mutex
	reply    string
	err      error
	texts    []paging.Text
	receipts []paging.Receipt
	classes  []paging.Class
}

func (l *listener) Answer(_ context.Context, t paging.Text) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, t)
	return l.reply, l.err
}

func (l *listener) Receive(_ context.Context, r paging.Receipt, class paging.Class) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.At = time.Time{}
	l.receipts, l.classes = append(l.receipts, r), append(l.classes, class)
	return l.err
}

// door is a Handler with everything that it reports.
type door struct {
	http.Handler
	listener *listener
	events   []string
	logs     *observer.ObservedLogs
}

func newDoor(c Config) *door {
	core, logs := observer.New(zapcore.DebugLevel)
	d := &door{listener: &listener{}, logs: logs}
	d.Handler = Handler(c, d.listener, zap.New(core), func(event string) { d.events = append(d.events, event) })
	return d
}

func (d *door) post(t *testing.T, target string, form url.Values, signature string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// call posts a form that Twilio signed.
func (d *door) call(t *testing.T, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return d.post(t, target, form, signature(token, config().PublicURL+target, form))
}

func formFixture(t *testing.T, name string) url.Values {
	t.Helper()
	form, err := url.ParseQuery(fixture(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func TestText(t *testing.T) {
	d := newDoor(config())
	d.listener.reply = "12 PRIS 03:14 <GTI 04:12> & \"tout\"\nfin"
	w := d.call(t, smsPath, formFixture(t, "twilio-sms-inbound.form"))
	want := `<Response><Message>12 PRIS 03:14 &lt;GTI 04:12&gt; &amp; &#34;tout&#34;&#xA;fin</Message></Response>`
	if w.Code != 200 || !strings.HasSuffix(w.Body.String(), want) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/xml") {
		t.Errorf("answered %d %s %s", w.Code, w.Header(), w.Body)
	}
	text := paging.Text{From: "+14133881111", To: "+12028831111", Body: "Msg", ProviderID: "SMe287d7109a5a925f182f0e07fe5b223b"}
	if !slices.Equal(d.listener.texts, []paging.Text{text}) || !slices.Equal(d.events, []string{EventText}) {
		t.Errorf("heard %+v, observed %v", d.listener.texts, d.events)
	}
}

// TestTextAgain acts once on a text that Twilio delivers twice.
func TestTextAgain(t *testing.T) {
	d := newDoor(config())
	d.listener.reply = "12 PRIS"
	form := url.Values{"From": {"+33612345601"}, "MessageSid": {"SM1"}, "Body": {"12 E"}}
	first := d.call(t, smsPath, form).Body.String()
	d.listener.reply = "12 ?"
	if again := d.call(t, smsPath, form).Body.String(); again != first || len(d.listener.texts) != 1 {
		t.Errorf("answered %s, then %s; heard %d times", first, again, len(d.listener.texts))
	}
	var kept replies
	for i := range 3 * rememberedReplies {
		kept.keep(fmt.Sprint(i), "")
	}
	if _, known := kept.of(fmt.Sprint(3*rememberedReplies - 1)); !known || len(kept.byID) != rememberedReplies {
		t.Errorf("%d replies kept, want the latest %d", len(kept.byID), rememberedReplies)
	}
}

// TestOddTexts are texts with fewer or more fields than most.
func TestOddTexts(t *testing.T) {
	for _, c := range []struct {
		name   string
		form   url.Values
		text   paging.Text
		events []string
	}{
		{
			"no body, short code, unknown parameters",
			url.Values{"From": {"+1"}, "To": {"2021"}, "SmsSid": {"SM2"}, "New": {"x"}},
			paging.Text{From: "+1", To: "2021", ProviderID: "SM2"},
			[]string{EventText},
		},
		{"stop", url.Values{"From": {"+1"}, "Body": {" Stop "}}, paging.Text{From: "+1", Body: " Stop "}, []string{EventText, EventOptOut}},
		{"opted out", url.Values{"From": {"+1"}, "Body": {"assez"}, "OptOutType": {"STOP"}}, paging.Text{From: "+1", Body: "assez"}, []string{EventText, EventOptOut}},
		{"nobody", url.Values{"Body": {"12 OK"}}, paging.Text{}, []string{EventMalformed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(config())
			w := d.call(t, smsPath, c.form)
			if w.Code != 200 || !strings.HasSuffix(w.Body.String(), "<Response/>") || !slices.Equal(d.events, c.events) {
				t.Errorf("answered %d %s, observed %v", w.Code, w.Body, d.events)
			}
			if c.text != (paging.Text{}) && !slices.Equal(d.listener.texts, []paging.Text{c.text}) {
				t.Errorf("heard %+v, want %+v", d.listener.texts, c.text)
			}
		})
	}
}

// TestStoreAway: the answer is 503, so that Twilio asks elsewhere, and the
// text does not count as answered.
func TestStoreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(config())
		d.listener.err = errors.New("boltstore: disk full")
		text := url.Values{"From": {"+1"}, "MessageSid": {"SM1"}}
		for range 3 {
			if w := d.call(t, smsPath, text); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
				t.Errorf("text: answered %d %s", w.Code, w.Body)
			}
		}
		if w := d.call(t, statusPath, formFixture(t, "twilio-status-sent.form")); w.Code != http.StatusServiceUnavailable {
			t.Errorf("receipt: answered %d", w.Code)
		}
		if d.logs.Len() != 1 {
			t.Errorf("%d log lines in one minute, want 1", d.logs.Len())
		}
		time.Sleep(complainEvery)
		d.call(t, smsPath, text)
		if d.logs.Len() != 2 {
			t.Errorf("%d log lines in two minutes, want 2", d.logs.Len())
		}
		d.listener.err, d.listener.reply = nil, "12 PRIS"
		if w := d.call(t, smsPath, text); !strings.Contains(w.Body.String(), "12 PRIS") {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
}

func TestReceipts(t *testing.T) {
	key := ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Step: ticket.ForJoined.Key(), Person: "alice", Channel: "sms"}
	page := "?page=" + url.QueryEscape(key.String()) + "&source=prom%26+%C3%A9"
	bySID := func(status string) url.Values { return url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}} }
	failed := func(status, code string) url.Values {
		f := bySID(status)
		f.Set("ErrorCode", code)
		f.Set("RawDlrDoneDate", "2611210312")
		return f
	}
	for _, c := range []struct {
		name  string
		query string
		form  url.Values
		want  paging.Receipt // State empty: not handed over
		class paging.Class
	}{
		{"sent", page, bySID("sent"), paging.Receipt{Source: "prom& é", Key: key, State: ticket.PageSent}, paging.Accepted},
		{"delivered, by id", "", bySID("delivered"), paging.Receipt{State: ticket.PageDelivered}, paging.Accepted},
		{"read", "", bySID("read"), paging.Receipt{State: ticket.PageDelivered}, paging.Accepted},
		{"a key that is none", "?page=x&source=y", bySID("sent"), paging.Receipt{State: ticket.PageSent}, paging.Accepted},
		{"no source", "?page=" + url.QueryEscape(key.String()), bySID("sent"), paging.Receipt{State: ticket.PageSent}, paging.Accepted},
		{"unreachable", page, failed("undelivered", "30003"), paging.Receipt{Source: "prom& é", Key: key, State: ticket.PageUndelivered, Error: "30003: unreachable handset"}, paging.Transient},
		{"landline", "", failed("undelivered", "30006"), paging.Receipt{State: ticket.PageUndelivered, Error: "30006: landline or unreachable carrier"}, paging.DeadAddress},
		{"filtered", "", failed("undelivered", "30007"), paging.Receipt{State: ticket.PageUndelivered, Error: "30007: filtered"}, paging.Filtered},
		{"suspended", "", failed("failed", "30002"), paging.Receipt{State: ticket.PageFailed, Error: "30002: account suspended"}, paging.DeadAccount},
		{"an unknown code", "", failed("failed", "39999"), paging.Receipt{State: ticket.PageFailed, Error: "39999"}, paging.Transient},
		{"no code", "", bySID("failed"), paging.Receipt{State: ticket.PageFailed, Error: "no reason given"}, paging.Transient},
		{"canceled", "", bySID("canceled"), paging.Receipt{State: ticket.PageFailed, Error: "no reason given"}, paging.Transient},
		{"old name", "", url.Values{"SmsSid": {"SM1"}, "SmsStatus": {"delivered"}}, paging.Receipt{State: ticket.PageDelivered}, paging.Accepted},
		{"queued", page, bySID("queued"), paging.Receipt{}, 0},
		{"accepted", page, bySID("accepted"), paging.Receipt{}, 0},
		{"scheduled", page, bySID("scheduled"), paging.Receipt{}, 0},
		{"sending", page, bySID("sending"), paging.Receipt{}, 0},
		{"a new state", page, bySID("teleported"), paging.Receipt{}, 0},
		{"no state", page, url.Values{"MessageSid": {"SM1"}}, paging.Receipt{}, 0},
		{"neither page nor id", "", url.Values{"MessageStatus": {"sent"}}, paging.Receipt{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(config())
			if w := d.call(t, statusPath+c.query, c.form); w.Code != 200 {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			if c.want.State == "" {
				if len(d.listener.receipts) != 0 {
					t.Errorf("handed over %+v", d.listener.receipts)
				}
				return
			}
			c.want.ProviderID = "SM1"
			if len(d.listener.receipts) != 1 || d.listener.receipts[0] != c.want || d.listener.classes[0] != c.class {
				t.Errorf("handed over %+v %v\nwant %+v %s", d.listener.receipts, d.listener.classes, c.want, c.class)
			}
		})
	}
}

func TestReceiptFixtures(t *testing.T) {
	for name, want := range map[string]ticket.PageState{
		"twilio-status-sent.form":         ticket.PageSent,
		"twilio-status-delivered.form":    ticket.PageDelivered,
		"twilio-status-failed-21610.form": ticket.PageFailed,
	} {
		d := newDoor(config())
		d.call(t, statusPath, formFixture(t, name))
		if len(d.listener.receipts) != 1 || d.listener.receipts[0].State != want || d.listener.receipts[0].ProviderID == "" {
			t.Errorf("%s: handed over %+v", name, d.listener.receipts)
		}
	}
}

// TestOrphan: a receipt of a page that is gone is recorded, and nothing else
// happens.
func TestOrphan(t *testing.T) {
	d := newDoor(config())
	d.listener.err = fmt.Errorf("boltstore: receipt SM1: %w", escalation.ErrNotFound)
	w := d.call(t, statusPath, formFixture(t, "twilio-status-delivered.form"))
	if w.Code != 200 || !slices.Equal(d.events, []string{EventReceiptOrphan}) || d.logs.Len() != 0 {
		t.Errorf("answered %d, observed %v", w.Code, d.events)
	}
}

func TestOtherRequests(t *testing.T) {
	d := newDoor(config())
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", smsPath, "", 405},
		{"PUT", statusPath, "", 405},
		{"POST", "/twilio/voice", "", 404},
		{"POST", "/", "", 404},
		{"POST", smsPath, "%zz=1", 400},
		{"POST", smsPath, strings.Repeat("a&", 30_000), 400},
		{"POST", smsPath, "Body=" + strings.Repeat("x", ticket.MaxTwilioForm), 413},
		{"POST", smsPath, "", 403},
	} {
		for _, kind := range []string{"application/x-www-form-urlencoded", "application/json"} { // whatever it is called
			w := httptest.NewRecorder()
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", kind)
			d.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%s %s as %s: answered %d, want %d", c.method, c.path, kind, w.Code, c.want)
			}
		}
	}
	if len(d.listener.texts) != 0 {
		t.Errorf("heard %+v", d.listener.texts)
	}
}

// BenchmarkText is one signed text through the handler.
func BenchmarkText(b *testing.B) {
	h := Handler(config(), &quiet{}, nil, nil)
	form := url.Values{"From": {"+33612345601"}, "To": {"+33639980000"}, "Body": {"12 OK"}, "AccountSid": {account}}
	sig := signature(token, config().PublicURL+smsPath, form)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, smsPath, strings.NewReader(form.Encode()))
		r.Header.Set("X-Twilio-Signature", sig)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

type quiet struct{}

func (quiet) Answer(context.Context, paging.Text) (string, error)         { return "", nil }
func (quiet) Receive(context.Context, paging.Receipt, paging.Class) error { return nil }
