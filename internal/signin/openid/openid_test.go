package openid

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/signin/openid/openidtest"
	"github.com/astreinte/astreinte/internal/ticket"
)

const callback = "https://astreinte.example.net/sign-in/oidc/back"

// house is a daemon beside an identity provider.
type house struct {
	t      *testing.T
	idp    *openidtest.Provider
	store  *storetest.Memory
	people []contacts.Person
	now    func() time.Time
	*Provider
}

// inHouse runs a test at a time of its own.
func inHouse(t *testing.T, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, idp: openidtest.New(t, callback), store: storetest.New(), now: time.Now, people: []contacts.Person{
			{Key: "alice", Name: "Alice Martin", Email: "Alice@Example.net"},
			{Key: "bruno", Name: "Bruno Petit", Email: "bruno@example.net"},
			{Key: "carla", Name: "Carla Rossi"},
			{Key: "dede", Email: "desk@example.net"},
			{Key: "edith", Email: "DESK@example.net"},
		}}
		h.daemon(false)
		test(h)
	})
}

// daemon is a fresh one, that knows what is in the store.
func (h *house) daemon(trust bool) {
	h.Provider = New(Options{
		Settings: Settings{Issuer: openidtest.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.Secret, TrustEmail: trust, Callback: callback},
		Records:  h.store.Records(), Now: h.now, Transport: h.idp,
		People: func() *contacts.Directory {
			d, err := contacts.NewDirectory(h.people, nil, nil)
			if err != nil {
				h.t.Fatal(err)
			}
			return d
		},
	})
}

func (h *house) begin(next string) (to, kept string) {
	h.t.Helper()
	to, kept, err := h.Begin(h.t.Context(), next)
	if err != nil {
		h.t.Fatal(err)
	}
	return to, kept
}

// signIn is a whole sign-in.
func (h *house) signIn() (person string, err error) {
	h.t.Helper()
	to, kept := h.begin("/tickets?state=open")
	person, next, err := h.Finish(h.t.Context(), kept, h.idp.Browse(h.t, to))
	if err == nil && next != "/tickets?state=open" {
		h.t.Errorf("next is %q", next)
	}
	return person, err
}

func says(email string, verified any) map[string]any {
	return map[string]any{"email": email, "email_verified": verified}
}

// TestFirstByAddressThenByName: a verified address is what binds somebody; from then
// on it is no matter.
func TestFirstByAddressThenByName(t *testing.T) {
	inHouse(t, func(h *house) {
		is := func(want string) {
			h.t.Helper()
			if got, err := h.signIn(); got != want || err != nil {
				h.t.Errorf("%q (%v), not %q", got, err, want)
			}
		}
		h.idp.Comes("sub-1", says("alice@example.NET", true))
		is("alice")
		h.idp.Comes("sub-1", says("bruno@example.net", true))
		is("alice")
		h.idp.Comes("sub-1", nil)
		h.daemon(false) // another daemon of the store
		is("alice")
		h.idp.Comes("sub-2", says("bruno@example.net", "true"))
		is("bruno")
		h.people[0].Email = "other@example.net"
		h.idp.Comes("sub-1", nil)
		is("alice")
	})
}

// TestNobody: who is nobody here is not let in, and nobody is created.
func TestNobody(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims map[string]any
		trust  string // who it is where addresses are trusted
	}{
		{"unknown", says("eve@example.net", true), ""},
		{"no address", nil, ""},
		{"an empty address", says("", true), ""},
		{"not verified", says("bruno@example.net", false), ""},
		{"not verified, as text", says("bruno@example.net", "false"), ""},
		{"verified by a number", says("bruno@example.net", 1), ""},
		{"nothing said", map[string]any{"email": " bruno@example.net "}, "bruno"},
		{"of two people", says("desk@example.net", true), ""},
		{"no text at all", map[string]any{"email": []string{"bruno@example.net"}, "email_verified": true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.idp.Comes("sub", c.claims)
				if got, err := h.signIn(); got != "" || err == nil {
					h.t.Errorf("it is %q (%v)", got, err)
				}
				h.daemon(true)
				if got, err := h.signIn(); got != c.trust || (err == nil) != (c.trust != "") {
					h.t.Errorf("trusted, it is %q (%v)", got, err)
				}
			})
		})
	}
}

// TestAnAddressGivenOn: an address that the provider gives to somebody else opens
// nothing of who had it, until an admin unbinds them.
func TestAnAddressGivenOn(t *testing.T) {
	inHouse(t, func(h *house) {
		h.idp.Comes("old", says("alice@example.net", true))
		if _, err := h.signIn(); err != nil {
			h.t.Fatal(err)
		}
		h.idp.Comes("new", says("alice@example.net", true))
		if got, err := h.signIn(); !errors.Is(err, ErrNobody) {
			h.t.Fatalf("who has the address now is %q (%v)", got, err)
		}
		for range 2 {
			if err := h.Forget(h.t.Context(), "alice"); err != nil {
				h.t.Fatal(err)
			}
		}
		if got, err := h.signIn(); got != "alice" || err != nil {
			h.t.Errorf("unbound, it is %q (%v)", got, err)
		}
		h.idp.Comes("old", nil)
		if got, err := h.signIn(); !errors.Is(err, ErrNobody) {
			h.t.Errorf("who had it before is %q (%v)", got, err)
		}
		h.people = h.people[1:]
		h.idp.Comes("new", says("alice@example.net", true))
		if got, err := h.signIn(); !errors.Is(err, ErrNobody) {
			h.t.Errorf("who is gone is %q (%v)", got, err)
		}
	})
}

// TestTwoAtOnce: of two who come with an address at once, one is bound.
func TestTwoAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		var got [2]string
		var queue sync.WaitGroup
		for i, subject := range []string{"one", "two"} {
			queue.Go(func() {
				got[i], _ = h.person(h.t.Context(), identity{issuer: openidtest.Issuer, subject: subject, email: "bruno@example.net"})
			})
		}
		queue.Wait()
		if got[0]+got[1] != "bruno" {
			h.t.Errorf("they are %q", got)
		}
		for i := range got {
			queue.Go(func() {
				got[i], _ = h.person(h.t.Context(), identity{issuer: openidtest.Issuer, subject: "three", email: "alice@example.net"})
			})
		}
		queue.Wait()
		if got[0] != "alice" || got[1] != "alice" {
			h.t.Errorf("the same one twice at once is %q", got)
		}
	})
}

// TestTheBrowserThatBegan: an answer counts in the browser that asked for it, for ten
// minutes, once, for what it was asked for.
func TestTheBrowserThatBegan(t *testing.T) {
	swap := func(kept string, part int, with string) string {
		parts := strings.Split(kept, ".")
		parts[part] = with
		return strings.Join(parts, ".")
	}
	for name, forge := range map[string]func(h *house, kept *string, query url.Values){
		"another browser's": func(h *house, kept *string, _ url.Values) { _, *kept = h.begin("/") },
		"nothing kept":      func(_ *house, kept *string, _ url.Values) { *kept = "" },
		"half of it":        func(_ *house, kept *string, _ url.Values) { *kept = (*kept)[:20] },
		"a later time":      func(h *house, kept *string, _ url.Values) { *kept = swap(*kept, 1, "946684801") },
		"no time":           func(_ *house, kept *string, _ url.Values) { *kept = swap(*kept, 1, "soon") },
		"another page":      func(_ *house, kept *string, _ url.Values) { *kept = swap(*kept, 2, "L2V2aWw") },
		"no page":           func(_ *house, kept *string, _ url.Values) { *kept = swap(*kept, 2, "!") },
		"a long one":        func(_ *house, kept *string, _ url.Values) { *kept = swap(*kept, 2, strings.Repeat("A", 1<<20)) },
		"no state":          func(_ *house, _ *string, q url.Values) { q.Del("state") },
		"a wrong state":     func(_ *house, _ *string, q url.Values) { q.Set("state", "x") },
		"too late":          func(*house, *string, url.Values) { time.Sleep(KeptFor + time.Second) },
		"no code":           func(_ *house, _ *string, q url.Values) { q.Del("code") },
		"a wrong code":      func(_ *house, _ *string, q url.Values) { q.Set("code", "x") },
		"an error":          func(_ *house, _ *string, q url.Values) { q.Set("error", "access_denied") },
		"another provider":  func(_ *house, _ *string, q url.Values) { q.Set("iss", "https://evil.example") },
		"a subject too long": func(h *house, _ *string, _ url.Values) {
			h.idp.Comes(strings.Repeat("x", 256), nil)
		},
		"a code of another browser": func(h *house, _ *string, q url.Values) {
			to, _ := h.begin("/")
			q.Set("code", h.idp.Browse(h.t, to).Get("code")) // its challenge is another one
		},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.idp.Comes("sub", says("alice@example.net", true))
				to, kept := h.begin("/")
				query := h.idp.Browse(h.t, to)
				forge(h, &kept, query)
				if got, _, err := h.Finish(h.t.Context(), kept, query); got != "" || err == nil {
					h.t.Errorf("it is %q (%v)", got, err)
				}
			})
		})
	}
	inHouse(t, func(h *house) {
		h.idp.Comes("sub", says("alice@example.net", true))
		to, kept := h.begin("/")
		query := h.idp.Browse(h.t, to)
		if got, _, err := h.Finish(h.t.Context(), kept, query); got != "alice" || err != nil {
			h.t.Errorf("it is %q (%v)", got, err)
		}
		if got, _, err := h.Finish(h.t.Context(), kept, query); !errors.Is(err, ErrRefused) {
			h.t.Errorf("the second time it is %q (%v)", got, err)
		}
		for _, part := range []string{"code_challenge_method=S256", "nonce=", "state=", "response_type=code", "scope=openid+email"} {
			if !strings.Contains(to, part) {
				h.t.Errorf("%s is not in %s", part, to)
			}
		}
	})
}

// TestForgedTokens: a token counts that the provider signed, for us, for this sign-in,
// now.
func TestForgedTokens(t *testing.T) {
	for name, forge := range map[string]func(claims map[string]any){
		"":                        func(map[string]any) {},
		"another sign-in's":       func(c map[string]any) { c["nonce"] = "x" },
		"no sign-in's":            func(c map[string]any) { delete(c, "nonce") },
		"for another":             func(c map[string]any) { c["aud"] = "x" },
		"for two, of another":     func(c map[string]any) { c["aud"], c["azp"] = []string{"x", openidtest.ClientID}, "x" },
		"for two, of nobody":      func(c map[string]any) { c["aud"] = []string{"x", openidtest.ClientID}; delete(c, "azp") },
		"by another":              func(c map[string]any) { c["iss"] = "https://evil.example" },
		"over":                    func(c map[string]any) { c["exp"] = 946684799 },
		"of nobody":               func(c map[string]any) { delete(c, "sub") },
		"signed by somebody else": nil,
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.idp.Comes("sub", says("alice@example.net", true))
				if forge == nil {
					h.idp.Forge(func(map[string]any) {}, false)
				} else {
					h.idp.Forge(forge, true)
				}
				if got, err := h.signIn(); (err == nil) != (name == "") || (got == "") != (name != "") {
					h.t.Errorf("it is %q (%v)", got, err)
				}
			})
		})
	}
}

// TestAway: a provider that cannot be asked lets nobody in, and is asked again.
func TestAway(t *testing.T) {
	inHouse(t, func(h *house) {
		h.idp.Down(true)
		if _, _, err := h.Begin(h.t.Context(), "/"); !errors.Is(err, ErrAway) {
			h.t.Errorf("it is down: %v", err)
		}
		h.idp.Down(false)
		h.idp.Comes("sub", says("alice@example.net", true))
		to, kept := h.begin("/")
		query := h.idp.Browse(h.t, to)
		h.idp.Down(true)
		if _, _, err := h.Finish(h.t.Context(), kept, query); !errors.Is(err, ErrAway) {
			h.t.Errorf("it is down now: %v", err)
		}
		h.idp.Down(false)
		h.store.Fail(func(string) storetest.Fault { return storetest.FailBefore })
		if _, _, err := h.Finish(h.t.Context(), kept, query); err == nil || errors.Is(err, ErrAway) || errors.Is(err, ErrNobody) {
			h.t.Errorf("the store is down: %v", err)
		}
	})
}

// answers is a provider that answers one thing.
type answers func() *http.Response

func (a answers) RoundTrip(*http.Request) (*http.Response, error) { return a(), nil }

// TestBounds: a provider that answers without end, or leads elsewhere, is away.
func TestBounds(t *testing.T) {
	inHouse(t, func(h *house) {
		for name, answer := range map[string]func(w *httptest.ResponseRecorder){
			"without end": func(w *httptest.ResponseRecorder) {
				_, _ = w.WriteString(strings.Repeat(" ", ticket.MaxProviderAnswer) + "{}")
			},
			"elsewhere": func(w *httptest.ResponseRecorder) {
				w.Header().Set("Location", "http://10.0.0.1/")
				w.WriteHeader(http.StatusFound)
			},
			"another": func(w *httptest.ResponseRecorder) { _, _ = w.WriteString(`{"issuer":"https://evil.example"}`) },
		} {
			h.client.Transport = bounded{answers(func() *http.Response {
				w := httptest.NewRecorder()
				w.Header().Set("Content-Type", "application/json")
				answer(w)
				return w.Result()
			})}
			if _, _, err := h.Begin(h.t.Context(), "/"); !errors.Is(err, ErrAway) {
				h.t.Errorf("%s: %v", name, err)
			}
		}
	})
}
