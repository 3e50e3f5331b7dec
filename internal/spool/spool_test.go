package spool

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

var began = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)

func opened(t testing.TB, dir string) (*Spool, Report) {
	t.Helper()
	s, report, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, report
}

func kept(t testing.TB, s *Spool, names ...string) {
	t.Helper()
	for i, name := range names {
		r := Record{At: began.Add(time.Duration(i) * time.Second), Since: began, Source: "prometheus", Alerts: []ticket.Alert{{Fingerprint: name, Status: ticket.Firing}}}
		if _, err := s.Append(r); err != nil {
			t.Fatal(err)
		}
	}
}

// names are the fingerprints of what is kept, in order.
func names(t testing.TB, s *Spool) []string {
	t.Helper()
	var found []string
	last := time.Time{}
	seq := uint64(0)
	for at := s.Start(); ; {
		records, next, err := s.Read(at, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			return found
		}
		for _, r := range records {
			if !r.At.After(last) || r.Seq <= seq {
				t.Errorf("record %d of %s comes after %d of %s", r.Seq, r.At, seq, last)
			}
			last, seq = r.At, r.Seq
			if r.Moved != nil {
				found = append(found, r.Moved.From+">"+r.Moved.To)
			}
			for _, a := range r.Alerts {
				found = append(found, a.Fingerprint)
			}
		}
		at = next
	}
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v is kept, want %v", got, want)
	}
}

func TestWhatIsKeptIsThereAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "spool")
	s, _ := opened(t, dir)
	kept(t, s, "a", "b")
	if _, err := s.Append(Record{At: began, Moved: &Moved{From: "E", To: "I"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(dir, 0); err == nil || !strings.Contains(err.Error(), "another process holds it") {
		t.Errorf("a second one: %v", err)
	}
	id := s.ID()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, dir)
	if st := s.Stats(); report.Records != 2 || st.Records != 2 || !st.First.At.Equal(began) || !st.First.Since.Equal(began) || s.ID() != id {
		t.Errorf("%+v, %+v, %s", report, st, s.ID())
	}
	same(t, names(t, s), "a", "b", "E>I")
	kept(t, s, "c")
	same(t, names(t, s), "a", "b", "E>I", "c")
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	same(t, names(t, s))
	kept(t, s, "d")
	same(t, names(t, s), "d")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, _ = opened(t, dir)
	same(t, names(t, s), "d")
}

// TestCutAtEveryByte is a crash, or a disk that ran full, in the middle of
// writing: what was answered for before it is all there.
func TestCutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	ends := []int64{s.Start()}
	for _, name := range []string{"a", "b", "c"} {
		kept(t, s, name)
		ends = append(ends, s.Stats().Bytes)
	}
	whole, err := os.ReadFile(filepath.Join(dir, logName))
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(0); cut <= int64(len(whole)); cut++ {
		for _, tail := range []int{0, 40} { // zeros, if the system had made room already
			torn := t.TempDir()
			if err := os.WriteFile(filepath.Join(torn, logName), append(bytes.Clone(whole[:cut]), make([]byte, tail)...), 0o600); err != nil {
				t.Fatal(err)
			}
			var want []string
			for i, name := range []string{"a", "b", "c"} {
				if cut >= ends[i+1] {
					want = append(want, name)
				}
			}
			s, report, err := Open(torn, 0)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			same(t, names(t, s), want...)
			kept(t, s, "later")
			same(t, names(t, s), append(want, "later")...)
			if report.Damaged > 0 && tail == 0 {
				t.Errorf("cut at %d: %+v", cut, report)
			}
			_ = s.Close()
		}
	}
}

// TestDamage is a disk that lies: what can be read is kept, the file as it was
// is put aside, and it is told.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	kept(t, s, "a")
	from := s.Stats().Bytes
	kept(t, s, "b")
	to := s.Stats().Bytes
	kept(t, s, "c", "d")
	_ = s.Close()
	whole, err := os.ReadFile(filepath.Join(dir, logName))
	if err != nil {
		t.Fatal(err)
	}
	for at := from; at < to; at++ {
		hurt := t.TempDir()
		b := bytes.Clone(whole)
		b[at] ^= 0x55
		if err := os.WriteFile(filepath.Join(hurt, logName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, report, err := Open(hurt, 0)
		if err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		same(t, names(t, s), "a", "c", "d")
		aside, err := os.ReadFile(report.Aside)
		if err != nil || !bytes.Equal(aside, b) || report.Damaged != to-from {
			t.Errorf("byte %d: %+v, %v", at, report, err)
		}
		_ = s.Close()
		s, report = opened(t, hurt)
		if report.Damaged != 0 {
			t.Errorf("byte %d: it is damaged still: %+v", at, report)
		}
		same(t, names(t, s), "a", "c", "d")
	}
	// The very first frame.
	hurt := t.TempDir()
	whole[5] ^= 0x55
	if err := os.WriteFile(filepath.Join(hurt, logName), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, hurt)
	same(t, names(t, s), "a", "b", "c", "d")
	if report.Damaged == 0 || s.ID() == "" {
		t.Errorf("%+v %q", report, s.ID())
	}
}

func TestANewerFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	b := (&frame{body: []byte(`{"version":2,"id":"ABCD"}`)}).append(nil)
	if err := os.WriteFile(filepath.Join(dir, logName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(dir, 0); err == nil || !strings.Contains(err.Error(), "a newer astreinte wrote it") {
		t.Errorf("%v", err)
	}
}

func TestTogetherWithOneSync(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	disk := &countedDisk{file: s.file}
	s.file = disk
	const n = 200
	var all sync.WaitGroup
	s.writing.Lock() // somebody writes
	for i := range n {
		all.Go(func() { kept(t, s, fmt.Sprint("alert-", i)) })
	}
	for waiting := 0; waiting < n; runtime.Gosched() {
		s.mu.Lock()
		waiting = len(s.pending)
		s.mu.Unlock()
	}
	s.writing.Unlock()
	all.Wait()
	if got := len(names(t, s)); got != n {
		t.Errorf("%d are kept", got)
	}
	if disk.syncs != 1 {
		t.Errorf("%d syncs for %d records", disk.syncs, n)
	}
}

// countedDisk counts its syncs.
type countedDisk struct {
	file
	syncs int
}

func (d *countedDisk) Sync() error {
	d.syncs++
	return d.file.Sync()
}

func TestFull(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir, 700)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := 0
	for ; err == nil; n++ {
		_, err = s.Append(Record{At: began, Source: "prometheus", Alerts: []ticket.Alert{{Fingerprint: "a"}}})
	}
	if !errors.Is(err, ErrFull) || n < 2 || s.Stats().Bytes > 700 {
		t.Errorf("after %d: %v, %+v", n, err, s.Stats())
	}
	if got := len(names(t, s)); got != n-1 {
		t.Errorf("%d are kept of %d", got, n-1)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	kept(t, s, "b")
	same(t, names(t, s), "b")
}

// fullDisk writes a part and fails, as a disk without room does.
type fullDisk struct {
	file
	full, stuck bool
}

var errNoSpace = errors.New("no space left on device")

func (d *fullDisk) WriteAt(b []byte, off int64) (int, error) {
	if !d.full {
		return d.file.WriteAt(b, off)
	}
	n, err := d.file.WriteAt(b[:len(b)/2], off)
	return n, errors.Join(err, errNoSpace)
}

func (d *fullDisk) Truncate(size int64) error {
	if d.stuck {
		return errNoSpace
	}
	return d.file.Truncate(size)
}

func TestADiskWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	kept(t, s, "a")
	disk := &fullDisk{file: s.file, full: true}
	s.file = disk
	for range 2 {
		if _, err := s.Append(Record{At: began, Source: "prometheus"}); !errors.Is(err, errNoSpace) {
			t.Errorf("%v", err)
		}
		disk.stuck = true // and then the half that was written cannot even be taken back
	}
	if info, err := os.Stat(filepath.Join(dir, logName)); err != nil || info.Size() == s.Stats().Bytes {
		t.Fatalf("the test left no half: %v", err)
	}
	disk.full, disk.stuck = false, false
	kept(t, s, "b")
	same(t, names(t, s), "a", "b")
	_ = s.Close()
	s, report := opened(t, dir)
	same(t, names(t, s), "a", "b")
	if report.Cut+report.Damaged != 0 {
		t.Errorf("%+v", report)
	}
}

// FuzzOpen: whatever is in the file, Open says so or keeps what can be read,
// and keeps it for good.
func FuzzOpen(f *testing.F) {
	head := (&frame{body: []byte(`{"version":1,"id":"ABCD"}`)}).append(nil)
	one := (&frame{seq: 1, at: began, body: []byte(`{"source":"prometheus","alerts":[{"fingerprint":"a"}]}`)}).append(nil)
	f.Add([]byte{})
	f.Add(head)
	f.Add(append(bytes.Clone(head), one...))
	f.Add(append(append(bytes.Clone(head), one[:30]...), one...))
	f.Add(append(append(bytes.Clone(head), one...), 0, 0, 0))
	f.Add([]byte(mark + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, logName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, report, err := Open(dir, int64(len(b))+1<<20)
		if err != nil {
			return
		}
		if report.Damaged > 0 && report.Aside == "" {
			t.Error("damaged, and nothing was put aside")
		}
		records, _, err := s.Read(s.Start(), 1000)
		if err != nil {
			t.Error(err)
		}
		if _, err := s.Append(Record{At: began, Source: "last"}); err != nil {
			t.Error(err)
		}
		_ = s.Close()
		s, report, err = Open(dir, 0)
		if err != nil || report.Damaged+report.Cut != 0 {
			t.Fatalf("the second time: %+v, %v", report, err)
		}
		again, _, err := s.Read(s.Start(), 1002)
		if err != nil || len(again) != min(len(records), 1000)+1 && len(records) < 1000 {
			t.Errorf("%d records, then %d: %v", len(records), len(again), err)
		}
		_ = s.Close()
	})
}

// BenchmarkAppend has 64 callers at a time share their fsyncs.
func BenchmarkAppend(b *testing.B) {
	s, _, err := Open(b.TempDir(), 1<<40)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r := Record{At: began, Since: began, Source: "prometheus", Alerts: []ticket.Alert{{
		Fingerprint: "0123456789abcdef", Status: ticket.Firing, Labels: map[string]string{"alertname": "HostDown", "instance": "srv-db-01", "customer": "acme"},
	}}}
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Append(r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
