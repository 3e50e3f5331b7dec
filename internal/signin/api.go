package signin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/web"
)

// sessionBody is a session as the API tells it.
type sessionBody struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"`
	How     string    `json:"how"`
	Device  string    `json:"device"`
	Address string    `json:"address"`
	Created time.Time `json:"created_at"`
	Used    time.Time `json:"used_at"`
	Phone   bool      `json:"phone"`
}

type inviteRequest struct {
	Phone bool `json:"phone"`
}

type invitationBody struct {
	Person  string    `json:"person"`
	Link    string    `json:"link"`
	Phone   bool      `json:"phone"`
	Expires time.Time `json:"expires_at"`
}

// invite makes an invitation: an admin for anybody, whoever else a phone's for the person
// that the token is bound to.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person := r.PathValue("name")
	var ask inviteRequest
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil && !errors.Is(err, io.EOF) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body is no JSON object of an invitation")
	}
	if by.Rank() < desk.Admin && !(ask.Phone && by.Person != "" && by.Person == person) {
		return web.Refuse(http.StatusForbidden, "forbidden", "to invite somebody needs an admin's token; a phone of one's own, one that is bound to the person")
	}
	token, made, err := p.Book.Invite(r.Context(), person, by.Name, ask.Phone)
	if errors.Is(err, ErrNotFound) {
		return web.Refuse(http.StatusNotFound, "not_found", "nobody has this name")
	}
	if err != nil {
		return err
	}
	p.Log.Info("an invitation was made", zap.String("person", person), zap.String("by", by.Name), zap.Bool("phone", ask.Phone))
	return web.Answer(w, http.StatusCreated, invitationBody{Person: person, Link: p.link(invitationPath(token, ask.Phone)), Phone: ask.Phone, Expires: made.Expires.UTC()})
}

func (p *Pages) listSessions(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	list, err := p.Book.Sessions(r.Context(), r.URL.Query().Get("person"))
	if err != nil {
		return err
	}
	body := make([]sessionBody, len(list))
	for i := range list {
		s := &list[i]
		body[i] = sessionBody{s.ID, s.Person, s.How, s.Device, s.Address, s.Created.UTC(), s.Used.UTC(), s.Phone}
	}
	return web.Answer(w, http.StatusOK, map[string][]sessionBody{"sessions": body})
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request, by web.Token) error {
	s, err := p.Book.End(r.Context(), r.PathValue("id"), "")
	if errors.Is(err, ErrNotFound) {
		return web.Refuse(http.StatusNotFound, "not_found", "there is no such session")
	}
	if err != nil {
		return err
	}
	p.Log.Info("a session was ended", zap.String("person", s.Person), zap.String("session", s.ID), zap.String("by", by.Name))
	return web.Answer(w, http.StatusOK, endedBody{Ended: 1})
}

// endSessions works for somebody who is no longer configured, too. Passkeys go first, so
// that none signs in after.
func (p *Pages) endSessions(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, body := r.PathValue("name"), endedBody{}
	if text := r.URL.Query().Get("passkeys"); text != "" {
		all, err := strconv.ParseBool(text)
		if err != nil {
			return web.Refuse(http.StatusBadRequest, "bad_request", "passkeys: true or false is wanted")
		}
		if all {
			if body.Passkeys, err = p.keys.RemoveAll(r.Context(), person); err != nil {
				return err //nolint:wrapcheck // it names itself
			}
		}
	}
	var err error
	if body.Ended, err = p.Book.EndAll(r.Context(), person, ""); err != nil {
		return err
	}
	p.Log.Info("sessions were ended", zap.String("person", cut(person)), zap.Int("sessions", body.Ended), zap.Int("passkeys", body.Passkeys), zap.String("by", by.Name))
	return web.Answer(w, http.StatusOK, body)
}

// endedBody is how much was ended.
type endedBody struct {
	Ended    int `json:"ended"`
	Passkeys int `json:"passkeys,omitempty"`
}
