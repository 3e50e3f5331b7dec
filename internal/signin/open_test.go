package signin

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// entersAs is a browser that asks to be a person.
func (b *browserOf) entersAs(person string, phone bool) error {
	b.l.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	err := b.l.pages.EnterAs(w, r, person, phone)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return err
}

// TestNobodyEntersWithoutAProof: but in the demo. No route leads there either.
func TestNobodyEntersWithoutAProof(t *testing.T) {
	l := newLodge(t, home)
	b := l.browser("192.0.2.1")
	for _, phone := range []bool{false, true} {
		if err := b.entersAs("alice", phone); !errors.Is(err, ErrOff) || len(b.cookies) > 0 || b.inside() {
			t.Fatalf("%v, %v", err, b.cookies)
		}
	}
	if list, err := l.book.Sessions(t.Context(), ""); err != nil || len(list) > 0 {
		t.Fatalf("%v, %v", list, err)
	}
}

// TestInTheDemoOneIsWhomOneSays: a browser is one person at a time, and the session
// of a person whom it is already goes on.
func TestInTheDemoOneIsWhomOneSays(t *testing.T) {
	l := newLodge(t, home)
	l.pages.Open = true
	b := l.browser("192.0.2.1")
	if err := b.entersAs("nobody", false); !errors.Is(err, ErrNotFound) || b.inside() {
		t.Fatalf("somebody who is not configured: %v", err)
	}
	for range 3 {
		if err := b.entersAs("alice", false); err != nil || !b.inside() {
			t.Fatal(err)
		}
	}
	if list, err := l.book.Sessions(t.Context(), ""); err != nil || len(list) != 1 || list[0].Person != "alice" || list[0].How != ByDemo || list[0].Phone {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := b.entersAs("edith", true); err != nil {
		t.Fatal(err)
	}
	if list, err := l.book.Sessions(t.Context(), ""); err != nil || len(list) != 1 || list[0].Person != "edith" || !list[0].Phone {
		t.Fatalf("%+v, %v", list, err)
	}
}

// TestTheDemosSignInPageLeadsToTheDemo: whom one can be is chosen there. No other
// daemon's page says so.
func TestTheDemosSignInPageLeadsToTheDemo(t *testing.T) {
	l := newLodge(t, home)
	const way = `href="/?next=%2foncall"`
	if w := l.browser("192.0.2.1").get("/sign-in?next=%2Foncall"); strings.Contains(w.Body.String(), way) {
		t.Errorf("%s", w.Body)
	}
	l.pages.Open = true
	wantCode(t, l.browser("192.0.2.1").get("/sign-in?next=%2Foncall"), http.StatusOK, way)
}
