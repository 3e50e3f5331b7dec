package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	restoreChild = "ASTREINTE_RESTORE_CHILD"
	restoreKills = 7
)

// keeps is the configuration of a folder with a store, an archive and attached files.
func keeps(dir string) *config.Config {
	return &config.Config{
		Store: "bolt:" + filepath.Join(dir, "astreinte.db"), Archive: "sqlite:" + filepath.Join(dir, "archive.db"), Attachments: filepath.Join(dir, "attachments"),
		Server: config.Server{MinFree: 1}, Rules: &escalation.Rules{Location: time.UTC, Directory: &contacts.Directory{}},
	}
}

// stocked fills a folder with so many tickets in the store, and in the archive; and backs
// it up.
func stocked(t *testing.T, dir string, stored, archived int) (saved []byte) {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(dir, "astreinte.db"), boltstore.Options{Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(archive.Options{URL: "sqlite:" + filepath.Join(dir, "archive.db"), Careless: true, Now: storetest.Began})
	if err != nil {
		t.Fatal(err)
	}
	files := attachment.New(filepath.Join(dir, "attachments"), func() int64 { return 0 })
	var changes []ticket.Changed
	for i := range archived {
		of := storetest.Ticket("prometheus", fmt.Sprintf("I261121_%04d", i+1))
		changes = append(changes, ticket.Changed{Source: of.Source, Number: of.Number, Version: int64(i + 1), Revision: 1, View: ticket.View{Ticket: of, Timeline: []ticket.Entry{storetest.Note(of.OpenedAt, strings.Repeat("note ", 200))}}})
		if i < stored {
			errs, err := store.Commit(t.Context(), of.Source, []escalation.Change{storetest.Opening(&of, storetest.Alert(of.Source, of.Number))})
			if err := errors.Join(append(errs, err)...); err != nil {
				t.Fatal(err)
			}
			taken, err := files.Take(t.Context(), of.Number, strings.NewReader(strings.Repeat("a photo ", 10_000)), 1<<20)
			if err := errors.Join(err, files.Keep(of.Number, taken.ID, storetest.At(0))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := a.Write(t.Context(), "", 0, int64(archived), changes); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := backup.Write(t.Context(), &out, &backup.Source{Archive: a, Store: store.Backup, Files: files, Now: storetest.Began}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Close(), a.Close(), files.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// stock is how many tickets the store and the archive of a folder have, as a daemon would
// open them.
func stock(t *testing.T, dir string) string {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(dir, "astreinte.db"), boltstore.Options{Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "archive.db")); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(archive.Options{URL: "sqlite:" + filepath.Join(dir, "archive.db")})
	if err != nil {
		t.Fatal(err)
	}
	stored, _, err := store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 1000})
	archived, counts := a.Count(t.Context())
	if err := errors.Join(err, counts, store.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %d", len(stored), archived)
}

// killedIn has another process do something, and kills it after a time; 0: it may end.
// It says how long it took.
func killedIn(t *testing.T, what string, after time.Duration) time.Duration {
	t.Helper()
	ctx := t.Context()
	if after > 0 {
		timed, cancel := context.WithTimeout(ctx, after)
		defer cancel()
		ctx = timed
	}
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestRestoreChild$")
	cmd.Env = append(os.Environ(), restoreChild+"="+what)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if after == 0 && err != nil || bytes.Contains(out, []byte("failed:")) {
		t.Fatalf("%s: %v: %s", what, err, out)
	}
	return time.Since(began)
}

// TestRestoreChild is the process that is killed.
func TestRestoreChild(t *testing.T) {
	what, rest, _ := strings.Cut(os.Getenv(restoreChild), " ")
	from, to, _ := strings.Cut(rest, " ")
	var err error
	switch what {
	case "restore":
		_, err = Restore(t.Context(), keeps(to), from, storetest.Began())
	case "backup":
		_, err = SaveWhole(to, true, func(w io.Writer) error { return copied(w, from) })
	default:
		return // it is nobody's child
	}
	if err != nil {
		fmt.Println("failed:", err)
	}
}

// copied copies a file in small parts, each brought to the disk.
func copied(w io.Writer, from string) error {
	data, err := os.ReadFile(from)
	for ; err == nil && len(data) > 0; data = data[min(64<<10, len(data)):] {
		if _, err = w.Write(data[:min(64<<10, len(data))]); err == nil {
			err = w.(*os.File).Sync()
		}
	}
	return err
}

// leftBehind are files of a folder that belong to nobody.
func leftBehind(t *testing.T, dir string) (names []string) {
	t.Helper()
	for name := range found(t, dir) {
		if strings.Contains(name, ".restore-") && !strings.Contains(name, ".before-restore-") || strings.Contains(name, ".anew") || strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".put") {
			names = append(names, name)
		}
	}
	return names
}

// TestKilledRestoresLeaveOneOrTheOther: whenever a restore is killed, store and archive are
// whole, the archive never newer than the store; it is done by the next one, and nothing is
// left of the killed ones.
func TestKilledRestoresLeaveOneOrTheOther(t *testing.T) {
	source := t.TempDir()
	file := filepath.Join(t.TempDir(), "saved.tar")
	if err := os.WriteFile(file, stocked(t, source, 20, 300), 0o600); err != nil {
		t.Fatal(err)
	}
	measured := t.TempDir()
	stocked(t, measured, 1, 3)
	whole := killedIn(t, "restore "+file+" "+measured, 0)
	dir := t.TempDir()
	stocked(t, dir, 1, 3)
	random, seen := rand.New(rand.NewPCG(4, 2)), map[string]int{}
	for range restoreKills {
		killedIn(t, "restore "+file+" "+dir, whole/2+time.Duration(random.Int64N(int64(whole)/2)))
		is := stock(t, dir)
		if seen[is]++; is != "1 3" && is != "20 3" && is != "20 300" {
			t.Errorf("a killed restore leaves %s", is)
		}
		if is != "1 3" { // the next one begins where the first did
			dir = t.TempDir()
			stocked(t, dir, 1, 3)
		}
	}
	killedIn(t, "restore "+file+" "+dir, whole/2)
	if _, err := Restore(t.Context(), keeps(dir), file, storetest.Began()); err != nil {
		t.Fatal(err)
	}
	if is := stock(t, dir); is != "20 300" {
		t.Errorf("after a second try it has %s", is)
	}
	if names := leftBehind(t, dir); len(names) > 0 {
		t.Errorf("there is left %v", names)
	}
	t.Log(whole, seen)
}

// TestKilledBackupsLeaveOneOrTheOther: the file is the one before or the new one, and the
// next backup removes what killed ones left.
func TestKilledBackupsLeaveOneOrTheOther(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(t.TempDir(), "saved.tar"), filepath.Join(dir, "backup.tar")
	saved := stocked(t, t.TempDir(), 20, 300)
	for path, data := range map[string][]byte{from: saved, to: []byte("the one before")} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := killedIn(t, "backup "+from+" "+filepath.Join(t.TempDir(), "backup.tar"), 0)
	random, parts := rand.New(rand.NewPCG(4, 3)), 0
	for range restoreKills {
		killedIn(t, "backup "+from+" "+to, whole/2+time.Duration(random.Int64N(int64(whole)/2)))
		data, err := os.ReadFile(to)
		if err != nil || string(data) != "the one before" && !bytes.Equal(data, saved) {
			t.Errorf("a killed backup leaves %d bytes, %v", len(data), err)
		}
		parts += len(leftBehind(t, dir))
	}
	killedIn(t, "backup "+from+" "+to, 0)
	if data, err := os.ReadFile(to); err != nil || !bytes.Equal(data, saved) {
		t.Errorf("after a last try it has %d bytes, %v", len(data), err)
	}
	if names := leftBehind(t, dir); len(names) > 0 {
		t.Errorf("there is left %v", names)
	}
	t.Log(whole, parts)
}

// TestAnArchiveIsThereAtEveryMoment: what a killed daemon left beside it is brought into it
// first; then it has a second name, and its first one until the new one takes that.
func TestAnArchiveIsThereAtEveryMoment(t *testing.T) {
	living, dir := t.TempDir(), t.TempDir()
	path := filepath.Join(living, "archive.db")
	a, err := archive.Open(archive.Options{URL: "sqlite:" + path, Now: storetest.Began})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	of := storetest.Ticket("prometheus", "I261121_0001")
	if err := a.Write(t.Context(), "", 0, 1, []ticket.Changed{{Source: of.Source, Number: of.Number, Version: 1, Revision: 1, View: ticket.View{Ticket: of}}}); err != nil {
		t.Fatal(err)
	}
	for name, data := range found(t, living) { // as it is when its daemon is killed now
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "archive.db")
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := archive.Settle(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"aside", "aside"} { // the second time is that of one who was killed after the first
		aside, err := putAside(path, filepath.Join(dir, want))
		if err != nil || aside != filepath.Join(dir, want) {
			t.Errorf("%d: %s %v", n, aside, err)
		}
		for _, name := range []string{path, aside} {
			one, err := archive.Open(archive.Options{URL: "sqlite:" + name})
			if err != nil {
				t.Fatal(err)
			}
			has, err := one.Count(t.Context())
			if err := errors.Join(err, one.Close()); err != nil || has != 1 {
				t.Errorf("%s has %d tickets, %v", name, has, err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "taken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if aside, err := putAside(path, filepath.Join(dir, "taken")); err != nil || aside != filepath.Join(dir, "taken-2") {
		t.Errorf("%s %v", aside, err)
	}
	damaged := filepath.Join(dir, "damaged.db")
	for _, end := range []string{"", "-wal"} {
		if err := os.WriteFile(damaged+end, []byte("damaged"+end), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	aside, err := putAside(damaged, damaged+".aside")
	if data, read := os.ReadFile(aside + "-wal"); errors.Join(err, read) != nil || string(data) != "damaged-wal" {
		t.Errorf("%s %v %q", aside, errors.Join(err, read), data)
	}
}
