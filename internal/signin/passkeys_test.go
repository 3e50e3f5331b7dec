package signin

import (
	"context"
	"errors"
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

	"github.com/astreinte/astreinte/internal/records"
)

// tab is a real Chromium with an authenticator, which a person has at hand.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func newTab(t *testing.T) tab {
	t.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		t.Fatal("chromium-headless-shell is not installed: apt-get install it (bash .ci/test does it)")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("start chromium: %v", err)
	}
	b := tab{t, ctx}
	b.do("an authenticator", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: "internal", HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	return b
}

func (b tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func see(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

// served is a lodge at an address of this machine, with alice's own page.
func served(t *testing.T) (l *lodge, at string) {
	t.Helper()
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
	t.Cleanup(server.Close)
	at = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	l = newLodge(t, at)
	return l, at
}

// TestPasskeyInABrowser adds one on one's own page in a real Chromium, signs in by it alone,
// and takes it away.
func TestPasskeyInABrowser(t *testing.T) {
	l, at := served(t)
	b := newTab(t)
	b.do("sign in as invited", chromedp.Navigate(at+l.invited("alice", false)), chromedp.SendKeys(chromedp.CSS("#password"), secret), click("button.main"),
		see("pre"))
	b.do("add a passkey", chromedp.Navigate(at+"/people/alice"), chromedp.SendKeys(chromedp.CSS("#passkey-name"), "my <b>key</b>"),
		click("form[data-passkey=add] button"), see("button[name=remove]"))
	if list, err := l.pages.keys.List(t.Context(), "alice"); err != nil || len(list) != 1 || list[0].Name != "my <b>key</b>" {
		t.Fatalf("%+v (%v)", list, err)
	}
	if _, err := l.book.EndAll(t.Context(), "alice", ""); err != nil {
		t.Fatal(err)
	}
	b.do("sign in by it", chromedp.Navigate(at+"/sign-in?next=%2Fpeople%2Falice"), click("form[data-passkey=use] button"), see("button[name=remove]"))
	if list, err := l.book.Sessions(t.Context(), "alice"); err != nil || len(list) != 1 || list[0].How != ByPasskey {
		t.Fatalf("%+v (%v)", list, err)
	}
	b.do("take it away", click("button[name=remove]"), see("h3 + p.calm"))
	b.do("sign in by it no more", chromedp.Navigate(at+"/sign-in"), click("form[data-passkey=use] button"), see("form[data-passkey] [role=alert]"))
	if list, err := l.pages.keys.List(t.Context(), "alice"); err != nil || len(list) != 0 {
		t.Errorf("%+v (%v)", list, err)
	}
}

// TestInvitedByAPasskey: if there are no passwords an invitation makes a passkey, once,
// which signs in from then on; what was signed in before is so no more.
func TestInvitedByAPasskey(t *testing.T) {
	l, at := served(t)
	l.book.Set(Settings{Passkeys: true})
	phone := l.browser("192.0.2.9")
	wantCode(t, phone.send(http.MethodPost, l.invited("alice", true), url.Values{}), http.StatusSeeOther)
	link := l.invited("alice", false)
	wantCode(t, phone.get(link), http.StatusOK, "data-no-passkey", `action="`+link+`/passkey"`)
	if strings.Contains(phone.get(link).Body.String(), `type="password"`) {
		t.Error("the page offers what is off")
	}
	wantCode(t, phone.send(http.MethodPost, link, url.Values{"password": {secret}}), http.StatusForbidden)
	wantCode(t, phone.json(link+"/passkey", `{"answer":{}}`), http.StatusUnauthorized)

	b := newTab(t)
	b.do("make a passkey", chromedp.Navigate(at+link), see("form[data-passkey=add] button.main"), chromedp.WaitNotVisible(chromedp.CSS("[data-no-passkey]")),
		chromedp.SendKeys(chromedp.CSS("#passkey-name"), "Pixel"), click("form[data-passkey=add] button.main"), see("pre"))
	list, err := l.pages.keys.List(t.Context(), "alice")
	if err != nil || len(list) != 1 || list[0].Name != "Pixel" {
		t.Fatalf("%+v (%v)", list, err)
	}
	sessions, err := l.book.Sessions(t.Context(), "alice")
	if err != nil || len(sessions) != 1 || sessions[0].How != ByInvitation || phone.inside() {
		t.Fatalf("%+v (%v)", sessions, err)
	}
	wantCode(t, phone.get(link), http.StatusNotFound, "no longer works")
	for _, path := range []string{"/passkey/begin", "/passkey"} {
		wantCode(t, phone.json(link+path, `{"answer":{}}`), http.StatusNotFound)
	}
	if _, err := l.book.EndAll(t.Context(), "alice", ""); err != nil {
		t.Fatal(err)
	}
	b.do("sign in by it", chromedp.Navigate(at+"/sign-in?next=%2Fpeople%2Falice"), click("form[data-passkey=use] button"), see("button[name=remove]"))
}

// TestAPasskeyUsesAnInvitationOnce: of two answers for one invitation one counts, and
// nothing is kept of the other.
func TestAPasskeyUsesAnInvitationOnce(t *testing.T) {
	l := newLodge(t, home)
	token := strings.TrimPrefix(l.invited("alice", false), "/invite/")
	write := func(key string) records.Write {
		return records.Write{Kind: "test", Key: key, Value: []byte("{}")}
	}
	if _, _, err := l.book.AcceptBy(t.Context(), token, From{}, write("first")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.book.AcceptBy(t.Context(), token, From{}, write("second")); !errors.Is(err, ErrNotFound) {
		t.Errorf("the second: %v", err)
	}
	again := strings.TrimPrefix(l.invited("alice", false), "/invite/")
	if _, _, err := l.book.AcceptBy(t.Context(), again, From{}, write("first")); !errors.Is(err, ErrWrong) {
		t.Errorf("an answer that was given before: %v", err)
	}
	if _, err := l.book.Invitation(t.Context(), again, false); err != nil {
		t.Errorf("it used the invitation up: %v", err)
	}
	if list, err := l.store.Records().List(t.Context(), records.House, "test", "", 10); err != nil || len(list) != 1 {
		t.Errorf("%v (%v)", list, err)
	}
}

// TestPasskeysAreOnesOwn: nobody begins for another, no other site for anybody, and
// nobody if they are off.
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
