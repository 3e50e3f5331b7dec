package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// reader is who looks at a page, at one moment.
type reader struct {
	by     web.Token
	scope  ticket.Scope    // whose tickets the page may show
	person contacts.Person // zero if the token is bound to nobody
	words  *lang.Words
	rules  *escalation.Rules
	now    time.Time
	// outside says that the request came to the public address of a daemon that has a
	// private one: what is private is not there.
	outside bool
	// heard is the id of the newest event before anything was read for the page.
	heard string
}

// reader finds the language by the person's setting, else the browser's, else the
// desk's.
func (c *Console) reader(r *http.Request, by web.Token) *reader {
	who := &reader{by: by, scope: by.Scope(), rules: c.engine.Rules(), now: c.engine.Now(), outside: web.IsOutside(r), heard: c.heard()}
	who.person, _ = who.rules.Directory.Person(by.Person)
	switch accepted := r.Header.Get("Accept-Language"); {
	case who.person.Language != "":
		who.words = lang.In(who.person.Language)
	case accepted != "":
		who.words = lang.Accepted(accepted)
	default:
		who.words = lang.In(who.rules.Language)
	}
	who.words = who.words.Labelled(who.rules.Desk.Labels)
	return who
}

func (r *reader) may(needs desk.Role) bool { return r.by.Rank() >= needs }

// sees reports whether a person's own page is for this reader: one's own, or
// anybody's for a manager.
func (r *reader) sees(person string) bool {
	return r.may(desk.Manager) || (person != "" && person == r.by.Person)
}

func (r *reader) viewer() *look.Viewer {
	v := look.For(r.by.Person, r.words, r.rules, r.now)
	v.Marks = true // show makes elements of times
	return v
}

// name is a person's name, by the key.
func (r *reader) name(key string) string { return r.viewer().Name(key) }

// names are people's, with commas.
func (r *reader) names(keys []string) string {
	if len(keys) == 0 {
		return r.words.Console.Nobody
	}
	return r.viewer().Names(keys, len(keys))
}

// zone names the desk's zone.
func (r *reader) zone() string { return r.rules.Location.String() }

// link is one entry of the navigation.
type link struct {
	Label, Path string
	Here        bool
}

// nav are the pages that the reader's role may see.
func (r *reader) nav(path string) []link {
	c := &r.words.Console
	var links []link
	add := func(needs desk.Role, label, to string) {
		if r.may(needs) {
			links = append(links, link{Label: label, Path: to, Here: path == to || strings.HasPrefix(path, to+"/")})
		}
	}
	add(desk.Reader, c.Now, "/now")
	add(desk.Reader, c.Tickets, "/tickets")
	add(desk.Reader, c.OnCall, "/oncall")
	add(desk.Reader, r.words.Customers.Title, "/customers")
	add(desk.Manager, c.People, "/people")
	if !r.outside {
		add(desk.Admin, c.Sources, "/sources")
		add(desk.Admin, c.Health, "/health")
	}
	if path == "/" && len(links) > 0 {
		links[0].Here = true
	}
	return links
}
