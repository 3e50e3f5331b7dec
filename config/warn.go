package config

import (
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// warn asks the finished rules what looks doubtful. Reading noted the path for
// each warning.
func (r *reader) warn(cfg *Config) {
	r.warnUnused()
	r.warnCalendars(cfg.Rules)
	r.warnGTI(cfg.Rules)
	r.warnUncovered(r.supposes)
	r.warnTwice(cfg.Rules)
	r.warnCustomers(cfg.Rules)
	r.warnNames(cfg)
	r.warnPushAlone(cfg.Rules)
	r.warnAddresses(cfg)
	r.warnMailed(cfg)
	r.warnEvidence(cfg)
	r.warnRetention(cfg)
	r.warnReadiness()
	r.warnReaders(cfg.Rules)
	r.warnLimited(cfg.Rules)
	r.warnInlines()
	if r.opts.Thorough {
		r.warnLeftovers()
		r.warnContracts(r.supposes)
		r.warnYear(r.supposes)
	}
}

// warnUnused names what nothing refers to.
func (r *reader) warnUnused() {
	for _, k := range []struct{ kind, section, by string }{
		{"policy", "policies", "no route leads to it"},
		{"group", "groups", "no step pages it"},
		{"contract", "contracts", "no customer has it"},
		{"calendar", "calendars", "nothing uses it"},
		{"room", "chat", "no step names it"},
	} {
		for _, name := range r.names[k.kind] {
			if !r.used[k.kind][name] {
				r.at[join(k.section, name)].warnf("%s", k.by)
			}
		}
	}
}

// calendarUse is a place in the file that needs a calendar to be open, or
// closed, at some time.
type calendarUse struct {
	at     value
	name   string
	closed bool
}

// hours reads the name of a calendar that pages wait for: to open, or to
// close.
func (v value) hours(closed bool) string {
	name := v.name("calendar")
	if name != "" {
		v.r.waits = append(v.r.waits, calendarUse{v, name, closed})
	}
	return name
}

func (r *reader) warnCalendars(rules *escalation.Rules) {
	for _, use := range r.waits {
		c := rules.Calendars[use.name]
		if use.closed {
			if _, ok := c.NextClosed(r.opts.Now); !ok {
				use.at.warnf("calendar %q never closes: nothing is paged here", use.name)
			}
			continue
		}
		if _, ok := c.NextOpen(r.opts.Now); !ok {
			use.at.warnf("calendar %q never opens: nothing is paged here", use.name)
		}
	}
}

// promise is the tightest guarantee that a policy has to keep.
type promise struct {
	contract string
	urgency  ticket.Urgency
	within   time.Duration
}

// warnGTI compares policies with the contracts whose customers reach them.
func (r *reader) warnGTI(rules *escalation.Rules) {
	tightest, forgotten := promises(rules)
	for _, name := range slices.Sorted(maps.Keys(rules.Policies)) {
		p := rules.Policies[name]
		path := join("policies", name)
		if len(p.Steps) == 0 {
			continue
		}
		if got, ok := tightest[name]; ok && !r.opts.Thorough && len(p.Steps) > 1 && p.Steps[1].After > got.within {
			r.at[join(index(path, 1), "after")].warnf("the second step starts %s into the episode, later than the GTI of contract %q (%s: %s)",
				short(p.Steps[1].After), got.contract, got.urgency, short(got.within))
		}
		if contract, ok := forgotten[name]; ok && p.AckTimeout == 0 {
			r.at[path].warnf("no ack_timeout: who acknowledges and does not pick up lets the GTI of contract %q pass unseen", contract)
		}
	}
}

// promises finds, by policy, the tightest promise that leads there. It also
// finds a contract with a GTI whose clock an acknowledgement does not stop.
func promises(rules *escalation.Rules) (tightest map[string]promise, forgotten map[string]string) {
	tightest, forgotten = map[string]promise{}, map[string]string{}
	for i := range rules.Customers {
		c := &rules.Customers[i]
		for _, key := range contractsOf(c) {
			contract := rules.Contracts[key]
			for _, u := range ticket.Urgencies() {
				promised, ok := contract.GTI[u]
				if !ok {
					continue
				}
				for policy := range reachable(rules.Route, map[string]string{
					escalation.LabelCustomer: c.Key, escalation.LabelContract: key, escalation.LabelUrgency: u.String(),
				}) {
					if have, ok := tightest[policy]; !ok || promised.Within < have.within {
						tightest[policy] = promise{key, u, promised.Within}
					}
					if _, ok := forgotten[policy]; !ok && !contract.PickupOnAck {
						forgotten[policy] = key
					}
				}
			}
		}
	}
	return tightest, forgotten
}

// contractsOf are the contracts that a customer's alerts can be under.
func contractsOf(c *escalation.Customer) []string {
	all := []string{c.Contract}
	for i := range c.Contracts {
		if key := c.Contracts[i].Contract; !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}
