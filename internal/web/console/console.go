package console

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
)

// House is what the console needs of web.Server: tickets in its turns, and the
// desk.
type House interface {
	// Tickets lists tickets, newest first, and the cursor of the next ones.
	Tickets(ctx context.Context, scope ticket.Scope, q *ticket.Search) (ticket.Listing, error)
	// Narrows reports whether lists can be asked for what an archive alone answers.
	Narrows() bool
	// Standing lists tickets of the store, as they stand.
	Standing(ctx context.Context, of ticket.Scope, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, of ticket.Scope, number string) (ticket.View, error)
	// Render runs what makes a page, when it is its turn.
	Render(ctx context.Context, write func() error) error
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
	// Link is the whole address of one of our own paths.
	Link(path string) string
	// Desk does what is ordered.
	Desk() *desk.Desk
	// Acted notes that whoever is signed in did something.
	Acted(ctx context.Context, by web.Token)
	// Drilled begins a drill in somebody's name, of a group or of a person.
	Drilled(ctx context.Context, by web.Token, group, person string) (ready.Drill, error)
	// SeenBefore is what was seen before of a ticket's trouble; nil: nothing, or it cannot
	// be said now.
	SeenBefore(ctx context.Context, of ticket.Scope, v *ticket.View) *ticket.SeenBefore
	// Check is what is known of checking a ticket again, once the answer is there or wait
	// has passed.
	Check(ctx context.Context, v *ticket.View, wait time.Duration) look.Check
	// Here are those who are at a ticket now, but one.
	Here(ctx context.Context, number, but string) []presence.Present
	// CameTo notes that somebody is at a ticket.
	CameTo(ctx context.Context, number, person string)
	// Proposals names those who fit a ticket best, of those who are at work now.
	Proposals(ctx context.Context, of ticket.Scope, v *ticket.View) ([]desk.Proposal, error)
	// RoomsOf are a ticket's messages in rooms of chat; nothing, if they cannot be read.
	RoomsOf(ctx context.Context, t *ticket.Ticket) []room.Message
	// OpenByHand opens a ticket that a person wants.
	OpenByHand(r *http.Request, by web.Token, o *web.Opening) (ticket.Ticket, error)
	// FindContacts lists contacts of customers; none, if they cannot be had.
	FindContacts(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) ([]ticket.Contact, error)
	// Contact reads one; escalation.ErrNotFound, web.ErrNoContacts.
	Contact(ctx context.Context, scope ticket.Scope, id string) (ticket.Contact, error)
	// WithContacts are edits of a ticket (nil: one that is opened) with what is known of
	// the contacts that they name.
	WithContacts(ctx context.Context, scope ticket.Scope, t *ticket.Ticket, edits []ticket.Edit) ([]ticket.Edit, error)
}

var _ House = (*web.Server)(nil)

// Engine is what the console asks of escalation.Engine.
type Engine interface {
	// WouldPage names whom passing a ticket on would page now, by key.
	WouldPage(t ticket.Ticket) []string
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Store counts.
type Store interface {
	// Stats is what the store counts as it goes.
	Stats(ctx context.Context) (ticket.Stats, error)
}

// Options are a Console's parts.
type Options struct {
	House   House
	Engine  Engine
	Store   Store
	People  paging.Phonebook
	Records records.Store // of saved filters and addresses of walls
	Tests   web.Tests     // nil: no test page can be sent
	Pager   Pager         // what the daemon knows of itself
	Shifts  web.Duty      // nil: who is on call cannot be changed
	Ready   Ready         // nil: nobody knows whether people can be woken
	Audit   web.Audit     // nil: nobody knows who changed what
	Ahead   web.Ahead     // nil: nobody looks ahead
	// Calendars are the rotations that are kept elsewhere; nil: there are none.
	Calendars func() []imported.Status
	Gone      *paging.GoneBook // nil: nobody knows of devices that are gone
	// Heard is the id of the newest event. Nil: a page reads itself anew as soon as it
	// hears the daemon.
	Heard func() string
	// Away is what is known of a store that is away; zero Since: it is there. Nil:
	// nobody knows.
	Away func() Away
	// Instead makes it the console of what is paged while the store is away: each
	// page says what it does not show.
	Instead bool
	// Beside is what stands on a person's page beside what the console knows: how
	// the person signs in. Nil: nothing.
	Beside func(r *http.Request, by web.Token, person string) (template.HTML, error)
	// Speed is how fast the Engine's time passes. Nil: as everybody's does.
	Speed func() float64
	// Files says that files can be attached to tickets.
	Files bool
	// Proofs says that tickets can be proven: there is an archive.
	Proofs bool
	Log    *zap.Logger
}

// Console serves the application. It is safe for concurrent use.
type Console struct {
	house  House
	engine Engine
	store  Store
	people paging.Phonebook
	shifts web.Duty
	tests  web.Tests
	pager  Pager
	ready  Ready
	audit  web.Audit
	ahead  web.Ahead
	gone   *paging.GoneBook
	heard  func() string
	log    *zap.Logger
	beside func(r *http.Request, by web.Token, person string) (template.HTML, error)

	filters records.Shelf[filter]
	walls   records.Shelf[wallAddress]
	records records.Store

	assets map[string]*asset                    // by name
	pages  map[string]func() *template.Template // by name
	asks   asking

	away      func() Away
	calendars func() []imported.Status
	instead   bool
	speed     func() float64 // nil: the machine's
	files     bool
	proves    bool
}

// New makes a Console.
func New(o Options) *Console {
	c := &Console{
		house: o.House, engine: o.Engine, store: o.Store, people: o.People, shifts: o.Shifts, tests: o.Tests, pager: o.Pager, ready: o.Ready, audit: o.Audit, log: o.Log, beside: o.Beside,
		records: o.Records,
		filters: records.Shelf[filter]{Store: o.Records, Home: records.House, Kind: kindFilter},
		walls:   records.Shelf[wallAddress]{Store: o.Records, Home: records.House, Kind: kindWall},
	}
	if c.log == nil {
		c.log = zap.NewNop()
	}
	c.away, c.instead, c.speed, c.ahead = o.Away, o.Instead, o.Speed, o.Ahead
	c.calendars, c.files, c.proves = o.Calendars, o.Files, o.Proofs
	if c.away == nil {
		c.away = func() Away { return Away{} }
	}
	c.gone, c.heard = o.Gone, o.Heard
	if c.heard == nil {
		c.heard = func() string { return "" }
	}
	c.assets = assets()
	c.pages = c.pagesOf()
	return c
}
