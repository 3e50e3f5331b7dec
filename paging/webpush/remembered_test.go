package webpush

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
)

// TestKeysAreRemembered: a house that starts while its store is away has the keys that
// it had; those of the store count as soon as it answers, and are what is remembered
// from then on. The file is its owner's alone.
func TestKeysAreRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "push.json")
	store := storetest.New()
	house := func(s *storetest.Memory) *House {
		t.Helper()
		h := NewHouse(s.Records())
		if err := h.Remember(path); err != nil {
			t.Fatal(err)
		}
		return h
	}
	first, err := house(store).Ask(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	store.Fail(storetest.On(storetest.FailBefore))
	later := house(store)
	if keys, err := later.Keys(t.Context()); err != nil || keys.kept() != first.kept() {
		t.Errorf("%v, %v", keys, err)
	}
	if _, err := later.Ask(t.Context()); err == nil {
		t.Error("a store that is away has answered")
	}
	store.Fail(nil)
	if keys, err := later.Ask(t.Context()); err != nil || keys.kept() != first.kept() {
		t.Errorf("%v, %v", keys, err)
	}

	another := storetest.New() // it lost everything, and its keys are others
	moved := house(another)
	if keys, err := moved.Keys(t.Context()); err != nil || keys.kept() != first.kept() {
		t.Errorf("before it answered: %v, %v", keys, err)
	}
	now, err := moved.Ask(t.Context())
	if err != nil || now.kept() == first.kept() {
		t.Errorf("%v, %v", now, err)
	}
	if keys, err := moved.Keys(t.Context()); err != nil || keys != now {
		t.Errorf("%v, %v", keys, err)
	}
	another.Fail(storetest.On(storetest.FailBefore))
	if keys, err := house(another).Keys(t.Context()); err != nil || keys.kept() != now.kept() {
		t.Errorf("remembered: %v, %v", keys, err)
	}

	for _, text := range []string{"", "x", "{}", `{"private":"AAAA","shown":""}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h := NewHouse(another.Records())
		if err := h.Remember(path); err == nil {
			t.Errorf("%q are keys", text)
		}
		if _, err := h.Keys(t.Context()); err == nil {
			t.Errorf("%q: a store that is away has keys", text)
		}
	}
	another.Fail(nil)
	h := NewHouse(another.Records())
	if err := h.Remember(path); err == nil {
		t.Error("keys that cannot be read are remembered")
	}
	if keys, err := h.Keys(t.Context()); err != nil || keys.kept() != now.kept() {
		t.Errorf("%v, %v", keys, err)
	}
	if _, err := house(another).Keys(t.Context()); err != nil {
		t.Errorf("it was not written anew: %v", err)
	}
}
