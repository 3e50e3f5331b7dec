package web

import (
	"context"
	"net/http"
	"strings"
)

type outsideKey struct{}

// Outside marks a request that came to the public address of a daemon which has a
// private one too. There the API knows who is signed in and no token, and nothing of
// it answers that needs an admin's role.
func Outside(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), outsideKey{}, true))
}

// IsOutside reports whether a request was marked so.
func IsOutside(r *http.Request) bool {
	is, _ := r.Context().Value(outsideKey{}).(bool)
	return is
}

// bearer is the API token that a request carries; ok is false for one that carries
// none. What a proxy asks of a browser (Basic) is none.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// isAPI reports whether a route is one of the API.
func (rt *Route) isAPI() bool { return strings.HasPrefix(rt.Path, "/api/") }

// hidden reports whether a route is nothing for who asks from outside.
func (rt *Route) hidden(r *http.Request) bool {
	if !rt.isAPI() || !IsOutside(r) {
		return false
	}
	_, token := bearer(r)
	return token || rt.Needs >= admin
}

var errNothing = refusef(http.StatusNotFound, "not_found", "there is nothing at this address")
