package back

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// The tools, as the configuration and the names of receivers call them.
const (
	KindIcinga       = "icinga"
	KindZabbix       = "zabbix"
	KindAlertmanager = "alertmanager"
	KindCheckmk      = "checkmk"
)

// Name is the name of a source's receiver as effects have it.
func Name(kind, source string) string { return kind + "/" + source }

// What an effect tells a tool.
type What int8

// What it may be.
const (
	Taken     What = iota // somebody has the ticket
	Released              // nobody has it any more, and it is open
	Ended                 // somebody says that it is over
	Recovered             // the tool itself, or a rule, ended it
)

// Act is what a tool is told of a ticket.
type Act struct {
	Ticket string // its number
	What   What
	By     string // who did it, as people call them
	Text   string // what is written into the tool; it begins with the mark
	Mark   ticket.Mark
}

// Held is an alert of which a tool was told that somebody has it.
type Held struct {
	Alert   string    `json:"alert"`          // its fingerprint
	ID      string    `json:"id,omitempty"`   // of what was made in the tool
	Name    string    `json:"name,omitempty"` // of the alert: Alertmanager
	Host    string    `json:"host,omitempty"`
	Service string    `json:"service,omitempty"`
	Gone    time.Time `json:"gone,omitzero"` // since when the tool does not list it any more
}

// Tool is one that can be told. Its methods may be called again with the same: what is
// done already is then not done twice, as far as the tool lets that be seen. They return
// what is held afterwards, also with an error.
type Tool interface {
	// Take acknowledges those alerts, which fire, that nobody has acknowledged there.
	Take(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error)
	// Leave takes back what is held, and says why.
	Leave(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error)
}

// Firing reads the alerts of a ticket that are not over, most of them at most. Options.Gone
// says of its error that there is no such ticket.
type Firing func(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error)

// Options are a Receiver's parts. All are required but Mark.
type Options struct {
	Source  string
	Kind    string
	Tool    Tool
	Records records.Store
	Firing  Firing
	Gone    func(err error) bool
	// Say says who an actor is, and what is written into the tool of an effect.
	Say func(e *ticket.Effect, what What, by *ticket.Actor) (who, text string)
	// Mark is that of what Say says.
	Mark ticket.Mark
	Now  func() time.Time
}

// Receiver tells the tool of one source.
type Receiver struct {
	o    Options
	book book

	mu     sync.Mutex
	failed Trouble
}

var _ effect.Receiver = (*Receiver)(nil)

// New makes a Receiver.
func New(o Options) *Receiver {
	r := &Receiver{o: o, book: book{store: o.Records, home: o.Source, to: Name(o.Kind, o.Source), now: o.Now}}
	if _, looked := o.Tool.(Looker); looked {
		r.book.every = lookEvery
	}
	return r
}

// Trouble is that a tool does not take what it is told.
type Trouble struct {
	Since time.Time // zero: there is none
	Why   string
}

// Trouble is what the last try ended with.
func (r *Receiver) Trouble() Trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// note remembers how a try ended.
func (r *Receiver) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.failed = Trouble{}
	case r.failed.Since.IsZero():
		r.failed = Trouble{r.o.Now(), err.Error()}
	default:
		r.failed.Why = err.Error()
	}
}

// saveLimit is how long the record of what was done may take to be written.
const saveLimit = 5 * time.Second

// errSlow says that a tool has so much to be told that it goes on at the next try.
var errSlow = errors.New("it takes longer than a try: it goes on")

// Send tells the tool once (effect.Receiver).
func (r *Receiver) Send(ctx context.Context, e *ticket.Effect) effect.Result {
	ours := func(why string) effect.Result { return effect.Result{Error: why, Alone: true, After: time.Second} }
	kept, err := r.book.get(ctx, e.Ticket)
	switch {
	case errors.Is(err, errBusy):
		return ours(errBusy.Error())
	case err != nil:
		return ours("the store does not answer")
	}
	alerts, err := r.firing(ctx, e.Ticket)
	if err != nil {
		return ours("the store does not answer")
	}
	held, err := r.tell(ctx, e, alerts, kept.Of.Held)
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if !errors.Is(err, errSlow) {
		r.note(err)
	}
	if r.book.put(save, &kept, held) != nil {
		return ours("what was done could not be written down") // it is looked at again then
	}
	return resultOf(err)
}

// firing are the alerts of a ticket that are not over.
func (r *Receiver) firing(ctx context.Context, number string) ([]ticket.AlertRecord, error) {
	alerts, err := r.o.Firing(ctx, number, ticket.MaxBack)
	if err != nil && r.o.Gone(err) {
		return nil, nil
	}
	return alerts, err
}

// tell does what the effect asks for.
func (r *Receiver) tell(ctx context.Context, e *ticket.Effect, alerts []ticket.AlertRecord, held []Held) ([]Held, error) {
	what, by := whatOf(&e.About)
	who, text := r.o.Say(e, what, by)
	a := &Act{Ticket: e.Ticket, What: what, By: who, Text: text, Mark: r.o.Mark}
	if what == Taken {
		return r.o.Tool.Take(ctx, a, alerts, held)
	}
	return r.o.Tool.Leave(ctx, a, alerts, held)
}

// whatOf is what a ticket's state means for a tool, and who brought it into it; nil:
// nobody did.
func whatOf(t *ticket.Ticket) (What, *ticket.Actor) {
	switch {
	case t.State == ticket.InProgress && t.PickedUpBy != nil:
		return Taken, t.PickedUpBy
	case t.State.Taken():
		return Taken, t.AcknowledgedBy
	case t.State.Active():
		return Released, nil
	case t.ResolvedBy != nil && (t.ResolvedBy.Kind == ticket.ActorPerson || t.ResolvedBy.Kind == ticket.ActorToken):
		return Ended, t.ResolvedBy
	}
	return Recovered, nil
}

// resultOf is what an error means for an effect.
func resultOf(err error) effect.Result {
	switch {
	case err == nil:
		return effect.Result{Class: effect.Taken}
	case errors.Is(err, errSlow):
		return effect.Result{Error: err.Error(), Alone: true}
	case upstream.IsNever(err):
		return effect.Result{Class: effect.Never, Error: err.Error()}
	}
	return effect.Result{Error: err.Error()}
}
