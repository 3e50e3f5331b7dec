package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/effect/back"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// simBack is the Alertmanager of the source am, which is told who has its tickets.
type simBack struct {
	tool   *upstreamtest.Alertmanager
	made   map[string]madeEffect // what commits had for it, by key
	firing map[string]backFires  // by fingerprint
	tries  []backTry
	away   []span
	narrow map[string]bool // alerts of which another one fires that has a label more
}

// backFires is in which ticket an alert fires, and since when.
type backFires struct {
	number string
	since  time.Time
}

// backTry is a silence that a daemon made.
type backTry struct {
	number string
	said   time.Time // when the effect was made, as its comment says
	by     *simLife
	at     time.Time
}

// simBackHost is where that Alertmanager is.
const simBackHost = "tool.example.net"

var simBackTo = back.Name(back.KindAlertmanager, "am")

// hasBack says whether the world's am is told of tickets: a third are. What a failover
// takes back nobody can tell a tool.
func (s *sim) hasBack() bool {
	return !s.plan.kinds["failover"] && rand.New(rand.NewPCG(s.seed, 74)).IntN(3) == 0
}

// backs is what the configuration of am says of that.
func (s *sim) backs() string {
	if !s.hasBack() {
		return ""
	}
	return fmt.Sprintf(`, write_back: {alertmanager: {url: "https://%s/am", token: %s}}`, simBackHost, upstreamtest.Token)
}

// scriptBack has the tool be away now and then, and people take its tickets and give them
// up meanwhile.
func (s *sim) scriptBack(add func(time.Duration, string, func())) {
	if !s.hasBack() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 75))
	sometime := func() time.Duration {
		return 20*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-20*time.Second)))
	}
	tool := upstreamtest.NewAlertmanager(s.began)
	tool.Now = s.storeNow
	s.effects.mu.Lock()
	s.effects.back.tool, s.effects.back.narrow = tool, map[string]bool{}
	s.effects.mu.Unlock()
	for range 1 + rng.IntN(3) {
		length := time.Duration(5+rng.IntN(85)) * time.Second
		add(sometime(), fmt.Sprintf("the Alertmanager is away for %s", length), func() {
			s.effects.mu.Lock()
			defer s.effects.mu.Unlock()
			s.effects.back.away = append(s.effects.back.away, span{time.Now(), time.Now().Add(length)})
		})
	}
	for range rng.IntN(3) {
		add(sometime(), "another alert of am fires, with a label more", func() {
			for _, tool := range s.tools {
				if tool.source != "am" || len(tool.alerts) == 0 {
					continue
				}
				one := tool.alerts[s.pick("narrow", len(tool.alerts))]
				tool.mu.Lock()
				fingerprint, name, instance := one.fingerprint, one.labels["alertname"], one.labels["instance"]
				tool.mu.Unlock()
				s.effects.mu.Lock()
				s.effects.back.narrow[fingerprint+"/sda"] = true
				s.effects.mu.Unlock()
				stand := s.effects.back.tool
				stand.Fires(fingerprint+"/sda", "alertname", name, "instance", instance, "device", "sda")
			}
		})
	}
	acts := []string{"acknowledge", "acknowledge", "pickup", "undo", "resolve", "reopen", "escalate"}
	for range 4 + rng.IntN(6) {
		action, who := acts[rng.IntN(len(acts))], []string{"alice", "bruno", ""}[rng.IntN(3)]
		add(sometime(), "a ticket of am, by the API: "+action, func() {
			if number := s.ticketFrom("am"); number != "" {
				s.beside(func() { s.order(number, action, who) })
			}
		})
	}
}

// ticketFrom is one of a source's tickets.
func (s *sim) ticketFrom(source string) string {
	s.past.mu.Lock()
	defer s.past.mu.Unlock()
	numbers := slices.DeleteFunc(s.past.numbers(), func(number string) bool {
		t := s.past.tickets[number]
		return t.lost || t.source != source || t.State == ticket.Closed
	})
	if len(numbers) == 0 {
		return ""
	}
	return numbers[s.pick("ticket of "+source, len(numbers))]
}

// follow notes since when alerts fire in their tickets.
func (b *simBack) follow(c *escalation.Change) {
	if b.firing == nil {
		b.firing = map[string]backFires{}
	}
	for i := range c.Alerts {
		r := &c.Alerts[i].Record
		if r.Status != ticket.Firing {
			delete(b.firing, r.Fingerprint)
		} else if b.firing[r.Fingerprint].number != r.Ticket {
			b.firing[r.Fingerprint] = backFires{r.Ticket, time.Now()}
		}
	}
}

// tellBack carries a request to the Alertmanager, which knows the alerts of am. Some
// daemons die when it is done.
func (c *carrier) tellBack(req *http.Request) (*http.Response, error) {
	s, p := c.l.node.s, &c.l.node.s.effects
	b := &p.back
	p.mu.Lock()
	stand := b.tool
	p.mu.Unlock()
	for _, tool := range s.tools {
		if tool.source != "am" {
			continue
		}
		tool.mu.Lock()
		for _, a := range tool.alerts {
			if a.fires {
				stand.Fires(a.fingerprint, "alertname", a.labels["alertname"], "instance", a.labels["instance"])
			} else {
				stand.Over(a.fingerprint)
			}
		}
		tool.mu.Unlock()
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	var made upstream.Silence
	now := time.Now()
	p.mu.Lock()
	if req.Method == http.MethodPost && json.Unmarshal(body, &made) == nil && made.ID == "" {
		b.tries = append(b.tries, backTry{numberOf(&made), saidAt(made.Comment), c.l, now})
	}
	away := slices.ContainsFunc(b.away, func(gone span) bool { return gone.meets(now, now) })
	p.mu.Unlock()
	s.tell("  told by %d: %s %s, away %v: %.300s", c.l.node.id, req.Method, req.URL.Path, away, body)
	if !away && req.Method != http.MethodGet && time.Since(s.began) < s.plan.trouble && s.roll("told/"+req.Method) < 0.15 {
		stand.ServeHTTP(httptest.NewRecorder(), req)
		return nil, c.l.perish("while it tells a tool")
	}
	return c.visit(req, away, stand)
}

// visit carries a request to a tool. While there is trouble it is refused, or done without
// an answer, or answered later than anybody waits.
func (c *carrier) visit(req *http.Request, away bool, tool http.Handler) (*http.Response, error) {
	l, s := c.l, c.l.node.s
	roll, delay := 1.0, 100*time.Millisecond
	if time.Since(s.began) < s.plan.trouble {
		roll = s.roll("tool/" + req.Method + req.URL.Path)
	}
	w := httptest.NewRecorder()
	if away || roll < 0.06 {
		w.WriteHeader(http.StatusServiceUnavailable)
	} else {
		tool.ServeHTTP(w, req)
	}
	if roll > 0.06 && roll < 0.1 {
		delay = time.Minute
	}
	if err := l.comesBack(req.Context(), delay); err != nil {
		return nil, err
	}
	if roll > 0.1 && roll < 0.16 {
		return nil, errors.New("sim: the answer was lost")
	}
	r := w.Result()
	r.Request = req
	return r, nil
}

// numberOf is the ticket of a silence, saidAt when what it tells of happened.
func numberOf(s *upstream.Silence) string {
	number, _, _ := strings.Cut(s.Comment, " ")
	return number
}

func saidAt(comment string) time.Time {
	open, end := strings.LastIndex(comment, "("), strings.LastIndex(comment, ")")
	if open < 0 || end < open {
		return time.Time{}
	}
	at, _ := time.Parse(time.DateTime, comment[open+1:end])
	return at
}

// judgeBack: what the tool has in the end is what the tickets say. It was told in order.
func (h *history) judgeBack() {
	s := h.s
	if !s.hasBack() {
		return
	}
	s.effects.mu.Lock()
	defer s.effects.mu.Unlock()
	b := &s.effects.back
	for _, fingerprint := range b.tool.Silenced() {
		if b.narrow[fingerprint] && !slices.ContainsFunc(h.numbers(), func(number string) bool { return b.waits(h, number) }) {
			s.problem("held back", "the Alertmanager silences %s, which nobody was told of", fingerprint)
		}
	}
	latest := map[string]backTry{}
	for _, t := range b.tries {
		before, again := latest[t.number]
		if again && t.said.Before(before.said) && s.moved() == 0 && !before.by.hurt(before.at.Add(-time.Minute), t.at) && !t.by.hurt(before.at.Add(-time.Minute), t.at) {
			s.problem("tool's order", "%s was taken by what happened at %s, told after %s", t.number, clockOf(t.said), clockOf(before.said))
		}
		latest[t.number] = t
	}
	held := map[string]int{} // silences, by ticket and instance
	list := b.tool.Silences()
	for i := range list {
		number, instance := numberOf(&list[i]), ""
		for _, m := range list[i].Matchers {
			if m.Name == "instance" {
				instance = m.Value
			}
		}
		held[number+" "+instance]++
		if t := h.tickets[number]; (t == nil || !t.State.Taken()) && !b.waits(h, number) {
			s.problem("left behind", "the Alertmanager silences %s for %s, which nobody has", instance, number)
		}
	}
	for _, number := range h.numbers() {
		if t := h.tickets[number]; t.source == "am" && t.State.Taken() && t.Progress.Back && !b.waits(h, number) {
			h.judgeTaken(number, held)
		}
	}
}

// judgeTaken: what fires in a ticket that somebody has, since before the tool was told so,
// is silenced there once.
func (h *history) judgeTaken(number string, held map[string]int) {
	b := &h.s.effects.back
	var told time.Time
	for _, e := range b.made {
		if e.Ticket == number && e.at.After(told) {
			told = e.at
		}
	}
	if told.IsZero() {
		h.s.problem("not told back", "%s is taken, and no commit had it for its tool", number)
		return
	}
	for _, tool := range h.s.tools {
		if tool.source != "am" {
			continue
		}
		tool.mu.Lock()
		for _, a := range tool.alerts {
			f, n := b.firing[a.fingerprint], held[number+" "+a.labels["instance"]]
			before := f.number == number && a.fires && !f.since.After(told) && a.since.Before(told)
			if n > 1 || before && n == 0 {
				h.s.problem("not told back", "%s is taken since %.3f, fires since %.3f in %s, and has %d silences", a.name, h.s.since(told), h.s.since(a.since), number, n)
			}
		}
		tool.mu.Unlock()
	}
}

// waits says whether what a tool is to be told of a ticket failed so often that its next
// try is minutes away.
func (b *simBack) waits(h *history, number string) bool {
	const often = 8
	for key, made := range b.made {
		if made.Ticket != number {
			continue
		}
		record, err := h.s.memory.Records().Get(context.Background(), "am", ticket.EffectRecords, key)
		if err != nil {
			continue
		}
		if e, err := ticket.ReadEffect(record.Value); err == nil && e.Tries >= often {
			return true
		}
	}
	return false
}
