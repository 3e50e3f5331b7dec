package daemon

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// history is what really happened to the store and at the providers, whoever
// heard of it. It judges at once what it can.
type history struct {
	s *sim

	mu       sync.Mutex
	tickets  map[string]*life // by number
	alerts   map[string]string
	belonged map[string]string // an alert's latest ticket, even if a failover forgot it
	groups   map[string]string // the ticket that each was last given to
	// takenInTool are the sources whose tools said that somebody took an alert.
	takenInTool []string
	held        map[string][]heldAlert // alerts that joined taken tickets in a silence, by ticket
	claims      map[ticket.PageKey][]claimed
	sends       []*sent
	settled     map[ticket.PageKey][]outcome
	holder      map[ticket.PageKey]int64 // the token of the claim or the hold that is on a page
	ordered     map[ticket.PageKey]bool
	asked       map[ticket.PageKey]bool // by who asked to be woken again
	restores    []time.Time
	failovers   []span // from what was kept to the loss
	busy        int    // most calls of a daemon in a second
}

// life is a ticket's.
type life struct {
	ticket.Ticket
	source   string
	revision int64 // commits so far
	lost     bool  // a failover took it back
	back     bool  // a failover took some of it back
	spells   []spell
	acts     []ticket.Entry // acknowledgements and the like, as they were committed
	passed   []time.Time    // somebody passed it on
	texts    []ticket.Entry // what was done by texts
	wakes    time.Time      // whoever took it asked to be woken again then
	adopted  time.Time      // an overflow ticket took over an alert's policy
	runs     map[ticket.ClockKind]*simRun
	list     simList
}

// spell is a stretch of time in which a ticket was in one state and episode.
type spell struct {
	span
	state   ticket.State
	episode int
	quiet   bool // begun by passing it on: earlier steps keep still
	muted   bool // a silence holds back its pages
}

// claimed is one claim of a page.
type claimed struct {
	at    time.Time
	by    *simLife
	token int64
	again bool
	page  ticket.Page
}

// outcome is one report about a page that the store recorded.
type outcome struct {
	at    time.Time
	state ticket.PageState
	how   string // finish or receipt
}

func newHistory(s *sim) *history {
	return &history{
		s: s, tickets: map[string]*life{}, alerts: map[string]string{}, belonged: map[string]string{}, groups: map[string]string{},
		claims: map[ticket.PageKey][]claimed{}, settled: map[ticket.PageKey][]outcome{},
		held:   map[string][]heldAlert{},
		holder: map[ticket.PageKey]int64{}, ordered: map[ticket.PageKey]bool{}, asked: map[ticket.PageKey]bool{},
	}
}

func (h *history) busiest(calls int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = max(h.busy, calls)
}

// commit does a commit and looks at what it changed.
func (h *history) commit(l *simLife, source string, changes []escalation.Change) ([]error, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	errs, err := h.s.memory.Commit(context.Background(), source, changes)
	if err != nil {
		return errs, err
	}
	for i := range changes {
		if errs[i] == nil {
			h.changed(l, source, &changes[i])
		}
	}
	return errs, nil
}

func (h *history) changed(l *simLife, source string, c *escalation.Change) {
	now, number := time.Now(), c.Ticket.Number
	t := h.tickets[number]
	if t == nil {
		t = &life{source: source}
		h.tickets[number] = t
	}
	was := t.Ticket
	quiet := h.follow(number, was.State, c)
	h.keepsBound(source, was.Number, &c.Ticket)
	switch {
	case was.Number == "" || reflect.DeepEqual(was.Policy, c.Ticket.Policy):
	case c.Ticket.Overflow != "":
		t.adopted = now
	default:
		h.s.problem("policy", "ticket %s lost the policy that it was opened with", number)
	}
	if t.revision != c.Revision && !t.back {
		h.s.problem("revision", "ticket %s was changed from its revision %d while it has %d", number, c.Revision, t.revision)
	}
	t.revision = c.Revision + 1
	h.s.effects.commit(c)
	h.joined(number, c)
	h.sees(number, &was, c)
	h.toldTaker(number, &was, c)
	h.holdsBack(number, &was, c)
	h.pressedAsSeen(number, &was, c)
	h.texted(number, c)
	h.remindsWhom(number, &was, c)
	t.Ticket = c.Ticket
	h.runsOn(t)
	h.pointed(number, &was, c)
	h.naps(number, c)
	h.tookInTool(number, c)
	h.echoes(number, was.State, c)
	h.hushes(number, c)
	t.turn(now, quiet)
	h.s.tell("  commit by %d: %s %s → %s, episode %d, next %s%s", l.node.id, number, was.State, c.Ticket.State,
		c.Ticket.Progress.Episode, clockOf(c.Ticket.NextDeadline()), told(c))
	if c.Claimed != nil { // and sent by whoever ordered it
		for i := range c.Pages {
			key := c.Pages[i].PageKey
			h.claims[key] = append(h.claims[key], claimed{now, l, c.Claimed.Token, false, c.Pages[i]})
			h.holder[key] = c.Claimed.Token
		}
	}
	for _, e := range c.Timeline {
		if e.Kind == ticket.EntryAcknowledged || e.Kind == ticket.EntryPickedUp {
			t.acts = append(t.acts, e)
		}
		if e.Kind == ticket.EntryEscalated {
			t.passed = append(t.passed, now)
		}
		h.s.explained(number, &e)
	}
	for i := range c.Alerts {
		r := &c.Alerts[i].Record
		if r.Status == ticket.Silent {
			h.s.silenced(source, r)
		}
		h.s.ended(r)
	}
}

// turn ends the present spell and begins another.
func (t *life) turn(now time.Time, quiet bool) {
	if n := len(t.spells); n > 0 {
		last := &t.spells[n-1]
		if last.state == t.State && last.episode == t.Progress.Episode {
			return
		}
		last.to = now
	}
	t.spells = append(t.spells, spell{
		span: span{from: now, to: now.Add(1000 * time.Hour)}, state: t.State, episode: t.Progress.Episode, quiet: quiet, muted: !t.Progress.Mute.Until.IsZero(),
	})
}

func told(c *escalation.Change) string {
	out := ""
	for _, e := range c.Timeline {
		out += fmt.Sprintf("\n             %s: %s", e.Kind, lang.In("en").Told(&e, lang.Reader{}))
	}
	for i := range c.Pages {
		out += fmt.Sprintf("\n             orders %s %s", c.Pages[i].Kind, c.Pages[i].PageKey)
	}
	return out
}

func clockOf(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("15:04:05.000")
}

var taken = []ticket.State{ticket.Acknowledged, ticket.InProgress}

// follow walks through the diagram of ticket.State from the state before to
// the state after. The timeline says what happened.
func (h *history) follow(number string, from ticket.State, c *escalation.Change) (quiet bool) {
	at := from
	for _, e := range c.Timeline {
		before := at
		allowed := true
		switch e.Kind {
		case ticket.EntryOpened:
			at, allowed = ticket.Open, at == ""
		case ticket.EntryAcknowledged:
			again := e.Detail == ticket.SaidSnoozed && at == ticket.Acknowledged // by whoever has it
			at, allowed = ticket.Acknowledged, at == ticket.Open || again
		case ticket.EntryPickedUp:
			at, allowed = ticket.InProgress, at.Active()
		case ticket.EntryEpisode:
			if at.Taken() { // it got worse, or was passed on, or nobody picked it up
				at = ticket.Open
			}
		case ticket.EntryEscalated:
			quiet, allowed = true, at.Active()
		case ticket.EntryAckExpired:
			at, allowed = ticket.Open, at.Taken()
		case ticket.EntryResolved:
			silent := e.Actor != nil && e.Actor.Kind == ticket.ActorSystem // nobody says that it is well: only what is taken ends so
			at, allowed = ticket.StateResolved, at.Active() && (!silent || at.Taken())
		case ticket.EntryUndone:
			at, allowed = c.Ticket.State, at == ticket.StateResolved
			if c.Ticket.State == ticket.StateResolved { // undone, and over at once by its sender's word
				at = ticket.Open
			}
		case ticket.EntryReopened:
			at, allowed = ticket.Open, at == ticket.StateResolved
		case ticket.EntryClosed:
			at, allowed = ticket.Closed, at == ticket.StateResolved
		default:
		}
		if !allowed && c.Ticket.Lines.LeftOut == 0 {
			h.s.problem("diagram", "ticket %s: %q while it is %q", number, e.Kind, before)
		}
	}
	if at != c.Ticket.State && c.Ticket.Lines.LeftOut == 0 {
		h.s.problem("diagram", "ticket %s went from %q to %q, but its timeline leads to %q%s", number, from, c.Ticket.State, at, told(c))
	}
	return quiet
}

// joined checks that an alert keeps its ticket while that is active, and that
// a group has one ticket at a time.
func (h *history) joined(number string, c *escalation.Change) {
	for i := range c.Alerts {
		key := c.Ticket.Source + "/" + c.Alerts[i].Record.Fingerprint
		if was := h.tickets[h.alerts[key]]; was != nil && was.Number != number && was.State.Active() && !was.lost {
			h.s.problem("alert moved", "alert %s went from ticket %s, which is %s, to %s", key, was.Number, was.State, number)
		}
		h.alerts[key], h.belonged[key] = number, number
	}
	if h.tickets[number].Number != "" || c.Ticket.GroupKey == "" {
		return
	}
	group := c.Ticket.Source + "/" + c.Ticket.GroupKey
	latest := h.groups[group] // one that is older may have been opened again
	if c.TakeGroup {
		h.groups[group] = number
	}
	for other, t := range h.tickets {
		if other == latest && other != number && !t.lost && t.source == c.Ticket.Source && t.GroupKey == c.Ticket.GroupKey && t.State.Active() {
			h.s.problem("two tickets", "%s was opened for a group that has %s, which is %s", number, other, t.State)
		}
	}
}

// toldTaker: whoever took a ticket hears of an alert that joins it, or the
// timeline says why not.
func (h *history) toldTaker(number string, was *ticket.Ticket, c *escalation.Change) {
	fresh := slices.ContainsFunc(c.Alerts, func(a escalation.AlertChange) bool {
		return a.Was == "" && a.Record.Status == ticket.Firing && !h.maybeSilenced(&a.Record.Alert)
	})
	if !fresh || !was.State.Taken() || !c.Ticket.State.Taken() || len(c.Ticket.Policy.Steps) == 0 {
		return
	}
	told := slices.ContainsFunc(c.Pages, func(p ticket.Page) bool { return p.Kind == ticket.KindJoined }) ||
		slices.ContainsFunc(c.Timeline, func(e ticket.Entry) bool { return e.Kind == ticket.EntryUnreachable }) ||
		c.Ticket.Progress.JoinDue.After(h.s.storeNow().Add(-h.s.moved()-time.Minute)) // later: it is of an overflow ticket, or its policy waits for a calendar
	if !told {
		h.s.problem("not told", "an alert joined ticket %s, which is %s, and nobody is told", number, c.Ticket.State)
	}
}

// claim claims, and looks whether each page was still wanted at that moment.
func (h *history) claim(l *simLife, r paging.ClaimRequest) ([]paging.Claim, time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	claims, next, err := h.s.memory.Claim(context.Background(), r)
	for i := range claims {
		c := &claims[i]
		key := c.Page.PageKey
		h.s.tell("  claim by %d: %s again=%v", l.node.id, key, c.Again)
		if c.Page.State == ticket.PageSending {
			h.claims[key] = append(h.claims[key], claimed{time.Now(), l, c.Token, c.Again, c.Page})
		}
		h.claimedSettled(c)
		h.holder[key] = c.Token
		t := h.tickets[key.Ticket]
		if t == nil {
			h.s.problem("claim", "%s was claimed, and there is no such ticket", key)
			continue
		}
		wanted := key.Episode == t.Progress.Episode
		switch c.Page.Kind {
		case ticket.KindPage:
			wanted = wanted && t.State == ticket.Open
		case ticket.KindClock:
			wanted = wanted && (t.State == ticket.Open || t.State == ticket.Acknowledged)
		case ticket.KindDue:
			wanted = wanted && t.State != ticket.Closed
		case ticket.KindReminder:
			wanted = wanted && t.State.Active()
		case ticket.KindJoined, ticket.KindTaken:
			wanted = wanted && slices.Contains(taken, t.State)
		case ticket.KindRecovered:
			wanted = wanted && (t.State == ticket.StateResolved || t.State == ticket.Closed)
		}
		if !wanted {
			h.s.problem("claimed unwanted", "%s %s was claimed while its ticket is %s in episode %d",
				c.Page.Kind, key, t.State, t.Progress.Episode)
		}
	}
	return claims, next, err
}

func (h *history) finish(l *simLife, outcomes []paging.Outcome) ([]bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	applied, err := h.s.memory.Finish(context.Background(), outcomes)
	if err != nil {
		return applied, err
	}
	for i := range outcomes {
		o := &outcomes[i]
		h.s.tell("  finish by %d: %s %s applied=%v retry %s %s", l.node.id, o.Key, o.State, applied[i], clockOf(o.RetryAt), o.Error)
		if applied[i] && len(h.claims[o.Key]) > 0 && h.holder[o.Key] != o.Token && len(h.restores) == 0 {
			h.s.problem("token", "an outcome of %s was taken from a daemon that had lost its claim", o.Key)
		}
		if applied[i] {
			delete(h.holder, o.Key)
			h.settled[o.Key] = append(h.settled[o.Key], outcome{time.Now(), o.State, "finish"})
			if o.State == ticket.PageCancelled {
				h.displaced(o)
				h.droppedReminder(o.Key)
			}
		}
		for _, other := range o.Carries {
			h.carried(l, o.Key, other.PageKey)
		}
	}
	return applied, err
}

// carried notes that an order was for another page as well.
func (h *history) carried(l *simLife, key, other ticket.PageKey) {
	for _, o := range slices.Backward(h.sends) {
		if o.key != key || o.by != l {
			continue
		}
		also := *o
		also.key = other
		for _, c := range h.claims[other] {
			if c.by == l {
				also.claim, also.kind = c, c.page.Kind
			}
		}
		h.sends = append(h.sends, &also)
		return
	}
}

func (h *history) receipt(l *simLife, r paging.Receipt) (ticket.Page, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	page, changed, err := h.s.memory.Receipt(context.Background(), r)
	if err != nil {
		return page, changed, err
	}
	h.s.tell("  receipt by %d: %s %s changed=%v", l.node.id, page.PageKey, r.State, changed)
	if changed {
		if r.Hold != nil && h.holder[page.PageKey] == 0 {
			h.holder[page.PageKey] = r.Hold.Token
		}
		h.settled[page.PageKey] = append(h.settled[page.PageKey], outcome{time.Now(), r.State, "receipt"})
	}
	if page.State.Later(r.State) {
		h.s.problem("receipt", "%s is %s after a receipt that says %s", page.PageKey, page.State, r.State)
	}
	return page, changed, err
}

// snapshot remembers the store. restore takes it back, like a failover that
// lost the last writes.
func (h *history) snapshot() storetest.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.s.memory.Snapshot()
}

func (h *history) restore(snap storetest.Snapshot, from time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.s.memory.Restore(snap)
	now := time.Now()
	h.restores = append(h.restores, now)
	h.failovers = append(h.failovers, span{from, now})
	clear(h.alerts)
	h.reordered()
	for number, t := range h.tickets {
		view, err := h.s.memory.View(context.Background(), number)
		if err != nil {
			t.lost = true
			if n := len(t.spells); n > 0 {
				t.spells[n-1].to = now
			}
			continue
		}
		t.Ticket, t.back = view.Ticket, true
		for i := range view.Alerts {
			h.alerts[t.source+"/"+view.Alerts[i].Fingerprint] = number
		}
		// A new spell begins: it is what the store knows now, whatever was before.
		if n := len(t.spells); n > 0 {
			t.spells[n-1].to = now
		}
		t.spells = append(t.spells, spell{
			span: span{from: now, to: now.Add(1000 * time.Hour)}, state: t.State, episode: t.Progress.Episode,
		})
	}
}

// restored says whether the store was taken back in a stretch of time.
func (h *history) restored(from, to time.Time) bool {
	return slices.ContainsFunc(h.restores, func(at time.Time) bool { return !at.Before(from) && !at.After(to) })
}
