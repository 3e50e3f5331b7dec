package customer

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// view is a customer for the API.
type view struct {
	Key      string         `json:"key"`
	Name     string         `json:"name"`
	Contract *contract      `json:"contract"` // null: none
	Others   []otherwise    `json:"contracts"`
	Sites    []string       `json:"sites"`
	Referent string         `json:"referent,omitempty"` // a person's key
	Emails   []string       `json:"emails"`
	Phones   []string       `json:"phones"`
	Domains  []string       `json:"domains"`
	Open     any            `json:"open"`      // tickets, shownOpen at most
	MoreOpen bool           `json:"more_open"` // there are others
	Month    string         `json:"month"`     // 2026-11
	Figures  any            `json:"figures"`   // null: the archive is away
	Missing  ticket.Missing `json:"missing,omitempty"`
}

// contract is what a customer bought.
type contract struct {
	Key                 string               `json:"key"`
	Hours               string               `json:"hours"` // a calendar
	GTI                 map[string]promise   `json:"gti"`   // by urgency
	PickupOnAcknowledge bool                 `json:"pickup_on_acknowledge"`
	Pauses              []ticket.PauseReason `json:"pauses"`
	Warn                []int                `json:"warn"` // percentages
}

type promise struct {
	Within   ticket.Span `json:"within"`
	Calendar string      `json:"calendar"`
}

// otherwise is the contract of some alerts.
type otherwise struct {
	Matchers []string `json:"matchers"`
	Contract string   `json:"contract"`
}

// shownOpen is how many open tickets are shown of a customer.
const shownOpen = 50

// find is a customer that is seen. One that is not answers as one that is not there.
func (p *Pages) find(r *http.Request, by web.Token) (escalation.Customer, error) {
	key, scope := r.PathValue("name"), by.Scope()
	c, known := p.Engine.Rules().Customer(key)
	if !known || !scope.SeesCustomer(key) {
		return c, escalation.ErrNotFound
	}
	return c, nil
}

func (p *Pages) customerAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	c, err := p.find(r, by)
	if err != nil {
		return err
	}
	rules := p.Engine.Rules()
	v := view{
		Key: c.Key, Name: c.Name, Contract: contractOf(rules, c.Contract), Others: []otherwise{}, Referent: c.Referent,
		Sites: append([]string{}, c.Sites...), Emails: append([]string{}, c.Emails...), Phones: append([]string{}, c.Phones...), Domains: append([]string{}, c.Domains...),
	}
	for _, o := range c.Contracts {
		one := otherwise{Contract: o.Contract, Matchers: []string{}}
		for _, m := range o.Matchers {
			one.Matchers = append(one.Matchers, m.String())
		}
		v.Others = append(v.Others, one)
	}
	open, err := p.open(r.Context(), by, c.Key)
	if err != nil {
		return err
	}
	v.Open, v.MoreOpen, v.Missing = web.Bodies(open.Tickets, p.Engine.Now()), open.Next != "", open.Missing
	since, until := p.month()
	v.Month = since.Format("2006-01")
	if f, err := p.figures(r.Context(), by, c.Key, since, until); err == nil {
		v.Figures = f
	} else if v.Missing = ticket.MissingClosed; r.Context().Err() != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, &v)
}

// contractOf is a contract of the rules; nil: there is none.
func contractOf(rules *escalation.Rules, key string) *contract {
	c, known := rules.Contracts[key]
	if !known {
		return nil
	}
	one := &contract{
		Key: key, Hours: c.Hours, GTI: map[string]promise{}, PickupOnAcknowledge: c.PickupOnAck,
		Pauses: append([]ticket.PauseReason{}, c.Pauses...), Warn: append([]int{}, c.Warn...),
	}
	for u, of := range c.GTI {
		one.GTI[u.String()] = promise{ticket.Span(of.Within), of.Calendar}
	}
	return one
}

// open are a customer's tickets on which there is work.
func (p *Pages) open(ctx context.Context, by web.Token, customer string) (ticket.Listing, error) {
	return p.House.Tickets(ctx, by.Scope(), &ticket.Search{Query: ticket.Query{ //nolint:wrapcheck // it names itself
		Customer: customer, States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: shownOpen,
	}})
}

// month is this month at the desk, until the next one begins.
func (p *Pages) month() (since, until time.Time) {
	now := p.Engine.Now().In(p.Engine.Rules().Location)
	since = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	return since, since.AddDate(0, 1, 0)
}

func (p *Pages) figures(ctx context.Context, by web.Token, customer string, since, until time.Time) (*ticket.Figures, error) {
	list, err := p.Book.Counted(ctx, by.Scope(), customer, since, until)
	if err != nil {
		return nil, err //nolint:wrapcheck // its callers say what is missing
	}
	f := ticket.Count(list, since.UTC(), until.UTC())
	return &f, nil
}

// calledBy is how people call a customer.
func calledBy(c *escalation.Customer) string { return cmp.Or(c.Name, c.Key) }

// others are the contracts of some alerts, each once.
func others(c *escalation.Customer) []string {
	seen := map[string]bool{}
	for _, o := range c.Contracts {
		seen[o.Contract] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
