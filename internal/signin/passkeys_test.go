package signin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestPasskeyInABrowser adds one on one's own page in a real Chromium, signs in by it alone,
// and takes it away.
func TestPasskeyInABrowser(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not installed: apt-get install chromium (bash .ci/test does it)")
	}
	var l *lodge
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, ok, _ := l.pages.Session(r)
		if r.Method != http.MethodGet || !ok || r.URL.Path != "/people/alice" {
			l.handler.ServeHTTP(w, r)
			return
		}
		by.Signed = true
		body, err := l.pages.Beside(r, by, "alice")
		if err != nil {
			t.Error(err)
		}
		_ = l.pages.Show(w, r, by, http.StatusOK, "own", body)
	}))
	defer server.Close()
	at := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	l = newLodge(t, at)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("start chromium: %v", err)
	}
	do := func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	see := func(selector string) chromedp.Action[chromedp.Void] {
		return chromedp.WaitVisible(chromedp.CSS(selector))
	}
	click := func(selector string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(selector)) }
	do("an authenticator", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: "internal", HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	do("sign in as invited", chromedp.Navigate(at+l.invited("alice", false)), chromedp.SendKeys(chromedp.CSS("#password"), secret), click("button.main"),
		see("pre"))
	do("add a passkey", chromedp.Navigate(at+"/people/alice"), chromedp.SendKeys(chromedp.CSS("#passkey-name"), "my <b>key</b>"),
		click("form[data-passkey=add] button"), see("button[name=remove]"))
	if list, err := l.pages.keys.List(t.Context(), "alice"); err != nil || len(list) != 1 || list[0].Name != "my <b>key</b>" {
		t.Fatalf("%+v (%v)", list, err)
	}
	if _, err := l.book.EndAll(t.Context(), "alice", ""); err != nil {
		t.Fatal(err)
	}
	do("sign in by it", chromedp.Navigate(at+"/sign-in?next=%2Fpeople%2Falice"), click("form[data-passkey=use] button"), see("button[name=remove]"))
	if list, err := l.book.Sessions(t.Context(), "alice"); err != nil || len(list) != 1 || list[0].How != ByPasskey {
		t.Fatalf("%+v (%v)", list, err)
	}
	do("take it away", click("button[name=remove]"), see("h3 + p.calm"))
	do("sign in by it no more", chromedp.Navigate(at+"/sign-in"), click("form[data-passkey=use] button"), see("form[data-passkey] [role=alert]"))
	if list, err := l.pages.keys.List(t.Context(), "alice"); err != nil || len(list) != 0 {
		t.Errorf("%+v (%v)", list, err)
	}
}

// TestPasskeysAreOnesOwn: nobody begins for another, no other site for anybody, and
// nobody where they are off.
func TestPasskeysAreOnesOwn(t *testing.T) {
	l := newLodge(t, home)
	enters := func(person string) *browserOf {
		t.Helper()
		b := l.browser("192.0.2." + person[:1])
		if w := b.send(http.MethodPost, l.invited(person, false), url.Values{"password": {secret}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", person, w.Code)
		}
		return b
	}
	alice, edith, nobody := enters("alice"), enters("edith"), l.browser("192.0.2.9")
	is := func(what string, w *httptest.ResponseRecorder, want int) {
		t.Helper()
		if w.Code != want {
			t.Errorf("%s: %d, not %d: %s", what, w.Code, want, w.Body)
		}
	}
	post := func(b *browserOf, path string) *httptest.ResponseRecorder {
		t.Helper()
		return b.json(path, `{"answer":{}}`)
	}
	is("one's own", post(alice, "/people/alice/passkeys/begin"), http.StatusOK)
	is("no answer", post(alice, "/people/alice/passkeys"), http.StatusUnauthorized)
	is("another's", post(alice, "/people/edith/passkeys/begin"), http.StatusForbidden)
	is("another's, by an admin", post(edith, "/people/alice/passkeys/begin"), http.StatusForbidden)
	is("nobody's", post(nobody, "/people/alice/passkeys/begin"), http.StatusUnauthorized)
	is("to sign in", post(nobody, "/sign-in/passkey/begin"), http.StatusOK)
	is("no answer to that", post(nobody, "/sign-in/passkey"), http.StatusUnauthorized)
	is("no JSON", nobody.json("/sign-in/passkey", "x"), http.StatusBadRequest)
	is("remove another's", alice.send(http.MethodPost, "/people/edith/passkeys/seen-to", url.Values{"remove": {"x"}}), http.StatusForbidden)
	is("remove none", edith.send(http.MethodPost, "/people/alice/passkeys/seen-to", url.Values{"remove": {"x"}}), http.StatusSeeOther)
	alice.site, nobody.site = "cross-site", "cross-site"
	is("another site's", post(alice, "/people/alice/passkeys/begin"), http.StatusForbidden)
	is("another site's sign-in", post(nobody, "/sign-in/passkey"), http.StatusForbidden)
	nobody.site = "same-origin"
	l.book.Set(Settings{Passwords: true})
	is("off", post(nobody, "/sign-in/passkey/begin"), http.StatusForbidden)
	if w := nobody.get("/sign-in"); strings.Contains(w.Body.String(), "data-passkey") {
		t.Error("the page offers what is off")
	}
}

// json posts what the pages' script sends.
func (b *browserOf) json(path, body string) *httptest.ResponseRecorder {
	b.l.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", b.site)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.l.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}
