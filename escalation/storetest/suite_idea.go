package storetest

import (
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// perch is a record that no store has heard of: where a bird sits, and until
// when.
type perch struct {
	Bird  string    `json:"bird"`
	Until time.Time `json:"until"`
}

// left is its rule: the bird is gone once its time is over.
func (p perch) left(now time.Time) bool { return !now.Before(p.Until) }

// recordsOfAnIdea tests that a new idea is only a type and its rule. It costs
// no line in the store. Its records are kept, found again, changed, and
// claimed when they are due.
func recordsOfAnIdea(b *bench) {
	shelf := records.Shelf[perch]{Store: b.s.Records(), Home: records.House, Kind: "perch"}
	for i, bird := range []string{"tit", "wren"} {
		w, err := shelf.Put(bird, 0, perch{Bird: bird, Until: At(time.Duration(i+1) * time.Hour)})
		b.ok(err)
		w.Due = At(time.Duration(i+1) * time.Hour)
		_, err = b.s.Records().Write(b.ctx, records.House, w)
		b.ok(err)
	}
	all, err := shelf.List(b.ctx)
	b.ok(err)
	if len(all) != 2 || all[0].Of.Bird != "tit" || all[1].Of.left(At(time.Hour)) || !all[0].Of.left(At(time.Hour)) {
		b.Fatalf("kept: %+v", all)
	}
	due, err := b.s.Records().Claim(b.ctx, records.Claim{Kind: "perch", Owner: "cat", Now: At(time.Hour), Until: At(2 * time.Hour), Most: 9})
	b.ok(err)
	if len(due) != 1 || due[0].Key != "tit" {
		b.Fatalf("due: %+v", due)
	}
	_, err = b.s.Records().Write(b.ctx, records.House, shelf.Remove("tit", due[0].Revision))
	b.ok(err)
	wren, err := shelf.Get(b.ctx, "wren")
	b.ok(err)
	if all, err = shelf.List(b.ctx); err != nil || len(all) != 1 || wren.Of.Bird != "wren" {
		b.Fatalf("left: %+v, %v", all, err)
	}
}
