package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// sent is one order that a daemon gave to a provider.
type sent struct {
	key     ticket.PageKey
	kind    ticket.PageKind
	to      string
	by      *simLife
	claim   claimed
	at      time.Time
	done    time.Time
	status  int    // as the daemon saw it; 0: no answer, or none yet
	text    string // unique: each order has a new link
	refused bool   // it said no, for now or for good
	final   bool   // for good
	vague   bool   // a push that may have been for another page of the same ticket and person
}

// carrier is a daemon's way to the providers.
type carrier struct{ l *simLife }

var refusedConnection = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// RoundTrip carries one request. Whatever becomes of the daemon, the provider
// may have the request once it left.
func (c *carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	l, s := c.l, c.l.node.s
	if err := l.pass(); err != nil {
		return nil, refusedConnection
	}
	if err := l.spring("send", true); err != nil {
		return nil, refusedConnection
	}
	switch req.URL.Host {
	case simHookHost:
		return c.tell(req)
	case simBackHost:
		return c.tellBack(req)
	case simLookHost:
		return c.look(req)
	}
	order := s.past.order(l, req)
	type result struct {
		resp *http.Response
		err  error
	}
	done := make(chan result, 1)
	ctx, lose := context.WithTimeout(context.WithoutCancel(req.Context()), 40*time.Second)
	late := s.roll("late/"+req.URL.Path) < 0.5 // it may arrive, even if nobody waits any more
	s.beside(func() {
		resp, err := s.world.RoundTripper().RoundTrip(req.WithContext(ctx))
		lose()
		done <- result{resp, err}
	})
	var r result
	select {
	case r = <-done:
	case <-req.Context().Done():
		r.err = req.Context().Err()
	case <-l.dead:
		r.err = errSimDead
	case <-s.over:
		r.err = errSimDead
		lose()
	}
	if r.resp == nil && !late {
		lose()
	}
	if err := l.spring("send", false); err != nil {
		r = result{nil, err}
	}
	if err := l.pass(); err != nil {
		r = result{nil, err}
	}
	s.past.answered(order, r.resp)
	if r.resp == nil && r.err == nil {
		r.err = errors.New("sim: no answer")
	}
	return r.resp, r.err
}

// order notes what a daemon asks a provider for; nil if that is no page.
func (h *history) order(l *simLife, req *http.Request) *sent {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	o := &sent{by: l, at: time.Now()}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case strings.HasSuffix(req.URL.Path, "/Messages.json"):
		form, _ := url.ParseQuery(string(body))
		callback, _ := url.Parse(form.Get("StatusCallback"))
		key, err := ticket.ParsePageKey(callback.Query().Get("page"))
		if err != nil {
			h.s.problem("order", "an SMS without a page: %v", err)
			return nil
		}
		if strings.HasPrefix(key.Ticket, "note-") {
			return nil // it is no page
		}
		o.key, o.to, o.text = key, form.Get("To"), form.Get("Body")
	case strings.HasSuffix(req.URL.Path, "/messages:send"):
		var push struct {
			Message struct {
				Token string
				Data  map[string]string
			}
		}
		_ = json.Unmarshal(body, &push)
		if isNote(push.Message.Data) {
			return nil
		}
		o.to = push.Message.Token
		o.text = push.Message.Data["link"]
		o.key, o.vague = h.pushed(l, push.Message.Data, o.to)
	case strings.HasPrefix(req.URL.Path, "/push/"):
		o.to = "https://" + req.URL.Host + req.URL.Path
		push, err := h.s.world.Opened(o.to, req.Header, body)
		if err != nil {
			h.s.problem("order", "a push that no browser would show: %v", err)
			return nil
		}
		if isNote(push.Data) {
			return nil
		}
		o.text = push.Data["link"]
		o.key, o.vague = h.pushed(l, push.Data, o.to)
	default:
		return nil
	}
	for _, c := range h.claims[o.key] {
		if c.by == l {
			o.claim, o.kind = c, c.page.Kind
		}
	}
	if o.claim.by == nil {
		h.s.problem("order", "%s was sent to %s without a claim", o.key, o.to)
		return nil
	}
	h.s.tell("  send by %d: %s %s to %s", l.node.id, o.kind, o.key, o.to)
	h.sends = append(h.sends, o)
	h.onDuty(o)
	h.sentOfPoints(o)
	h.bySomebody(o)
	return o
}

// pushed finds the page of a push, which carries no key. It is the daemon's
// latest claim for that ticket and person that was not yet pushed to that
// device.
func (h *history) pushed(l *simLife, data map[string]string, token string) (found ticket.PageKey, vague bool) {
	var at time.Time
	for key, claims := range h.claims {
		for _, c := range claims {
			if c.by != l || key.Ticket != data["ticket"] || string(c.page.Kind) != data["kind"] || key.Channel != "push" || h.s.pushTo(key.Person) != token {
				continue
			}
			used := slices.ContainsFunc(h.sends, func(o *sent) bool { return o.claim.token == c.token && o.key == key && o.to == token })
			if used {
				continue
			}
			vague = vague || (!at.IsZero() && key != found)
			if c.at.After(at) {
				found, at = key, c.at
			}
		}
	}
	return found, vague
}

// taken says whether the provider has the message, even if it could not say
// so.
func (o *sent) taken(messages []phonetest.Message) bool {
	return slices.ContainsFunc(messages, func(m phonetest.Message) bool {
		return m.To == o.to && (m.Body == o.text || m.Data["link"] == o.text)
	})
}

// answered notes what the daemon was told.
func (h *history) answered(o *sent, resp *http.Response) {
	if o == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	o.done = time.Now()
	if resp != nil {
		o.status = resp.StatusCode
		o.refused = o.status >= 300
		o.final = o.refused && o.status < 500 && o.status != http.StatusTooManyRequests
	}
	h.s.tell("  answer to %d: %s %d", o.by.node.id, o.key, o.status)
}

// door leads to one of the daemons, as the public address does. A dead daemon
// refuses.
type door struct{ s *sim }

// RoundTrip takes a request to a daemon.
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	s := d.s
	n := s.nodes[s.pick("door/"+req.URL.Path, len(s.nodes))]
	l := n.now()
	if l == nil || !l.ready() {
		return nil, refusedConnection
	}
	return l.serve(phonetest.Transport(l.daemon.Handler()), req)
}
