package paging

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// receiptGrace is how long to wait for a receipt if the provider did not
// answer, before the message is sent again.
const receiptGrace = 5 * time.Second

// unclearWait is the wait before a message is sent again whose provider did
// not answer: 5 s, then 80 s, then 21 min. So a provider that takes everything
// and answers nothing makes no storm.
func unclearWait(attempts int) time.Duration {
	return receiptGrace << (4 * min(max(attempts-1, 0), 2))
}

// backoff is the wait before the next try: 1, 2, 4, … 30 s, plus up to half as
// much at random.
func backoff(attempts int) time.Duration {
	wait := min(time.Second<<min(max(attempts-1, 0), 10), 30*time.Second)
	return wait + time.Duration(mathrand.Int64N(int64(wait/2))) //nolint:gosec // jitter, not a secret
}

const (
	linkAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// newLink makes a link's token.
func newLink() (string, error) {
	token := make([]byte, words.LinkLength)
	for i := range token {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(linkAlphabet))))
		if err != nil {
			return "", fmt.Errorf("paging: make a link: %w", err)
		}
		token[i] = linkAlphabet[n.Int64()]
	}
	return string(token), nil
}

// LinkHash is the key under which a link's token is filed: hex SHA-256.
func LinkHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// link is a code and a link that a page carries.
type link struct {
	code  int
	token string
}

// reserve files a link for a person, and a code for the phone if that can
// answer.
func (o *Outbox) reserve(ctx context.Context, phone string, l Link) (link, error) {
	token, err := newLink()
	if err != nil {
		return link{}, err
	}
	l.At = o.clock.Now()
	code, err := o.phones.Reserve(ctx, Reservation{Phone: phone, Hash: LinkHash(token), Link: l})
	if err != nil {
		return link{}, fmt.Errorf("paging: code and link of %s for %s: %w", l.Ticket, l.Person, err)
	}
	return link{code, token}, nil
}

// facts collects what a page says, with its own code and link.
func (o *Outbox) facts(ctx context.Context, c Claim, person contacts.Person, phone string) (words.Facts, error) {
	phone = o.codePhone(c.Page.Kind, phone)
	l, ready := c.prepared[phone]
	if !ready {
		var err error
		if l, err = o.reserve(ctx, phone, Link{Person: person.Key, Source: c.Page.Source, Ticket: c.Page.Ticket, Channel: c.Page.Channel}); err != nil {
			return words.Facts{}, err
		}
	}
	f := TicketFacts(&c.Ticket, o.actions.Rules(), o.clock.Now())
	f.Kind = c.Page.Kind
	if clock, ok := c.Ticket.Clock(c.Page.Step.Kind.Reminds()); ok {
		f.Clock, f.Percent, f.GTIDue, f.Begun = clock.Kind, clock.Warned, time.Time{}, c.Ticket.State == ticket.InProgress
	}
	o.link(&f, l)
	return f, nil
}

// codePhone is the phone that gets a code; empty for pages that nobody
// answers.
func (o *Outbox) codePhone(kind ticket.PageKind, phone string) string {
	if isNotice(kind) || kind == ticket.KindDue || !o.carriers.replies() {
		return ""
	}
	return phone
}

func (o *Outbox) link(f *words.Facts, l link) {
	f.Code, f.Link = l.code, o.ways.Load().PublicURL+words.LinkSegment+l.token
}

// TicketFacts is what a text says of a ticket, without a code or a link.
func TicketFacts(t *ticket.Ticket, rules *escalation.Rules, now time.Time) words.Facts {
	f := words.Facts{
		Kind: ticket.KindPage, Number: t.Number, Urgency: t.Urgency, Customer: t.Customer, Site: t.Site, Title: t.Title, Host: t.Host, Domain: t.Domain,
		Since: t.OpenedAt, GTIDue: t.GTI.DueAt, Percent: t.GTI.Warned, Location: rules.Location, Now: now, Firing: t.Firing,
	}
	if p := t.PointDue(); p != nil {
		f.Point, f.PointDue = p.Text, p.DueAt
	}
	if customer, ok := rules.Customer(t.Customer); ok {
		f.Customer = customer.Name
		if customer.Discreet {
			f.Discreet()
		}
	}
	if t.Overflow != "" {
		f.Firing = 0 // its title says how many
	}
	if !t.PickedUpAt.IsZero() {
		f.GTIDue = time.Time{} // the GTI clock has stopped
	}
	if by := t.AcknowledgedBy; by != nil {
		f.Taker, f.TakenAt = NameOf(rules, by), t.AcknowledgedAt
	}
	if t.State == ticket.StateResolved && t.ResolvedBy != nil {
		f.TakenAt = t.ResolvedAt
		f.Taker = ""
		if t.ResolvedBy.Person() != "" {
			f.Taker = NameOf(rules, t.ResolvedBy)
		}
		if t.ResolvedBy.Kind == ticket.ActorSystem {
			f.Reason = t.ResolvedBy.Name
		}
	}
	return f
}

// NameOf is the name by which people know an actor.
func NameOf(rules *escalation.Rules, a *ticket.Actor) string {
	if p, ok := rules.Directory.Recipient(a.Person()); ok && p.Name != "" {
		return p.Name
	}
	return a.Name
}

// Language is the language in which a person is written to.
func Language(p contacts.Person, rules *escalation.Rules) string {
	if p.Language != "" {
		return p.Language
	}
	return rules.Language
}

// handed says what became of a page that was handed over: by which provider,
// and to which number.
type handed struct {
	Result
	provider string
	receipts bool // the provider will tell what became of it
	address  string
}

// sendBy sends a page to a person by a channel. forgotten is how many devices
// were found to be gone.
func (o *Outbox) sendBy(ctx context.Context, w *Way, c Claim, person contacts.Person, log *zap.Logger) (sent handed, forgotten int, err error) {
	if w.Addresses == nil {
		return o.toDevices(ctx, w, c, person, log)
	}
	sent, err = o.toAddresses(ctx, w, c, person, func(address string) (words.Facts, error) {
		f, err := o.facts(ctx, c, person, phoneOf(person, address))
		if err == nil && w.Details {
			f.Alerts = o.details(ctx, &c.Ticket)
		}
		return f, err
	})
	return sent, 0, err
}

// What is told of alerts, and how long a page waits for it.
const (
	mostDetails = 3
	detailsTake = 2 * time.Second
)

// details are what some alerts of a ticket say. A page goes out without them if they
// cannot be read at once, and where a customer wants little said.
func (o *Outbox) details(ctx context.Context, t *ticket.Ticket) (all []words.Alert) {
	customer, _ := o.actions.Rules().Customer(t.Customer)
	if o.firing == nil || customer.Discreet || t.Overflow != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, detailsTake)
	defer cancel()
	list, err := o.firing(ctx, t.Number, mostDetails)
	if err != nil {
		o.log.Warn("a page says nothing of its alerts: they could not be read", zap.String("ticket", t.Number), zap.Error(err))
	}
	for i := range list {
		all = append(all, words.Alert{Title: list[i].Title(), Labels: list[i].Labels, Annotations: list[i].Annotations})
	}
	return all
}

// phoneOf is the phone whose codes answer a page to this address. If the
// address is a phone, it is that phone.
func phoneOf(person contacts.Person, address string) string {
	if slices.Contains(person.Phones, address) {
		return address
	}
	return firstOf(person.Phones)
}

// toAddresses tries a person's addresses one after the other, until one is not
// refused for good. Those that failed last time come last. say gives the facts
// for an address.
func (o *Outbox) toAddresses(ctx context.Context, w *Way, c Claim, person contacts.Person, say func(address string) (words.Facts, error)) (handed, error) {
	addresses, failed, err := o.inOrder(ctx, w, c, person)
	if err != nil {
		return handed{}, err
	}
	sent := handed{Result: w.Nowhere}
	for _, address := range addresses {
		facts, err := say(address)
		if err != nil {
			return handed{}, err
		}
		by := o.carriers.askNow(c.Page.Channel, failed[address])
		sent = o.carry(ctx, c, by, func(k carrier) Message {
			m := w.Text(Language(person, o.actions.Rules()), facts, k.Provider)
			m.Key, m.Source, m.Urgency, m.To = c.Page.PageKey, c.Page.Source, c.Page.Urgency, address
			return m
		})
		if sent.address = address; sent.Class != DeadAddress {
			break
		}
	}
	return sent, nil
}

// carry hands a message to providers, one after the other, until one has taken
// it or may have.
func (o *Outbox) carry(ctx context.Context, c Claim, by []carrier, message func(carrier) Message) handed {
	var tried []handed
	for _, k := range by {
		tell, ok := k.allow(c.Page.Urgency)
		if !ok {
			continue
		}
		if len(tried) > 0 { // its pace is not asked: the first provider's turn was taken
			o.pace(ctx, o.sendersTurn(k.Provider), true)
		}
		r := o.send(ctx, c, k.Channel, message(k))
		tell(r)
		sent := handed{Result: r, provider: k.Name, receipts: k.Receipts}
		if r.Class == Accepted || r.Class == OutcomeUnknown {
			return sent
		}
		tried = append(tried, sent)
	}
	if len(tried) == 0 {
		return handed{Result: resting()}
	}
	return best(tried)
}

// resting is the result of a page for which nobody was asked.
func resting() Result {
	return Result{
		Class: Transient, Code: circuitOpen, RetryAfter: tripFor / 3,
		Detail: "the provider has failed too often: it is asked again shortly",
	}
}

// inOrder lists a person's addresses in the order in which to try them. It
// also says which provider last failed to reach each of them.
func (o *Outbox) inOrder(ctx context.Context, w *Way, c Claim, person contacts.Person) (addresses []string, provider map[string]string, err error) {
	addresses = w.Addresses(person)
	if len(addresses) < 2 && len(o.carriers.of(w.Name)) < 2 {
		return addresses, nil, nil
	}
	pages, err := o.store.Pages(ctx, c.Page.Source, c.Page.Ticket)
	if err != nil {
		return nil, nil, fmt.Errorf("paging: pages of %s: %w", c.Page.Ticket, err)
	}
	provider = map[string]string{}
	failed := map[string]bool{}
	for i := range pages {
		p := &pages[i]
		if p.Person != person.Key || p.Channel != c.Page.Channel || p.Address == "" {
			continue
		}
		failed[p.Address] = p.State == ticket.PageFailed || p.State == ticket.PageUndelivered
		provider[p.Address] = ""
		if failed[p.Address] || (p.PageKey == c.Page.PageKey && p.Unclear) {
			provider[p.Address] = p.Provider
		}
	}
	addresses = slices.Clone(addresses)
	slices.SortStableFunc(addresses, func(a, b string) int {
		switch {
		case failed[a] == failed[b]:
			return 0
		case failed[a]:
			return 1
		}
		return -1
	})
	return addresses, provider, nil
}

// maxCode bounds a provider's code on a page, in bytes.
const maxCode = ticket.MaxProviderCode

// send hands one message over, within the provider's time.
func (o *Outbox) send(ctx context.Context, c Claim, channel Channel, m Message) Result {
	ctx, cancel := context.WithTimeout(ctx, o.set.Patience)
	defer cancel()
	result := o.asked(ctx, channel, m)
	result.Code = ticket.Cut(result.Code, maxCode)
	o.metrics.answer(c.Page.Channel, result)
	if result.Class == DeadAccount {
		o.log.Error("the provider refuses us: look at its account and credentials",
			zap.String("ticket", c.Page.Ticket), zap.String("channel", c.Page.Channel), zap.String("code", result.Code), zap.String("detail", ticket.Logged(result.Detail)))
	}
	return result
}

func firstOf(phones []string) string {
	if len(phones) == 0 {
		return ""
	}
	return phones[0]
}

// best sums up several tries at one page. If one was taken, the page was
// taken; a try whose provider will send receipts comes first. Otherwise it is
// a try that may still succeed. It is a permanent failure only if all tries
// are.
func best(results []handed) handed {
	order := []Class{Accepted, Transient, OutcomeUnknown, Filtered, DeadAccount, DeadAddress}
	return slices.MinFunc(results, func(a, b handed) int {
		if a.Class == b.Class && a.receipts != b.receipts {
			return map[bool]int{true: -1, false: 1}[a.receipts]
		}
		return slices.Index(order, a.Class) - slices.Index(order, b.Class)
	})
}
