package signin

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/qr"
	"github.com/astreinte/astreinte/internal/web"
)

// own is what stands on a person's page about signing in.
type own struct {
	Key       string
	Self      bool
	Invite    bool // an invitation can be made here
	Passwords bool
	Sessions  []sessionLine
	At        func(t time.Time) string
}

type sessionLine struct {
	Session
	How  string
	Here bool
	Seen string
}

// Beside is what a person's page says of signing in (console.Options.Beside).
func (p *Pages) Beside(r *http.Request, by web.Token, person string) (template.HTML, error) {
	self := by.Signed && by.Person == person
	if !self && by.Rank() < desk.Admin {
		return "", nil
	}
	list, err := p.Book.Sessions(r.Context(), person)
	if err != nil {
		return "", err
	}
	words := p.words(r, by.Person)
	body := own{Key: person, Self: self, Invite: by.Rank() >= desk.Admin, Passwords: p.Book.Settings().Passwords}
	here, _ := hashed(p.read(r, cookieName))
	for i := range list {
		s := list[i]
		how := words.SignIn.Ways[s.How]
		if s.Phone {
			how = words.SignIn.PhoneWord
		}
		body.Sessions = append(body.Sessions, sessionLine{s, how, s.Key == here, p.at(s.Used)})
	}
	bad := ""
	switch r.URL.Query().Get("done") {
	case "wrong":
		bad = words.SignIn.WrongOld
	case "short":
		bad = words.SignIn.Short
	case "long":
		bad = words.SignIn.Long
	case "common":
		bad = words.SignIn.Common
	case "slow", "busy":
		bad = words.SignIn.Busy
	case "changed":
		bad = words.SignIn.Changed
	}
	more, err := p.besidePasskeys(r, &words.SignIn, by, person)
	if err != nil {
		return "", err
	}
	text, err := p.render("own", sheet{S: &words.SignIn, Base: p.House.Own(""), Bad: bad, Body: body})
	return text + more, err
}

// seeToOwn changes a password, ends a session, or makes an invitation.
func (p *Pages) seeToOwn(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
	}
	person := r.PathValue("name")
	self := by.Signed && by.Person == person
	if !self && by.Rank() < desk.Admin {
		return web.Refuse(http.StatusForbidden, "forbidden", "another person's sessions are an admin's to see to")
	}
	if _, ok := p.Book.person(person); !ok {
		return web.Refuse(http.StatusNotFound, "not_found", "nobody has this name")
	}
	done := ""
	switch {
	case r.PostFormValue("revoke") != "":
		s, err := p.Book.End(r.Context(), r.PostFormValue("revoke"), person)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		p.Log.Info("a session was ended", zap.String("person", person), zap.String("session", s.ID), zap.String("by", by.Name))
	case r.PostForm.Has("everywhere"):
		here, _ := hashed(p.read(r, cookieName))
		n, err := p.Book.EndAll(r.Context(), person, here)
		if err != nil {
			return err
		}
		p.Log.Info("sessions were ended", zap.String("person", person), zap.Int("sessions", n), zap.String("by", by.Name))
	case r.PostForm.Has("invite") && by.Rank() >= desk.Admin:
		return p.showMade(w, r, by, person)
	case r.PostForm.Has("password") && self:
		var err error
		if done, err = p.change(r, person); err != nil {
			return err
		}
	default:
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form asks for nothing that you may do")
	}
	to := "/people/" + url.PathEscape(person)
	if done != "" {
		to += "?done=" + done
	}
	return p.lead(w, to)
}

func (p *Pages) change(r *http.Request, person string) (done string, err error) {
	s, err := p.Book.Find(r.Context(), p.read(r, cookieName))
	if err != nil {
		return "", err
	}
	err = p.Book.Change(r.Context(), s, r.PostFormValue("old"), r.PostFormValue("password"), p.from(r))
	var slow *Slow
	switch {
	case err == nil:
		p.Log.Info("a password was changed", zap.String("person", person), zap.String("address", p.Client(r)))
		return "changed", nil
	case errors.As(err, &slow):
		return "slow", nil
	case errors.Is(err, ErrBusy):
		return "busy", nil
	case errors.Is(err, ErrWrong):
		return "wrong", nil
	case errors.Is(err, ErrShort):
		return "short", nil
	case errors.Is(err, ErrLong):
		return "long", nil
	case errors.Is(err, ErrCommon):
		return "common", nil
	}
	return "", err
}

// made is the body of the page that shows an invitation once.
type made struct {
	Name, Link, Until string
	QR                template.HTML
}

func (p *Pages) showMade(w http.ResponseWriter, r *http.Request, by web.Token, person string) error {
	token, n, err := p.Book.Invite(r.Context(), person, by.Name, false)
	if err != nil {
		return err
	}
	p.Log.Info("an invitation was made", zap.String("person", person), zap.String("by", by.Name), zap.Bool("phone", false))
	who, _ := p.Book.person(person)
	words := p.words(r, by.Person)
	link := p.link(invitationPath(token, false))
	drawn, err := draw(link)
	if err != nil {
		return err
	}
	title := lang.Fill(words.SignIn.MadeTitle, "name", who.Name)
	return p.page(w, r, by, http.StatusOK, "made", title, sheet{S: &words.SignIn, Body: made{
		Name: who.Name, Link: link, Until: p.at(n.Expires), QR: drawn,
	}})
}

func invitationPath(token string, phone bool) string {
	if phone {
		return "/enrol/" + token
	}
	return "/invite/" + token
}

// draw makes a QR code as SVG: dark on white in both themes, as cameras want it.
func draw(text string) (template.HTML, error) {
	code, err := qr.Of(text)
	if err != nil {
		return "", fmt.Errorf("signin: draw a QR code: %w", err)
	}
	return template.HTML(code.SVG("QR")), nil //nolint:gosec // drawn here
}
