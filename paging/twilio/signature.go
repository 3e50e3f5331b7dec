package twilio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// bodyHash is a parameter of the URL of a request that is not a form. Its
// value is the body's SHA-256, and the signature covers the URL alone.
const bodyHash = "bodySHA256"

// signed reports whether the account's token signed this request. The
// signature covers the URL that Twilio called, with or without its default
// port, and every parameter of the form (twilio.com/docs/usage/security). The
// comparison takes constant time.
func (h *handler) signed(r *http.Request, body []byte, form url.Values) bool {
	signature := r.Header.Get("X-Twilio-Signature")
	if h.public == "" || signature == "" {
		return false
	}
	if r.URL.Query().Get(bodyHash) != "" {
		return h.validator.ValidateBody(h.publicURL(r), body, signature)
	}
	return h.validator.Validate(h.publicURL(r), signedParams(form), signature)
}

// publicURL is the URL that Twilio called. It does not use the Host header,
// which may be a proxy's. The query is as it came.
func (h *handler) publicURL(r *http.Request) string {
	u := h.public + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		u += "?" + r.URL.RawQuery
	}
	return u
}

// signedParams prepares the form for a validator that writes each name and
// then its value. A parameter with several values is signed value by value,
// sorted; an equal value counts once.
func signedParams(form url.Values) map[string]string {
	params := make(map[string]string, len(form))
	for name, values := range form {
		values = slices.Clone(values)
		slices.Sort(values)
		params[name] = strings.Join(slices.Compact(values), name)
	}
	return params
}
