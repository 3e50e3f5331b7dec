package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Invitation lets a person sign in once.
type Invitation struct {
	Person  string    `json:"person"`
	Link    string    `json:"link"`
	Phone   bool      `json:"phone"`
	Expires time.Time `json:"expires_at"`

	Raw json.RawMessage `json:"-"` // the whole answer
}

// Invite makes one: to set a password, or to enrol a phone.
func (c *Client) Invite(ctx context.Context, person string, phone bool) (Invitation, error) {
	body := struct {
		Phone bool `json:"phone"`
	}{phone}
	data, err := c.do(ctx, http.MethodPost, "/api/v1/people/"+url.PathEscape(person)+"/invitations", nil, body)
	if err != nil {
		return Invitation{}, err
	}
	n := Invitation{Raw: data}
	return n, decode("invitation", data, &n)
}

// Session is a browser that is signed in. How is password, passkey, oidc or
// invitation.
type Session struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"`
	How     string    `json:"how"`
	Device  string    `json:"device"`
	Address string    `json:"address"`
	Used    time.Time `json:"used_at"`
	Phone   bool      `json:"phone"`
}

// SessionList is what is signed in.
type SessionList struct {
	Sessions []Session `json:"sessions"`

	Raw json.RawMessage `json:"-"` // the whole answer
}

// Sessions lists a person's sessions, or everybody's if person is empty.
func (c *Client) Sessions(ctx context.Context, person string) (SessionList, error) {
	query := url.Values{}
	if person != "" {
		query.Set("person", person)
	}
	data, err := c.do(ctx, http.MethodGet, "/api/v1/sessions", query, nil)
	if err != nil {
		return SessionList{}, err
	}
	list := SessionList{Raw: data}
	return list, decode("sessions", data, &list)
}

// EndSession ends one session.
func (c *Client) EndSession(ctx context.Context, id string) (Ended, error) {
	return c.ended(ctx, "/api/v1/sessions/"+url.PathEscape(id), nil)
}

// EndSessions ends all sessions of a person, and removes the passkeys too if that
// is asked.
func (c *Client) EndSessions(ctx context.Context, person string, passkeys bool) (Ended, error) {
	query := url.Values{}
	if passkeys {
		query.Set("passkeys", "true")
	}
	return c.ended(ctx, "/api/v1/people/"+url.PathEscape(person)+"/sessions", query)
}

// Ended is how many sessions ended, and how many passkeys were removed.
type Ended struct {
	Sessions int `json:"ended"`
	Passkeys int `json:"passkeys"`
}

func (c *Client) ended(ctx context.Context, path string, query url.Values) (ended Ended, err error) {
	data, err := c.do(ctx, http.MethodDelete, path, query, nil)
	if err != nil {
		return ended, err
	}
	return ended, decode("sessions", data, &ended)
}
