package daemon

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
)

// awayPages are the pages of the console that show what is paged while the
// store is away. All other pages say that they need the store.
var awayPages = []string{"/{$}", "/now", "/tickets/{number}"}

// awayAPI are the routes of the API that do so.
var awayAPI = []string{"/api/v1/tickets", "/api/v1/tickets/{number}", "/api/v1/tickets/{number}/{action}"}

// ledAway are the paths that then lead people to what is paged meanwhile.
func (d *Daemon) ledAway() []string { return slices.Concat(awayPages, awayAPI) }

// mountAway makes the server that answers people while the store is away. It
// has the same pages and the same API, over the tickets that are paged from
// the spool. It need not ask the store who is signed in: tokens are in the
// configuration, and sessions are remembered.
func (d *Daemon) mountAway() {
	if d.spool == nil {
		return
	}
	tickets := d.spool.Tickets()
	log := d.log.Named("emergency")
	d.away = web.New(web.Options{
		Engine: tickets, Store: tickets, Directory: tickets.Book(), Sessions: signin.Remembered{Pages: d.signing}, Tokens: tokens(d.config),
		PublicURL: d.config.Server.PublicURL, Away: d.awaySince, Log: log, Version: d.opts.Version,
	})
	pages := console.New(console.Options{
		House: d.away, Engine: tickets, Store: tickets, People: tickets.Book(), Pager: awayVitals{d}, Away: d.storeAway, Instead: true, Log: log,
	})
	d.away.Mount(slices.DeleteFunc(pages.Routes(), func(rt web.Route) bool { return !slices.Contains(awayPages, rt.Path) })...)
}

func (d *Daemon) awaySince() time.Time {
	since, _ := d.spool.Away()
	return since
}

// servers are the servers that answer people.
func (d *Daemon) servers() []*web.Server {
	if d.away == nil {
		return []*web.Server{d.web}
	}
	return []*web.Server{d.web, d.away}
}

// storeAway is what is known of a store that is away, for the console.
func (d *Daemon) storeAway() (a console.Away) {
	if d.spool == nil {
		return a
	}
	a.Since, a.Kept = d.spool.Away()
	a.Paging = !a.Since.IsZero() && d.spool.Stands()
	return a
}

// awayVitals is what the daemon knows of itself without its store.
type awayVitals struct{ d *Daemon }

var _ console.Pager = awayVitals{}

// Health implements console.Pager.
func (v awayVitals) Health(context.Context) console.Health {
	h := console.Health{Version: v.d.opts.Version}
	v.d.heard(&h)
	return h
}

// errAway refuses what needs the store, while tickets are paged without it.
var errAway = errors.New("daemon: the store is away")

// porter finds who is signed in. Nobody waits for a store that has been away
// for long.
type porter struct{ d *Daemon }

var _ web.Sessions = porter{}

// Session implements web.Sessions.
func (p porter) Session(r *http.Request) (by web.Token, ok bool, err error) {
	if p.d.spool != nil && p.d.spool.Stands() {
		return by, false, errAway
	}
	return p.d.signing.Session(r)
}
