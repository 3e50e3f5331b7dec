package gatewaytest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a stand-in.
type Options struct {
	// ReceiptURL and ReplyURL are the daemon's webhooks, as a customer sets them
	// at the gateway.
	ReceiptURL, ReplyURL string
	// Client carries requests to them.
	Client *http.Client
	// Now is the gateway's clock; nil: time.Now.
	Now func() time.Time
}

// SMS is a text that was accepted.
type SMS struct {
	ID, From, To, Text string
	At                 time.Time
}

// account is what the stand-ins have in common.
type account struct {
	opt Options

	mu      sync.Mutex
	texts   []SMS
	calls   int
	down    int // status of every answer; 0: none
	credits int
	barred  map[string]bool
}

func newAccount(o Options) account {
	if o.Now == nil {
		o.Now = time.Now
	}
	return account{opt: o, credits: 1000, barred: map[string]bool{}}
}

// Sent is every text so far.
func (a *account) Sent() []SMS {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.texts)
}

// To is every text to this number, in E.164.
func (a *account) To(number string) []SMS {
	return slices.DeleteFunc(a.Sent(), func(s SMS) bool { return strings.TrimLeft(s.To, "+0") != strings.TrimLeft(number, "+0") })
}

// Calls is how many orders came in, whatever became of them.
func (a *account) Calls() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls
}

// Down answers every order with this status and a proxy's page; 0 ends it.
func (a *account) Down(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = status
}

// SetCredits sets for how many texts there is money.
func (a *account) SetCredits(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.credits = n
}

// Bar refuses a number in E.164 for good.
func (a *account) Bar(number string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.barred[strings.TrimLeft(number, "+")] = true
}

// begin counts an order. If the gateway is down, it answers the order.
func (a *account) begin(w http.ResponseWriter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	if a.down == 0 {
		return true
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(a.down)
	_, _ = io.WriteString(w, "<html><h1>"+http.StatusText(a.down)+"</h1></html>")
	return false
}

// Answer is the daemon's answer to a webhook.
type Answer struct {
	Status int
	Body   string
}

func (a *account) send(ctx context.Context, method, url, contentType, body string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("gatewaytest: %w", err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := a.opt.Client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("gatewaytest: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answered, err := io.ReadAll(res.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("gatewaytest: %w", err)
	}
	return Answer{Status: res.StatusCode, Body: string(answered)}, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// written is a text as it reaches the phone. If it was not ordered in Unicode,
// each letter that is neither Latin nor Greek becomes a question mark.
func written(text string, unicode bool) string {
	if unicode {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x400 {
			return '?'
		}
		return r
	}, text)
}
