package web

import (
	"net/http"
	"net/url"
	"strings"
)

// refererPolicy of the pages: their forms must tell the daemon where they come
// from, and nobody else may hear of a link. A browser too old for
// Sec-Fetch-Site would send "Origin: null" under no-referrer, which is what
// another site's page sends.
const refererPolicy = "same-origin"

// crossSite refuses forms of other sites' pages. A proxy may change Host, so
// the public URL's own origin is named.
func crossSite(public *url.URL) *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	if public == nil || public.Host == "" {
		return p
	}
	host := strings.ToLower(public.Host)
	for scheme, port := range map[string]string{"https": ":443", "http": ":80"} {
		if public.Scheme == scheme {
			host = strings.TrimSuffix(host, port)
		}
	}
	_ = p.AddTrustedOrigin(public.Scheme + "://" + host) // one that is no origin is nobody's
	return p
}

// fromHere returns a 403 if another site's page sends a browser here. What is
// no browser says nothing of where it comes from.
func (s *Server) fromHere(r *http.Request) error {
	if s.crossSite.Load().Check(r) != nil {
		return refusef(http.StatusForbidden, "forbidden", "another site's page sent this: open the link, and press its button")
	}
	return nil
}
