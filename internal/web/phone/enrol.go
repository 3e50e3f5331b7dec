package phone

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/qr"
	"github.com/astreinte/astreinte/internal/web"
)

// adding is the body of the page that adds a phone of a person, and takes one back.
type adding struct {
	W               *lang.PhoneApp
	Base, Key, Name string
	Can             bool          // phones can be added here
	May             bool          // … by this reader
	Code            template.HTML // what is to be scanned; empty: nothing yet
	Link, Until     string
	Secret, Said    string
	Phones          []phoneLine
}

// mayAdd reports whether a phone can be signed in as a person by the caller: by whoever
// it is, and by an admin. Anybody else would have another's rights by it.
func mayAdd(by web.Token, person string) bool {
	return by.Rank() >= desk.Admin || by.Signed && by.Person == person
}

// person finds the person of an address whose phones the caller may see to.
func (a *App) person(r *http.Request, by web.Token) (key, name string, err error) {
	key = r.PathValue("name")
	if by.Rank() < desk.Manager && (by.Person == "" || by.Person != key) {
		return "", "", web.Refuse(http.StatusForbidden, "forbidden", "another person's phones need a manager's role")
	}
	p, ok := a.Engine.Rules().Directory.Person(key)
	if !ok {
		return "", "", fmt.Errorf("phone: no such person: %w", escalation.ErrNotFound)
	}
	return key, cmp.Or(p.Name, key), nil
}

func (a *App) showPhones(w http.ResponseWriter, r *http.Request, by web.Token) error {
	key, name, err := a.person(r, by)
	if err != nil {
		return err
	}
	return a.showAdding(w, r, by, &adding{Key: key, Name: name})
}

func (a *App) showAdding(w http.ResponseWriter, r *http.Request, by web.Token, body *adding) error {
	v := a.viewer(r, by)
	body.W, body.Base, body.Can, body.May = &v.Words.PhoneApp, a.House.Own(""), a.Sessions != nil, mayAdd(by, body.Key)
	if r.URL.Query().Get("done") == "back" {
		body.Said = body.W.TakenBack
	}
	var err error
	if body.Phones, err = a.phones(r.Context(), body.Key, v); err != nil {
		return err
	}
	return a.show(w, r, by, body.W.Phones+" · "+body.Name, "adding.html", body)
}

// seeToPhones shows a code that adds a phone, or takes one back.
func (a *App) seeToPhones(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	key, name, err := a.person(r, by)
	if err != nil {
		return err
	}
	if r.PostForm.Has("add") {
		return a.showCode(w, r, by, key, name)
	}
	device, session := r.PostFormValue("device"), r.PostFormValue("session")
	if device == "" && session == "" {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form asks for nothing")
	}
	if err := a.takeBack(r.Context(), key, device, session); err != nil {
		return err
	}
	a.lead(w, "/people/"+url.PathEscape(key)+"/phone?done=back")
	return nil
}

// takeBack ends a phone's session first, so that it cannot register anew, and removes
// its device. What is gone already is no error. A device's session is known by its
// record if the form does not say it.
func (a *App) takeBack(ctx context.Context, person, device, session string) error {
	if device != "" && session == "" {
		known, err := a.known(ctx)
		if err != nil {
			return err
		}
		if p := known[device]; p.Person == person {
			session = p.Session
		}
	}
	if session != "" && a.Sessions != nil {
		if err := a.Sessions.End(ctx, person, session); err != nil {
			return fmt.Errorf("phone: sign a phone of %s out: %w", person, err)
		}
	}
	if device == "" {
		return nil
	}
	err := a.People.DropDevice(ctx, person, device)
	switch {
	case errors.Is(err, escalation.ErrNotFound):
		return nil // it is gone, or another's
	case err != nil:
		return fmt.Errorf("phone: take a phone of %s back: %w", person, err)
	}
	return a.forget(ctx, device)
}

// showCode makes an address for one phone and shows it as a QR code, this once.
func (a *App) showCode(w http.ResponseWriter, r *http.Request, by web.Token, key, name string) error {
	v := a.viewer(r, by)
	words := &v.Words.PhoneApp
	if !mayAdd(by, key) {
		return web.Refuse(http.StatusForbidden, "forbidden", "a phone is added by whose it is, or by an admin")
	}
	if a.Sessions == nil {
		return web.Refuse(http.StatusNotImplemented, "unsupported", "nobody can sign in here")
	}
	address, until, err := a.Sessions.Invite(r.Context(), key, cmp.Or(by.Person, by.Name))
	if err != nil {
		return fmt.Errorf("phone: an invitation for %s: %w", key, err)
	}
	code, err := qr.Of(address)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	return a.showAdding(w, r, by, &adding{
		Key: key, Name: name, Code: template.HTML(code.SVG(words.Scan)), Link: address, //nolint:gosec // drawn here
		Until: lang.Fill(words.ScanUntil, "at", v.At(until)), Secret: lang.Fill(words.ScanSecret, "who", name),
	})
}

// sorted are phones, the one that was added first before the others.
func sorted(phones map[string]Enrolled) []Enrolled {
	return slices.SortedFunc(maps.Values(phones), func(x, y Enrolled) int {
		return cmp.Or(x.Added.Compare(y.Added), cmp.Compare(x.ID, y.ID))
	})
}
