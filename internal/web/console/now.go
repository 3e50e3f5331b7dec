package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

const technician = desk.Technician

// shownNow is how many tickets each half of Now shows at most.
const shownNow = 50

// compared is how many tickets of one urgency are compared at most, the newest:
// with a hundred thousand of them nobody works by this page, and to put all of
// them in order would take seconds.
const compared = 200

// asking is what asks for somebody, as it was a moment ago, if that took long to
// find: whoever looks meanwhile is shown the same.
type asking struct {
	mu    sync.Mutex
	until time.Time
	what  asks
}

// asks is what Now shows of tickets.
type asks struct {
	open, taken         []ticket.Ticket // the worst first, shownNow at most
	counted             ticket.Stats
	openMore, takenMore int
	bounded             bool // not all were compared
}

// keptFor is how long that is shown to others: a second, and ten times as long as it
// took to find, so that whoever looks leaves alerts nine tenths of a processor.
func keptFor(took time.Duration) time.Duration { return max(time.Second, 10*took) }

// ask reads what asks for somebody. Who comes meanwhile waits for the same answer.
func (c *Console) ask(ctx context.Context, of ticket.Scope) (asks, error) {
	if !of.All() {
		return c.readAsks(ctx, of)
	}
	c.asks.mu.Lock()
	defer c.asks.mu.Unlock()
	if time.Now().Before(c.asks.until) {
		return c.asks.what, nil
	}
	began := time.Now()
	what, err := c.readAsks(ctx, of)
	c.asks.until = time.Time{}
	if err == nil && what.bounded {
		c.asks.what, c.asks.until = what, time.Now().Add(keptFor(time.Since(began)))
	}
	return what, err
}

// forget has the next one who looks see what was just done.
func (c *Console) forget() {
	c.asks.mu.Lock()
	defer c.asks.mu.Unlock()
	c.asks.until = time.Time{}
}

func (c *Console) readAsks(ctx context.Context, of ticket.Scope) (a asks, err error) {
	if !of.All() {
		return c.readOwn(ctx, of)
	}
	if a.counted, err = c.store.Stats(ctx); err != nil {
		return a, fmt.Errorf("console: count tickets: %w", err)
	}
	a.open, a.openMore, err = c.worst(ctx, &a, ticket.Open)
	if err == nil {
		a.taken, a.takenMore, err = c.worst(ctx, &a, ticket.Acknowledged, ticket.InProgress)
	}
	return a, err
}

// readOwn reads it for somebody who sees the tickets of some customers alone. What the
// store counts is of all, so the tickets are counted that are seen.
func (c *Console) readOwn(ctx context.Context, of ticket.Scope) (a asks, err error) {
	a.counted.Tickets = map[ticket.Urgency]map[ticket.State]int{}
	for _, u := range ticket.Urgencies() {
		a.counted.Tickets[u] = map[ticket.State]int{}
		q := ticket.Query{Urgencies: []ticket.Urgency{u}, States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: compared}
		list, next, err := c.house.Standing(ctx, of, q)
		if err != nil {
			return a, err //nolint:wrapcheck // it names itself
		}
		a.bounded = a.bounded || next != ""
		for i := range list {
			a.counted.Tickets[u][list[i].State]++
			if list[i].State == ticket.Open {
				a.open = append(a.open, list[i])
			} else {
				a.taken = append(a.taken, list[i])
			}
		}
	}
	for _, half := range []struct {
		list *[]ticket.Ticket
		more *int
	}{{&a.open, &a.openMore}, {&a.taken, &a.takenMore}} {
		slices.SortFunc(*half.list, look.WorstFirst)
		*half.more = max(len(*half.list)-shownNow, 0)
		*half.list = (*half.list)[:min(len(*half.list), shownNow)]
	}
	return a, nil
}

// worst are the worst tickets in some states, and how many more there are. An
// urgency that has none is not asked for, and none after there are enough.
func (c *Console) worst(ctx context.Context, a *asks, states ...ticket.State) (list []ticket.Ticket, more int, err error) {
	total := 0
	for _, u := range ticket.Urgencies() {
		n := 0
		for _, s := range states {
			n += a.counted.Tickets[u][s]
		}
		total += n
		if n == 0 || len(list) >= shownNow {
			continue
		}
		part, next, err := c.house.Standing(ctx, ticket.Everything(), ticket.Query{States: states, Urgencies: []ticket.Urgency{u}, Limit: compared})
		if err != nil {
			return nil, 0, err //nolint:wrapcheck // it names itself
		}
		a.bounded = a.bounded || next != ""
		list = append(list, part...)
	}
	slices.SortFunc(list, look.WorstFirst)
	list = list[:min(len(list), shownNow)]
	return list, max(total-len(list), 0), nil
}

// row is a ticket in a list.
type row struct {
	look.Line
	Urgency, Where, Since string
	Seen                  string
	Open                  bool
}

// rows are tickets as the reader sees them.
func (r *reader) rows(tickets []ticket.Ticket) []row {
	v := r.viewer()
	rows := make([]row, len(tickets))
	for i := range tickets {
		v.Ticket = &tickets[i]
		rows[i] = row{
			Line: v.Line(), Urgency: r.words.UrgencyWord(v.Ticket.Urgency), Where: v.Where(), Since: v.At(v.Ticket.OpenedAt),
			Seen: look.Seal(v.Ticket), Open: v.Ticket.State == ticket.Open,
		}
	}
	return rows
}

// nowPage is the body of Now.
type nowPage struct {
	Open, Taken         []row
	OpenMore, TakenMore int
	Bounded             int // how many of each urgency were compared; 0: all
	Counts              []count
	Duties              []groupDuty
	Troubles            []string
	Admin               bool
}

// count is how many tickets of an urgency there are.
type count struct {
	Class, Urgency, Name string
	Open, Taken          int
}

// groupDuty is who is on call in one group.
type groupDuty struct{ Group, Tier, People, Until, Next string }

func (c *Console) showNow(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	f := c.frame(r, who, who.words.Console.Now)
	f.On, f.Live, f.Every = "ticket oncall health", true, 30
	body, err := c.nowPage(r.Context(), who)
	if err != nil {
		return err
	}
	f.Body = body
	c.flash(r, who, f)
	return c.show(w, r, http.StatusOK, "now", f)
}

func (c *Console) nowPage(ctx context.Context, who *reader) (*nowPage, error) {
	what, err := c.ask(ctx, who.scope)
	if err != nil {
		return nil, err
	}
	body := &nowPage{
		Open: who.rows(what.open), Taken: who.rows(what.taken), OpenMore: what.openMore, TakenMore: what.takenMore,
		Counts: who.counts(&what.counted), Duties: who.duties(), Admin: who.may(desk.Admin) && !who.outside,
	}
	if what.bounded {
		body.Bounded = compared
	}
	if c.pager != nil && who.scope.All() { // it names sources, and so customers
		h := c.pager.Health(ctx)
		body.Troubles = who.troubles(&h)
	}
	return body, nil
}

func (r *reader) counts(s *ticket.Stats) (counts []count) {
	for _, u := range ticket.Urgencies() {
		n := s.Tickets[u]
		counts = append(counts, count{
			Class: "u-" + u.String(), Urgency: r.words.UrgencyWord(u), Name: u.String(), Open: n[ticket.Open], Taken: n[ticket.Acknowledged] + n[ticket.InProgress],
		})
	}
	return counts
}

func (r *reader) duties() (all []groupDuty) {
	words, v := &r.words.Console, r.viewer()
	for _, group := range r.rules.Directory.Groups() {
		d, _ := r.rules.Directory.Duty(group, r.now)
		g, _ := r.rules.Directory.Group(group)
		line := groupDuty{Group: group, Tier: g.Tier, People: r.names(d.People), Until: words.Always}
		if !d.Until.IsZero() {
			line.Until = lang.Fill(words.Until, "at", v.At(d.Until))
			line.Next = lang.Fill(words.Next, "who", r.names(d.Next))
		}
		all = append(all, line)
	}
	return all
}
