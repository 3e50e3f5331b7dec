//go:build !race || long

package boltstore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// If a page of the file among what is over cannot be read, it keeps nothing
// else from leaving, and is counted.
func TestAPageThatCannotBeReadIsPassedOver(t *testing.T) {
	const tickets = 600
	name := storetest.Prefix + "000300"
	for what, key := range map[string][]byte{
		"a link's":         []byte(paging.LinkHash("link" + name)),
		"a list's":         timeKey(classClosed, stamp(storetest.At(-300e9)), name),
		"a ticket's":       ticketKey(name),
		"the first link's": nil,
	} {
		t.Run(what, func(t *testing.T) {
			s := openTest(t, filepath.Join(t.TempDir(), "a.db"))
			defer func() { _ = s.Close() }()
			pastTickets(t, s, "+33612345601", 1, tickets)
			err := s.survey(t.Context(), func(tx *bolt.Tx) error {
				if key == nil {
					k, _ := in(tx, inLinks).Cursor().First()
					key = bytes.Clone(k)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			spoilPages(t, s, key)
			var sum ticket.Forgotten
			for idle := 0; idle < 6; idle++ {
				done, err := s.Forget(t.Context(), ticket.Past{Tickets: storetest.At(48 * 3600e9), Links: storetest.At(48 * 3600e9), Limit: 25})
				if err != nil {
					t.Fatal(err)
				}
				if sum.Add(done); !done.Nothing() {
					idle = -1
				}
			}
			if sum.Tickets < tickets*2/3 || sum.Links < tickets*2/3 || sum.Codes < tickets*2/3 {
				t.Errorf("forgot %+v", sum)
			}
			if len(s.Damaged()) == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}

// spoilPages damages the leaves of the file that hold a key, so that bbolt
// cannot read them.
func spoilPages(t *testing.T, s *Store, key []byte) {
	t.Helper()
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	size, spoiled := s.db.Info().PageSize, 0
	for at := 2 * size; at+size <= len(all); at += size {
		if p := all[at : at+size]; p[8] == flagLeaf && bytes.Contains(p, key) {
			spoiled++
			if _, err := f.WriteAt([]byte{0x40}, int64(at+8)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if spoiled == 0 {
		t.Fatal("no page has it")
	}
}
