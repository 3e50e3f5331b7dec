package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// What a simulated text has in place of what a daemon would choose.
const (
	firstCode  = 11              // the first that a phone gets
	linkToken  = "0000000000000" // as long as a real one
	numberForm = "I%s_0001"      // a ticket's number
)

// textOf is the text of a page. A title is on its own line.
func textOf(cfg *config.Config, t *ticket.Ticket, p *ticket.Page) string {
	rules := cfg.Rules
	numbered := *t
	numbered.Number = fmt.Sprintf(numberForm, t.OpenedAt.In(rules.Location).Format("060102"))
	f := paging.TicketFacts(&numbered, rules, p.At)
	f.Kind, f.Link = p.Kind, cfg.Server.PublicURL+"/a/"+linkToken
	person, _ := rules.Directory.Recipient(p.Person)
	if len(person.Phones) > 0 && answers(cfg) {
		f.Code = firstCode
	}
	w := paging.FindWay(paging.AllWays(), p.Channel)
	if w == nil {
		return ""
	}
	m := w.Text(paging.Language(person, rules), f, cfg.Sender(p.Channel))
	if m.Title != "" {
		return m.Title + "\n" + m.Body
	}
	return m.Text
}

// answers says whether pages can be answered by a code.
func answers(cfg *config.Config) bool {
	return slices.ContainsFunc(cfg.Rules.Channels, func(name string) bool { return cfg.Sender(name).Replies })
}

// printSimulation writes each ticket's pages as a timeline in local time.
func printSimulation(w io.Writer, cfg *config.Config, tickets []escalation.Simulated, at time.Time) error {
	if len(tickets) == 0 {
		fmt.Fprintln(w, "No alert fires: no ticket would open, nobody would be paged.")
		return nil
	}
	for i := range tickets {
		if i > 0 {
			fmt.Fprintln(w)
		}
		printOpening(w, cfg, &tickets[i].Ticket)
		if err := printPages(w, cfg, &tickets[i], at); err != nil {
			return err
		}
	}
	return nil
}

func printOpening(w io.Writer, cfg *config.Config, t *ticket.Ticket) {
	line := []string{t.Urgency.String()}
	if where := place(t.Customer, t.Site); where != "" {
		line = append(line, where)
	}
	fmt.Fprintln(w, plain(strings.Join(append(line, t.Title), " ")))
	group := make([]string, 0, len(t.Group))
	for _, name := range slices.Sorted(maps.Keys(t.Group)) {
		group = append(group, name+"="+strconv.Quote(t.Group[name]))
	}
	fmt.Fprintln(w, plain("  policy "+t.Policy.Name+", grouped by "+orDash(strings.Join(group, " "))))
	gti := "none"
	if !t.GTI.DueAt.IsZero() {
		gti = fmt.Sprintf("%s on %s, due %s", short(t.GTI.Within), t.GTI.Calendar, stamp(t.GTI.DueAt, cfg.Rules.Location))
	}
	fmt.Fprintln(w, plain("  GTI "+gti))
	if len(t.Rooms) > 0 {
		fmt.Fprintln(w, plain("  shown in the rooms "+strings.Join(t.Rooms, ", ")))
	}
}

func printPages(w io.Writer, cfg *config.Config, s *escalation.Simulated, at time.Time) error {
	if len(s.Pages) == 0 {
		fmt.Fprintln(w, "  Nobody would be paged.")
		return nil
	}
	rows := make([][]string, len(s.Pages))
	for i := range s.Pages {
		p := &s.Pages[i]
		rows[i] = []string{
			stamp(p.At, cfg.Rules.Location), "+" + elapsed(p.At.Sub(at)), p.Channel, p.Person,
			stepName(&s.Ticket, p.Step), fmt.Sprintf("round %d", p.Round.N+1),
		}
	}
	if err := table(w, "  ", rows); err != nil {
		return err
	}
	said := map[string]bool{}
	for i := range s.Pages {
		p := &s.Pages[i]
		who := p.Person + ", " + p.Channel
		if said[who] {
			continue
		}
		said[who] = true
		fmt.Fprintf(w, "\n  %s:\n", plain(who))
		for line := range strings.SplitSeq(textOf(cfg, &s.Ticket, p), "\n") {
			fmt.Fprintln(w, "    "+plain(line))
		}
	}
	return nil
}

// stepName is "step 1 on-call"; people count from one.
func stepName(t *ticket.Ticket, of ticket.KeyStep) string {
	step, ok := of.In(len(t.Policy.Steps))
	if !ok {
		return "every manager"
	}
	return fmt.Sprintf("step %d %s", step+1, t.Policy.Steps[step].Group)
}

// elapsed is a duration as 0:03 or 26:15, in hours and minutes.
func elapsed(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60)
}
