package signin

import (
	"errors"
	"net/http"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// signInForm is the body of /sign-in.
type signInForm struct {
	Next, Name                    string
	Passwords, Passkeys, Provider bool
	Forgotten                     *lang.Mail // the words of the form for who has forgotten the password; nil: there is none
	Demo                          string     // the words that lead to the demo's page; empty: this is none
}

func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return p.signInPage(w, r, http.StatusOK, "", nextOf(r.URL.Query()), "")
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request, status int, bad, next, name string) error {
	words := p.words(r, "")
	set := p.Book.Settings()
	form := signInForm{
		Next: next, Name: name, Passwords: set.Passwords,
		Passkeys: p.passkeysOn(), Provider: p.provider.Load() != nil,
	}
	if p.forgettable() {
		form.Forgotten = &words.Mail
	}
	if p.Open {
		form.Demo = words.Demo["signInThere"]
	}
	return p.page(w, r, web.Token{}, status, "sign-in", words.SignIn.SignIn, sheet{S: &words.SignIn, Bad: bad, Body: form})
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	if err := p.form(r); err != nil {
		return err
	}
	name, next, from := r.PostFormValue("name"), nextOf(r.PostForm), p.from(r)
	session, person, err := p.Book.Try(r.Context(), name, r.PostFormValue("password"), p.read(r, browserName), from)
	if err != nil {
		status, text := wrong(w, &p.words(r, "").SignIn, err)
		if status == 0 {
			return err
		}
		p.refused(zap.String("name", cut(name)), zap.String("address", from.Address), zap.Error(err))
		return p.signInPage(w, r, status, text, next, cut(name))
	}
	p.enter(w, r, session, person)
	p.Log.Info("somebody signed in", zap.String("person", person), zap.String("how", ByPassword), zap.String("address", from.Address))
	return p.lead(w, next)
}

func (p *Pages) showSignOut(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	words := p.words(r, "")
	return p.page(w, r, web.Token{}, http.StatusOK, "sign-out", words.Console.SignOut, sheet{S: &words.SignIn, Body: words.Console.SignOut})
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	if err := p.form(r); err != nil {
		return err
	}
	if err := p.Book.SignOut(r.Context(), p.read(r, cookieName)); err != nil {
		return err
	}
	p.set(w, cookieName, "", 0)
	return p.lead(w, web.SignInPath)
}

// invitationForm is the body of /invite and /enrol.
type invitationForm struct {
	Token, Key, Name    string
	Phone               bool
	Passwords, Passkeys bool
	Provider            bool
}

func (p *Pages) showInvitation(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return p.invitationPage(w, r, http.StatusOK, "", false)
}

func (p *Pages) showEnrolment(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return p.invitationPage(w, r, http.StatusOK, "", true)
}

// invitationPage shows what an invitation is for. To look at it uses nothing up.
func (p *Pages) invitationPage(w http.ResponseWriter, r *http.Request, status int, bad string, phone bool) error {
	token := r.PathValue("token")
	n, err := p.Book.Invitation(r.Context(), token, phone)
	if errors.Is(err, ErrNotFound) {
		words := p.words(r, "")
		return p.page(w, r, web.Token{}, http.StatusNotFound, "said", words.SignIn.UsedUp,
			sheet{S: &words.SignIn, Body: said{words.SignIn.UsedUp, words.SignIn.UsedUpText}})
	}
	if err != nil {
		return err
	}
	who, _ := p.Book.person(n.Person)
	words := p.words(r, n.Person)
	title, name := words.SignIn.Welcome, "invite"
	if phone {
		title, name = words.SignIn.EnrolTitle, "enrol"
	}
	form := invitationForm{
		Token: token, Key: who.Key, Name: who.Name, Phone: phone, Passwords: p.Book.Settings().Passwords,
		Passkeys: p.passkeysOn(), Provider: p.provider.Load() != nil,
	}
	return p.page(w, r, web.Token{}, status, name, lang.Fill(title, "name", who.Name), sheet{S: &words.SignIn, Bad: bad, Body: form})
}

func (p *Pages) acceptInvitation(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return p.accept(w, r, false, "/now")
}

func (p *Pages) enrol(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	return p.accept(w, r, true, PhonePath)
}

// PhonePath is where a phone is led to that was enrolled.
const PhonePath = "/phone"

func (p *Pages) accept(w http.ResponseWriter, r *http.Request, phone bool, next string) error {
	if err := p.form(r); err != nil {
		return err
	}
	session, n, err := p.Book.Accept(r.Context(), r.PathValue("token"), phone, r.PostFormValue("password"), p.from(r))
	switch {
	case errors.Is(err, ErrNotFound):
		return p.invitationPage(w, r, http.StatusNotFound, "", phone)
	case err != nil:
		status, text := wrong(w, &p.words(r, n.Person).SignIn, err)
		if status == 0 {
			return err
		}
		return p.invitationPage(w, r, status, text, phone)
	}
	p.enter(w, r, session, n.Person)
	p.Log.Info("an invitation was accepted", zap.String("person", n.Person), zap.String("by", n.By), zap.Bool("phone", phone), zap.String("address", p.Client(r)))
	return p.lead(w, next)
}
