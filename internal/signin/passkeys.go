package signin

import (
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/signin/passkey"
	"github.com/astreinte/astreinte/internal/web"
)

const (
	passkeyPath   = web.SignInPath + "/passkey"
	passkeyCookie = "astreinte-passkey" //nolint:gosec // its name
)

// passkeysOn reports whether passkeys may be used here.
func (p *Pages) passkeysOn() bool { return p.Book.Settings().Passkeys && p.keys.Possible() }

// publicURL is where people reach the daemon; nil where that is no address.
func (p *Pages) publicURL() *url.URL {
	u, err := url.Parse(*p.public.Load())
	if err != nil {
		return nil
	}
	return u
}

func (p *Pages) passkeyScript(w http.ResponseWriter, _ *http.Request, _ web.Token) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(passkey.Script) // the peer may have gone
	return nil
}

// passkeyAnswer is what the pages' script sends.
type passkeyAnswer struct {
	Next   string          `json:"next"`
	Name   string          `json:"name"`
	Answer json.RawMessage `json:"answer"`
}

// answered reads what the script of one of our own pages sent.
func (p *Pages) answered(r *http.Request) (a passkeyAnswer, err error) {
	if err := p.House.FromHere(r); err != nil {
		return a, err //nolint:wrapcheck // it is a refusal with its own words
	}
	if !p.passkeysOn() {
		return a, web.Refuse(http.StatusForbidden, "forbidden", "passkeys are not used here: sign_in.passkeys, and a public_url by https with a host's name")
	}
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return a, web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object that the pages' script sends")
	}
	return a, nil
}

// ask tells a script what to ask a device for.
func (p *Pages) ask(w http.ResponseWriter, options []byte, kept string, err error) error {
	if err != nil {
		return unproven(err)
	}
	p.set(w, passkeyCookie, kept, passkey.KeptFor)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(options) //nolint:gosec // JSON, said to be so; the peer may have gone
	return nil
}

// goOn tells a script where to lead the browser.
func (p *Pages) goOn(w http.ResponseWriter, to string) error {
	p.set(w, passkeyCookie, "", 0)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"to": p.House.Own(web.OwnPath(to))}) // likewise
	return nil
}

// unproven is an error of the passkeys as its asker may see it.
func unproven(err error) error {
	switch {
	case errors.Is(err, passkey.ErrStale), errors.Is(err, passkey.ErrRefused), errors.Is(err, ErrWrong):
		return web.Refuse(http.StatusUnauthorized, "unauthorized", "this passkey signs nobody in")
	case errors.Is(err, passkey.ErrFull):
		return web.Refuse(http.StatusConflict, "conflict", "there are as many passkeys as there may be: remove one")
	case errors.Is(err, passkey.ErrOff):
		return web.Refuse(http.StatusForbidden, "forbidden", "passkeys are not possible at this address")
	}
	return err
}

func (p *Pages) beginPasskey(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	if _, err := p.answered(r); err != nil {
		return err
	}
	options, kept, err := p.keys.BeginUse(r.Context())
	return p.ask(w, options, kept, err)
}

func (p *Pages) signInByPasskey(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	a, err := p.answered(r)
	if err != nil {
		return err
	}
	person, proved, err := p.keys.Proved(r.Context(), p.read(r, passkeyCookie), a.Answer)
	session := ""
	if err == nil {
		session, err = p.Book.Enter(r.Context(), person, ByPasskey, p.from(r), proved...)
	}
	if err != nil {
		p.refused(zap.String("how", ByPasskey), zap.String("address", p.Client(r)), zap.String("why", cut(err.Error())))
		return unproven(err)
	}
	p.enter(w, r, session, person)
	p.Log.Info("somebody signed in", zap.String("person", person), zap.String("how", ByPasskey), zap.String("address", p.Client(r)))
	return p.goOn(w, nextOf(url.Values{"next": {a.Next}}))
}

// oneself refuses who is not signed in as the person of the address.
func oneself(r *http.Request, by web.Token) (person string, err error) {
	if person = r.PathValue("name"); !by.Signed || by.Person != person {
		return "", web.Refuse(http.StatusForbidden, "forbidden", "a passkey is added by whose it is, signed in")
	}
	return person, nil
}

func (p *Pages) beginAdding(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := oneself(r, by)
	if err == nil {
		_, err = p.answered(r)
	}
	if err != nil {
		return err
	}
	who, _ := p.Book.person(person)
	options, kept, err := p.keys.BeginAdd(r.Context(), who)
	return p.ask(w, options, kept, err)
}

func (p *Pages) addPasskey(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := oneself(r, by)
	if err != nil {
		return err
	}
	a, err := p.answered(r)
	if err != nil {
		return err
	}
	who, _ := p.Book.person(person)
	if err := p.keys.FinishAdd(r.Context(), who, p.read(r, passkeyCookie), a.Name, a.Answer); err != nil {
		p.Log.Info("a passkey could not be added", zap.String("person", person), zap.String("why", cut(err.Error())))
		return unproven(err)
	}
	p.Log.Info("a passkey was added", zap.String("person", person), zap.String("address", p.Client(r)))
	return p.goOn(w, "/people/"+url.PathEscape(person))
}

// seeToPasskey removes a passkey, by its person or an admin.
func (p *Pages) seeToPasskey(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := p.form(r); err != nil {
		return err
	}
	person := r.PathValue("name")
	if _, err := oneself(r, by); err != nil && by.Rank() < desk.Admin {
		return web.Refuse(http.StatusForbidden, "forbidden", "another person's passkeys are an admin's to see to")
	}
	switch {
	case r.PostForm.Has("remove"):
		if err := p.keys.Remove(r.Context(), person, r.PostFormValue("remove")); err != nil && !errors.Is(err, passkey.ErrNone) {
			return err //nolint:wrapcheck // it names itself
		}
		p.Log.Info("a passkey was removed", zap.String("person", person), zap.String("by", by.Name))
	case r.PostForm.Has("unbind") && by.Rank() >= desk.Admin:
		if err := p.unbind(r.Context(), person); err != nil {
			return err
		}
		p.Log.Info("a person was unbound from the identity provider", zap.String("person", person), zap.String("by", by.Name))
	default:
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form asks for nothing that you may do")
	}
	return p.lead(w, "/people/"+url.PathEscape(person))
}

// ownPasskeys is what stands on a person's page about passkeys.
type ownPasskeys struct {
	Key         string
	Add, Unbind bool
	Passkeys    []passkeyLine
}

type passkeyLine struct{ ID, Name, Created, Used string }

// besidePasskeys is the part of Beside about passkeys.
func (p *Pages) besidePasskeys(r *http.Request, words *lang.SignIn, by web.Token, person string) (template.HTML, error) {
	self := by.Signed && by.Person == person
	body := ownPasskeys{Key: person, Add: self && p.passkeysOn(), Unbind: by.Rank() >= desk.Admin && p.provider.Load() != nil}
	list, err := p.keys.List(r.Context(), person)
	if err != nil {
		return "", err //nolint:wrapcheck // it names itself
	}
	if len(list) == 0 && !body.Add && !body.Unbind {
		return "", nil
	}
	for i := range list {
		line := passkeyLine{ID: list[i].ID, Name: list[i].Name, Created: list[i].Created.Format("2006-01-02"), Used: words.PasskeyNever}
		if !list[i].Used.IsZero() {
			line.Used = words.Used + " " + p.at(list[i].Used)
		}
		body.Passkeys = append(body.Passkeys, line)
	}
	return p.render("passkeys", sheet{S: words, Base: p.House.Own(""), Body: body})
}
