package signin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/signin/openid"
	"github.com/astreinte/astreinte/internal/signin/openid/openidtest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// besideProvider runs a test of a daemon beside an identity provider.
func besideProvider(t *testing.T, test func(l *lodge, idp *openidtest.Provider)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLodge(t, home)
		l.clock.now = time.Now()
		idp := openidtest.New(t, home+backPath)
		l.pages.Transport = idp
		l.pages.SetProvider(&openid.Settings{Issuer: openidtest.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.Secret})
		test(l, idp)
	})
}

// toProvider goes to the provider and comes back.
func (b *browserOf) toProvider(idp *openidtest.Provider, path string) *httptest.ResponseRecorder {
	b.l.t.Helper()
	w := b.get(path)
	if w.Code != http.StatusSeeOther {
		return w
	}
	query := idp.Browse(b.l.t, w.Header().Get("Location"))
	b.site = "cross-site"
	defer func() { b.site = "same-origin" }()
	return b.get(backPath + "?" + query.Encode())
}

// TestSignInByProvider: with the right to what the person may, to where the person wanted to
// go, in no other browser than the one that asked.
func TestSignInByProvider(t *testing.T) {
	besideProvider(t, func(l *lodge, idp *openidtest.Provider) {
		idp.Comes("one", map[string]any{"email": "alice@example.net", "email_verified": true})
		b := l.browser("192.0.2.1")
		if w := b.get("/sign-in?next=%2Ftickets"); !strings.Contains(w.Body.String(), `href="/sign-in/oidc?next=%2ftickets"`) {
			l.t.Errorf("the page does not lead to the provider: %s", w.Body)
		}
		for next, want := range map[string]string{"%2Ftickets%3Fstate%3Dopen": "/tickets?state=open", "https%3A%2F%2Fevil.example%2F": "/", "": "/now"} {
			if w := b.toProvider(idp, "/sign-in/oidc?next="+next); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
				l.t.Errorf("%s: %d to %q, not %q: %s", next, w.Code, w.Header().Get("Location"), want, w.Body)
			}
		}
		list, err := l.book.Sessions(l.t.Context(), "alice")
		if err != nil || len(list) != 3 || list[0].How != ByProvider || list[0].Address != "192.0.2.1" {
			l.t.Errorf("%+v (%v)", list, err)
		}
		if !b.inside() {
			l.t.Error("it is not signed in")
		}
		if b.cookies["__Host-"+providerCookie] != "" {
			l.t.Error("what the browser kept for the provider is there still")
		}

		thief := l.browser("192.0.2.2")
		back := idp.Browse(l.t, b.get("/sign-in/oidc").Header().Get("Location"))
		if w := thief.get(backPath + "?" + back.Encode()); w.Code != http.StatusUnauthorized || thief.inside() {
			l.t.Errorf("another browser: %d", w.Code)
		}
		if w := b.get(backPath + "?" + back.Encode()); w.Code != http.StatusSeeOther {
			l.t.Errorf("the right one: %d", w.Code)
		}
	})
}

// TestProviderSaysNo: what the page says, by why.
func TestProviderSaysNo(t *testing.T) {
	besideProvider(t, func(l *lodge, idp *openidtest.Provider) {
		b := l.browser("192.0.2.1")
		said := func(what string, w *httptest.ResponseRecorder, status int, text string) {
			l.t.Helper()
			if w.Code != status || !strings.Contains(w.Body.String(), text) || b.inside() {
				l.t.Errorf("%s: %d %s", what, w.Code, w.Body)
			}
		}
		idp.Comes("one", map[string]any{"email": "shared@example.net", "email_verified": true})
		said("of two", b.toProvider(idp, "/sign-in/oidc"), http.StatusForbidden, "Nobody here has this address")
		said("an error", b.get(backPath+"?error=access_denied&state=x"), http.StatusUnauthorized, "That did not sign you in")
		said("by heart", b.get(backPath), http.StatusUnauthorized, "That did not sign you in")
		idp.Comes("one", map[string]any{"email": "edith@example.net", "email_verified": true})
		idp.Down(true)
		l.daemon(home)
		l.pages.Transport = idp
		l.pages.SetProvider(&openid.Settings{Issuer: openidtest.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.Secret})
		said("away", b.get("/sign-in/oidc"), http.StatusServiceUnavailable, "does not answer")
		idp.Down(false)
		l.people.Store(directory(l.t, []contacts.Person{{Key: "alice"}}))
		said("who is gone", b.toProvider(idp, "/sign-in/oidc"), http.StatusForbidden, "Nobody here")
		l.pages.SetProvider(nil)
		for _, path := range []string{"/sign-in/oidc", backPath} {
			if w := b.get(path); w.Code != http.StatusNotFound {
				l.t.Errorf("without a provider %s: %d", path, w.Code)
			}
		}
	})
}

// TestAFloodOfCodes: an address that brings codes that the provider does not know has it
// asked as often as passwords may be tried. Others sign in meanwhile, and the log does not
// grow with it.
func TestAFloodOfCodes(t *testing.T) {
	besideProvider(t, func(l *lodge, idp *openidtest.Provider) {
		core, logs := observer.New(zap.InfoLevel)
		l.pages.Log = zap.New(core)
		bring := func(b *browserOf) *httptest.ResponseRecorder {
			to, err := url.Parse(b.get("/sign-in/oidc").Header().Get("Location"))
			if err != nil {
				l.t.Fatal(err)
			}
			return b.get(backPath + "?" + url.Values{"state": {to.Query().Get("state")}, "code": {"x"}}.Encode())
		}
		mallory, codes := l.browser("192.0.2.66"), map[int]int{}
		for range 100 {
			w := bring(mallory)
			if codes[w.Code]++; w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
				l.t.Error("nobody says when to try again")
			}
		}
		if codes[http.StatusUnauthorized] != 20 || codes[http.StatusTooManyRequests] != 80 {
			l.t.Errorf("%v", codes)
		}
		idp.Comes("one", map[string]any{"email": "alice@example.net", "email_verified": true})
		for range 30 { // those who sign in use nothing up
			wantCode(l.t, l.browser("192.0.2.1").toProvider(idp, "/sign-in/oidc"), http.StatusSeeOther)
		}
		refused := func() []observer.LoggedEntry { return logs.FilterMessage("somebody could not sign in").All() }
		if n := len(refused()); n != ticket.MaxSignInLines {
			l.t.Errorf("%d lines tell of 100 tries", n)
		}
		l.clock.pass(time.Minute)
		bring(mallory)
		if all := refused(); len(all) != ticket.MaxSignInLines+1 || all[len(all)-1].ContextMap()["left_out"] != int64(100-ticket.MaxSignInLines) {
			l.t.Errorf("%d lines, the last one %v", len(all), all[len(all)-1].ContextMap())
		}
	})
}

// TestUnbind is an admin's.
func TestUnbind(t *testing.T) {
	besideProvider(t, func(l *lodge, idp *openidtest.Provider) {
		b := l.browser("192.0.2.1")
		idp.Comes("old", map[string]any{"email": "edith@example.net", "email_verified": true})
		if w := b.toProvider(idp, "/sign-in/oidc"); w.Code != http.StatusSeeOther {
			l.t.Fatalf("%d %s", w.Code, w.Body)
		}
		other := l.browser("192.0.2.2")
		idp.Comes("new", map[string]any{"email": "alice@example.net", "email_verified": true})
		if w := other.toProvider(idp, "/sign-in/oidc"); w.Code != http.StatusSeeOther {
			l.t.Fatalf("%d %s", w.Code, w.Body)
		}
		form := url.Values{"unbind": {"1"}}
		if w := other.send(http.MethodPost, "/people/alice/passkeys/seen-to", form); w.Code != http.StatusBadRequest {
			l.t.Errorf("by oneself: %d", w.Code)
		}
		if w := b.send(http.MethodPost, "/people/alice/passkeys/seen-to", form); w.Code != http.StatusSeeOther {
			l.t.Errorf("by an admin: %d %s", w.Code, w.Body)
		}
		idp.Comes("newer", map[string]any{"email": "alice@example.net", "email_verified": true})
		if w := other.toProvider(idp, "/sign-in/oidc"); w.Code != http.StatusSeeOther {
			l.t.Errorf("bound anew: %d %s", w.Code, w.Body)
		}
	})
}
