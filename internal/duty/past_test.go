package duty

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/records"
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

// TestWhatIsPastLeaves once it was kept for long enough.
func TestWhatIsPastLeaves(t *testing.T) {
	d := newDesk(t)
	held := d.made(cover("chloe", "alice", 1, 2), manager)
	dropped := d.made(cover("chloe", "alice", 3, 4), manager)
	if _, err := d.book.Drop(t.Context(), dropped.ID, manager, in(1)); err != nil {
		t.Fatal(err)
	}
	after := func(age time.Duration) {
		t.Helper()
		if err := d.book.Leave(t.Context(), now.Add(age)); err != nil {
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

// TestMadeAndDroppedWithoutEnd: what is kept stays small, and a day has room for so many
// of one who makes them.
func TestMadeAndDroppedWithoutEnd(t *testing.T) {
	d := newDesk(t)
	for i := range ticket.MaxReplacementsDay { // as Make and Drop would have left them
		r := cover("chloe", "alice", 1, 2)
		r.ID, r.Turn, r.By, r.At, r.Since, r.State, r.Ended = strconv.Itoa(i), int64(i), manager.Name, now, now, Dropped, manager.Name
		write, err := d.book.shelf.Put(r.ID, 0, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.book.store.Write(t.Context(), records.House, write); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.make(cover("chloe", "alice", 1, 2), manager); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more in a day: %v", err)
	}
	d.made(cover("chloe", "alice", 1, 2), Actor{Name: "desk", Manager: true})
	for range ticket.MaxReplacementsDay/mostLeave + 1 {
		if err := d.book.Leave(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.kept(); got != ticket.MaxReplacementNone+1 {
		t.Errorf("%d are kept", got)
	}
}

// TestTooManyToCome: what begins at once has room all the same.
func TestTooManyToCome(t *testing.T) {
	all := make([]Replacement, ticket.MaxReplacements)
	for i := range all {
		all[i] = Replacement{By: "desk", State: Planned, At: now.Add(-48 * time.Hour), Hours: Hours{in(1 + i), in(2 + i)}}
	}
	one := Replacement{By: "desk", At: now, Hours: Hours{in(5000), in(5001)}}
	if !tooMany(all, &one) || tooMany(all[1:], &one) {
		t.Error("so many and no more")
	}
	if one.From = now; tooMany(all, &one) {
		t.Error("nobody gets on call tonight")
	}
	if one.By = "alice"; tooMany(all, &one) {
		t.Error("she made none")
	}
}
