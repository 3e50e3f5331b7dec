package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Push is what the package needs to know of pushes to browsers.
type Push interface {
	// Key is what a browser subscribes with (applicationServerKey), in base64url;
	// ErrNoPush if there are no pushes to browsers.
	Key(ctx context.Context) (string, error)
	// Check says what is wrong with a subscription, and returns it as it is kept;
	// ErrNoPush likewise.
	Check(s paging.Subscription) (paging.Subscription, error)
	// Shown notes that a phone showed the push that a token stands for, as often as
	// it says so; escalation.ErrNotFound if it stands for none.
	Shown(ctx context.Context, token string) error
}

// ErrNoPush is of a daemon that does not push to browsers.
var ErrNoPush = errors.New("there are no pushes to browsers: push.web is off")

// errNoPush answers so.
var errNoPush = refusef(http.StatusNotImplemented, "unsupported", "%s", ErrNoPush)

// pushKey tells a browser what to subscribe with.
func (s *Server) pushKey(w http.ResponseWriter, r *http.Request, _ Token) error {
	if s.push == nil {
		return errNoPush
	}
	key, err := s.push.Key(r.Context())
	switch {
	case errors.Is(err, ErrNoPush):
		return errNoPush
	case err != nil:
		return fmt.Errorf("web: the key of pushes: %w", err)
	}
	return writeJSON(w, http.StatusOK, map[string]string{"key": key})
}

// pushShown is a phone's word that it showed a push: a service worker posts it,
// which may not be signed in.
func (s *Server) pushShown(w http.ResponseWriter, r *http.Request, _ Token) error {
	if err := s.fromHere(r); err != nil {
		return err
	}
	if s.push == nil {
		return errNoPush
	}
	if err := s.push.Shown(r.Context(), r.PathValue("token")); err != nil {
		return fmt.Errorf("web: a push was shown: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// subscriptionRequest is a PushSubscription as browsers write it (W3C Push API,
// toJSON).
type subscriptionRequest struct {
	Endpoint       string          `json:"endpoint"`
	ExpirationTime json.RawMessage `json:"expirationTime"` // nothing follows from it: its push service says 410
	Keys           struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// device is the device that a request describes, but for its owner.
func (s *Server) device(ask *deviceRequest) (paging.Device, error) {
	d := paging.Device{Token: ask.Token, Platform: ask.Platform, Name: plainName(ask.Name), At: s.engine.Now()}
	if !slices.Contains(platforms, ask.Platform) {
		return d, badField("platform", "no platform named %q: %s", logged(ask.Platform), names(platforms))
	}
	if ask.Subscription == nil {
		switch {
		case strings.TrimSpace(ask.Token) == "":
			return d, badField("token", "it is needed, or a subscription")
		case len(ask.Token) > maxDeviceToken:
			return d, badField("token", "%d bytes at most", maxDeviceToken)
		}
		return d, nil
	}
	switch {
	case ask.Token != "":
		return d, badField("token", "a device has a token or a subscription, not both")
	case ask.Platform != platformWeb:
		return d, badField("platform", "a subscription is a browser's: %s", platformWeb)
	case s.push == nil:
		return d, errNoPush
	}
	sub, err := s.push.Check(paging.Subscription{
		Endpoint: ask.Subscription.Endpoint, P256dh: ask.Subscription.Keys.P256dh, Auth: ask.Subscription.Keys.Auth,
	})
	switch {
	case errors.Is(err, ErrNoPush):
		return d, errNoPush
	case err != nil:
		return d, badField("subscription", "%s", err)
	}
	d.Push = &sub
	return d, nil
}

// plainName is a name on one line, of letters that are seen.
func plainName(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	return ticket.Cut(strings.Join(strings.Fields(name), " "), ticket.MaxDeviceName)
}
