package boltstore

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// TestOpensOlder opens files of each older layout, written by the first
// version that had it: five tickets, one page sent, one claimed, three queued,
// a code, a link, a device, six numbers, and a repeat of the fifth alert. When
// a layout is added, the version before it writes a file for this test.
func TestOpensOlder(t *testing.T) {
	for version := 1; version < layoutVersion; version++ {
		name := fmt.Sprintf("layout-%d.db.gz", version)
		t.Run(name, func(t *testing.T) { opensOlder(t, name) })
	}
}

func opensOlder(t *testing.T, name string) {
	s, err := Open(unpackTest(t, name), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := 1; n <= 5; n++ {
		verdictTest(t, s, n, escalation.Repeat)
	}
	if n := countTest(t, s, 5); n != 3 {
		t.Errorf("alert 5 was heard of %d times, want 3", n)
	}
	first := openingTest(1).Ticket.Number
	view, err := s.View(t.Context(), first)
	if err != nil || len(view.Pages) != 1 || view.Pages[0].State != ticket.PageSent || view.Pages[0].ProviderID != "SM1" {
		t.Errorf("ticket %s: %+v, %v", first, view.Pages, err)
	}
	if len(view.Timeline) == 0 || view.Timeline[0].Kind != ticket.EntryOpened || view.Timeline[0].Text != "opened" {
		t.Errorf("the line of before the fourth layout: %+v", view.Timeline)
	}
	link, err := s.Link(t.Context(), "0123")
	if err != nil || link.Person != "alice" || link.Ticket != first {
		t.Errorf("link %+v, %v", link, err)
	}
	if codes, err := s.Codes(t.Context(), phoneTest); err != nil || len(codes) != 1 || codes[0].Code != firstCode {
		t.Errorf("codes %+v, %v", codes, err)
	}
	if devices, err := s.Devices(t.Context(), "alice"); err != nil || len(devices) != 1 || devices[0].ID != "d1" {
		t.Errorf("devices %+v, %v", devices, err)
	}
	numberTest(t, s, storetest.Prefix+"0007")
	if _, err := s.Records().Write(t.Context(), records.House, records.Write{Kind: "silence", Key: "a"}); err != nil {
		t.Errorf("a record is not taken: %v", err)
	}
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "two", Now: storetest.At(time.Hour), Until: storetest.At(2 * time.Hour), Limit: 10})
	if err != nil || len(claims) != 4 {
		t.Errorf("%d pages are claimed, want 4: %v", len(claims), err)
	}
	err = s.view(t.Context(), func(tx *bolt.Tx) error {
		var found layout
		err := json.Unmarshal(in(tx, inMeta).Get(layoutKey), &found)
		if found.Version != layoutVersion {
			t.Errorf("it is of layout %d now, want %d", found.Version, layoutVersion)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func unpackTest(t *testing.T, name string) (path string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "astreinte.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
