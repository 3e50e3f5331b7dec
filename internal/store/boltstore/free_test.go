//go:build !race || long

package boltstore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging"
)

// pastAndLive is a file with n closed tickets, and ten whose pages wait.
func pastAndLive(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	s := openUnloggedTest(t, path)
	pastTickets(t, s, "", 1, n)
	for i := range 10 {
		commitTest(t, s, openingTest(i+1))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// looked is how many pages a start checks, and how many there are.
func looked(t *testing.T, path string) (n, all int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v := verifier{f: f, size: size(t, path)}
	if err := v.findMeta(); err != nil {
		t.Fatal(err)
	}
	v.seen = make([]bool, v.pages)
	if !v.isNoted() {
		t.Fatal("the list of free pages is not noted")
	}
	v.live = &living{}
	if err := v.check(); err != nil {
		t.Fatal(err)
	}
	for _, seen := range v.seen {
		if seen {
			n++
		}
	}
	return n, len(v.seen)
}

// A start checks only what lives, however much has closed.
func TestAStartReadsWhatLives(t *testing.T) {
	few, _ := looked(t, pastAndLive(t, 0))
	many, all := looked(t, pastAndLive(t, 5000))
	if many > few+20 || all < 10*few/4 {
		t.Errorf("%d pages are read where nothing is closed, %d of %d where 5,000 are", few, many, all)
	}
	t.Logf("%d pages where nothing is closed, %d of %d where 5,000 are", few, many, all)
}

// The same holds after a kill: each transaction writes the note.
func TestAStartAfterAKillReadsWhatLives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openUnloggedTest(t, path)
	defer s.Close()
	pastTickets(t, s, "", 1, 2000)
	if err := s.flushNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path+".killed", text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n, all := looked(t, path+".killed"); n > all/4 {
		t.Errorf("%d of %d pages are read", n, all)
	}
}

// bbolt trusts its list of free pages. We do not trust a damaged list: the
// whole file is read, and refused if the list would overwrite pages in use.
func TestASpoiltListOfFreePages(t *testing.T) {
	whole, err := os.ReadFile(pastAndLive(t, 500))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b.db")
	v := verifier{f: strings.NewReader(string(whole)), size: int64(len(whole))}
	if err := v.findMeta(); err != nil {
		t.Fatal(err)
	}
	list := int(v.freelist * v.page)
	refused := 0
	for at := list + pageStart; at < list+pageStart+8*20; at += 8 {
		spoilt := []byte(string(whole))
		machine.PutUint64(spoilt[at:], machine.Uint64(spoilt[at:])^1)
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		w := verifier{f: strings.NewReader(string(spoilt)), size: int64(len(spoilt))}
		if err := w.findMeta(); err != nil || w.isNoted() {
			t.Fatalf("at %d: the spoilt list is believed (%v)", at-list, err)
		}
		if s, err := Open(path, Options{}); err != nil {
			refused++
		} else if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// Damage in a closed ticket does not prevent a start, and is reported when
// somebody looks for it.
func TestDamageAmongTheClosed(t *testing.T) {
	path := pastAndLive(t, 3000)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	number := storetest.Prefix + "001500"
	at := strings.Index(string(text), "\""+number+"\"")
	page := os.Getpagesize()
	for i := range len(text) / page { // every page that has it except the two heads, old ones too
		if p := text[i*page : (i+1)*page]; i > 1 && strings.Contains(string(p), number) {
			clear(p) // the head of a page, or the rest of a page that overflows
		}
	}
	if err := os.WriteFile(path, text, 0o600); err != nil || at < 0 {
		t.Fatal(at, err)
	}
	s := openUnloggedTest(t, path)
	if _, err := s.View(t.Context(), number); err == nil {
		t.Error("the damaged ticket is shown")
	}
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(60e9), Limit: 20})
	if err != nil || len(claims) != 10 {
		t.Errorf("%d pages, %v", len(claims), err)
	}
	_ = s.Close()
}
