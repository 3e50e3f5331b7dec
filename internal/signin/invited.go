package signin

import (
	"errors"
	"net/http"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/web"
)

var errUsedUp = web.Refuse(http.StatusNotFound, "not_found", "this invitation is not good: it was used, it is too old, or there is none")

// invited is who may make a passkey by the invitation of an address, and what the pages'
// script sent.
func (p *Pages) invited(r *http.Request) (who contacts.Person, a passkeyAnswer, err error) {
	if a, err = p.answered(r); err != nil {
		return who, a, err
	}
	n, err := p.Book.Invitation(r.Context(), r.PathValue("token"), false)
	if errors.Is(err, ErrNotFound) {
		return who, a, errUsedUp
	}
	if err != nil {
		return who, a, err
	}
	who, _ = p.Book.person(n.Person)
	return who, a, nil
}

// beginInvited tells the script of an invitation's page what to ask the device for. It
// uses nothing up.
func (p *Pages) beginInvited(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	who, _, err := p.invited(r)
	if err != nil {
		return err
	}
	options, kept, err := p.keys.BeginAdd(r.Context(), who)
	return p.ask(w, options, kept, err)
}

// acceptByPasskey uses an invitation up by the passkey that a device has made, and signs
// its person in.
func (p *Pages) acceptByPasskey(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	who, a, err := p.invited(r)
	if err != nil {
		return err
	}
	made, err := p.keys.Made(r.Context(), who, p.read(r, passkeyCookie), a.Name, a.Answer)
	session, n := "", Invitation{}
	if err == nil {
		session, n, err = p.Book.AcceptBy(r.Context(), r.PathValue("token"), p.from(r), made...)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return errUsedUp
	case err != nil:
		p.Log.Info("an invitation could not be accepted by a passkey", zap.String("person", who.Key), zap.String("why", cut(err.Error())))
		return unproven(err)
	}
	p.enter(w, r, session, n.Person)
	p.Log.Info("an invitation was accepted by a passkey", zap.String("person", n.Person), zap.String("by", n.By), zap.String("address", p.Client(r)))
	return p.goOn(w, "/now")
}
