package paging

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestPages sends pages that test whether a person can be reached. They belong
// to no ticket and carry no code and no link. Nobody is paged because of what
// becomes of one. Each person's last test page is kept as a record, so that
// any daemon on the store can take its receipts.
type TestPages struct {
	outbox *Outbox
	shelf  records.Shelf[TestPage]
	now    func() time.Time
}

// TestPage is what became of a person's last test page.
type TestPage struct {
	ID      string      `json:"id"`
	Person  string      `json:"person"`
	By      string      `json:"by"` // who asked for it
	At      time.Time   `json:"at"`
	Tries   []TestTry   `json:"tries"`
	Earlier []time.Time `json:"earlier"` // when those before it were ordered, as far as they count
}

// TestTry is one message of a test page.
type TestTry struct {
	Channel    string           `json:"channel"`
	Address    string           `json:"address"` // a number, or a device's id
	Provider   string           `json:"provider"`
	ProviderID string           `json:"provider_id"`
	State      ticket.PageState `json:"state"` // sending until the provider has answered
	Error      string           `json:"error"`
	ReceiptAt  time.Time        `json:"receipt_at,omitzero"`

	Receipts bool `json:"receipts,omitempty"` // one is to come

	to     string
	device *Device
}

// TooManyTests says that a person has had as many test pages as one may have,
// and how long to wait.
type TooManyTests struct {
	Person string
	After  time.Duration
}

// Error says so.
func (e *TooManyTests) Error() string {
	return fmt.Sprintf("%s has had %d test pages within %s, as many as one may", e.Person, ticket.MaxTestPages, testsWithin)
}

// ErrNoWay says that a person has no number and no device to test.
var ErrNoWay = errors.New("there is no number and no device to try")

const (
	kindTestPage = "test page"
	testsWithin  = 10 * time.Minute
	testTakes    = time.Minute // at most: asking all providers, and writing to the store
	testTicket   = "test-"     // begins what stands for a ticket's number
	testSource   = "test page" // stands for a source
	recordTries  = 10          // tries of a write if others write first
)

// NewTestPages makes TestPages that send by an outbox's ways. damaged may be
// nil.
func NewTestPages(o *Outbox, store records.Store, damaged func(r records.Record, err error)) *TestPages {
	return &TestPages{
		outbox: o, now: o.clock.Now,
		shelf: records.Shelf[TestPage]{Store: store, Home: records.House, Kind: kindTestPage, Damaged: damaged},
	}
}

// Last is a person's last test page. The error is escalation.ErrNotFound if
// there is none.
func (t *TestPages) Last(ctx context.Context, person string) (TestPage, error) {
	item, err := Readable(t.shelf.Get(ctx, person))
	switch {
	case err != nil:
		return TestPage{}, fmt.Errorf("paging: the test page of %s: %w", person, err)
	case item.Of.ID == "":
		return TestPage{}, fmt.Errorf("paging: the test page of %s: %w", person, escalation.ErrNotFound)
	}
	return item.Of, nil
}

// Send pages a person by all of the named channels, to each number and each
// device. It returns what the providers answered. The test page is stored
// before it is sent. The error is ErrNoWay, a *TooManyTests, or says that the
// store could not be asked.
func (t *TestPages) Send(ctx context.Context, p contacts.Person, channels []string, by string) (TestPage, error) {
	tries, err := t.outbox.tries(ctx, p, channels)
	if err != nil {
		return TestPage{}, err
	}
	return t.send(ctx, p, tries, by)
}

// SendTo is Send to one of the person's devices alone.
func (t *TestPages) SendTo(ctx context.Context, p contacts.Person, device, by string) (TestPage, error) {
	var channels []string
	for _, w := range t.outbox.known {
		if w.Addresses == nil {
			channels = append(channels, w.Name)
		}
	}
	tries, err := t.outbox.tries(ctx, p, channels)
	if err != nil {
		return TestPage{}, err
	}
	tries = slices.DeleteFunc(tries, func(try TestTry) bool { return try.device == nil || try.Address != device })
	if len(tries) == 0 {
		return TestPage{}, fmt.Errorf("paging: test page to a device of %s: %w", p.Key, ErrNoWay)
	}
	return t.send(ctx, p, tries, by)
}

// send writes a test page down and hands its messages over.
func (t *TestPages) send(ctx context.Context, p contacts.Person, tries []TestTry, by string) (TestPage, error) {
	page := TestPage{ID: strings.ToLower(rand.Text()[:16]), Person: p.Key, By: by, At: t.now(), Tries: tries}
	err := t.change(ctx, p.Key, func(was *TestPage) error {
		page.Earlier = nil
		for _, at := range append(was.Earlier, was.At) {
			if !at.IsZero() && page.At.Sub(at) < testsWithin {
				page.Earlier = append(page.Earlier, at)
			}
		}
		if len(page.Earlier) >= ticket.MaxTestPages {
			return &TooManyTests{Person: p.Key, After: page.Earlier[0].Add(testsWithin).Sub(page.At)}
		}
		*was = page
		return nil
	})
	if err != nil {
		return TestPage{}, fmt.Errorf("paging: test page to %s: %w", p.Key, err)
	}
	// Whoever asked may leave. What the providers say is stored all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), testTakes)
	defer cancel()
	answers := t.handOver(ctx, p, &page)
	err = t.change(ctx, p.Key, func(is *TestPage) error {
		if is.ID == page.ID {
			for i := range answers {
				is.Tries[i].answered(&answers[i])
			}
			page = *is
			return nil
		}
		for i := range answers { // another test was ordered meanwhile: only this caller gets these answers
			page.Tries[i].answered(&answers[i])
		}
		return errUnchanged
	})
	if err != nil {
		return TestPage{}, fmt.Errorf("paging: test page to %s: %w", p.Key, err)
	}
	return page, nil
}

// handOver gives each message to its provider, all at once.
func (t *TestPages) handOver(ctx context.Context, p contacts.Person, page *TestPage) []handed {
	answers := make([]handed, len(page.Tries))
	language := Language(p, t.outbox.actions.Rules())
	title, body := testWords(language, page.At.In(t.outbox.actions.Rules().Location))
	var sent sync.WaitGroup
	for i := range page.Tries {
		try := &page.Tries[i]
		c := Claim{Page: ticket.Page{
			PageKey: ticket.PageKey{Ticket: testTicket + page.ID, Round: ticket.Round(i), Person: p.Key, Channel: try.Channel},
			Source:  testSource, Urgency: ticket.Critical, At: page.At,
		}}
		m := t.outbox.way(try.Channel).Test(title, body)
		m.Key, m.Source, m.Urgency, m.To, m.Language, m.Life = c.Page.PageKey, testSource, c.Page.Urgency, try.to, language, PageLife
		by := t.outbox.carriers.askNow(try.Channel, "")
		if try.device != nil {
			m, by = try.device.addressed(m), t.outbox.carriers.carrying(try.Channel, try.device)
		}
		sent.Go(func() { answers[i] = t.outbox.carry(ctx, c, by, func(carrier) Message { return m }) })
	}
	sent.Wait()
	for i := range page.Tries {
		if d := page.Tries[i].device; d != nil && answers[i].Unregistered {
			t.outbox.drop(ctx, d, t.outbox.log)
		}
	}
	return answers
}

// testWords say in a language that nothing has happened. They fit one part of
// GSM-7.
func testWords(language string, at time.Time) (title, body string) {
	p := &lang.In(language).Phone
	return lang.Fill(p.TestTitle, "at", at.Format("15:04")), p.TestBody
}

// answered notes what a provider said. A receipt may have come before.
func (try *TestTry) answered(h *handed) {
	try.Provider, try.ProviderID, try.Receipts = h.provider, h.ProviderID, h.receipts
	if !try.ReceiptAt.IsZero() {
		return
	}
	try.Error = h.Result.Error()
	switch h.Class {
	case Accepted:
		try.State = ticket.PageSent
	case OutcomeUnknown:
		try.State = ticket.PageUnknown
	default:
		try.State = ticket.PageFailed
	}
}

// IsTest says whether a receipt's key is that of a test page.
func (r *Receipt) IsTest() bool { return strings.HasPrefix(r.Key.Ticket, testTicket) }

// Receive records a receipt of a test page. The error is
// escalation.ErrNotFound if there is no such test page. A receipt of an
// earlier test changes nothing.
func (t *TestPages) Receive(ctx context.Context, r Receipt) error {
	person, id, at := r.Key.Person, strings.TrimPrefix(r.Key.Ticket, testTicket), r.Key.Round.N
	if !r.IsTest() {
		var err error
		if person, id, at, err = t.find(ctx, r.ProviderID); err != nil {
			return err
		}
	}
	var proof *TestTry
	err := t.change(ctx, person, func(is *TestPage) error {
		if is.ID != id || at < 0 || at >= len(is.Tries) || !is.Tries[at].State.Later(r.State) {
			return errUnchanged
		}
		try := &is.Tries[at]
		try.State, try.Error, try.ReceiptAt = r.State, ticket.Cut(r.Error, ticket.MaxLogged), t.now()
		if proof = nil; try.State == ticket.PageDelivered {
			proof = try
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("paging: receipt of a test page to %s: %w", ticket.Logged(person), err)
	}
	if proof != nil {
		who, _ := t.outbox.actions.Rules().Directory.Recipient(person)
		arrived(ctx, t.outbox.prover, t.outbox.way(proof.Channel), who, Proof{Address: proof.Address, At: proof.ReceiptAt})
	}
	return nil
}

// find finds the test page whose message has this provider's id. There are as
// many as people.
func (t *TestPages) find(ctx context.Context, providerID string) (person, id string, at int, err error) {
	items, err := t.shelf.List(ctx)
	if err != nil {
		return "", "", 0, fmt.Errorf("paging: find a test page: %w", err)
	}
	for i := range items {
		for k := range items[i].Of.Tries {
			if providerID != "" && items[i].Of.Tries[k].ProviderID == providerID {
				return items[i].Key, items[i].Of.ID, k, nil
			}
		}
	}
	return "", "", 0, fmt.Errorf("paging: find a test page: %w", escalation.ErrNotFound)
}

// errUnchanged says that there is nothing to write.
var errUnchanged = errors.New("unchanged")

// change reads a person's record and writes it as edit leaves it. If somebody
// else writes first, it does so again.
func (t *TestPages) change(ctx context.Context, person string, edit func(is *TestPage) error) error {
	for try := 0; ; try++ {
		item, err := Readable(t.shelf.Get(ctx, person))
		if err != nil {
			return err
		}
		if err := edit(&item.Of); errors.Is(err, errUnchanged) {
			return nil
		} else if err != nil {
			return err
		}
		write, err := t.shelf.Put(person, item.Revision, item.Of)
		if err != nil {
			return err
		}
		_, err = t.shelf.Store.Write(ctx, records.House, write)
		if err == nil || !errors.Is(err, records.ErrConflict) || try == recordTries {
			return err
		}
	}
}
