package escalation

import (
	"time"

	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Rules is a configuration as escalation needs it. Package config sees to it
// that it is complete and consistent. It never changes: a reload makes another
// one.
type Rules struct {
	Location  *time.Location // of the desk: ticket numbers, local times
	Language  string         // en, fr or it
	Calendars map[string]*calendar.Calendar
	Contracts map[string]Contract
	Customers []Customer // in the file's order: the first match wins
	Urgencies []UrgencyRule
	Sources   map[string]SourceRule
	Policies  map[string]ticket.Policy
	Route     *dispatch.Route // every Receiver is a key of Policies
	Directory *contacts.Directory
	Silences  []Silence   // that hold now or will; not of the configuration
	Webhooks  []Webhook   // in the file's order
	Rooms     []Room      // of chat, in the file's order
	Business  string      // calendar of the desk's own hours; empty: Monday to Friday, by day
	Mark      ticket.Mark // of what is written into monitoring tools
	Desk      Desk        // how people qualify tickets
	Channels  []string    // configured channels, in the order to try them, the surest last: push, sms
}

// Contract is what a customer bought.
type Contract struct {
	Key         string
	Hours       string // calendar of the hours subscribed (S1-58)
	GTI         map[ticket.Urgency]Promise
	Clocks      map[ticket.ClockKind]map[ticket.Urgency]Promise // what it promises besides
	PickupOnAck bool                                            // an acknowledgement counts as pick-up
	Pauses      []ticket.PauseReason                            // for which its clocks may rest
	Warn        []int                                           // percentages of a promise of which people are warned, in order; none: of none
}

// Promise is a guaranteed time, counted on the open hours of a calendar.
type Promise struct {
	Within   time.Duration
	Calendar string
}

// Customer is one customer. Sites only describe it. Emails, Phones and Domains say
// whose a caller is. Referent gets the tickets of the night.
type Customer struct {
	Key      string
	Name     string
	Matchers labels.Matchers // on an alert's labels; none: only a label or a source names the customer
	Sites    []string
	Referent string
	Emails   []string
	Phones   []string // E.164, the preferred one first
	Domains  []string // of mail addresses, in lower case
	Contract string   // empty: none
	Discreet bool     // pages say the ticket's number and urgency alone
	// Contracts are the contracts of some of its alerts. The first whose matchers
	// fit counts; if none fits, Contract counts.
	Contracts []ContractRule
}

// ContractRule puts the alerts of a customer that match under a contract.
type ContractRule struct {
	Matchers labels.Matchers // on an alert's labels, its customer's among them
	Contract string
}

// UrgencyRule gives the alerts that match an urgency.
type UrgencyRule struct {
	Matchers labels.Matchers
	Urgency  ticket.Urgency
}

// SourceRule is what escalation knows of a source.
type SourceRule struct {
	Customer string // every alert of the source is this customer's; empty: the alerts say
	// Urgencies come before Rules.Urgencies for its alerts.
	Urgencies []UrgencyRule
	MaxOpen   int // active tickets; new alerts beyond it share one ticket a customer. 0: no bound
	MaxRate   int // new tickets a minute, likewise
	MaxKept   int // alerts that are kept; new ones beyond it page and are forgotten. 0: no bound
	// Back are the receivers that tell the source's tool who has taken a ticket.
	Back []string
}

// DefaultUrgency is the urgency of an alert that no rule matches.
const DefaultUrgency = ticket.Major

// Customer finds a customer by key.
func (r *Rules) Customer(key string) (Customer, bool) {
	if c := r.customer(key); c != nil {
		return *c, true
	}
	return Customer{}, false
}

// customer finds a customer by key; nil if nobody has the key.
func (r *Rules) customer(key string) *Customer {
	for i := range r.Customers {
		if r.Customers[i].Key == key {
			return &r.Customers[i]
		}
	}
	return nil
}

// pickupOnAck says whether a contract counts an acknowledgement as pick-up. It
// does if nothing is promised.
func (r *Rules) pickupOnAck(contract string) bool {
	c, ok := r.Contracts[contract]
	return !ok || c.PickupOnAck
}

// Promise is what the ticket's contract guarantees for its urgency, counted
// from its opening (S1-21) without its pauses; one without Within if nothing is
// promised.
func (r *Rules) Promise(t *ticket.Ticket) ticket.GTI {
	return r.count(r.Contracts[t.Contract].GTI[t.Urgency], t.GTI.Pauses, t.OpenedAt)
}

// count is the clock of a promise that begins then.
func (r *Rules) count(p Promise, pauses []ticket.Pause, began time.Time) ticket.GTI {
	none := ticket.GTI{Pauses: pauses}
	cal := r.Calendars[p.Calendar]
	if p.Within == 0 || cal == nil {
		return none
	}
	gti := ticket.GTI{Within: p.Within, Calendar: p.Calendar, Pauses: pauses}
	if !gti.Count(cal, began) {
		return none
	}
	if p := gti.Resting(); p != nil {
		gti.Stop(cal, began, p.From)
	}
	return gti
}
