package passkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestPasskey adds one by a real browser and signs in by it: once for each time that
// it is asked.
func TestPasskey(t *testing.T) {
	r := newRing(t)
	r.press("add", "alice", `data-done="added"`)
	list, err := r.List(t.Context(), "alice")
	if err != nil || len(list) != 1 || list[0].Name != "alice's key" || !list[0].Created.Equal(saturday) || !list[0].Used.IsZero() {
		t.Fatalf("%+v (%v)", list, err)
	}
	r.clock.pass(time.Hour)
	r.press("use", "", `data-done="alice"`)
	if list, _ = r.List(t.Context(), "alice"); !list[0].Used.Equal(saturday.Add(time.Hour)) {
		t.Errorf("used at %v", list[0].Used)
	}
	kept, answer := r.last()
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("the same answer again is %q (%v)", got, err)
	}
	other := New(r.options(r.at)) // another daemon of the store
	r.press("use", "", `data-done="alice"`)
	kept, answer = r.last()
	if got, err := other.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("the same answer at another daemon is %q (%v)", got, err)
	}

	r.hold(true) // answers are kept, and not given
	r.press("use", "", `data-done="held"`)
	kept, answer = r.last()
	if got, err := other.FinishUse(t.Context(), kept, answer); got != "alice" || err != nil {
		t.Errorf("at another daemon it is %q (%v)", got, err)
	}
	item, err := r.keys.Get(t.Context(), r.first(t))
	if err != nil {
		t.Fatal(err)
	}
	item.Of.Credential.Authenticator.SignCount = 0 // as of the many that count nothing
	w, err := r.keys.Put(item.Key, item.Revision, item.Of)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Records().Write(t.Context(), records.House, w); err != nil {
		t.Fatal(err)
	}
	if got, err := other.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("the same answer of one that does not count is %q (%v)", got, err)
	}
	if text := r.store.Text(t); strings.Contains(text, kept) {
		t.Error("what the browser keeps is in the store")
	}
}

// TestAnswersThatProveNothing: each is refused that another key, another person, time or
// site could have given.
func TestAnswersThatProveNothing(t *testing.T) {
	r := newRing(t)
	r.press("add", "alice", `data-done="added"`)
	r.hold(true)
	press := func() (kept string, answer []byte) {
		t.Helper()
		r.press("use", "", `data-done="held"`)
		return r.last()
	}
	kept, good := press()
	fresh, _ := press()
	forge := func(change func(a map[string]any)) []byte {
		var a map[string]any
		if err := json.Unmarshal(good, &a); err != nil {
			t.Fatal(err)
		}
		change(a)
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	within := func(name string, value any) []byte {
		return forge(func(a map[string]any) { a["response"].(map[string]any)[name] = value }) //nolint:forcetypeassert // the test ends there
	}
	for name, c := range map[string]struct {
		kept   string
		answer []byte
	}{
		"nothing":                 {kept, nil},
		"no JSON":                 {kept, []byte("x")},
		"an empty one":            {kept, []byte("{}")},
		"another browser's":       {fresh, good},
		"nothing kept":            {"", good},
		"kept by a later time":    {kept[:len(kept)-1] + "9", good},
		"kept too short":          {"x" + kept[20:], good},
		"another signature":       {kept, within("signature", "MEUCIQDx")},
		"no person":               {kept, within("userHandle", "")},
		"another person":          {kept, within("userHandle", "YnJ1bm8")},
		"another passkey":         {kept, forge(func(a map[string]any) { a["id"], a["rawId"] = "AAAA", "AAAA" })},
		"a challenge of no login": {kept, within("clientDataJSON", "e30")},
		"asked to add":            {r.begin(t, "alice"), good},
	} {
		if got, err := r.FinishUse(t.Context(), c.kept, c.answer); got != "" || (!errors.Is(err, ErrRefused) && !errors.Is(err, ErrStale)) {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
	r.bits(true, false)
	kept, answer := press()
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("a bogus signature is %q (%v)", got, err)
	}
	r.bits(false, true)
	kept, answer = press()
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("without its person verified it is %q (%v)", got, err)
	}
	r.bits(false, false)
	kept, answer = press()
	r.clock.pass(KeptFor + time.Second)
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrStale) {
		t.Errorf("too late it is %q (%v)", got, err)
	}
	kept, answer = press()
	r.gone("alice")
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("of who is gone it is %q (%v)", got, err)
	}
	r.gone("")
	if err := r.Remove(t.Context(), "bruno", r.first(t)); !errors.Is(err, ErrNone) {
		t.Errorf("another's: %v", err)
	}
	if err := r.Remove(t.Context(), "alice", r.first(t)); err != nil {
		t.Error(err)
	}
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("removed it is %q (%v)", got, err)
	}
}

// TestAnotherSite: what another site has its visitor's passkey answer, or made there,
// opens nothing here.
func TestAnotherSite(t *testing.T) {
	r := newRing(t)
	r.press("add", "alice", `data-done="added"`)
	evil := r.site(t) // the same host by another port, which passes on what we ask for
	r.hold(true)
	r.open(evil)
	r.pressHere("use", `data-done="held"`)
	kept, answer := r.last()
	if got, err := r.FinishUse(t.Context(), kept, answer); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "origin") {
		t.Errorf("an answer to another site is %q (%v)", got, err)
	}
	r.hold(true)
	r.open(evil + "?as=bruno")
	r.pressHere("add", `data-done="held"`)
	kept, answer = r.last()
	if err := r.FinishAdd(t.Context(), r.person("bruno"), kept, "", answer); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "origin") {
		t.Errorf("a passkey made for another site: %v", err)
	}
	there := New(r.options(strings.Replace(r.at, "localhost", "astreinte.localhost", 1)))
	r.open(r.at)
	r.pressHere("use", `data-done="held"`)
	kept, answer = r.last()
	if got, err := there.FinishUse(t.Context(), kept, answer); err == nil {
		t.Errorf("an answer for another host is %q", got)
	}
}

// TestAdding: who it is for is who asked, for the room that there is, once.
func TestAdding(t *testing.T) {
	r := newRing(t)
	r.hold(true)
	r.press("add", "alice", `data-done="held"`)
	kept, answer := r.last()
	if err := r.FinishAdd(t.Context(), r.person("bruno"), kept, "", answer); !errors.Is(err, ErrRefused) && !errors.Is(err, ErrStale) {
		t.Errorf("another's: %v", err)
	}
	if err := r.FinishAdd(t.Context(), r.person("alice"), "", "", answer); !errors.Is(err, ErrStale) {
		t.Errorf("nothing kept: %v", err)
	}
	for _, bad := range []string{"", "null", "[]", `{"id":"AAAA"}`, strings.Repeat("[", 60<<10)} {
		if err := r.FinishAdd(t.Context(), r.person("alice"), kept, "", []byte(bad)); !errors.Is(err, ErrRefused) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	var both [2]error
	var queue sync.WaitGroup
	for i := range both {
		queue.Go(func() {
			both[i] = r.FinishAdd(t.Context(), r.person("alice"), kept, strings.Repeat("é", 200)+"\xff", answer)
		})
	}
	queue.Wait()
	if (both[0] == nil) == (both[1] == nil) {
		t.Errorf("twice at once: %v", both)
	}
	list, err := r.List(t.Context(), "alice")
	if err != nil || len(list) != 1 || len(list[0].Name) > ticket.MaxPasskeyName {
		t.Fatalf("%+v (%v)", list, err)
	}
	one, err := r.store.Records().Get(t.Context(), records.House, kindKey, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ticket.MaxPasskeys - 1 {
		if _, err := r.store.Records().Write(t.Context(), records.House, records.Write{Kind: kindKey, Key: fmt.Sprintf("more%d", i), Value: one.Value}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := r.BeginAdd(t.Context(), r.person("alice")); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	if n, err := r.RemoveAll(t.Context(), "alice"); n != ticket.MaxPasskeys || err != nil {
		t.Errorf("%d removed (%v)", n, err)
	}
}

// TestWhere passkeys are possible.
func TestWhere(t *testing.T) {
	for address, possible := range map[string]bool{
		"": false, "https://astreinte.example.net": true, "https://Astreinte.example.net:8443/desk": true, "http://astreinte.example.net": false,
		"http://localhost:9120": true, "http://127.0.0.1:9120": false, "https://192.0.2.1": false, "https://[2001:db8::1]": false,
	} {
		k := New(Options{Public: func() *url.URL {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}})
		if k.Possible() != possible {
			t.Errorf("%q: %v", address, k.Possible())
		}
		if possible {
			continue
		}
		if _, _, err := k.BeginUse(t.Context()); !errors.Is(err, ErrOff) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestStoreAway: nothing is taken for refused then.
func TestStoreAway(t *testing.T) {
	r := newRing(t)
	r.press("add", "alice", `data-done="added"`)
	r.hold(true)
	r.press("use", "", `data-done="held"`)
	kept, answer := r.last()
	r.store.Fail(func(string) storetest.Fault { return storetest.FailBefore })
	if got, err := r.FinishUse(t.Context(), kept, answer); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("%q (%v)", got, err)
	}
	r.store.Fail(nil)
	if got, err := r.FinishUse(t.Context(), kept, bytes.TrimSpace(answer)); got != "alice" || err != nil {
		t.Errorf("%q (%v)", got, err)
	}
}
