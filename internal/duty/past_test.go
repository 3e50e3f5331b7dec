package duty

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// kept counts the replacements in a book.
func (d *desk) kept() int {
	d.t.Helper()
	all, err := d.book.All(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return len(all)
}

// TestWhatIsPastLeaves once it was kept for long enough, when another one is made.
func TestWhatIsPastLeaves(t *testing.T) {
	d := newDesk(t)
	held := d.made(cover("chloe", "alice", 1, 2), manager)
	dropped := d.made(cover("chloe", "alice", 3, 4), manager)
	if _, err := d.book.Drop(t.Context(), dropped.ID, manager, in(1)); err != nil {
		t.Fatal(err)
	}
	after := func(age time.Duration) {
		t.Helper()
		at := now.Add(age)
		r := Replacement{Kind: Besides, Group: "on-call", Person: "chloe", Hours: Hours{at.Add(time.Hour), at.Add(2 * time.Hour)}, Note: fmt.Sprint(age)}
		if _, err := d.book.Make(t.Context(), r, manager, d.with(), at, false); err != nil {
			t.Fatal(err)
		}
	}
	has := func(id string) bool {
		t.Helper()
		all, err := d.book.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			if all[i].ID == id {
				return true
			}
		}
		return false
	}
	after(NoneKeptFor)
	if !has(held.ID) || !has(dropped.ID) {
		t.Error("too soon")
	}
	after(NoneKeptFor + 2*time.Hour)
	if !has(held.ID) || has(dropped.ID) {
		t.Error("what never held is kept, or what held is not")
	}
	after(HeldKeptFor + time.Hour)
	if !has(held.ID) {
		t.Error("what held left before its time")
	}
	after(HeldKeptFor + 3*time.Hour)
	if has(held.ID) {
		t.Error("what held is kept for ever")
	}
}

// TestMadeAndDroppedWithoutEnd: what is kept stays small, and a day has
// room for so many.
func TestMadeAndDroppedWithoutEnd(t *testing.T) {
	d := newDesk(t)
	for made := 0; made <= ticket.MaxReplacementsDay; made++ {
		r := cover("chloe", "alice", 1, 2)
		if made%2 == 1 {
			r = cover("bruno", "alice", 1, 2)
		}
		r, err := d.make(r, manager)
		if made >= ticket.MaxReplacementNone+2 {
			if got := d.kept(); got > ticket.MaxReplacementNone+2 {
				t.Fatalf("%d are kept", got)
			}
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.book.Drop(t.Context(), r.ID, manager, now); err != nil {
			t.Fatal(err)
		}
	}
	another := Actor{Name: "desk", Manager: true}
	for i := range ticket.MaxReplacementsDay {
		from := 10 + i
		if _, err := d.make(Replacement{Kind: Besides, Group: "on-call", Person: "chloe", Hours: Hours{in(from), in(from + 1)}}, another); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	one := Replacement{Kind: Besides, Group: "on-call", Person: "chloe", Hours: Hours{in(2000), in(2001)}}
	if _, err := d.make(one, another); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more in a day: %v", err)
	}
	if _, err := d.make(one, Actor{Name: "other", Manager: true}); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}
