package paging

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

var _ escalation.Sender = (*Outbox)(nil)

// shortcut brings pages to the outbox with the commit that orders them.
type shortcut struct {
	mu       sync.Mutex
	running  bool
	ctx      context.Context // of what is sent
	stopping <-chan struct{}
	offered  int // pages that were offered and are not being sent yet
	tokens   map[*escalation.Claimed][]string
}

// prepared are the codes and links that were reserved for a page before it was
// sent, by phone.
type prepared map[string]link

// begin lets pages in until end.
func (h *shortcut) begin(ctx context.Context, stopping <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running, h.ctx, h.stopping, h.tokens = true, ctx, stopping, map[*escalation.Claimed][]string{}
}

func (h *shortcut) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = false
}

// shortcutCrowd is how many pages of one commit the shortcut takes if SMS are
// bundled. If there are more, the outbox must first see what goes out as one.
const shortcutCrowd = 4

// Offer takes the pages of new tickets, as far as senders are free
// (escalation.Sender).
func (o *Outbox) Offer(orders []escalation.Order) {
	pages := 0
	for i := range orders {
		pages += len(orders[i].Pages)
	}
	o.shortcut.mu.Lock()
	defer o.shortcut.mu.Unlock()
	if !o.shortcut.running || pages == 0 || (o.ways.Load().BundleOver > 0 && pages > shortcutCrowd) {
		return
	}
	free := o.slots.free()
	for i := range orders {
		order := &orders[i]
		n := len(order.Pages)
		if n == 0 || o.shortcut.offered+n > free.of(order.Ticket.Source, order.Ticket.Urgency) || slices.ContainsFunc(order.Pages, waits) {
			continue
		}
		claimed, tokens, err := o.claimed(order)
		if err != nil {
			o.log.Error("no link could be made", zap.Error(err))
			return
		}
		order.Claimed = claimed
		o.shortcut.offered += n
		o.shortcut.tokens[claimed] = tokens
	}
}

func waits(p ticket.Page) bool { return !p.RetryAt.IsZero() }

// claimed is a claim for an order, with the link and code of each page, and
// the links' tokens.
func (o *Outbox) claimed(order *escalation.Order) (*escalation.Claimed, []string, error) {
	now := o.clock.Now()
	c := &escalation.Claimed{Owner: o.set.Owner, Until: now.Add(o.set.Lease), Token: 1 + rand.Int64N(1<<62)} //nolint:gosec // it fences claims off; it is no secret
	var tokens []string
	for i := range order.Pages {
		p := &order.Pages[i]
		person, _ := o.actions.Rules().Directory.Recipient(p.Person)
		token, err := newLink()
		if err != nil {
			return nil, nil, err
		}
		tokens = append(tokens, token)
		c.Reserve = append(c.Reserve, Reservation{
			Phone: o.codePhone(p.Kind, firstOf(person.Phones)), Hash: LinkHash(token),
			Link: Link{Person: p.Person, Source: order.Ticket.Source, Ticket: p.Ticket, At: now, Channel: p.Channel},
		})
	}
	return c, tokens, nil
}

// Committed sends what was taken. It drops what was not applied
// (escalation.Sender).
func (o *Outbox) Committed(orders []escalation.Order, applied func(i int) bool) {
	o.shortcut.mu.Lock()
	defer o.shortcut.mu.Unlock()
	var claims []Claim
	for i := range orders {
		c := orders[i].Claimed
		if c == nil {
			continue
		}
		o.shortcut.offered -= len(orders[i].Pages)
		if applied(i) {
			claims = append(claims, taken(&orders[i], o.shortcut.tokens[c])...)
		}
		delete(o.shortcut.tokens, c)
	}
	if len(claims) == 0 {
		return
	}
	if o.shortcut.running {
		o.held.add(claims)
		o.dispatch(o.shortcut.ctx, o.shortcut.stopping, claims)
		return
	}
	o.putBack(context.Background(), o.shortcut.stopping, claims, o.clock.Now())
}

// taken are the claims of an order that was committed.
func taken(order *escalation.Order, tokens []string) []Claim {
	claims := make([]Claim, len(order.Pages))
	for i := range order.Pages {
		p := order.Pages[i]
		p.Source, p.State, p.Attempts = order.Ticket.Source, ticket.PageSending, 1
		r := order.Claimed.Reserve[i]
		claims[i] = Claim{
			Page: p, Ticket: order.Ticket, Token: order.Claimed.Token,
			prepared: prepared{r.Phone: {order.Claimed.Codes[i], tokens[i]}},
		}
	}
	return claims
}
