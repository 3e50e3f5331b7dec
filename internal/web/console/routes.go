package console

import (
	"net/http"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/web"
)

// Routes are all pages, for web.Server.Mount; API has the rest.
func (c *Console) Routes() []web.Route {
	page := func(method, path string, needs desk.Role, do handler) web.Route {
		return web.Route{Method: method, Path: path, Needs: needs, Do: do, Fail: c.fail}
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/assets/{hash}/{name}", Do: c.serveAsset},
		page(http.MethodGet, "/{$}", desk.Reader, c.showNow),
		page(http.MethodGet, "/now", desk.Reader, c.showNow),
		page(http.MethodGet, "/tickets", desk.Reader, c.showTickets),
		page(http.MethodPost, "/tickets", desk.Technician, c.takeChosen),
		page(http.MethodGet, "/open", desk.Technician, c.showOpening),
		page(http.MethodPost, "/open", desk.Technician, c.open),
		page(http.MethodGet, "/open/beside", desk.Technician, c.showBeside),
		page(http.MethodGet, "/tickets/{number}/edit", desk.Technician, c.showEdit),
		page(http.MethodPost, "/tickets/{number}/edit", desk.Technician, c.edit),
		page(http.MethodGet, "/tickets/{number}", desk.Reader, c.showTicket),
		page(http.MethodPost, "/tickets/{number}", desk.Technician, c.act),
		page(http.MethodGet, "/tickets/{number}/clock", desk.Reader, c.showClock),
		page(http.MethodPost, "/tickets/{number}/tasks", desk.Technician, c.addTask),
		page(http.MethodPost, "/tickets/{number}/interventions", desk.Technician, c.addIntervention),
		page(http.MethodPost, "/tickets/{number}/interventions/{id}", desk.Technician, c.changeIntervention),
		page(http.MethodPost, "/tickets/{number}/links", desk.Technician, c.tie),
		page(http.MethodPost, "/tickets/{number}/checklist", desk.Technician, c.tick),
		page(http.MethodPost, "/tickets/{number}/meeting", desk.Technician, c.meet),
		page(http.MethodPost, "/filters", desk.Reader, c.keepFilter),
		page(http.MethodGet, "/oncall", desk.Reader, c.showOnCall),
		page(http.MethodGet, "/oncall/change", desk.Technician, c.showChange),
		page(http.MethodPost, "/oncall/change", desk.Technician, c.change),
		page(http.MethodPost, "/oncall/replacements/{id}", desk.Technician, c.seeToReplacement),
		page(http.MethodPost, "/drills", desk.Technician, c.drill),
		page(http.MethodGet, "/drills/{id}", desk.Reader, c.showDrill),
		page(http.MethodGet, "/people", desk.Reader, c.showPeople),
		page(http.MethodGet, "/people/{name}", desk.Reader, c.showPerson),
		page(http.MethodPost, "/people/{name}", desk.Technician, c.seeToPerson),
		page(http.MethodGet, "/sources", desk.Admin, c.showSources),
		page(http.MethodGet, "/health", desk.Admin, c.showHealth),
		page(http.MethodGet, "/audit", desk.Manager, c.showAudit),
		page(http.MethodGet, "/walls", desk.Manager, c.showWalls),
		page(http.MethodPost, "/walls", desk.Manager, c.seeToWalls),
		page(http.MethodGet, "/wall/{token}", desk.Nobody, c.showWall),
	}
}
