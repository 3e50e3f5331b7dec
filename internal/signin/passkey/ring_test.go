package passkey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
)

var saturday = time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// memory is a store that can be looked through.
type memory struct{ *storetest.Memory }

// Text is all that is kept of passkeys.
func (m memory) Text(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, kind := range []string{kindKey, kindHandle, kindSecret, kindAnswered} {
		list, err := m.Records().List(t.Context(), records.House, kind, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			all.WriteString(list[i].Key + string(list[i].Value))
		}
	}
	return all.String()
}

// ring is a real Chromium with an authenticator, and a small site.
type ring struct {
	*Keys
	t             *testing.T
	clock         *clock
	store         memory
	at            string
	tab           context.Context
	authenticator webauthn.AuthenticatorID

	mu     sync.Mutex
	held   bool
	kept   string
	answer []byte
	away   string // who is no longer configured
}

const patience = time.Minute

func newRing(t *testing.T) *ring {
	t.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		t.Fatal("chromium-headless-shell is not installed: apt-get install it (bash .ci/test does it)")
	}
	r := &ring{t: t, clock: &clock{now: saturday}, store: memory{storetest.New()}}
	r.at = r.site(t)
	r.Keys = New(r.options(r.at))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	r.tab = ctx
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("start chromium: %v", err)
	}
	r.do("an authenticator", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: "internal", HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		r.authenticator = made.AuthenticatorID
		return err
	}))
	return r
}

func (r *ring) options(at string) Options {
	return Options{
		Records: r.store.Records(), Now: r.clock.Now,
		Public: func() *url.URL {
			u, err := url.Parse(at)
			if err != nil {
				r.t.Fatal(err)
			}
			return u
		},
		People: func() *contacts.Directory {
			var people []contacts.Person
			for _, key := range []string{"alice", "bruno"} {
				if key != r.away {
					people = append(people, r.person(key))
				}
			}
			d, err := contacts.NewDirectory(people, nil, nil)
			if err != nil {
				r.t.Fatal(err)
			}
			return d
		},
	}
}

func (r *ring) person(key string) contacts.Person {
	return contacts.Person{Key: key, Name: "Person " + key}
}

func (r *ring) gone(key string) { r.away = key }

// site serves a page with both forms.
func (r *ring) site(t *testing.T) (at string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /passkey.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(Script)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'")
		_, _ = fmt.Fprintf(w, `<!doctype html><main data-done=%q>
<form data-passkey="use" action="/use" hidden><button id="use">use</button><p role="alert" hidden>failed</p></form>
<form data-passkey="add" action="/add/%s" hidden><input name="name" value="%[2]s's key"><button id="add">add</button><p role="alert" hidden>failed</p></form>
</main><script src="/passkey.js"></script>`, q.URL.Query().Get("done"), q.URL.Query().Get("as"))
	})
	mux.HandleFunc("POST /use/begin", func(w http.ResponseWriter, q *http.Request) { r.began(w)(r.BeginUse(q.Context())) })
	mux.HandleFunc("POST /add/{as}/begin", func(w http.ResponseWriter, q *http.Request) {
		r.began(w)(r.BeginAdd(q.Context(), r.person(q.PathValue("as"))))
	})
	mux.HandleFunc("POST /use", func(w http.ResponseWriter, q *http.Request) {
		r.answered(w, q, func(kept string, a given) (string, error) { return r.FinishUse(q.Context(), kept, a.Answer) })
	})
	mux.HandleFunc("POST /add/{as}", func(w http.ResponseWriter, q *http.Request) {
		r.answered(w, q, func(kept string, a given) (string, error) {
			return "added", r.FinishAdd(q.Context(), r.person(q.PathValue("as")), kept, a.Name, a.Answer)
		})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// given is what the script sends.
type given struct {
	Name   string
	Answer json.RawMessage
}

func (r *ring) began(w http.ResponseWriter) func(options []byte, kept string, err error) {
	return func(options []byte, kept string, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.kept = kept
		_, _ = w.Write(options)
	}
}

func (r *ring) answered(w http.ResponseWriter, q *http.Request, finish func(kept string, a given) (string, error)) {
	var a given
	text, err := io.ReadAll(q.Body)
	err = errors.Join(err, json.Unmarshal(text, &a))
	r.mu.Lock()
	r.answer = a.Answer
	kept, held := r.kept, r.held
	r.mu.Unlock()
	done := "held"
	if err == nil && !held {
		done, err = finish(kept, a)
	}
	if err != nil {
		r.t.Log(err)
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"to": "/?done=" + done})
}

// hold has answers kept, and not given.
func (r *ring) hold(is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = is
}

// last is the last answer, and what its browser kept.
func (r *ring) last() (kept string, answer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept, r.answer
}

// begin is what a browser keeps that is to add a passkey.
func (r *ring) begin(t *testing.T, person string) (kept string) {
	t.Helper()
	_, kept, err := r.BeginAdd(t.Context(), r.person(person))
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// first is alice's first passkey.
func (r *ring) first(t *testing.T) string {
	t.Helper()
	list, err := r.List(t.Context(), "alice")
	if err != nil || len(list) == 0 {
		t.Fatalf("%v (%v)", list, err)
	}
	return list[0].ID
}

func (r *ring) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

func (r *ring) open(at string) {
	r.t.Helper()
	r.do(at, chromedp.Navigate(at))
}

// press opens the site as a person, presses a button, and waits for what comes of it.
func (r *ring) press(button, person, done string) {
	r.t.Helper()
	r.open(r.at + "/?as=" + person)
	r.pressHere(button, done)
}

func (r *ring) pressHere(button, done string) {
	r.t.Helper()
	r.do(button, chromedp.Click(chromedp.CSS("#"+button)), chromedp.WaitReady(chromedp.CSS("main["+done+"]")))
}

// bits has the authenticator answer wrongly.
func (r *ring) bits(bogus, unverified bool) {
	r.t.Helper()
	r.do("other bits", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{
			AuthenticatorID: r.authenticator, IsBogusSignature: &bogus, IsBadUV: &unverified,
		})
		return err
	}))
}
