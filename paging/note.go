package paging

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// Note is a message to a person that is no page: it has no ticket and no code, is not
// queued, and nobody is paged because of what becomes of it.
type Note struct {
	ID          string // no two notes have the same
	Kind        string // of a push's data
	Title, Body string // of a push, and of a mail; an SMS says the body
	Ask         string // what an SMS says of how to answer, where it can be answered
	// Link makes what leads to an answer, for each address; nil: nothing does.
	Link func(channel, address string) (string, error)
}

// noteTicket begins what stands in the place of a ticket's number.
const noteTicket = "note-"

// NoteLife is how long a push is worth keeping that is no page.
const NoteLife = time.Hour

// IsNote says whether a receipt is of a note, as far as its key tells.
func (r *Receipt) IsNote() bool { return strings.HasPrefix(r.Key.Ticket, noteTicket) }

// Note sends a note by the channels named, to each number and each device, and returns
// what the providers answered. The error is ErrNoWay, or says that the devices could
// not be read.
func (o *Outbox) Note(ctx context.Context, p contacts.Person, channels []string, n Note) ([]TestTry, error) {
	tries, err := o.tries(ctx, p, channels)
	if err != nil {
		return nil, err
	}
	answers, links := make([]handed, len(tries)), make([]string, len(tries))
	for i := range tries {
		if n.Link == nil {
			break
		}
		if links[i], err = n.Link(tries[i].Channel, tries[i].Address); err != nil {
			return nil, err
		}
	}
	var sent sync.WaitGroup
	for i := range tries {
		sent.Go(func() { answers[i] = o.sendNote(ctx, p, &tries[i], n, links[i]) })
	}
	sent.Wait()
	for i := range tries {
		tries[i].answered(&answers[i])
	}
	return tries, nil
}

// NoteTo is Note to one address of a person alone, by one channel. The error is ErrNoWay
// if the person has no such address any more.
func (o *Outbox) NoteTo(ctx context.Context, p contacts.Person, channel, address string, n Note) (TestTry, error) {
	tries, err := o.tries(ctx, p, []string{channel})
	if err != nil {
		return TestTry{}, err
	}
	i := slices.IndexFunc(tries, func(t TestTry) bool { return t.Address == address })
	if i < 0 {
		return TestTry{}, fmt.Errorf("paging: a message to %s: %w", p.Key, ErrNoWay)
	}
	sent := o.sendNote(ctx, p, &tries[i], n, "")
	tries[i].answered(&sent)
	return tries[i], nil
}

// Taken says whether a message of several may have arrived.
func Taken(tries []TestTry) bool {
	return slices.ContainsFunc(tries, func(t TestTry) bool { return t.State != ticket.PageFailed })
}

func (o *Outbox) sendNote(ctx context.Context, p contacts.Person, try *TestTry, n Note, link string) handed {
	way := o.way(try.Channel)
	key := ticket.PageKey{Ticket: noteTicket + n.ID, Person: p.Key, Channel: try.Channel}
	if way.Addresses != nil {
		key.Round = ticket.Round(slices.Index(way.Addresses(p), try.Address)) // a receipt says by it which arrived
	}
	c := Claim{Page: ticket.Page{PageKey: key, Source: testSource, Urgency: ticket.Critical, At: o.clock.Now()}}
	by := o.carriers.askNow(try.Channel, "")
	if try.device != nil {
		by = o.carriers.carrying(try.Channel, try.device)
	}
	language := Language(p, o.actions.Rules())
	return o.carry(ctx, c, by, func(k carrier) Message {
		var m Message
		if way.Note != nil {
			m = way.Note(n, k.Provider, link)
		} else {
			m = way.Test(n.Title, n.Body+" "+link)
		}
		m.Key, m.Source, m.Urgency, m.To, m.Language, m.Life = key, testSource, c.Page.Urgency, try.to, language, NoteLife
		if try.device != nil {
			m = try.device.addressed(m)
		}
		return m
	})
}

// noteBySMS leaves out what a provider cannot carry.
func noteBySMS(n Note, by Provider, link string) Message {
	if !by.Replies {
		n.Ask = ""
	}
	if by.NoLinks {
		link = ""
	}
	return Message{Text: words.Note(n.Body, n.Ask, link)}
}

func noteByMail(n Note, _ Provider, link string) Message {
	m := Message{Title: n.Title, Body: n.Body}
	if link != "" {
		m.Body += "\n\n" + link
	}
	return m
}

func noteByPush(n Note, _ Provider, link string) Message {
	m := Message{Title: n.Title, Body: n.Body, Data: map[string]string{"kind": n.Kind}}
	if link != "" {
		m.Data["link"] = link
	}
	return m
}

// NoteArrived has a receipt of a note prove its address.
func (o *Outbox) NoteArrived(ctx context.Context, r *Receipt) {
	person, ok := o.actions.Rules().Directory.Recipient(r.Key.Person)
	way := o.way(r.Key.Channel)
	if !ok || way == nil || way.Addresses == nil || r.State != ticket.PageDelivered {
		return
	}
	if all := way.Addresses(person); r.Key.Round.N >= 0 && r.Key.Round.N < len(all) {
		arrived(ctx, o.prover, way, person, Proof{Address: all[r.Key.Round.N], At: o.clock.Now()})
	}
}

// tries lists what there is to reach a person by.
func (o *Outbox) tries(ctx context.Context, p contacts.Person, channels []string) (tries []TestTry, err error) {
	for _, w := range slices.Backward(o.known) {
		if !slices.Contains(channels, w.Name) || len(o.carriers.of(w.Name)) == 0 {
			continue
		}
		if w.Addresses != nil {
			for _, address := range w.Addresses(p) {
				tries = append(tries, TestTry{Channel: w.Name, Address: address, State: ticket.PageSending, to: address})
			}
			continue
		}
		devices, err := o.phones.Devices(ctx, p.Key)
		if err != nil {
			return nil, fmt.Errorf("paging: devices of %s: %w", p.Key, err)
		}
		for i := range devices {
			if len(o.carriers.carrying(w.Name, &devices[i])) == 0 {
				continue // its provider is not configured any more
			}
			tries = append(tries, TestTry{Channel: w.Name, Address: devices[i].ID, State: ticket.PageSending, device: &devices[i]})
		}
	}
	if len(tries) == 0 {
		return nil, fmt.Errorf("paging: a message to %s: %w", p.Key, ErrNoWay)
	}
	return tries, nil
}
