package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/reftest"
	"github.com/astreinte/astreinte/internal/ticket"
)

var kinds = Kinds{
	"turn": {About: "duty", Of: "group", By: []string{"ended", "by"}, Fields: []string{"person", "note"}},
	"gag":  {About: "setting", By: []string{"by"}, Fields: []string{"matchers", "until", "ended"}, Which: []string{"matchers", "until"}},
	"door": {About: "session", Fields: []string{"device"}},
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { c.at = c.at.Add(time.Second); return c.at }

func told(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		from, _ := json.Marshal(l.From)
		to, _ := json.Marshal(l.To)
		fmt.Fprintf(&b, "%s/%s %s %s %s %s→%s\n", l.Who, l.Via, l.About, l.Of, l.What, from, to)
	}
	return b.String()
}

func lines(t *testing.T, l *Log, q Query) string {
	t.Helper()
	list, _, err := l.Lines(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return told(list)
}

// TestWhatIsWrittenDown: each change of what is told, by whom, from what to what; nothing
// of what is not told, and nothing of other kinds.
func TestWhatIsWrittenDown(t *testing.T) {
	c := &clock{at: storetest.Began()}
	under := storetest.New().Records()
	store := Over(under, kinds, c.now)
	write := func(ctx context.Context, writes ...records.Write) []int64 {
		t.Helper()
		revisions, err := store.Write(ctx, records.House, writes...)
		if err != nil || len(revisions) != len(writes) {
			t.Fatalf("%v %v", revisions, err)
		}
		return revisions
	}
	ctx := t.Context()
	rev := write(By(By(ctx, "ops", "api"), "other", "web"), records.Write{Kind: "turn", Key: "r1", Value: []byte(`{"group":"g","person":"bruno","by":"x","secret":"s"}`)})
	write(ctx, records.Write{Kind: "turn", Key: "r1", Revision: rev[0], Value: []byte(`{"group":"g","person":"chloe","by":"x","ended":"alice","secret":"t"}`)})
	write(ctx, records.Write{Kind: "turn", Key: "r1", Revision: records.Any, Value: []byte(`{"group":"g","person":"chloe","by":"x","secret":"u"}`)})
	write(ctx, records.Write{Kind: "other", Key: "o", Value: []byte(`{"person":"p"}`)}, records.Write{Kind: "door", Key: "d", Value: []byte(`{"device":"Pixel"}`)})
	write(ctx, records.Write{Kind: "door", Key: "e", Value: []byte(`{"used":"now"}`)})
	write(By(ctx, "edith", "web"), records.Write{Kind: "door", Key: "d", Revision: records.Any, Remove: true})
	write(ctx, records.Write{Kind: "door", Key: "d", Revision: records.Any, Remove: true}) // it is gone already
	log := NewLog(under)
	want := `edith/web session d removed {"device":"Pixel"}→null
/ session d made null→{"device":"Pixel"}
alice/ duty g changed {"person":"bruno"}→{"person":"chloe"}
ops/api duty g made null→{"person":"bruno"}
`
	if got := lines(t, log, Query{Most: 10}); got != want {
		t.Errorf("%swanted:\n%s", got, want)
	}
	if got := lines(t, log, Query{Most: 10, About: "session", Of: "d"}); strings.Count(got, "\n") != 2 {
		t.Errorf("%s", got)
	}
	if got := lines(t, log, Query{Most: 10, Since: storetest.Began().Add(2500 * time.Millisecond)}); strings.Count(got, "\n") != 2 {
		t.Errorf("%s", got)
	}
}

// TestWhichThing: a line about a change of something has what says which thing that is,
// changed or not; that alone is no change.
func TestWhichThing(t *testing.T) {
	under := storetest.New().Records()
	store := Over(under, kinds, (&clock{at: storetest.Began()}).now)
	for _, value := range []string{`{"by":"x","matchers":["a"],"until":"9"}`, `{"by":"x","matchers":["a"],"until":"9","seen":1}`, `{"by":"x","matchers":["a"],"until":"9","ended":"8"}`} {
		if _, err := store.Write(t.Context(), records.House, records.Write{Kind: "gag", Key: "s1", Revision: records.Any, Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
	}
	want := `x/ setting s1 changed {"matchers":["a"],"until":"9"}→{"ended":"8","matchers":["a"],"until":"9"}
x/ setting s1 made null→{"matchers":["a"],"until":"9"}
`
	if got := lines(t, NewLog(under), Query{Most: 10}); got != want {
		t.Errorf("%swanted:\n%s", got, want)
	}
}

// TestNothingHalf: a write that is refused leaves no line, and its error is the store's.
func TestNothingHalf(t *testing.T) {
	under := storetest.New().Records()
	store := Over(under, kinds, (&clock{at: storetest.Began()}).now)
	_, err := store.Write(t.Context(), records.House, records.Write{Kind: "door", Key: "d", Revision: 7, Value: []byte(`{"device":"Pixel"}`)})
	if !errors.Is(err, records.ErrConflict) {
		t.Errorf("%v", err)
	}
	if list, err := under.List(t.Context(), records.House, KindLine, "", 10); err != nil || len(list) != 0 {
		t.Errorf("%d lines: %v", len(list), err)
	}
}

// TestPages: cursors lead through all lines once, also of a query that few lines are of.
func TestPages(t *testing.T) {
	c := &clock{at: storetest.Began()}
	under := storetest.New().Records()
	store := Over(under, kinds, c.now)
	for i := range 60 {
		kind, value := "door", fmt.Sprintf(`{"device":"%d"}`, i)
		if i%7 == 0 {
			kind, value = "turn", fmt.Sprintf(`{"group":"g","person":"%d"}`, i)
		}
		if _, err := store.Write(t.Context(), records.House, records.Write{Kind: kind, Key: fmt.Sprint("k", i), Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
	}
	for about, want := range map[string]int{"": 60, "duty": 9} {
		seen := map[time.Time]bool{}
		q := Query{About: about, Most: 4}
		for {
			list, next, err := NewLog(under).Lines(t.Context(), q)
			if err != nil || len(list) > 4 {
				t.Fatal(len(list), err)
			}
			for _, l := range list {
				if seen[l.At] {
					t.Errorf("%q: a line twice", about)
				}
				seen[l.At] = true
			}
			if q.After = next; next == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("%q: %d of %d lines", about, len(seen), want)
		}
	}
}

// TestALineIsBounded, whatever is in a record.
func TestALineIsBounded(t *testing.T) {
	under := storetest.New().Records()
	store := Over(under, kinds, (&clock{at: storetest.Began()}).now)
	long := strings.Repeat("x", 50_000)
	value, _ := json.Marshal(map[string]string{"group": long, "person": "p", "note": long, "by": long})
	if _, err := store.Write(t.Context(), records.House, records.Write{Kind: "turn", Key: "k", Value: value}); err != nil {
		t.Fatal(err)
	}
	list, err := under.List(t.Context(), records.House, KindLine, "", 10)
	if err != nil || len(list) != 1 || len(list[0].Value) > 3*ticket.MaxAuditName+500 || !list[0].Due.IsZero() {
		t.Errorf("%d lines, %v", len(list), err)
	}
}

// full is a store without room for anything new.
type full struct{ records.Store }

var errFull = errors.New("no room")

func (f full) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	for i := range writes {
		if writes[i].Grows() {
			return nil, errFull
		}
	}
	return f.Store.Write(ctx, home, writes...)
}

// TestAFullStore takes what is removed, with its line, and no line of what it refuses
// uses the room that it keeps for pages.
func TestAFullStore(t *testing.T) {
	under := storetest.New().Records()
	now := (&clock{at: storetest.Began()}).now
	door := records.Write{Kind: "door", Key: "d", Value: []byte(`{"device":"Pixel"}`)}
	if _, err := Over(under, kinds, now).Write(t.Context(), records.House, door); err != nil {
		t.Fatal(err)
	}
	store := Over(full{under}, kinds, now)
	if _, err := store.Write(t.Context(), records.House, records.Write{Kind: "door", Key: "e", Value: door.Value}); !errors.Is(err, errFull) {
		t.Errorf("something new: %v", err)
	}
	if _, err := store.Write(t.Context(), records.House, records.Write{Kind: "door", Key: "d", Revision: records.Any, Remove: true}); err != nil {
		t.Errorf("something removed: %v", err)
	}
	if got := lines(t, NewLog(under), Query{Most: 10}); strings.Count(got, "\n") != 2 {
		t.Errorf("%s", got)
	}
}

// TestTheOldestLeave: of more lines than are kept.
func TestTheOldestLeave(t *testing.T) {
	store := storetest.New().Records()
	for i := range 700 {
		line := Line{About: "duty", Of: fmt.Sprint(i), What: Made}
		write, err := Write(&line, time.Unix(int64(i), 0))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Write(t.Context(), records.House, write); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{680, 0} {
		if left, err := Trim(t.Context(), store, 20, time.Time{}); err != nil || left != (Trimmed{Many: want}) {
			t.Errorf("%+v left, wanted %d: %v", left, want, err)
		}
	}
	lines, _, err := NewLog(store).Lines(t.Context(), Query{Most: 100})
	if err != nil || len(lines) != 20 || lines[0].Of != "699" || lines[19].Of != "680" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	for _, want := range []Trimmed{{Old: 10}, {}} { // those of before second 690
		if left, err := Trim(t.Context(), store, 20, time.Unix(690, 0)); err != nil || left != want {
			t.Errorf("%+v left, wanted %+v: %v", left, want, err)
		}
	}
	if left, err := Trim(t.Context(), store, 4, time.Unix(692, 0)); err != nil || left != (Trimmed{Old: 2, Many: 4}) {
		t.Errorf("both: %+v, %v", left, err)
	}
	if lines, _, err = NewLog(store).Lines(t.Context(), Query{Most: 100}); err != nil || len(lines) != 4 || lines[3].Of != "696" {
		t.Errorf("at last %d lines, %v", len(lines), err)
	}
}

// TestWhoFillsTheLog pushes out what he did himself, and nothing of the others.
func TestWhoFillsTheLog(t *testing.T) {
	store := storetest.New().Records()
	over := Over(store, kinds, (&clock{at: storetest.Began()}).now)
	write := func(who string) {
		t.Helper()
		w := records.Write{Kind: "door", Key: "d-" + who, Revision: records.Any, Value: []byte(`{"device":"x"}`)}
		if _, err := over.Write(By(t.Context(), who, "api"), records.House, w); err != nil {
			t.Fatal(err)
		}
		w.Value, w.Remove = nil, true
		if _, err := over.Write(By(t.Context(), who, "api"), records.House, w); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		write("alice")
	}
	for range 300 {
		write("mallory")
	}
	for range 20 {
		write("bruno")
	}
	if n := over.Written(); n != 646 {
		t.Errorf("%d lines are said to be written", n)
	}
	for _, want := range []int{546, 0} {
		if left, err := Trim(t.Context(), store, 100, time.Time{}); err != nil || left != (Trimmed{Many: want}) {
			t.Errorf("%+v left, wanted %d: %v", left, want, err)
		}
	}
	list, _, err := NewLog(store).Lines(t.Context(), Query{Most: 200})
	by := map[string]int{}
	for i := range list {
		by[list[i].Who]++
	}
	if err != nil || by["alice"] != 6 || by["bruno"] != 40 || by["mallory"] != 54 {
		t.Errorf("%v %v", by, err)
	}
}

// TestReferenceHasTheLimits compares the bounds of the log with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "audit.", map[string]any{"MostKept": MostKept})
}

// TestShare: who has few keeps them all.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		by         map[string]int
		most, want int
	}{
		{map[string]int{"a": 10, "b": 1000}, 100, 90},
		{map[string]int{"a": 1000, "b": 1000, "c": 1}, 101, 50},
		{map[string]int{"a": 1000}, 100, 100},
		{map[string]int{"a": 5, "b": 5, "c": 5}, 7, 2},
		{map[string]int{"a": 2, "b": 2, "c": 2}, 2, 0},
	} {
		if got := share(c.by, c.most); got != c.want {
			t.Errorf("%v of %d: %d, want %d", c.by, c.most, got, c.want)
		}
	}
}
