package attachment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/astreinte/astreinte/internal/disk"
)

var noon = time.Date(2026, time.November, 27, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *Folder {
	t.Helper()
	f := New(filepath.Join(t.TempDir(), "data", "attachments"), func() int64 { return 0 })
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// rootOf is the folder itself, made if need be.
func rootOf(t *testing.T, f *Folder) *os.Root {
	t.Helper()
	root, err := f.root(true)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// files lists every file of a folder but its clock.
func files(t *testing.T, f *Folder) (list []string) {
	t.Helper()
	if err := fs.WalkDir(rootOf(t, f).FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && name != ".clock" {
			list = append(list, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func take(t *testing.T, f *Folder, number, text string) Taken {
	t.Helper()
	taken, err := f.Take(t.Context(), number, strings.NewReader(text), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func content(t *testing.T, f *Folder, number, id string) string {
	t.Helper()
	file, err := f.Read(number, id)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shelf is what tickets name.
type shelf struct {
	named map[string][]string
	err   error
}

func (s *shelf) Attached(_ context.Context, number string) (ids []string, known bool, err error) {
	ids, known = s.named[number]
	return ids, known, s.err
}

// TestAFileIsChecked against the hash that its ticket has.
func TestAFileIsChecked(t *testing.T) {
	f := open(t)
	taken := take(t, f, "I261127_0001", strings.Repeat("long", partSize))
	check := func(what string, want error) {
		t.Helper()
		if err := f.Check("I261127_0001", taken.ID, taken.SHA256); !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("as it came", nil)
	if err := f.Keep("I261127_0001", taken.ID, noon); err != nil {
		t.Fatal(err)
	}
	check("in its place", nil)
	file, err := rootOf(t, f).OpenFile(kept("I261127_0001", taken.ID), os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteAt([]byte("L"), partSize)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	check("one byte is another", ErrChanged)
	if err := f.Drop("I261127_0001", taken.ID); err != nil {
		t.Fatal(err)
	}
	check("it is gone", ErrNotFound)
}

// TestAFileComesAndGoes: it is read before its ticket names it, in its place, and no
// more once it was dropped. Whoever runs the daemon alone can read it.
func TestAFileComesAndGoes(t *testing.T) {
	f := open(t)
	const text = "\x89PNG\r\n\x1a\nand so on"
	taken := take(t, f, "I261127_0001", text)
	sum := sha256.Sum256([]byte(text))
	if taken.Size != int64(len(text)) || taken.Type != "image/png" || taken.SHA256 != hex.EncodeToString(sum[:]) || len(taken.ID) != 16 {
		t.Fatalf("%+v", taken)
	}
	if got := content(t, f, "I261127_0001", taken.ID); got != text {
		t.Errorf("before it is kept: %q", got)
	}
	for range 2 { // another try is harmless
		if err := f.Keep("I261127_0001", taken.ID, noon); err != nil {
			t.Fatal(err)
		}
	}
	if got := content(t, f, "I261127_0001", taken.ID); got != text {
		t.Errorf("kept: %q", got)
	}
	info, err := rootOf(t, f).Stat(kept("I261127_0001", taken.ID))
	if err != nil || !info.ModTime().Equal(noon) || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if got := content(t, f, "I261127_0002", taken.ID); got != ErrNotFound.Error() {
		t.Errorf("by another ticket: %q", got)
	}
	if err := errors.Join(f.Leave("I261127_0001", taken.ID), f.Drop("I261127_0001", taken.ID), f.Drop("I261127_0001", taken.ID)); err != nil {
		t.Fatal(err)
	}
	if left := files(t, f); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// TestAFolderIsMadeByItsFirstFile, not by looking into it.
func TestAFolderIsMadeByItsFirstFile(t *testing.T) {
	f := open(t)
	if got := content(t, f, "I1", "x"); got != ErrNotFound.Error() {
		t.Errorf("%q", got)
	}
	if s, err := f.Sweep(t.Context(), &shelf{}, noon, time.Hour); err != nil || !s.Nothing() {
		t.Errorf("%+v, %v", s, err)
	}
	if err := f.Room(1); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a folder: %v", err)
	}
	take(t, f, "I1", "x")
	if info, err := os.Stat(f.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestWhatDoesNotComeWhole leaves nothing: too long, broken off, its sender gone.
func TestWhatDoesNotComeWhole(t *testing.T) {
	f := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		from io.Reader
		want error
	}{
		{"a byte too long", t.Context(), strings.NewReader(strings.Repeat("x", 101)), ErrLarge},
		{"without end", t.Context(), zeros{}, ErrLarge},
		{"broken off", t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)), ErrBroken},
		{"its sender is gone", ctx, iotest.OneByteReader(strings.NewReader("half")), ErrBroken},
	} {
		if _, err := f.Take(c.ctx, "I1", c.from, 100); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if left := files(t, f); len(left) != 0 {
			t.Errorf("%s: left: %q", c.name, left)
		}
	}
	if _, err := f.Take(t.Context(), "I1", strings.NewReader(strings.Repeat("x", 100)), 100); err != nil {
		t.Errorf("as long as it may be: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestTheDiskIsNotFilled: nothing is begun below server.min_free, and what is under way
// ends there.
func TestTheDiskIsNotFilled(t *testing.T) {
	dir, least := t.TempDir(), int64(math.MaxInt64)
	f := New(dir, func() int64 { return least })
	t.Cleanup(func() { _ = f.Close() })
	if _, known, _ := disk.Free(dir); !known {
		if _, err := f.Take(t.Context(), "I1", strings.NewReader("x"), 10); err != nil { // nothing is refused for what nobody knows
			t.Error(err)
		}
		return
	}
	if _, err := f.Take(t.Context(), "I1", strings.NewReader("x"), 10); !errors.Is(err, disk.ErrNoRoom) {
		t.Errorf("begun: %v", err)
	}
	least = 0
	fills := readerFunc(func(p []byte) (int, error) { least = math.MaxInt64; return len(p), nil })
	if _, err := f.Take(t.Context(), "I1", fills, 100<<20); !errors.Is(err, disk.ErrNoRoom) {
		t.Errorf("under way: %v", err)
	}
	if left := files(t, f); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

type readerFunc func(p []byte) (int, error)

func (r readerFunc) Read(p []byte) (int, error) { return r(p) }

// TestNoNameIsAPath: tickets and files of any name stay in the folder, each by itself.
func TestNoNameIsAPath(t *testing.T) {
	f := open(t)
	names := []string{"I1", "../I1", "..", ".", "a/b", "a=2fb", "\x00", "", strings.Repeat("é", 30)}
	for i, number := range names {
		for _, id := range names[:5] {
			if err := rootOf(t, f).WriteFile(incoming(number, id), fmt.Append(nil, i, id), 0o600); err != nil {
				t.Fatalf("%q %q: %v", number, id, err)
			}
			if err := f.Keep(number, id, noon); err != nil {
				t.Fatalf("%q %q: %v", number, id, err)
			}
			n, d, ok := entryOf(entry(number, id))
			if (n != number || d != id || !ok) && number != "" {
				t.Errorf("%q %q is read as %q %q", number, id, n, d)
			}
		}
	}
	for i, number := range names {
		for _, id := range names[:5] {
			if got := content(t, f, number, id); got != fmt.Sprint(i, id) {
				t.Errorf("%q %q: %q", number, id, got)
			}
		}
	}
	above, err := os.ReadDir(filepath.Dir(f.dir))
	if err != nil || len(above) != 1 {
		t.Errorf("beside the folder: %v, %v", above, err)
	}
	for _, odd := range []string{"", "a", "a.", ".b", "a.b.c", "=.a", "=2.a", "=zz.a", "a b.c"} {
		if n, d, ok := entryOf(odd); ok {
			t.Errorf("%q is read as %q %q", odd, n, d)
		}
	}
}

// TestADaemonDiesAnywhere: what it left is kept if the ticket names it and removed if it
// does not, by whoever sweeps an hour later.
func TestADaemonDiesAnywhere(t *testing.T) {
	f := open(t)
	half := take(t, f, "I1", "half")       // before the ticket named it
	named := take(t, f, "I1", "named")     // before it came to its place
	stays := take(t, f, "I1", "stays")     // before the ticket named it no more
	leaves := take(t, f, "I1", "leaves")   // before it was removed
	lost := take(t, f, "I404", "nobody's") // there is no such ticket
	for _, id := range []string{stays.ID, leaves.ID} {
		if err := errors.Join(f.Keep("I1", id, noon), f.Leave("I1", id)); err != nil {
			t.Fatal(err)
		}
	}
	tickets := &shelf{named: map[string][]string{"I1": {named.ID, stays.ID}}}
	if s, err := f.Sweep(t.Context(), tickets, noon, 0); err != nil || !s.Nothing() {
		t.Fatalf("at once: %+v, %v", s, err)
	}
	their, err := clock(rootOf(t, f))
	if err != nil {
		t.Fatal(err)
	}
	long := their.Add(-2 * settled)
	for _, at := range []string{incoming("I1", half.ID), incoming("I1", named.ID), leaving("I1", stays.ID), leaving("I1", leaves.ID), incoming("I404", lost.ID)} {
		if err := rootOf(t, f).Chtimes(at, long, long); err != nil {
			t.Fatal(err)
		}
	}
	tickets.err = errors.New("the store is away")
	if s, err := f.Sweep(t.Context(), tickets, noon, 0); err == nil || !s.Nothing() {
		t.Errorf("while nobody can be asked: %+v, %v", s, err)
	}
	tickets.err = nil
	s, err := f.Sweep(t.Context(), tickets, noon, 0)
	if want := (Swept{Kept: 1, Removed: 3}); err != nil || s != want {
		t.Errorf("%+v, %v", s, err)
	}
	for id, want := range map[string]string{named.ID: "named", stays.ID: "stays", half.ID: ErrNotFound.Error(), leaves.ID: ErrNotFound.Error()} {
		if got := content(t, f, "I1", id); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if left := files(t, f); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}

// TestFilesLeaveWithTheirTicket, and not because a store has lost it.
func TestFilesLeaveWithTheirTicket(t *testing.T) {
	f := open(t)
	const keep = 31 * 24 * time.Hour
	put := func(number string, at time.Time) {
		t.Helper()
		if err := f.Keep(number, take(t, f, number, number).ID, at); err != nil {
			t.Fatal(err)
		}
	}
	put("old", noon.Add(-2*keep))
	put("lives", noon.Add(-2*keep))
	put("young", noon.Add(-keep+time.Hour))
	put("mixed", noon.Add(-2*keep))
	put("mixed", noon)
	tickets := &shelf{named: map[string][]string{"lives": nil}}
	all := func(keep time.Duration) (sum Swept) {
		t.Helper()
		for range shards {
			s, err := f.Sweep(t.Context(), tickets, noon, keep)
			if err != nil {
				t.Fatal(err)
			}
			sum.Tickets += s.Tickets
		}
		return sum
	}
	if s := all(0); !s.Nothing() {
		t.Errorf("kept for ever: %+v", s)
	}
	if s := all(keep); s.Tickets != 1 {
		t.Errorf("%+v", s)
	}
	if left := files(t, f); len(left) != 4 || strings.Contains(strings.Join(left, " "), "/old/") {
		t.Errorf("left: %q", left)
	}
}

// TestMemoryOfAFile: a file takes as much memory as a part of it.
func TestMemoryOfAFile(t *testing.T) {
	f := open(t)
	const size = 8 << 20
	allocated := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			taken, err := f.Take(b.Context(), "I1", io.LimitReader(zeros{}, size), size)
			if err != nil {
				b.Fatal(err)
			}
			if err := f.Drop("I1", taken.ID); err != nil {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if allocated > 2*partSize {
		t.Errorf("%d bytes for a file of %d", allocated, size)
	}
}

// TestNames are fit to be shown and saved under.
func TestNames(t *testing.T) {
	long := strings.Repeat("é", 200)
	for given, want := range map[string]string{
		"photo.jpg": "photo.jpg", "": "file", "...": "file", " . ": "file", "/etc/passwd": "passwd", `C:\Users\a\b.txt`: "b.txt", "..": "file", "../..": "file",
		"a\x00b\r\nc.png": "ab  c.png", "invoice\u202egpj.exe": "invoicegpj.exe", "<b>x</b>.html": "b.html", "<img src=x>": "img src=x",
		"\xff\xfe.txt": "\uFFFD.txt", "Été à Noël.pdf": "Été à Noël.pdf", ".htaccess": "htaccess", "a\u200bb\ufeff.txt": "ab.txt", "\u2066x\u2069": "x",
		long + ".png": long[:192] + "….png", "x." + strings.Repeat("y", 300): ("x." + strings.Repeat("y", 300))[:197] + "…",
	} {
		if got := Name(given); got != want || len(got) > 200 {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// TestTypes are what the first bytes say, and four of them are shown.
func TestTypes(t *testing.T) {
	for head, want := range map[string]string{
		"\x89PNG\r\n\x1a\n": "image/png", "\xff\xd8\xff\xe0": "image/jpeg", "GIF89a": "image/gif", "RIFF\x00\x00\x00\x00WEBPVP8L": "image/webp",
	} {
		if got := typeOf([]byte(head)); got != want || !Shown(got) {
			t.Errorf("%q: %s", head, got)
		}
	}
	for head, want := range map[string]string{
		"PK\x03\x04": "application/zip", "<html><script>": "text/html", "<svg xmlns='http://www.w3.org/2000/svg'>": "text/plain", "<?xml version='1.0'?><svg/>": "text/xml", "": "text/plain",
		"%PDF-1.4": "application/pdf", "BM": "image/bmp", "\x00\x00\x01\x00": "image/x-icon", "\x7fELF\x00\x01": "application/octet-stream",
	} {
		if got := typeOf([]byte(head)); got != want || Shown(got) {
			t.Errorf("%q: %s", head, got)
		}
	}
	if typeOf(bytes.Repeat([]byte{0x89}, sniffed)) == "image/png" {
		t.Error("no PNG")
	}
}

// TestHold: while somebody holds the folder nothing is removed, and afterwards it is.
func TestHold(t *testing.T) {
	f := open(t)
	taken := take(t, f, "I261127_0001", "a photo")
	if err := f.Keep("I261127_0001", taken.ID, noon); err != nil {
		t.Fatal(err)
	}
	release := f.Hold()
	if err := f.Drop("I261127_0001", taken.ID); err != nil {
		t.Fatal(err)
	}
	if text := content(t, f, "I261127_0001", taken.ID); text != "a photo" {
		t.Errorf("it is %q", text)
	}
	var found []string
	if err := f.Walk(t.Context(), func(s Stored, file io.Reader) error {
		text, err := io.ReadAll(file)
		found = append(found, s.Number+" "+s.ID+" "+string(text))
		return err
	}); err != nil || len(found) != 1 || found[0] != "I261127_0001 "+taken.ID+" a photo" {
		t.Errorf("%q %v", found, err)
	}
	release()
	if list := files(t, f); len(list) != 2 || !strings.HasPrefix(list[1], "leaving/") { // its mark, by which Sweep finds it
		t.Errorf("%q", list)
	}
	if err := f.Drop("I261127_0001", taken.ID); err != nil {
		t.Fatal(err)
	}
	if list := files(t, f); len(list) != 0 {
		t.Errorf("%q", list)
	}
}
