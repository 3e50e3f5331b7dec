package customer

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

//go:embed pages/*.html
var files embed.FS

// Book is the archive, as far as customers are concerned. Any error but its own means that
// it could not be asked.
type Book interface {
	// Contacts lists contacts, by name.
	Contacts(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) (ticket.ContactListing, error)
	// Contact reads one; archive.ErrNoContact.
	Contact(ctx context.Context, scope ticket.Scope, id string) (ticket.Contact, error)
	// PutContact writes one, as change makes it of what is there.
	PutContact(ctx context.Context, scope ticket.Scope, id string, change func(c *ticket.Contact) error) (ticket.Contact, error)
	// ImportContacts makes contacts as a file says, all of them or none.
	ImportContacts(ctx context.Context, scope ticket.Scope, list []ticket.Importing, newID func() string, by string, dry bool) ([]archive.Outcome, error)
	// Anonymise deletes what names a contact, there and on tickets.
	Anonymise(ctx context.Context, scope ticket.Scope, id, by string) (ticket.Contact, ticket.Anonymised, error)
	// Counted are a customer's tickets that were opened or resolved in a time.
	Counted(ctx context.Context, scope ticket.Scope, customer string, since, until time.Time) ([]ticket.Counted, error)
}

// House is what the package needs of web.Server.
type House interface {
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
	// Tickets lists tickets in the server's turns.
	Tickets(ctx context.Context, scope ticket.Scope, q *ticket.Search) (ticket.Listing, error)
}

// Engine is what the pages ask of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Pages serves customers and contacts, to people and by the API. It is safe for
// concurrent use.
type Pages struct {
	Book   Book
	House  House
	Frame  web.Frame
	Engine Engine

	page      *template.Template
	importing chan struct{} // holds who reads a file: one at a time
	exporting chan struct{} // holds who is given all of a list: exportsAtOnce
}

// New makes Pages of its parts.
func New(p *Pages) *Pages {
	p.page, p.importing, p.exporting = web.Pages(files), make(chan struct{}, 1), make(chan struct{}, exportsAtOnce)
	return p
}

// formBody is how much of a form is read: a file, and the file again that was tried.
const formBody = 2*ticket.MaxContactFile + ticket.MaxRequestBody

// Routes are the whole surface of the package, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	page := func(method, path string, needs desk.Role, do func(w http.ResponseWriter, r *http.Request, by web.Token) error) web.Route {
		return web.Route{Method: method, Path: path, Needs: needs, Do: do, Fail: p.Frame.Fail}
	}
	form := page(http.MethodPost, "/contacts", desk.Technician, p.post)
	form.Body = formBody
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/contacts", Needs: desk.Reader, Do: p.listAPI},
		{Method: http.MethodPost, Path: "/api/v1/contacts", Needs: desk.Technician, Body: ticket.MaxContactFile, Do: p.postAPI},
		{Method: http.MethodGet, Path: "/api/v1/contacts/{id}", Needs: desk.Reader, Do: p.getAPI},
		{Method: http.MethodPatch, Path: "/api/v1/contacts/{id}", Needs: desk.Technician, Do: p.patchAPI},
		{Method: http.MethodDelete, Path: "/api/v1/contacts/{id}", Needs: desk.Technician, Do: p.removeAPI},
		{Method: http.MethodGet, Path: "/api/v1/customers/{name}", Needs: desk.Reader, Do: p.customerAPI},
		page(http.MethodGet, "/customers", desk.Reader, p.showAll),
		page(http.MethodGet, "/customers/{name}", desk.Reader, p.showCustomer),
		page(http.MethodGet, "/contacts", desk.Reader, p.showContacts),
		form,
		page(http.MethodGet, "/contacts.csv", desk.Reader, p.export),
		page(http.MethodGet, "/contacts/{id}", desk.Reader, p.showContact),
		page(http.MethodPost, "/contacts/{id}", desk.Technician, p.postContact),
	}
}

// show puts a page of ours into the layout.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token, status int, name, title string, body any) error {
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, name, body); err != nil {
		return fmt.Errorf("customer: show the page %s: %w", name, err)
	}
	return p.Frame.Show(w, r, by, status, title, template.HTML(out.String())) //nolint:gosec,wrapcheck // a template's
}

// lead answers a form by leading to a page.
func (p *Pages) lead(w http.ResponseWriter, path string) error {
	w.Header().Set("Location", p.House.Own(path))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
