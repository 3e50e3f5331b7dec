package mail

import (
	"context"
	"errors"
	"time"

	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Letter is what is handed to a mail server.
type Letter struct {
	To            string // the address
	Subject, Body string
	ID            string // the same at each try
	Date          time.Time
}

// Late makes a mail when it is sent: whom it is to, and what it says. ErrNobody if it is
// to nobody: then it ends, and nothing is sent. id names the mail; it is the same at each
// try, of which each has a mail made.
type Late struct {
	Most int // to a person within an hour; 0: as of all mails
	Find func(asked string) (person string, ok bool)
	Make func(ctx context.Context, person, id string) (Mail, error)
}

// Options are the parts of a Carrier. Late may be nil.
type Options struct {
	Book *Book
	// Send hands a letter to the mail server, once.
	Send func(ctx context.Context, l Letter) effect.Result
	Late map[string]Late // by kind
}

// Carrier is the receiver of mails.
type Carrier struct{ o Options }

var _ effect.Receiver = (*Carrier)(nil)

// NewCarrier makes one.
func NewCarrier(o Options) *Carrier { return &Carrier{o} }

// Send sends a mail to its address, or to the one that its person has now
// (effect.Receiver).
func (c *Carrier) Send(ctx context.Context, e *ticket.Effect) effect.Result {
	l := e.Letter
	switch {
	case l == nil:
		return effect.Result{Class: effect.Never, Error: "it is no mail"}
	case !l.Until.IsZero() && !c.o.Book.now().Before(l.Until):
		return effect.Result{Class: effect.Never, Error: "it is too late for it"}
	}
	subject, body := l.Subject, l.Body
	if l.Asked != "" {
		m, r, ok := c.late(ctx, e)
		if !ok {
			return r
		}
		subject, body = m.Subject, m.Body
	}
	to := l.Address
	if to == "" {
		p, _ := c.o.Book.people().Person(l.Person)
		to = p.Email
	}
	if to == "" {
		return effect.Result{Class: effect.Never, Error: ErrNobody.Error()}
	}
	return c.o.Send(ctx, Letter{To: to, Subject: subject, Body: body, ID: e.Key(), Date: e.Queued})
}

// late makes a mail that is made when it is sent. What it says is kept nowhere; whom it
// is to is, so that another try does not count again.
func (c *Carrier) late(ctx context.Context, e *ticket.Effect) (m Mail, r effect.Result, ok bool) {
	how, known := c.o.Late[e.Event]
	if !known {
		return m, effect.Result{Class: effect.Never, Error: "nobody here makes such a mail"}, false
	}
	done := effect.Result{Class: effect.Taken}
	if e.Letter.Person == "" {
		person, found := how.Find(e.Letter.Asked)
		if !found {
			return m, done, false
		}
		most := how.Most
		if most == 0 {
			most = ticket.MaxMails
		}
		switch err := c.o.Book.charge(ctx, person, e.Event, most); {
		case errors.Is(err, ErrTooMany):
			return m, done, false
		case err != nil:
			return m, effect.Result{Error: "the store does not answer", Alone: true}, false
		}
		e.Letter.Person = person
	}
	m, err := how.Make(ctx, e.Letter.Person, e.ID())
	switch {
	case errors.Is(err, ErrNobody):
		return m, done, false
	case err != nil:
		return m, effect.Result{Error: "it cannot be made: " + err.Error(), Alone: true}, false
	}
	return m, done, true
}
