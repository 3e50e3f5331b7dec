package phone

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
)

// House is what the package needs of web.Server.
type House interface {
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
}

// Frame is what the package needs of the console.
type Frame interface {
	web.Frame
	// Asset is the address of a file of the console's.
	Asset(name string) string
}

var (
	_ House = (*web.Server)(nil)
	_ Frame = (*console.Console)(nil)
)

// Engine is what the package asks of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Enrolled is a phone that is signed in.
type Enrolled struct {
	ID      string // of its session
	Device  string // as its browser calls itself
	Address string // that it was added from
	Added   time.Time
}

// Sessions is how phones sign in.
type Sessions interface {
	// Invite makes an address that signs one phone in as a person, once.
	Invite(ctx context.Context, person, by string) (address string, until time.Time, err error)
	// Phones lists those of a person that are signed in.
	Phones(ctx context.Context, person string) ([]Enrolled, error)
	// Mine is the session that a request carries, and whether it is a phone's;
	// empty: it carries none.
	Mine(r *http.Request) (id string, phone bool)
	// End signs a person's phone out. One that is signed out already is no error.
	End(ctx context.Context, person, id string) error
}

// Options are an App's parts. Sessions, Key and Numbers may be nil.
type Options struct {
	House    House
	Frame    Frame
	Engine   Engine
	People   paging.Phonebook
	Records  records.Store
	Sessions Sessions // nil: nobody can add a phone
	// Key is what browsers subscribe to pushes with; empty: there are none.
	Key func(ctx context.Context) (string, error)
	// Numbers are those that pages come from.
	Numbers func() []string
}

// App serves the addresses of the package. It is safe for concurrent use.
type App struct {
	Options
	proofs records.Shelf[proof]
	icons  func() map[string][]byte
	worker []byte
	page   *template.Template
}

// New makes an App.
func New(o Options) *App {
	return &App{
		Options: o, proofs: records.Shelf[proof]{Store: o.Records, Home: records.House, Kind: kindProof},
		icons: drawIcons(), worker: workerText(), page: readPages(),
	}
}

// Routes are the whole surface of the package, for web.Server.Mount.
func (a *App) Routes() []web.Route {
	page := func(method, path string, needs desk.Role, do func(w http.ResponseWriter, r *http.Request, by web.Token) error) web.Route {
		return web.Route{Method: method, Path: path, Needs: needs, Do: do, Fail: a.Frame.Fail}
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/sw.js", Do: a.serveWorker},
		{Method: http.MethodGet, Path: "/manifest.webmanifest", Do: a.serveManifest},
		{Method: http.MethodGet, Path: "/icons/{name}", Do: a.serveIcon},
		page(http.MethodGet, "/phone/offline", desk.Nobody, a.showOffline),
		page(http.MethodGet, "/phone", desk.Reader, a.showChecks),
		page(http.MethodPost, "/phone", desk.Technician, a.confirm),
		page(http.MethodGet, "/phone/pager.vcf", desk.Reader, a.serveCard),
		page(http.MethodGet, "/people/{name}/phone", desk.Technician, a.showPhones),
		page(http.MethodPost, "/people/{name}/phone", desk.Technician, a.seeToPhones),
	}
}

// viewer puts times into a reader's words.
func (a *App) viewer(r *http.Request, by web.Token) *look.Viewer {
	v := look.For(by.Person, a.Frame.Words(r, by), a.Engine.Rules(), a.Engine.Now())
	v.Marks = true // the frame makes elements of times
	return v
}

// lead sends the browser to a page of ours.
func (a *App) lead(w http.ResponseWriter, to string) {
	w.Header().Set("Location", a.House.Own(to))
	w.WriteHeader(http.StatusSeeOther)
}

// showOffline is the frame that the worker keeps for pages that it makes itself.
func (a *App) showOffline(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return a.Frame.Show(w, r, web.Token{}, http.StatusOK, "Astreinte", "<h1>Astreinte</h1>") //nolint:wrapcheck // it names itself
}
