package signin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// mailbox notes what was asked for.
type mailbox struct {
	off   bool
	asked []string
}

func (m *mailbox) On() bool { return !m.off }

func (m *mailbox) Lost(_ context.Context, asked string) error {
	m.asked = append(m.asked, asked)
	return nil
}

func (b *browserOf) forgets(name string) *httptest.ResponseRecorder {
	b.l.t.Helper()
	return b.send(http.MethodPost, "/sign-in/forgotten", url.Values{"name": {name}})
}

// TestNothingTellsWhoIsKnown: the answer, and what the store is asked, are the same for
// whoever has a password, has none, has no address, or is nobody.
func TestNothingTellsWhoIsKnown(t *testing.T) {
	l := newLodge(t, home)
	box := &mailbox{}
	l.pages.Mailer = box
	l.member("alice", secret)
	var first string
	for i, name := range []string{"alice", "Alice@Example.net", "edith", "bruno", "shared@example.net", "nobody", "<script>alert(1)</script>", strings.Repeat("x", 9000), ""} {
		before := l.records.asked.Load()
		w := l.browser(fmt.Sprintf("192.0.2.%d", 10+i)).forgets(name)
		if wantCode(t, w, http.StatusOK); first == "" {
			first = w.Body.String()
		}
		if w.Body.String() != first {
			t.Errorf("%.20q: %s", name, w.Body)
		}
		if n := l.records.asked.Load() - before; n != 0 {
			t.Errorf("%.20q: the store was asked %d times before the answer", name, n)
		}
	}
	if len(box.asked) != 7 { // what no name can be is not noted
		t.Errorf("%q", box.asked)
	}
}

// TestWhoCanHaveAnotherPassword: one person, by the key or an address that nobody else has.
func TestWhoCanHaveAnotherPassword(t *testing.T) {
	l := newLodge(t, home)
	for name, want := range map[string]string{
		"alice": "alice", "ALICE@example.net": "alice", "edith@example.net": "edith", "bruno": "", "dominique": "", "shared@example.net": "", "nobody": "", "": "",
	} {
		if p, ok := l.book.Loser(name); ok != (want != "") || p.Key != want {
			t.Errorf("%q: %q %v", name, p.Key, ok)
		}
	}
	l.book.Set(Settings{Passkeys: true})
	if _, ok := l.book.Loser("alice"); ok {
		t.Error("a password that is not taken")
	}
}

// TestAFormOfAnotherSite asks for nothing, nor does a form where mail is off.
func TestAFormOfAnotherSite(t *testing.T) {
	l := newLodge(t, home)
	box := &mailbox{}
	l.pages.Mailer = box
	b := l.browser("192.0.2.9")
	b.site = "cross-site"
	wantCode(t, b.forgets("alice"), http.StatusForbidden)
	box.off = true
	wantCode(t, l.browser("192.0.2.9").forgets("alice"), http.StatusForbidden)
	if len(box.asked) != 0 {
		t.Errorf("%q", box.asked)
	}
}

// TestAskingIsSlowedDown: three times by one name from anywhere; twenty times from one
// address, passwords that fail counted too; sixty times by all. Who forgot the password
// after ten wrong ones may still ask.
func TestAskingIsSlowedDown(t *testing.T) {
	l := newLodge(t, home)
	box := &mailbox{}
	l.pages.Mailer = box
	mine := l.browser("192.0.2.1")
	for range 12 {
		mine.signIn("alice", "not this one either")
	}
	for i := range 3 {
		wantCode(t, l.browser(fmt.Sprintf("192.0.2.%d", 1+i)).forgets("alice"), http.StatusOK)
	}
	wantCode(t, l.browser("192.0.2.99").forgets("ALICE"), http.StatusTooManyRequests)
	l.clock.pass(20 * time.Minute)
	wantCode(t, l.browser("192.0.2.99").forgets("alice"), http.StatusOK)
	codes := map[int]int{}
	for i := range 30 {
		codes[l.browser("198.51.100.1").forgets(fmt.Sprintf("name%d", i)).Code]++
	}
	if codes[http.StatusOK] != 20 || codes[http.StatusTooManyRequests] != 10 {
		t.Errorf("from one address: %v", codes)
	}
	l.clock.pass(time.Hour)
	codes = map[int]int{}
	for i := range 100 {
		codes[l.browser(fmt.Sprintf("203.0.113.%d", i)).forgets(fmt.Sprintf("other%d", i)).Code]++
	}
	if codes[http.StatusOK] != 60 {
		t.Errorf("by all: %v", codes)
	}
}

// TestAnInvitationThatWasMailed: below public_url, once, for half an hour; another try of
// the same mail ends it, another mail does not.
func TestAnInvitationThatWasMailed(t *testing.T) {
	l := newLodge(t, home)
	mailed := func(id string) string {
		t.Helper()
		link, until, err := l.pages.InviteAgain(t.Context(), "alice", id)
		if err != nil || !strings.HasPrefix(link, home+"/invite/") || !until.Equal(l.clock.Now().Add(ForgottenFor)) {
			t.Fatal(link, until, err)
		}
		return strings.TrimPrefix(link, home)
	}
	first, second := mailed("one"), mailed("two")
	mailed("one")
	b := l.browser("192.0.2.5")
	wantCode(t, b.get(first), http.StatusNotFound)
	wantCode(t, b.get(second), http.StatusOK)
	old := l.member("alice", secret)
	wantCode(t, b.get(second), http.StatusNotFound) // a password that was set ends all of them
	again := mailed("three")
	wantCode(t, b.send(http.MethodPost, again, url.Values{"password": {another}}), http.StatusSeeOther)
	if old.inside() || !b.inside() {
		t.Error("the session from before goes on")
	}
	wantCode(t, l.browser("192.0.2.6").send(http.MethodPost, again, url.Values{"password": {another + "!"}}), http.StatusNotFound)
	last := mailed("four")
	l.clock.pass(ForgottenFor)
	wantCode(t, b.get(last), http.StatusNotFound)
	if _, _, err := l.pages.InviteAgain(t.Context(), "nobody", "five"); err == nil {
		t.Error("an invitation of nobody")
	}
}
