package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestInvitedSignsIn: an invitation sets a password, once; the password signs in
// from then on, and what signs out ends it.
func TestInvitedSignsIn(t *testing.T) {
	l := newLodge(t, home)
	link := l.invited("alice", false)
	b := l.browser("192.0.2.1")
	for range 2 { // to look at it uses nothing up
		wantCode(t, b.get(link), http.StatusOK, "Alice Martin")
	}
	wantCode(t, b.send(http.MethodPost, link, url.Values{"password": {"short"}}), http.StatusBadRequest, "at least 12")
	wantCode(t, b.send(http.MethodPost, link, url.Values{"password": {secret}}), http.StatusSeeOther)
	if !b.inside() {
		t.Fatal("not signed in")
	}
	wantCode(t, l.browser("192.0.2.2").get(link), http.StatusNotFound, "no longer works")
	wantCode(t, l.browser("192.0.2.2").send(http.MethodPost, link, url.Values{"password": {another}}), http.StatusNotFound)

	for _, name := range []string{"alice", "ALICE", "alice@example.NET", " alice "} {
		other := l.browser("192.0.2.3")
		w := other.send(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {secret}, "next": {"/tickets?state=open"}})
		wantCode(t, w, http.StatusSeeOther)
		if to := w.Header().Get("Location"); to != "/tickets?state=open" || !other.inside() {
			t.Fatalf("%q is led to %q", name, to)
		}
	}
	wantCode(t, b.get("/sign-out"), http.StatusOK)
	if !b.inside() {
		t.Fatal("looking signed out")
	}
	before := b.cookies["__Host-astreinte"]
	wantCode(t, b.send(http.MethodPost, "/sign-out", url.Values{}), http.StatusSeeOther)
	b.cookies["__Host-astreinte"] = before
	if b.inside() {
		t.Fatal("a session outlived its end")
	}
}

// TestCookies: by https a cookie is __Host- and Secure; by http it has a name that a
// browser keeps.
func TestCookies(t *testing.T) {
	for public, want := range map[string]struct {
		name   string
		secure bool
	}{home: {"__Host-astreinte", true}, "http://127.0.0.1:8080": {"astreinte", false}} {
		l := newLodge(t, public)
		b := l.browser("192.0.2.1")
		w := b.send(http.MethodPost, l.invited("alice", false), url.Values{"password": {secret}})
		cookies := w.Result().Cookies()
		if len(cookies) != 2 || cookies[0].Name != want.name {
			t.Fatalf("%s: %v", public, cookies)
		}
		for _, c := range cookies {
			if c.Secure != want.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: %+v", public, c)
			}
		}
	}
}

// TestNoTokenIsKept: what a browser holds is in no record.
func TestNoTokenIsKept(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	held := append([]string{secret, strings.TrimPrefix(l.invited("alice", false), "/invite/")}, b.cookies["__Host-astreinte"], b.cookies["__Host-astreinte-seen"])
	for _, kind := range []string{kindAccount, kindSession, kindInvitation, kindBrowser} {
		list, err := l.store.Records().List(t.Context(), records.House, kind, "", 100)
		if err != nil || len(list) == 0 {
			t.Fatalf("%s: %v, %v", kind, list, err)
		}
		for _, r := range list {
			for _, text := range held {
				if text == "" || strings.Contains(r.Key, text) || strings.Contains(string(r.Value), text) {
					t.Errorf("%s has %q", kind, text)
				}
			}
		}
	}
}

// TestSessionEndsWithoutRequests: twelve hours without one, and a phone's not.
func TestSessionEndsWithoutRequests(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	phone := l.browser("192.0.2.9")
	w := phone.send(http.MethodPost, l.invited("alice", true), url.Values{})
	if wantCode(t, w, http.StatusSeeOther); w.Header().Get("Location") != "/phone" {
		t.Fatalf("led to %s", w.Header().Get("Location"))
	}
	for range 5 {
		if l.clock.pass(11*time.Hour + 55*time.Minute); !b.inside() {
			t.Fatal("a session ended that is used")
		}
	}
	if l.clock.pass(12*time.Hour + 11*time.Minute); b.inside() {
		t.Fatal("a session goes on that was not used")
	}
	if l.clock.pass(200 * 24 * time.Hour); !phone.inside() {
		t.Fatal("a phone's session ended")
	}
	for _, kind := range Expiring() {
		if _, err := records.Expire(t.Context(), l.store.Records(), kind, "test", l.clock.Now(), 100); err != nil {
			t.Fatal(err)
		}
	}
	left, err := l.store.Records().List(t.Context(), records.House, kindSession, "", 100)
	if err != nil || len(left) != 1 || !phone.inside() {
		t.Fatalf("%d sessions are left (%v): the phone's is", len(left), err)
	}
}

// TestUseIsWrittenSeldom: ten minutes apart at least.
func TestUseIsWrittenSeldom(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	revision := func() int64 {
		list, err := l.store.Records().List(t.Context(), records.House, kindSession, "", 10)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].Revision
	}
	first := revision()
	for range 9 {
		l.clock.pass(time.Minute)
		b.inside()
	}
	if revision() != first {
		t.Fatal("written within ten minutes")
	}
	if l.clock.pass(time.Minute); !b.inside() || revision() == first {
		t.Fatal("not written after ten minutes")
	}
}

// TestEndsAtOnceEverywhere: a revocation, a changed password and a person who is gone
// or has another role count on the next request, on each daemon.
func TestEndsAtOnceEverywhere(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	first := *l
	l.daemon(home) // another one on the store
	elsewhere := &browserOf{l: l, address: b.address, site: b.site, cookies: b.cookies}
	onFirst := &browserOf{l: &first, address: b.address, site: b.site, cookies: b.cookies}
	if !elsewhere.inside() || !onFirst.inside() {
		t.Fatal("a session is of one daemon alone")
	}
	wantCode(t, l.ask(http.MethodDelete, "/api/v1/people/alice/sessions", "admin-secret", ""), http.StatusOK, `"ended":1`)
	if elsewhere.inside() || onFirst.inside() {
		t.Fatal("a revoked session goes on")
	}

	wantCode(t, onFirst.signIn("alice", secret), http.StatusSeeOther)
	other := first.browser("192.0.2.4")
	wantCode(t, other.signIn("alice", secret), http.StatusSeeOther)
	change := url.Values{"old": {secret}, "password": {another}}
	wantCode(t, other.send(http.MethodPost, "/people/alice/signing", change), http.StatusSeeOther)
	if elsewhere.inside() || onFirst.inside() || !other.inside() {
		t.Fatal("a changed password ends the other sessions, and those alone")
	}

	fewer := append([]contacts.Person(nil), everybody...)
	fewer[0].Role = contacts.RoleReader
	first.people.Store(directory(t, fewer))
	w := other.send(http.MethodPost, "/api/v1/tickets", nil)
	wantCode(t, w, http.StatusForbidden)
	first.people.Store(directory(t, everybody[1:]))
	if other.inside() {
		t.Fatal("somebody who is gone is signed in")
	}
	if err := first.book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.people.Store(directory(t, everybody))
	if other.inside() {
		t.Fatal("who was gone and is back is signed in by the old session")
	}
}

// TestStoreAway: a session that was seen within the hour is remembered, for what
// asks for no more; nobody signs in.
func TestStoreAway(t *testing.T) {
	l := newLodge(t, home)
	b, reader := l.member("dominique", secret), l.member("bruno", secret)
	l.records.away.Store(true)
	wantCode(t, b.get("/api/v1/oncall"), http.StatusServiceUnavailable)
	wantCode(t, l.browser("192.0.2.5").signIn("dominique", secret), http.StatusServiceUnavailable, "Paging goes on")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: b.cookies["__Host-astreinte"]})
	by, ok, err := Remembered{l.pages}.Session(r)
	if err != nil || !ok || by.Person != "dominique" || by.Role != "technician" {
		t.Fatalf("%+v %v %v", by, ok, err)
	}
	looks := httptest.NewRequest(http.MethodGet, "/", nil)
	looks.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: reader.cookies["__Host-astreinte"]})
	if by, ok, err := (Remembered{l.pages}).Session(looks); err != nil || !ok || by.Role != "reader" {
		t.Fatalf("a reader: %+v %v %v", by, ok, err)
	}
	l.people.Store(directory(t, everybody[:1]))
	if _, ok, _ := (Remembered{l.pages}).Session(r); ok {
		t.Fatal("somebody is remembered who is no longer configured")
	}
	l.people.Store(directory(t, everybody))
	l.clock.pass(time.Hour + time.Second)
	if _, ok, err := (Remembered{l.pages}).Session(r); ok || err == nil {
		t.Fatal("remembered for longer than an hour, or taken for nobody's")
	}
	if _, ok, err := (Remembered{l.pages}).Session(httptest.NewRequest(http.MethodGet, "/", nil)); ok || err != nil {
		t.Fatalf("somebody without a session: %v %v", ok, err)
	}
}

// TestForeignCookies: what no daemon gave lets nobody in, and breaks nothing.
func TestForeignCookies(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	good := b.cookies["__Host-astreinte"]
	mark := b.cookies["__Host-astreinte-seen"]
	key, _ := hashed(good)
	for _, value := range []string{"", "x", key, mark, strings.ToLower(good), good + "A", good[1:], strings.Repeat("A", 26), strings.Repeat("A", 5000), "../../etc/passwd"} {
		b.cookies = map[string]string{"__Host-astreinte": value}
		if b.inside() {
			t.Errorf("%q is signed in", value)
		}
	}
	b.cookies = map[string]string{"astreinte": good} // any page of a site beside ours can set that name
	if b.inside() {
		t.Error("a cookie without __Host- is signed in by https")
	}
}

// TestCrossOrigin: another site's page changes nothing, with a session or without.
func TestCrossOrigin(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	link := l.invited("bruno", false)
	for _, site := range []string{"cross-site", "same-site"} {
		b.site = site
		for path, form := range map[string]url.Values{
			"/sign-in": {"name": {"alice"}, "password": {secret}}, "/sign-out": {}, link: {"password": {another}},
			"/people/alice/signing": {"old": {secret}, "password": {another}}, "/api/v1/tickets": {},
		} {
			wantCode(t, b.send(http.MethodPost, path, form), http.StatusForbidden)
		}
	}
	if b.site = "cross-site"; !b.inside() {
		t.Error("a link from elsewhere shows what one is signed in for")
	}
}

// TestWhatARoleMay: a cookie is worth a token of the person's role.
func TestWhatARoleMay(t *testing.T) {
	l := newLodge(t, home)
	edith, dominique, alice, bruno := l.member("edith", secret), l.member("dominique", secret), l.member("alice", secret), l.member("bruno", secret)
	for who, want := range map[*browserOf][2]int{
		edith: {http.StatusOK, http.StatusCreated}, dominique: {http.StatusForbidden, http.StatusForbidden},
		alice: {http.StatusForbidden, http.StatusForbidden}, bruno: {http.StatusForbidden, http.StatusForbidden},
	} {
		if got := who.get("/api/v1/sessions").Code; got != want[0] {
			t.Errorf("sessions: %d, want %d", got, want[0])
		}
		if got := who.send(http.MethodPost, "/api/v1/people/alice/invitations", nil).Code; got != want[1] {
			t.Errorf("invitations: %d, want %d", got, want[1])
		}
	}
	wantCode(t, bruno.send(http.MethodPost, "/people/alice/signing", url.Values{"everywhere": {"1"}}), http.StatusForbidden)
	wantCode(t, alice.send(http.MethodPost, "/people/alice/signing", url.Values{"phone": {"1"}}), http.StatusBadRequest)
	wantCode(t, edith.send(http.MethodPost, "/people/alice/signing", url.Values{"invite": {"1"}}), http.StatusOK, "<svg", "/invite/")
	wantCode(t, alice.send(http.MethodPost, "/people/alice/signing", url.Values{"invite": {"1"}}), http.StatusBadRequest)
	wantCode(t, l.ask(http.MethodPost, "/api/v1/people/alice/invitations", "desk-secret", `{"phone": true}`), http.StatusCreated)
	wantCode(t, l.ask(http.MethodPost, "/api/v1/people/bruno/invitations", "desk-secret", `{"phone": true}`), http.StatusForbidden)
	wantCode(t, l.ask(http.MethodPost, "/api/v1/people/nobody/invitations", "admin-secret", ``), http.StatusNotFound)
	if !alice.inside() {
		t.Error("a refusal signed somebody out")
	}
}

// TestInvitationOfTwo: of many who use one at once, one gets in.
func TestInvitationOfTwo(t *testing.T) {
	l := newLodge(t, home)
	for _, phone := range []bool{false, true} {
		link := l.invited("alice", phone)
		var all sync.WaitGroup
		codes := make(chan int, 20)
		for range cap(codes) {
			all.Go(func() {
				codes <- l.browser("192.0.2.1").send(http.MethodPost, link, url.Values{"password": {secret}}).Code
			})
		}
		all.Wait()
		close(codes)
		in := 0
		for code := range codes {
			if code == http.StatusSeeOther {
				in++
			} else if code != http.StatusNotFound {
				t.Errorf("%d", code)
			}
		}
		if in != 1 {
			t.Errorf("%d got in by one invitation", in)
		}
	}
}

// TestInvitationsEnd: after 24 hours, a phone's after 15 minutes; and one is no other's.
func TestInvitationsEnd(t *testing.T) {
	l := newLodge(t, home)
	invite, enrol := l.invited("alice", false), l.invited("alice", true)
	b := l.browser("192.0.2.1")
	wantCode(t, b.get(strings.Replace(invite, "invite", "enrol", 1)), http.StatusNotFound)
	wantCode(t, b.get(strings.Replace(enrol, "enrol", "invite", 1)), http.StatusNotFound)
	l.clock.pass(15*time.Minute - time.Second)
	wantCode(t, b.get(enrol), http.StatusOK, "Alice Martin")
	l.clock.pass(time.Second)
	wantCode(t, b.send(http.MethodPost, enrol, url.Values{}), http.StatusNotFound)
	l.clock.pass(24*time.Hour - 15*time.Minute - time.Second)
	wantCode(t, b.get(invite), http.StatusOK)
	l.clock.pass(time.Second)
	wantCode(t, b.send(http.MethodPost, invite, url.Values{"password": {secret}}), http.StatusNotFound)
	if b.inside() {
		t.Fatal("signed in by an old invitation")
	}
}

// TestNextIsOurs: one is led to no other site.
func TestNextIsOurs(t *testing.T) {
	l := newLodge(t, home)
	l.member("alice", secret)
	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)", "tickets", "/\r\nSet-Cookie: a=b"} {
		w := l.browser("192.0.2.1").send(http.MethodPost, "/sign-in", url.Values{"name": {"alice"}, "password": {secret}, "next": {next}})
		if to := w.Header().Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", next, to)
		}
	}
}

// TestASignInDoesNotOvertake: one that has read the account before a password changed,
// or sessions were ended, does not come through after.
func TestASignInDoesNotOvertake(t *testing.T) {
	l := newLodge(t, home)
	l.member("alice", secret)
	was, err := l.book.account(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.book.EndAll(t.Context(), "alice", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := l.book.enter(t.Context(), "alice", was, ByPassword, From{}, false); !errors.Is(err, records.ErrConflict) {
		t.Fatalf("%v", err)
	}
	if list, err := l.book.Sessions(context.Background(), "alice"); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
}

// TestDescribed: the API's description has each route, with its refusals, and what it
// answers has the names that are told there.
func TestDescribed(t *testing.T) {
	l := newLodge(t, home)
	l.member("alice", secret)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(l.ask(http.MethodGet, "/api/v1/openapi.json", "", "").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, rt := range l.pages.Routes() {
		if !strings.HasPrefix(rt.Path, "/api/") {
			continue
		}
		n++
		var operation struct{ Responses map[string]any }
		err := json.Unmarshal(doc.Paths[rt.Path][strings.ToLower(rt.Method)], &operation)
		if err != nil || operation.Responses["401"] == nil || operation.Responses["403"] == nil {
			t.Errorf("%s %s is not described: %v", rt.Method, rt.Path, operation)
		}
	}
	if n != 4 {
		t.Errorf("%d routes", n)
	}
	wantCode(t, l.ask(http.MethodGet, "/api/v1/sessions?person=alice", "admin-secret", ""), http.StatusOK,
		`"id":`, `"person":"alice"`, `"how":"invitation"`, `"device":"Test/1 (192.0.2.1)"`, `"address":"192.0.2.1"`, `"created_at":`, `"used_at":`, `"phone":false`)
	wantCode(t, l.ask(http.MethodGet, "/api/v1/sessions?person=bruno", "admin-secret", ""), http.StatusOK, `{"sessions":[]}`)
	wantCode(t, l.ask(http.MethodDelete, "/api/v1/sessions/nothing", "admin-secret", ""), http.StatusNotFound)
}

// TestABrowserEndsNoPhone: as many sessions as there may be are counted apart for
// browsers and for phones, and of each the one that was used longest ago gives way.
func TestABrowserEndsNoPhone(t *testing.T) {
	l := newLodge(t, home)
	first, phone := l.member("alice", secret), l.browser("192.0.2.9")
	wantCode(t, phone.send(http.MethodPost, l.invited("alice", true), url.Values{}), http.StatusSeeOther)
	l.clock.pass(time.Second)
	enter := func(isPhone bool) {
		t.Helper()
		was, err := l.book.account(t.Context(), "alice")
		if err == nil {
			_, err = l.book.enter(t.Context(), "alice", was, ByPassword, From{}, isPhone)
		}
		if err != nil {
			t.Fatal(err)
		}
		l.clock.pass(time.Second)
	}
	for range ticket.MaxSessions - 1 {
		enter(false)
	}
	if !first.inside() || !phone.inside() {
		t.Fatal("a session ended while there was room")
	}
	l.clock.pass(time.Minute)
	for range 2 {
		enter(false)
	}
	if first.inside() || !phone.inside() {
		t.Error("the browser that was used longest ago gives way, and no phone")
	}
	for range ticket.MaxSessions {
		enter(true)
	}
	if phone.inside() {
		t.Error("of one phone more the one that was used longest ago gives way")
	}
	list, err := l.book.Sessions(t.Context(), "alice")
	if err != nil || len(list) != 2*ticket.MaxSessions {
		t.Errorf("%d sessions, %v", len(list), err)
	}
}

// TestFixation: what a browser had before somebody signs in is worth nothing after, by
// whichever way.
func TestFixation(t *testing.T) {
	l := newLodge(t, home)
	d := newDevice(t)
	wantCode(t, d.add(l.member("alice", secret), "/people/alice/passkeys"), http.StatusOK)
	planted := strings.Repeat("Q", 26)
	for how, signsIn := range map[string]func(b *browserOf){
		"password": func(b *browserOf) { wantCode(t, b.signIn("alice", secret), http.StatusSeeOther) },
		"passkey":  func(b *browserOf) { wantCode(t, d.signIn(b), http.StatusOK) },
		"invitation": func(b *browserOf) {
			wantCode(t, b.send(http.MethodPost, l.invited("alice", false), url.Values{"password": {secret}}), http.StatusSeeOther)
		},
		"phone": func(b *browserOf) {
			wantCode(t, b.send(http.MethodPost, l.invited("alice", true), url.Values{}), http.StatusSeeOther)
		},
	} {
		b := l.browser("192.0.2.4")
		b.cookies["__Host-astreinte"] = planted
		if signsIn(b); !b.inside() || b.cookies["__Host-astreinte"] == planted {
			t.Errorf("%s: %v", how, b.cookies)
		}
		b.cookies["__Host-astreinte"] = planted
		if b.inside() {
			t.Errorf("%s made a session of what somebody planted", how)
		}
	}
	two := httptest.NewRequest(http.MethodGet, "/api/v1/oncall", nil)
	two.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: planted})
	two.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: l.member("alice", secret).cookies["__Host-astreinte"]})
	w := httptest.NewRecorder()
	if l.handler.ServeHTTP(w, two); w.Code != http.StatusUnauthorized {
		t.Errorf("of two cookies one was taken: %d", w.Code)
	}
}
