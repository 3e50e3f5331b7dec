package webpush

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Daemons that start at once have the same keys, and so has one that starts later.
func TestAHouseHasOneKey(t *testing.T) {
	store := storetest.New()
	public := make([]string, 16)
	var all sync.WaitGroup
	for i := range public {
		all.Go(func() {
			keys, err := NewHouse(store.Records()).Keys(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			public[i] = keys.Public()
		})
	}
	all.Wait()
	later, err := NewHouse(store.Records()).Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range public {
		if key != later.Public() {
			t.Errorf("%s and %s", key, later.Public())
		}
	}
	if said := fmt.Sprintf("%v %+v %#v %s", later, later, later, later); strings.Contains(said, later.kept().Private) || strings.Contains(said, "private") {
		t.Errorf("it prints %s", said)
	}
}

// A store that is away is asked again, and keys that cannot be read are never made
// anew.
func TestKeysThatAreNotThere(t *testing.T) {
	store := storetest.New()
	house := NewHouse(store.Records())
	store.Fail(storetest.On(storetest.FailBefore))
	if _, err := house.Keys(t.Context()); err == nil {
		t.Error("keys of a store that is away")
	}
	store.Fail(nil)
	if _, err := house.Keys(t.Context()); err != nil {
		t.Error(err)
	}
	was, err := store.Records().Get(t.Context(), records.House, kindKeys, vapid)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{`{}`, `{"private":"AAAA","shown":""}`, `[]`, `x`} {
		if _, err := store.Records().Write(t.Context(), records.House, records.Write{Kind: kindKeys, Key: vapid, Revision: records.Any, Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
		if _, err := NewHouse(store.Records()).Keys(t.Context()); err == nil {
			t.Errorf("%s are keys", value)
		}
		if now, err := store.Records().Get(t.Context(), records.House, kindKeys, vapid); err != nil || string(now.Value) != value {
			t.Errorf("%s became %s, %v", value, now.Value, err)
		}
	}
	if len(was.Value) == 0 {
		t.Error("nothing was kept")
	}
}

// Nobody makes a token but who has the keys.
func TestTokensCannotBeForged(t *testing.T) {
	keys, err1 := NewKeys()
	other, err2 := NewKeys()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	of := Shown{Source: "prometheus", Key: ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "push"}, Device: "web-1"}
	token, err := keys.token(of)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keys.token(of)
	if err != nil || again == token {
		t.Errorf("two tokens are the same: %v", err)
	}
	if got, err := keys.Opened(token); err != nil || got != of {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := other.Opened(token); !errors.Is(err, ErrToken) {
		t.Errorf("another house opens it: %v", err)
	}
	for i := range token {
		letter := byte('A')
		if token[i] == letter {
			letter = 'B'
		}
		if _, err := keys.Opened(token[:i] + string(letter) + token[i+1:]); !errors.Is(err, ErrToken) {
			t.Fatalf("with another letter at %d: %v", i, err)
		}
	}
	for _, bad := range []string{"", "A", token[:20], token + "A", token + "==", strings.Repeat("A", 1<<20), "../../x"} {
		if _, err := keys.Opened(bad); !errors.Is(err, ErrToken) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
	if strings.Contains(token, "alice") || strings.Contains(token, "I2611") {
		t.Error("a token can be read")
	}
}

// slow is a store in which somebody else writes first.
type slow struct {
	records.Store
	first func()
}

// Write writes after somebody else has (records.Store).
func (s slow) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	s.first()
	return s.Store.Write(ctx, home, writes...) //nolint:wrapcheck // it is the other's
}

// Of two daemons that find no keys, the second takes those of the first.
func TestTheFirstKeysCount(t *testing.T) {
	store := storetest.New()
	var first *Keys
	mine, err := NewHouse(slow{store.Records(), func() {
		var err error
		if first, err = NewHouse(store.Records()).Keys(t.Context()); err != nil {
			t.Error(err)
		}
	}}).Keys(t.Context())
	if err != nil || first == nil || mine.Public() != first.Public() {
		t.Errorf("%v and %v, %v", mine, first, err)
	}
}
