package web

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// tests sends nothing.
type tests struct {
	err      error
	sent     []paging.TestPage
	channels []string
}

func (f *tests) Send(_ context.Context, p contacts.Person, channels []string, by string) (paging.TestPage, error) {
	if f.err != nil {
		return paging.TestPage{}, f.err
	}
	page := paging.TestPage{ID: "x", Person: p.Key, By: by, At: saturday, Tries: []paging.TestTry{
		{Channel: "sms", Address: "+33612345601", Provider: "twilio", ProviderID: "SM1", State: ticket.PageDelivered, ReceiptAt: saturday},
		{Channel: "push", Address: "d1", State: ticket.PageFailed, Error: "UNREGISTERED"},
	}}
	f.sent, f.channels = append(f.sent, page), channels
	return page, nil
}

func (f *tests) SendTo(ctx context.Context, p contacts.Person, device, by string) (paging.TestPage, error) {
	return f.Send(ctx, p, []string{device}, by)
}

func (f *tests) Last(context.Context, string) (paging.TestPage, error) {
	if len(f.sent) == 0 {
		return paging.TestPage{}, escalation.ErrNotFound
	}
	return f.sent[len(f.sent)-1], nil
}

func TestWhoMaySendTestPages(t *testing.T) {
	f := &tests{}
	d := newDesk(t, func(o *Options) { o.Tests = f })
	for _, c := range []struct {
		role, method, person, body string
		want                       int
	}{
		{"technician", "GET", "bruno", "", 404},
		{"technician", "POST", "bruno", "", 200}, // himself
		{"technician", "GET", "bruno", "", 200},
		{"technician", "POST", "alice", "", 403},
		{"reader", "POST", "bruno", "", 403},
		{"manager", "POST", "alice", `{"channel": "sms"}`, 200},
		{"admin", "POST", "alice", `{}`, 200},
		{"manager", "POST", "alice", `{"channel": "fax"}`, 400},
		{"manager", "POST", "alice", `{"chanel": "sms"}`, 400},
		{"manager", "POST", "alice", `{"channel": "sms", "device": "web-1"}`, 400},
		{"manager", "POST", "alice", `{"device": "web-1"}`, 200},
		{"manager", "POST", "zoe", "", 404},
	} {
		if w := d.call(c.role, c.method, "/api/v1/people/"+c.person+"/test", c.body); w.Code != c.want {
			t.Errorf("%s %s %s %s: %d %s, want %d", c.role, c.method, c.person, c.body, w.Code, w.Body, c.want)
		}
		if c.body == `{"channel": "sms"}` && !slices.Equal(f.channels, []string{"sms"}) {
			t.Errorf("by %v", f.channels)
		}
		if c.body == `{"device": "web-1"}` && !slices.Equal(f.channels, []string{"web-1"}) {
			t.Errorf("to %v", f.channels)
		}
	}
	if len(f.sent) != 4 || f.sent[0].By != "brunos" || f.sent[0].Person != "bruno" {
		t.Errorf("%+v", f.sent)
	}
	f.err = &paging.TooManyTests{Person: "alice", After: 90 * time.Second}
	if w := d.call("manager", http.MethodPost, "/api/v1/people/alice/test", ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "90" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	f.err = paging.ErrNoWay
	if w := d.call("manager", http.MethodPost, "/api/v1/people/alice/test", ""); w.Code != http.StatusConflict {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
