package boltstore

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

type item struct{ value, place int }

func TestHeap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	h := heap[*item]{
		less:  func(a, b *item) bool { return a.value < b.value },
		place: func(i *item) *int { return &i.place },
	}
	var in []*item
	for range 5000 {
		switch n := random.IntN(5); {
		case n < 2 || len(in) == 0:
			i := &item{random.IntN(100), nowhere}
			in = append(in, i)
			h.put(i)
		case n == 2:
			i := in[random.IntN(len(in))]
			i.value = random.IntN(100)
			h.put(i)
		case n == 3:
			k := random.IntN(len(in))
			h.drop(in[k])
			h.drop(in[k])
			in = slices.Delete(in, k, k+1)
		default:
			least := slices.MinFunc(in, func(a, b *item) int { return cmp.Compare(a.value, b.value) })
			got := h.pop()
			if got.value != least.value || got.place != nowhere {
				t.Fatalf("popped %+v, want the value %d", got, least.value)
			}
			in = slices.DeleteFunc(in, func(i *item) bool { return i == got })
		}
		if h.len() != len(in) {
			t.Fatalf("%d items, want %d", h.len(), len(in))
		}
		for place, i := range h.items {
			if i.place != place {
				t.Fatalf("item %+v is at %d", i, place)
			}
		}
	}
}
