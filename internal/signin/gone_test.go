package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin/openid"
)

// has is what a person has to sign in by: a password, passkeys, bonds.
func (l *lodge) has(person string) (all [3]int) {
	l.t.Helper()
	was, err := l.book.account(l.t.Context(), person)
	if err != nil {
		l.t.Fatal(err)
	}
	if was.Of.Password != "" {
		all[0] = 1
	}
	keys, err := l.pages.keys.List(l.t.Context(), person)
	if err != nil {
		l.t.Fatal(err)
	}
	all[1] = len(keys)
	bound, err := openid.Bound(l.t.Context(), l.store.Records())
	if err != nil {
		l.t.Fatal(err)
	}
	for _, p := range bound {
		if p == person {
			all[2]++
		}
	}
	return all
}

// plant writes records as passkeys and identity providers leave them.
func (l *lodge) plant(person string) {
	l.t.Helper()
	under := func(name string) string {
		sum := sha256.Sum256([]byte("https://idp.example\x00" + name))
		return hex.EncodeToString(sum[:])
	}
	write := func(kind, key, value string) records.Write {
		return records.Write{Kind: kind, Key: key, Value: []byte(value)}
	}
	_, err := l.store.Records().Write(l.t.Context(), records.House,
		write("sign-in passkey", "key-of-"+person, `{"person": "`+person+`", "name": "Pixel"}`),
		write("sign-in identity", under("of "+person), `{"issuer": "https://idp.example", "subject": "of `+person+`", "person": "`+person+`"}`),
		write("sign-in bound", under(person), `{"issuer": "https://idp.example", "subject": "of `+person+`", "person": "`+person+`"}`))
	if err != nil {
		l.t.Fatal(err)
	}
}

// TestWhoIsGoneIsForgotten a week later, and not before: a mistake in a file takes
// nothing away, nor does a daemon that has the file from before.
func TestWhoIsGoneIsForgotten(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	l.member("bruno", secret)
	l.plant("alice")
	l.plant("bruno")
	sweep := func() {
		t.Helper()
		if err := l.pages.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what, person string, is [3]int) {
		t.Helper()
		if got := l.has(person); got != is {
			t.Errorf("%s: %s has %v, want %v", what, person, got, is)
		}
	}
	all, none := [3]int{1, 1, 1}, [3]int{}
	l.people.Store(directory(t, everybody[1:]))
	sweep()
	want("gone", "alice", all)
	if l.people.Store(directory(t, everybody)); b.inside() {
		t.Error("the session outlived its person")
	}
	l.clock.pass(6 * 24 * time.Hour)
	sweep()
	l.people.Store(directory(t, everybody[1:])) // once more, after having been back
	sweep()
	l.clock.pass(6 * 24 * time.Hour)
	sweep()
	want("for six days", "alice", all)
	l.clock.pass(24 * time.Hour)
	sweep()
	want("for a week", "alice", none)
	want("who stays", "bruno", all)
	left, err := l.store.Records().List(t.Context(), records.House, kindGone, "", 10)
	if err != nil || len(left) != 0 {
		t.Errorf("%v (%v)", left, err)
	}
	l.people.Store(directory(t, everybody))
	wantCode(t, b.signIn("alice", secret), http.StatusUnauthorized)
}

// TestRevoked: sessions end and passkeys stay, unless they are to go; of somebody who is
// gone, too.
func TestRevoked(t *testing.T) {
	l := newLodge(t, home)
	b := l.member("alice", secret)
	l.plant("alice")
	end := func(query string, code int, said string) {
		t.Helper()
		wantCode(t, l.ask(http.MethodDelete, "/api/v1/people/alice/sessions"+query, "admin-secret", ""), code, said)
	}
	end("?passkeys=perhaps", http.StatusBadRequest, "true or false")
	if !b.inside() {
		t.Error("a refusal ended a session")
	}
	end("", http.StatusOK, `{"ended":1}`)
	end("?passkeys=false", http.StatusOK, `{"ended":0}`)
	if got := l.has("alice"); got != [3]int{1, 1, 1} || b.inside() {
		t.Errorf("%v", got)
	}
	l.people.Store(directory(t, everybody[1:]))
	end("?passkeys=true", http.StatusOK, `{"ended":0,"passkeys":1}`)
	if got := l.has("alice"); got != [3]int{1, 0, 1} {
		t.Errorf("%v", got)
	}
}

// TestAPasskeyThatIsRemovedSignsNobodyIn: a proof is written with the session, so that
// what was removed meanwhile signs nobody in.
func TestAPasskeyThatIsRemovedSignsNobodyIn(t *testing.T) {
	l := newLodge(t, home)
	l.plant("alice")
	item, err := l.store.Records().Get(t.Context(), records.House, "sign-in passkey", "key-of-alice")
	if err != nil {
		t.Fatal(err)
	}
	proof := records.Write{Kind: "sign-in passkey", Key: "key-of-alice", Revision: item.Revision, Value: item.Value}
	if _, err := l.pages.keys.RemoveAll(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	session, err := l.book.Enter(context.Background(), "alice", ByPasskey, From{}, proof)
	if err == nil || session != "" {
		t.Errorf("%q signed in", session)
	}
	if list, err := l.book.Sessions(t.Context(), "alice"); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}
