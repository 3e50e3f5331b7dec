package demo

import (
	"errors"
	"net/http"

	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/web"
)

// Where somebody is led who has said whom to be.
const (
	consolePath = "/now"
	appPath     = signin.PhonePath
)

// enter signs the browser in as one of the demo's people, and opens the console, or
// where one wanted to go; the app where it is to be a phone.
func (d *Demo) enter(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	phone, to := r.PostFormValue("phone") != "", consolePath
	if next := r.PostFormValue("next"); next != "" {
		to = web.OwnPath(next)
	}
	if phone {
		to = appPath
	}
	switch err := d.daemon.Enter(w, r, r.PostFormValue("person"), phone); {
	case errors.Is(err, signin.ErrNotFound):
		http.Error(w, "nobody here has that name", http.StatusBadRequest)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of ours
	}
}
