package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/effect/back"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

const (
	// backEvery is how often it is looked whether something held in a tool is due, and
	// whether it holds back what it should not.
	backEvery = 5 * time.Second
	// backWithin is the longest that one look may take.
	backWithin = 4 * time.Minute
	// nobodyThere is the author of what nobody did.
	nobodyThere = "Astreinte"
)

// writeBack is what this daemon has for telling tools of tickets, by the names of receivers.
type writeBack struct {
	receivers atomic.Pointer[map[string]*back.Receiver]
}

// of are those in force.
func (b *writeBack) of() map[string]*back.Receiver {
	if m := b.receivers.Load(); m != nil {
		return *m
	}
	return nil
}

// backReceivers makes the receivers that tell the tools of sources, and has them in force.
func (d *Daemon) backReceivers(c *config.Config, into map[string]effect.Receiver) {
	mine := map[string]*back.Receiver{}
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.WriteBack == nil {
			continue
		}
		for kind, tool := range d.tools(s.WriteBack) {
			mine[back.Name(kind, s.Name)] = back.New(back.Options{
				Source: s.Name, Kind: kind, Tool: tool, Records: d.store.Records(), Firing: d.store.Firing, Gone: gone, Say: d.sayBack, Mark: c.Rules.Mark, Now: d.clock.Now,
			})
		}
	}
	for name, receiver := range mine {
		into[name] = receiver
	}
	d.backs.receivers.Store(&mine)
}

func gone(err error) bool { return errors.Is(err, escalation.ErrNotFound) }

// tools are the tools that a source tells.
func (d *Daemon) tools(b *config.WriteBack) map[string]back.Tool {
	tools := map[string]back.Tool{}
	if b.Icinga != nil {
		tools[back.KindIcinga] = back.Icinga{API: upstream.NewIcinga(d.upstream(b.Icinga))}
	}
	if b.Zabbix != nil {
		tools[back.KindZabbix] = back.Zabbix{API: upstream.NewZabbix(d.upstream(b.Zabbix)), Close: b.Close}
	}
	if b.Alertmanager != nil {
		tools[back.KindAlertmanager] = back.Alertmanager{API: upstream.NewAlertmanager(d.upstream(b.Alertmanager)), Now: d.clock.Now}
	}
	if b.Checkmk != nil {
		tools[back.KindCheckmk] = back.Checkmk{API: upstream.NewCheckmk(d.upstream(b.Checkmk))}
	}
	return tools
}

// upstream is how a configured tool is spoken to. Tools that have the same connections
// share them; those with certificates of their own have their own.
func (d *Daemon) upstream(u *config.Upstream) upstream.Options {
	var way http.RoundTripper
	if u.Roots == nil || d.opts.Transport != nil {
		way = d.hookWay
	}
	return upstream.Options{
		URL: u.URL, User: u.User, Password: u.Password.Reveal(), Token: u.Token.Reveal(), Roots: u.Roots, HTTP: way, UserAgent: "astreinte/" + d.opts.Version,
	}
}

// sayBack says, in the desk's language, who an actor is and what is written into a tool.
func (d *Daemon) sayBack(e *ticket.Effect, what back.What, by *ticket.Actor) (who, text string) {
	rules := d.pager.Rules()
	who = nobodyThere
	if by != nil {
		who = by.String()
		if p, ok := rules.Directory.Person(by.Person()); ok && p.Name != "" {
			who = p.Name
		}
	}
	words := lang.In(rules.Language).Back
	form := words.Taken
	switch what {
	case back.Released:
		form = words.Released
	case back.Ended, back.Recovered:
		form = words.Ended
	case back.Taken:
	}
	at := e.At.In(rules.Location).Format("2006-01-02 15:04:05")
	return who, lang.Fill(form, "mark", rules.Mark.On(e.Ticket), "who", who, "at", at)
}

// keepBacks looks after what is held in tools.
func (d *Daemon) keepBacks(ctx context.Context) {
	d.untilTimed(ctx)
	keeper := &back.Keeper{
		Records: d.store.Records(), Tickets: d.store, Owner: d.pager.Owner(), Now: d.clock.Now, Receivers: d.backs.of,
		Take: func(ctx context.Context, b ticket.Batch) error {
			_, err := taker{d}.Take(ctx, b)
			return err
		},
	}
	tick := time.NewTicker(backEvery)
	defer tick.Stop()
	for {
		d.turnBacks(ctx, keeper)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) turnBacks(ctx context.Context, keeper *back.Keeper) {
	limited, cancel := context.WithTimeout(ctx, backWithin)
	defer cancel()
	warn := func(err error) {
		if err != nil && ctx.Err() == nil {
			d.log.Warn("what is held in a monitoring tool could not be looked after: it is done again", zap.Error(err))
		}
	}
	warn(keeper.Hurry(limited))
	for limited.Err() == nil {
		n, err := keeper.Turn(limited)
		warn(err)
		if n == 0 {
			return
		}
	}
}

// backWarnings are what /readyz says of tools that do not take what they are told.
func (d *Daemon) backWarnings() (lines []string) {
	receivers := d.backs.of()
	for _, name := range slices.Sorted(maps.Keys(receivers)) {
		if t := receivers[name].Trouble(); !t.Since.IsZero() {
			lines = append(lines, fmt.Sprintf("%s does not take what happens to tickets, since %s ago: %s", name, d.clock.Now().Sub(t.Since).Round(time.Second), t.Why))
		}
	}
	return lines
}
