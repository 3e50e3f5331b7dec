package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// simHookHost is where a world's webhooks are.
const simHookHost = "hooks.example.net"

// simEffects is what became of effects, whoever heard of it.
type simEffects struct {
	mu    sync.Mutex
	made  map[string]madeEffect // by key, as they were committed
	tries []*hookTry
	back  simBack
}

// madeEffect is an effect that a commit made.
type madeEffect struct {
	ticket.Effect
	at time.Time
}

// hookTry is a POST to a webhook.
type hookTry struct {
	to, number, order, event string
	by                       *simLife
	at                       time.Time
	status                   int  // as the daemon saw it; 0: no answer
	taken                    bool // the receiver has it, whatever it answered
}

func (t *hookTry) lane() string { return t.number + " " + t.to + " " }

// hooks are a world's webhooks. A third of the worlds have none, another third
// have two.
func (s *sim) hooks() string {
	const hook = "\n  - {name: NAME, url: \"https://" + simHookHost + "/NAME\", secret: the-secret-of-this-hook-NAME"
	named := func(name, more string) string { return strings.ReplaceAll(hook, "NAME", name) + more + "}" }
	switch s.seed % 3 {
	case 0:
		return ""
	case 1:
		return "webhooks:" + named("desk", "") + "\n"
	}
	return "webhooks:" + named("desk", "") + named("end", ", events: [ticket.resolved, ticket.closed], customers: [acme]") + "\n"
}

// fewerHooks is a configuration after a reload. In every other world the
// reload removes the second webhook.
func (s *sim) fewerHooks(text string) string {
	at := strings.Index(text, "\n  - {name: end, url")
	if at < 0 || s.seed%2 == 1 {
		return text
	}
	_, rest, _ := strings.Cut(text[at+1:], "\n")
	return text[:at+1] + rest
}

// commit remembers the effects of a change that was applied.
func (p *simEffects) commit(c *escalation.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil {
		p.made, p.back.made = map[string]madeEffect{}, map[string]madeEffect{}
	}
	p.back.follow(c)
	for i := range c.Records {
		w := &c.Records[i]
		if w.Kind != ticket.EffectRecords || w.Remove {
			continue
		}
		e, err := ticket.ReadEffect(w.Value)
		switch {
		case err != nil:
		case e.To == simBackTo:
			p.back.made[w.Key] = madeEffect{e, time.Now()}
		default:
			p.made[w.Key] = madeEffect{e, time.Now()}
		}
	}
}

// arrives notes what a daemon posts.
func (p *simEffects) arrives(l *simLife, req *http.Request) (*hookTry, error) {
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var body struct {
		ID, Event string
		Ticket    struct{ Number string }
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, err
	}
	parts := strings.Split(body.ID, "-")
	if len(parts) != 3 || parts[0] != body.Ticket.Number {
		l.node.s.problem("webhook", "the id %q of an event of %s", body.ID, body.Ticket.Number)
		return nil, errSimDead
	}
	t := &hookTry{
		to: escalation.WebhookReceiver(strings.TrimPrefix(req.URL.Path, "/")), number: parts[0], order: parts[1], event: body.Event, by: l, at: time.Now(),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries = append(p.tries, t)
	if _, made := p.made[t.lane()+t.order]; !made {
		l.node.s.problem("webhook", "%s was told to %s, and no commit had it", t.lane(), t.to)
	}
	return t, nil
}

// tell carries a POST to a webhook. While there is trouble, the POST is
// refused, or slower than anybody waits, or taken without an answer.
func (c *carrier) tell(req *http.Request) (*http.Response, error) {
	l, s := c.l, c.l.node.s
	t, err := s.effects.arrives(l, req)
	if err != nil {
		return nil, err
	}
	s.tell("  told by %d: %s%s %s", l.node.id, t.lane(), t.order, t.event)
	roll := 1.0
	if time.Since(s.began) < s.plan.trouble {
		roll = s.roll("hook/" + t.lane() + t.order)
	}
	status, taken, delay := http.StatusNoContent, true, 200*time.Millisecond
	switch {
	case roll < 0.08:
		status, taken = http.StatusServiceUnavailable, false
	case roll < 0.12:
		status, delay = http.StatusOK, time.Minute
	case roll < 0.18:
		status = 0
	}
	s.effects.mu.Lock()
	t.taken = taken
	s.effects.mu.Unlock()
	if err := l.comesBack(req.Context(), delay); err != nil {
		return nil, err
	}
	if status == 0 {
		return nil, errors.New("sim: the answer was lost")
	}
	s.effects.mu.Lock()
	t.status = status
	s.effects.mu.Unlock()
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: req}, nil
}

// comesBack waits until an answer is back at this daemon, which may be dead by then.
func (l *simLife) comesBack(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.dead:
		return errSimDead
	case <-l.node.s.over:
		return errSimDead
	}
	if err := l.spring("send", false); err != nil {
		return err
	}
	return l.pass()
}

// judgeEffects checks of effects what is checked of pages. None is lost. None
// goes twice, unless nobody knows what became of it. Those of a ticket for one
// receiver go in order.
func (h *history) judgeEffects(healed time.Time) {
	p := &h.s.effects
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortStableFunc(p.tries, func(a, b *hookTry) int { return a.at.Compare(b.at) })
	byKey := map[string][]*hookTry{}
	latest := map[string]*hookTry{}
	for _, t := range p.tries {
		key := t.lane() + t.order
		if tries := byKey[key]; len(tries) > 0 {
			h.judgeHookAgain(tries[len(tries)-1], t)
		}
		byKey[key] = append(byKey[key], t)
		if before := latest[t.lane()]; before != nil && t.order < before.order && !h.hookExcused(before, t) {
			h.s.problem("webhook order", "%s%s was told at %.3f, after %s", t.lane(), t.order, h.s.since(t.at), before.order)
		}
		latest[t.lane()] = t
	}
	for key, made := range p.made {
		h.judgeEffect(key, &made, byKey[key])
	}
	for number, t := range h.tickets {
		if !t.lost && !t.back {
			h.judgeTold(number)
		}
	}
	h.judgePrompt(healed, byKey)
}

// hookExcused says whether a daemon could not finish what it had.
func (h *history) hookExcused(before, again *hookTry) bool {
	from := before.at.Add(-time.Minute)
	return h.restored(before.at, again.at) || h.s.movedIn(from, again.at) || before.by.hurt(from, again.at) || again.by.hurt(from, again.at)
}

func (h *history) judgeHookAgain(before, again *hookTry) {
	if before.status/100 == 2 && !h.hookExcused(before, again) {
		h.s.problem("told twice", "%s%s was told at %.3f, answered with %d, and told again at %.3f",
			again.lane(), again.order, h.s.since(before.at), before.status, h.s.since(again.at))
	}
}

// judgeEffect: an effect that was committed was taken, or waits, or its ticket
// says that it was given up. Only an effect whose receiver is gone may be
// given up.
func (h *history) judgeEffect(key string, made *madeEffect, tries []*hookTry) {
	t := h.tickets[made.Ticket]
	if t == nil || t.lost || h.restored(made.at.Add(-10*time.Second), time.Now()) {
		return
	}
	if slices.ContainsFunc(tries, func(t *hookTry) bool { return t.taken }) {
		return
	}
	if _, err := h.s.memory.Records().Get(context.Background(), t.source, ticket.EffectRecords, key); err == nil {
		return
	}
	view, err := h.s.memory.View(context.Background(), made.Ticket)
	gone := made.To != escalation.WebhookReceiver("desk") && h.s.seed%2 == 0
	if err == nil && gone && slices.ContainsFunc(view.Timeline, func(e ticket.Entry) bool {
		return e.Kind == ticket.EntryEffectFailed && e.Args.Receiver == made.To && e.Args.Event == made.Event
	}) {
		return
	}
	h.s.problem("webhook lost", "%s (%s) was committed at %.3f, nobody has it and nobody says why", key, made.Event, h.s.since(made.at))
}

// judgeTold: for the webhook that is told everything, a ticket's commits made
// effects of exactly what its timeline says.
func (h *history) judgeTold(number string) {
	p := &h.s.effects
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil || view.Ticket.Lines.LeftOut > 0 {
		return
	}
	var happened, told []string
	if h.s.seed%3 != 0 {
		for _, what := range ticket.Tells(view.Timeline) {
			happened = append(happened, what.Event)
		}
	}
	var keys []string
	for key, made := range p.made {
		if made.Ticket == number && made.To == escalation.WebhookReceiver("desk") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		told = append(told, p.made[key].Event)
	}
	if !slices.Equal(happened, told) {
		h.s.problem("webhook untold", "to %s happened %v, and its commits had %v", number, happened, told)
	}
}

// judgePrompt: when all is well, an effect that waits for nothing goes within
// 10 s.
func (h *history) judgePrompt(healed time.Time, byKey map[string][]*hookTry) {
	p := &h.s.effects
	keys := make([]string, 0, len(p.made))
	for key := range p.made {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	for i, key := range keys {
		made := p.made[key]
		if made.at.Before(healed.Add(90*time.Second)) || time.Since(made.at) < 15*time.Second || h.s.troubled(made.at, made.at.Add(10*time.Second)) {
			continue
		}
		behind := false
		for _, before := range keys[:i] {
			tries := byKey[before]
			if strings.HasPrefix(before, made.Lane()) && (len(tries) == 0 || !tries[len(tries)-1].at.Before(made.at.Add(-5*time.Second))) {
				behind = true
			}
		}
		tries := byKey[key]
		if !behind && (len(tries) == 0 || tries[0].at.Sub(made.at) > 10*time.Second) && made.To == escalation.WebhookReceiver("desk") {
			h.s.problem("webhook late", "%s was committed at %.3f, and not told within 10 s", key, h.s.since(made.at))
		}
	}
}
