package escalation

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// work is one ticket of a batch, with what the jobs so far have done to it.
type work struct {
	Change
	left     []ticket.Entry // lines for the log alone
	told     []ticket.Told  // what receivers of effects can be told
	shown    bool           // rooms of chat show something else now
	errands  []ticket.Errand
	sheet    *sheet // nil: no job has to do with it
	changed  bool
	conflict bool
}

// batch is one try at a batch of jobs: what was read, and what the jobs make
// of it.
type batch struct {
	e      *Engine
	source string
	first  bool // the first try of all its jobs
	now    time.Time
	rules  *Rules

	tickets map[string]*work // tickets that exist, by number
	groups  map[string]*work // the tickets that new alerts join, by group
	opened  []*work          // tickets without a number yet
	order   []*work          // every ticket that a job touched, in order
	alerts  map[string]*standing
	sheets  map[string]*sheet // of tickets that exist, by number, if they were read
	done    map[string]bool   // what had been done before, by its key

	bound bound
}

// standing is where an alert stands in the middle of a batch.
type standing struct {
	record ticket.AlertRecord
	work   *work
	index  int // in work.Alerts
}

// tryBatch reads, folds and commits. It answers the jobs that are done. It
// returns the jobs that have to be done again, for one of two reasons.
// Somebody else came first. Or the lane is the one for critical alerts, and
// the job concerns a ticket that exists already.
func (e *Engine) tryBatch(ctx context.Context, of laneOf, jobs []*job, try int) (again []*job, err error) {
	b := &batch{
		e: e, source: of.source, now: e.clock.Now(), rules: e.rules.Load(),
		first:   try == 0 && !slices.ContainsFunc(jobs, func(j *job) bool { return j.tried }),
		tickets: map[string]*work{}, groups: map[string]*work{}, alerts: map[string]*standing{}, done: map[string]bool{},
	}
	observed, observations, err := b.read(ctx, jobs)
	if e.note(err); err != nil {
		return nil, err
	}
	if of.urgent && b.bound.near { // it may go into a ticket that exists
		return jobs, nil
	}
	failed := make(map[*job]error)
	at := 0
	var folded []*job
	for _, j := range jobs {
		from := at
		at += len(j.alerts)
		if of.urgent && slices.ContainsFunc(observed.Items[from:at], ObservedAlert.concerns) {
			again = append(again, j)
			continue
		}
		if err := b.fold(j, observations[from:at], observed.Items[from:at]); err != nil {
			failed[j] = err
		}
		folded = append(folded, j)
	}
	jobs = folded
	if err := b.number(ctx); err != nil {
		e.note(err)
		return nil, err
	}
	if err := b.commit(ctx); err != nil {
		e.note(err)
		return nil, err
	}
	if observed.Unconfirmed != nil {
		for _, j := range jobs {
			if j.alerts != nil {
				failed[j] = fmt.Errorf("escalation: observe %d alerts: %w", len(j.alerts), observed.Unconfirmed)
			}
		}
	}
	return append(again, b.answer(jobs, failed)...), nil
}

// fold does as much of a job as can be done without the store.
func (b *batch) fold(j *job, observations []Observation, items []ObservedAlert) error {
	j.ordered, j.touched = Ordered{}, map[*work]bool{}
	switch {
	case j.alerts != nil:
		for i := range observations {
			b.observe(j, &observations[i], &items[i])
		}
	case j.draft != nil:
		b.openByHand(j)
	case j.silent != "":
		b.silence(j)
	default:
		return b.tell(j)
	}
	return nil
}

// concerns says whether an alert changes a ticket that exists. A repeat
// changes nothing.
func (a ObservedAlert) concerns() bool {
	return a.Ticket != "" && a.Verdict != Repeat && a.Verdict != Unknown
}

// read asks the store about everything that the jobs name.
func (b *batch) read(ctx context.Context, jobs []*job) (Observed, []Observation, error) {
	var observations []Observation
	var numbers, silent []string
	for _, j := range jobs {
		if j.rules != b.rules {
			j.route(b.rules, b.source)
		}
		for i := range j.alerts {
			a := j.alerts[i]
			a.Source = b.source
			o := Observation{Alert: a, At: b.now, Urgency: ticket.Low}
			if a.Status == ticket.Firing {
				o.Urgency, o.GroupKey = j.routed[i].Urgency, j.routed[i].GroupKey
			}
			observations = append(observations, o)
			b.bound.customers = append(b.bound.customers, j.routed[i].Customer)
		}
		if j.number != "" {
			numbers = append(numbers, j.number)
		}
		if j.silent != "" {
			silent = append(silent, j.silent)
		}
	}
	var observed Observed
	if err := b.readEchoes(ctx, observations); err != nil {
		return observed, nil, err
	}
	if len(observations) > 0 {
		var err error
		if observed, err = b.e.store.Observe(ctx, b.source, observations); err != nil {
			return observed, nil, fmt.Errorf("escalation: observe %d alerts: %w", len(observations), err)
		}
		for _, record := range observed.Tickets {
			b.add(record)
		}
	}
	if err := b.readAlerts(ctx, append(silent, remarkedOf(jobs)...)); err != nil {
		return observed, nil, err
	}
	if err := b.readGroups(ctx, observations, &observed); err != nil {
		return observed, nil, err
	}
	if err := b.readBound(ctx, observations, &observed); err != nil {
		return observed, nil, err
	}
	if err := b.readOnce(ctx, jobs); err != nil {
		return observed, nil, err
	}
	if err := b.readEnds(ctx, jobs); err != nil {
		return observed, nil, err
	}
	if err := b.readSheets(ctx, jobs); err != nil {
		return observed, nil, err
	}
	return observed, observations, b.load(ctx, numbers)
}

func (b *batch) load(ctx context.Context, numbers []string) error {
	slices.Sort(numbers)
	numbers = slices.DeleteFunc(slices.Compact(numbers), func(n string) bool { return b.tickets[n] != nil })
	if len(numbers) == 0 {
		return nil
	}
	records, err := b.e.store.Load(ctx, b.source, numbers)
	if err != nil {
		return fmt.Errorf("escalation: load %d tickets: %w", len(numbers), err)
	}
	for _, record := range records {
		b.add(record)
	}
	return nil
}

func (b *batch) add(r ticket.Record) {
	if b.tickets[r.Ticket.Number] == nil {
		b.tickets[r.Ticket.Number] = &work{Change: Change{Ticket: r.Ticket, Revision: r.Revision}}
	}
}

// readAlerts reads alerts that nobody sends now: those whose silence is due, and those
// with remarks. Their tickets are read first: who changes an alert raises its ticket's
// revision, so that an alert which is older than its ticket is never written back.
func (b *batch) readAlerts(ctx context.Context, fingerprints []string) error {
	for asked := map[string]bool{}; len(fingerprints) > 0; {
		records, err := b.e.store.Alerts(ctx, b.source, fingerprints)
		if err != nil {
			return fmt.Errorf("escalation: alerts that went silent, or have remarks: %w", err)
		}
		var numbers []string
		for i := range records {
			if number := records[i].Ticket; !asked[number] && b.tickets[number] == nil {
				asked[number] = true
				numbers = append(numbers, number)
			}
		}
		if len(numbers) == 0 {
			for _, r := range records {
				b.alerts[r.Fingerprint] = &standing{record: r, index: -1}
			}
			return nil
		}
		if err := b.load(ctx, numbers); err != nil {
			return err
		}
	}
	return nil
}

// readGroups finds the present ticket of a group. It serves alerts that fire
// again after their own ticket is over for good: for these it asks the store
// as for a new alert.
func (b *batch) readGroups(ctx context.Context, observations []Observation, observed *Observed) error {
	var ask []Observation
	var index []int
	for i := range observed.Items {
		item := &observed.Items[i]
		if item.Verdict != Changed || observations[i].Alert.Status != ticket.Firing || item.Alert.Status != ticket.Resolved {
			continue
		}
		if w := b.tickets[item.Ticket]; w != nil && !Joins(&w.Ticket, b.now) {
			o := observations[i]
			o.Alert = ticket.Alert{Source: b.source, Fingerprint: "group of " + o.GroupKey, Status: ticket.Firing}
			ask, index = append(ask, o), append(index, i)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	found, err := b.e.store.Observe(ctx, b.source, ask)
	if err != nil {
		return fmt.Errorf("escalation: find %d groups: %w", len(ask), err)
	}
	for _, record := range found.Tickets {
		b.add(record)
	}
	for k, i := range index {
		b.groupOf(observations[i].GroupKey, found.Items[k].Ticket)
	}
	return nil
}

// groupOf says which ticket new alerts of a group join. It is the ticket that
// the group points to, if that still takes alerts. Otherwise it is one that is
// yet to be opened.
func (b *batch) groupOf(key, number string) *work {
	if w := b.groups[key]; w != nil && w.Ticket.State != ticket.Closed {
		return w
	}
	if w := b.tickets[number]; w != nil && Joins(&w.Ticket, b.now) {
		b.groups[key] = w
		return w
	}
	w := &work{Change: Change{TakeGroup: true, GroupWas: number}}
	b.groups[key] = w
	return w
}

// touch lists a ticket that the job depends on.
func (b *batch) touch(j *job, w *work) {
	if !slices.Contains(b.order, w) {
		b.order = append(b.order, w)
	}
	j.touched[w] = true
}

// step folds one event into a ticket.
func (b *batch) step(j *job, w *work, event Event) error {
	b.touch(j, w)
	world := World{Now: b.now, Rules: b.rules, Reach: b.e.reach, Heard: time.Unix(0, b.e.heard.Load())}
	if w.sheet == nil {
		w.sheet = b.sheets[w.Ticket.Number]
	}
	if w.sheet != nil {
		world.Sheet = w.sheet.of
	}
	d, err := Step(w.Ticket, event, world)
	if err != nil {
		return err
	}
	w.Ticket = d.Ticket
	if d.Sheet != nil && w.sheet != nil {
		w.sheet.of, w.sheet.changed = d.Sheet, true
	}
	w.Pages = append(w.Pages, d.Pages...)
	w.Timeline = append(w.Timeline, d.Timeline...)
	w.left = append(w.left, d.LeftOut...)
	w.told = append(w.told, d.Told...)
	w.errands = append(w.errands, d.Errands...)
	w.shown = w.shown || d.Shown
	w.changed = w.changed || d.Changed
	return nil
}

func (b *batch) tell(j *job) error {
	w := b.tickets[j.number]
	if w == nil {
		if _, ok := j.event.(Acted); ok || j.ends != nil {
			return fmt.Errorf("escalation: ticket %s: %w", j.number, ErrNotFound)
		}
		return nil
	}
	var err error
	key := b.once(j)
	switch {
	case j.ends != nil:
		err = b.stepEnd(j, w)
	case key != "":
		err = b.stepOnce(key, j, w)
	default:
		err = b.step(j, w, j.event)
	}
	j.ticket = w.Ticket
	return err
}

// number gives each ticket that was opened its number.
func (b *batch) number(ctx context.Context) error {
	byPrefix := map[string][]*work{}
	for _, w := range b.opened {
		prefix := b.rules.Desk.Numbers.prefix(w.Ticket.Kind, b.now.In(b.rules.Location))
		byPrefix[prefix] = append(byPrefix[prefix], w)
	}
	for prefix, works := range byPrefix {
		numbers, err := b.numbers(ctx, prefix, len(works))
		if err != nil {
			return fmt.Errorf("escalation: number %d tickets: %w", len(works), err)
		}
		for i, w := range works {
			w.Ticket.Number = numbers[i]
			for p := range w.Pages {
				w.Pages[p].Ticket = numbers[i]
			}
		}
	}
	return nil
}

// numbers guesses at the first try, if the store can guess.
func (b *batch) numbers(ctx context.Context, prefix string, n int) ([]string, error) {
	if guesser, can := b.e.store.(Guesser); can && b.first {
		if numbers := guesser.GuessNumbers(b.source, prefix, n); len(numbers) == n {
			return numbers, nil
		}
	}
	return b.e.store.Numbers(ctx, b.source, prefix, n)
}

func (b *batch) commit(ctx context.Context) error {
	var works []*work
	var changes []Change
	for _, w := range b.order {
		if !w.changed {
			continue
		}
		for i := range w.Alerts {
			w.Alerts[i].Record.Ticket = w.Ticket.Number
		}
		c, err := b.change(w)
		if err != nil {
			return err
		}
		works, changes = append(works, w), append(changes, c)
	}
	if len(changes) == 0 {
		return nil
	}
	orders := b.offer(changes)
	errs, err := b.e.store.Commit(ctx, b.source, changes)
	b.e.sender.Committed(orders, func(i int) bool { return err == nil && errs[i] == nil })
	runtime.Gosched() // pages go first, then log lines and answers
	if err != nil {
		return fmt.Errorf("escalation: commit %d tickets: %w", len(changes), err)
	}
	pages := false
	for i, w := range works {
		if w.conflict = errs[i] != nil; w.conflict {
			continue
		}
		pages = pages || (len(w.Pages) > 0 && changes[i].Claimed == nil)
		b.e.plan(w.Ticket.NextDeadline())
		for k := range w.Alerts {
			b.e.plan(w.Alerts[k].Record.SilentAt)
		}
		b.tellLog(w)
		b.e.changed(&w.Ticket)
		if w.Ticket.State == ticket.Closed {
			b.e.closed(w.Ticket)
		}
	}
	if pages {
		b.e.ordered()
	}
	return nil
}

func (b *batch) tellLog(w *work) {
	words := lang.In("en")
	for _, entry := range slices.Concat(w.Timeline, w.left) {
		b.e.metrics.event(entry.Kind)
		fields := []zap.Field{
			zap.String("ticket", w.Ticket.Number), zap.String("event", string(entry.Kind)),
			zap.Stringer("urgency", w.Ticket.Urgency), zap.String("customer", ticket.Logged(w.Ticket.Customer)),
			zap.String("text", ticket.Logged(words.Told(&entry, lang.Reader{}))),
		}
		if entry.Actor != nil {
			fields = append(fields, zap.String("by", entry.Actor.Name), zap.String("via", entry.Via))
			if entry.Actor.Token != "" {
				fields = append(fields, zap.String("token", entry.Actor.Token))
			}
		}
		b.e.log.Info("ticket", fields...)
	}
}

// answer tells each job what became of it. It returns the jobs to do again:
// somebody else changed their tickets first.
func (b *batch) answer(jobs []*job, failed map[*job]error) (again []*job) {
	for _, j := range jobs {
		conflict := false
		for w := range j.touched {
			conflict = conflict || w.conflict
		}
		if conflict {
			again = append(again, j)
			continue
		}
		if j.draft != nil || j.number != "" {
			for w := range j.touched {
				j.ticket = w.Ticket
			}
		}
		for w := range j.touched {
			if j.alerts != nil && !slices.Contains(j.ordered.Tickets, w.Ticket.Number) {
				j.ordered.Tickets = append(j.ordered.Tickets, w.Ticket.Number)
			}
		}
		slices.Sort(j.ordered.Tickets)
		j.done <- failed[j]
	}
	return again
}
