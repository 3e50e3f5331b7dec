package signin

import (
	"errors"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/web"
)

// Names of cookies. With __Host- a browser sends one to nobody but us, by https
// alone; over plain http, as in the demo, it would keep none of that name.
const (
	cookieName  = "astreinte"
	browserName = "astreinte-seen"
	hostPrefix  = "__Host-"
	cookieFor   = 400 * 24 * time.Hour // as long as a browser keeps any; the session ends sooner
)

func (p *Pages) cookie(name string) string {
	if p.secure() {
		return hostPrefix + name
	}
	return name
}

// read is a cookie's value; of two of a name, none.
func (p *Pages) read(r *http.Request, name string) string {
	if list := r.CookiesNamed(p.cookie(name)); len(list) == 1 {
		return list[0].Value
	}
	return ""
}

// set gives a cookie to a browser; an empty value takes it away.
func (p *Pages) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	c := &http.Cookie{ //nolint:gosec // Secure wherever people come by https
		Name: p.cookie(name), Value: value, Path: "/", Secure: p.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(lasts / time.Second),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// enter gives a browser its session, and marks it as one that has signed in.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request, session, person string) {
	p.set(w, cookieName, session, cookieFor)
	mark := p.read(r, browserName)
	if before, err := p.Book.cameBefore(r.Context(), mark); err == nil && before != person {
		if mark, err = p.Book.Mark(r.Context(), person); err == nil {
			p.set(w, browserName, mark, browserFor)
		}
	}
}

var _ web.Sessions = (*Pages)(nil)

// Session finds who is signed in (web.Sessions).
func (p *Pages) Session(r *http.Request) (web.Token, bool, error) {
	token := p.read(r, cookieName)
	if token == "" {
		return web.Token{}, false, nil
	}
	s, err := p.Book.Find(r.Context(), token)
	if errors.Is(err, ErrNotFound) {
		return web.Token{}, false, nil
	}
	if err != nil {
		return web.Token{}, false, err
	}
	return p.badge(s)
}

// badge is what a session's person may do now.
func (p *Pages) badge(s Session) (web.Token, bool, error) {
	who, ok := p.Book.person(s.Person)
	return web.Token{Name: who.Key, Role: string(who.Role), Person: who.Key, Signed: true}, ok, nil
}

// Remembered finds who was signed in within the last hour, if the store cannot be
// asked: that one may look and act on tickets, and nothing else. Of any other session
// it is not known whose it is: that is an error.
type Remembered struct{ Pages *Pages }

var _ web.Sessions = Remembered{}

var errForgotten = errors.New("signin: a session that was not seen here within the last hour, while the store is away")

// Session finds who was signed in (web.Sessions).
func (m Remembered) Session(r *http.Request) (web.Token, bool, error) {
	token := m.Pages.read(r, cookieName)
	if token == "" {
		return web.Token{}, false, nil
	}
	s, ok := m.Pages.Book.Remembered(token)
	if !ok {
		return web.Token{}, false, errForgotten
	}
	by, ok, err := m.Pages.badge(s)
	if by.Role != string(contacts.RoleReader) {
		by.Role = string(contacts.RoleTechnician)
	}
	return by, ok, err
}
