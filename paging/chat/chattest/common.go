package chattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Message is one message of a room.
type Message struct {
	ID, Thread string // Thread: the message that it answers
	Text       string // all that is to be read, in its markup
	Buttons    map[string]string
	Edits      int
	Deleted    bool
	At         time.Time
	raw        map[string]any
}

// product is what the stand-ins have in common.
type product struct {
	mu       sync.Mutex
	now      func() time.Time
	messages []*Message
	wrong    []string
	calls    int
	fail     func(call string) *http.Response
	last     time.Time
	every    time.Duration
}

// Fail has calls answered by f; nil of f's goes on as usual. f nil: all do.
func (p *product) Fail(f func(call string) *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = f
}

// Limit has the product take one message in so much time, and refuse others.
func (p *product) Limit(every time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.every = every
}

// Messages are copies of those that are there, in the order in which they were posted.
func (p *product) Messages() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Message
	for _, m := range p.messages {
		if !m.Deleted {
			all = append(all, *m)
		}
	}
	return all
}

// Calls is how often it was asked.
func (p *product) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Wrong is what no product would have taken.
func (p *product) Wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wrong
}

// Delete deletes a message, as a person would.
func (p *product) Delete(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.find(id); m != nil {
		m.Deleted = true
	}
}

func (p *product) find(id string) *Message {
	for _, m := range p.messages {
		if m.ID == id && !m.Deleted {
			return m
		}
	}
	return nil
}

func (p *product) complain(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// tooFast notes a post, and says whether the last one was too short ago.
func (p *product) tooFast() bool {
	now := p.now()
	if p.every > 0 && now.Sub(p.last) < p.every {
		return true
	}
	p.last = now
	return false
}

// begin reads a call. It returns an answer if the call was told to fail.
func (p *product) begin(req *http.Request, call string, body any) *http.Response {
	p.calls++
	if p.fail != nil {
		if resp := p.fail(call); resp != nil {
			return resp
		}
	}
	text, err := io.ReadAll(req.Body)
	if err == nil {
		err = json.Unmarshal(text, body)
	}
	if err != nil || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") {
		p.complain("%s: %v, %q", call, err, req.Header.Get("Content-Type"))
	}
	return nil
}

// Answer is an answer with JSON. header are names and values, by turns.
func Answer(status int, body any, header ...string) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text))}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}
