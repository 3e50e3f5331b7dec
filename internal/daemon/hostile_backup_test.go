package daemon

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/store/boltstore"
)

// entry is a file of a tar as somebody wrote it by hand.
type entry struct {
	name string
	kind byte  // 0: a file
	says int64 // how long it says that it is; 0: as it is
	body string
}

// tarred is a tar of entries, byte by byte: the library would refuse to write most of them.
func tarred(entries ...entry) []byte {
	var out bytes.Buffer
	for _, e := range entries {
		size := int64(len(e.body))
		if e.says != 0 {
			size = e.says
		}
		kind := e.kind
		if kind == 0 {
			kind = '0'
		}
		var h [512]byte
		copy(h[:100], e.name)
		copy(h[100:], "0000600\x000000000\x000000000\x00")
		copy(h[124:], fmt.Sprintf("%011o\x00%011o\x00        ", size, 0))
		h[156] = kind
		copy(h[257:], "ustar\x0000")
		sum := 0
		for _, b := range h {
			sum += int(b)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		out.Write(h[:])
		out.WriteString(e.body)
		out.Write(make([]byte, (512-len(e.body)%512)%512))
	}
	return out.Bytes()
}

// asBackup is a backup of entries whose end is right, but for what change makes of it.
func asBackup(change func(s *backup.Sum), entries ...entry) []byte {
	hash, sum := sha256.New(), backup.Sum{Rows: map[string]int{}}
	for _, e := range entries {
		fmt.Fprintf(hash, "%q %d\n%s", e.name, len(e.body), e.body)
		n := int64(len(e.body))
		sum.Bytes += n
		switch {
		case strings.HasPrefix(e.name, "archive/"):
			sum.Archive += n
		case e.name == "store.db":
			sum.Stored += n
		case e.name != "backup.json":
			sum.Files++
			sum.Filed += n
		}
	}
	sum.SHA256 = hex.EncodeToString(hash.Sum(nil))
	change(&sum)
	text, err := json.Marshal(sum)
	if err != nil {
		panic(err) // the test's own
	}
	return append(tarred(append(entries, entry{name: "end.json", body: string(text)})...), make([]byte, 1024)...)
}

// hostile are files that say that they are backups, and what is named of each.
func hostile() map[string]struct {
	file  []byte
	names string
} {
	head := entry{name: "backup.json", body: fmt.Sprintf(`{"form": 1, "schema": %d, "store": true, "attachments": true}`, schemaNow)}
	right := func(*backup.Sum) {}
	store := entry{name: "store.db", body: "a store"}
	rows := func(body string) entry { return entry{name: "archive/000001-lanes.jsonl", body: body} }
	type one = struct {
		file  []byte
		names string
	}
	all := map[string]one{
		"longer than the file":          {tarred(head, entry{name: "store.db", says: 1 << 32, body: "short"}), `"store.db"`},
		"longer than anything":          {tarred(head, entry{name: "archive/000001-lanes.jsonl", says: 1<<33 - 1, body: "{"}), `"archive/000001-lanes.jsonl"`},
		"a terabyte of nothing":         {sparse(head), `"store.db"`},
		"nothing, as it was once said":  {tarred(head, entry{name: "store.db", kind: 'S'}), `after "backup.json"`},
		"a second store":                {asBackup(right, head, store, store), `"store.db"`},
		"rows after the store":          {asBackup(right, head, store, rows("{}\n")), `"archive/000001-lanes.jsonl"`},
		"a second head":                 {asBackup(right, head, head), `"backup.json"`},
		"no head":                       {asBackup(right, entry{name: "backup.json", body: "{"}, store), `"backup.json"`},
		"a head of megabytes":           {asBackup(right, entry{name: "backup.json", body: `{"version": "` + strings.Repeat("x", 2<<20) + `"}`}), `"backup.json"`},
		"of a newer version":            {asBackup(right, entry{name: "backup.json", body: `{"form": 99}`}), `"backup.json"`},
		"less than there is":            {asBackup(func(s *backup.Sum) { s.Stored = 0 }, head, store), "not as it was written"},
		"fewer files than there are":    {asBackup(func(s *backup.Sum) { s.Filed, s.Files = 0, 0 }, head, entry{name: "attachments/I1/a", body: "x"}), "not as it was written"},
		"a row of no table":             {asBackup(right, head, entry{name: "archive/000001-evil.jsonl", body: "{\"a\":1}\n"}, store), `"archive/000001-evil.jsonl"`},
		"a row of another's columns":    {asBackup(right, head, rows("{\"name) SELECT 1; --\":1}\n"), store), `"archive/000001-lanes.jsonl"`},
		"a row of very many columns":    {asBackup(right, head, rows("{"+strings.Repeat(`"a":1,`, 1<<16)+manyColumns()+"}\n"), store), `"archive/000001-lanes.jsonl"`},
		"a row that is not JSON":        {asBackup(right, head, rows(strings.Repeat("[", 1<<20)+"\n"), store), `"archive/000001-lanes.jsonl"`},
		"a row without an end":          {asBackup(right, head, rows(strings.Repeat("x", 65<<20)), store), `"archive/000001-lanes.jsonl"`},
		"a file of another kind by far": {asBackup(right, head, entry{name: "end.json/x", body: "x"}), `"end.json/x"`},
	}
	for _, name := range []string{"attachments/../x", "attachments/I1/..", "attachments/./x", "incoming/../../x", "attachments//x", "/etc/passwd", "/attachments/I1/x", "../store.db", "./store.db", "attachments/I1/x/y", "archive/../x.jsonl"} {
		all["the name "+name] = one{asBackup(right, head, store, entry{name: name, body: "x"}), `"` + name + `"`}
	}
	for _, kind := range []byte{'1', '2', '3', '4', '5', '6', '7'} {
		all["the kind "+string(kind)] = one{tarred(head, entry{name: "attachments/I1/x", kind: kind}), `"attachments/I1/x"`}
	}
	return all
}

// schemaNow is a version of the archive's tables that this program knows.
const schemaNow = 1

func manyColumns() string {
	var out strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&out, `,"%s":1`, strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i)))
	}
	return out.String()[1:]
}

// sparse is a file of a few bytes that says that it is a terabyte, of which nothing is there.
func sparse(head entry) []byte {
	record := func(key, value string) string {
		n := len(key) + len(value) + 3
		n += len(fmt.Sprint(n + 2))
		return fmt.Sprintf("%d %s=%s\n", n, key, value)
	}
	says := record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.name", "store.db") + record("GNU.sparse.realsize", "1099511627776")
	holes := "1\n1099511627776\n0\n"
	return tarred(head, entry{name: "PaxHeaders/store.db", kind: 'x', body: says}, entry{name: "GNUSparseFile/store.db", body: holes + strings.Repeat("\x00", 512-len(holes))})
}

// found are the files in a folder, with what they hold.
func found(t *testing.T, dir string) (all map[string]string) {
	t.Helper()
	all = map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sameFiles are folders with the same files in them.
func sameFiles(t *testing.T, what string, was, is map[string]string) {
	t.Helper()
	for name := range is {
		if _, before := was[name]; !before {
			t.Errorf("%s: it leaves %s", what, name)
		}
	}
	for name, data := range was {
		if is[name] != data {
			t.Errorf("%s: %s is another than before, or gone", what, name)
		}
	}
}

// livingHouse is a folder with a store, an archive and attached files, and its configuration.
func livingHouse(t *testing.T, minFree int64) (*config.Config, string) {
	t.Helper()
	dir := t.TempDir()
	store, err := boltstore.Open(filepath.Join(dir, "astreinte.db"), boltstore.Options{Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"archive.db": "what was archived", "attachments/old": "what was attached"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &config.Config{
		Store: "bolt:" + filepath.Join(dir, "astreinte.db"), Archive: "sqlite:" + filepath.Join(dir, "archive.db"), Attachments: filepath.Join(dir, "attachments"),
		Server: config.Server{MinFree: minFree}, Rules: &escalation.Rules{Location: time.UTC},
	}, dir
}

// TestNothingIsRestoredOfWhatIsNoBackup: whatever somebody made of a file, the error names
// the part, what is there stays as it is, nothing is left beside it, and what a file says
// that it has takes no memory.
func TestNothingIsRestoredOfWhatIsNoBackup(t *testing.T) {
	cfg, dir := livingHouse(t, 1)
	was := found(t, dir)
	for what, c := range hostile() {
		file := filepath.Join(t.TempDir(), "hostile.tar")
		if err := os.WriteFile(file, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Restore(t.Context(), cfg, file, storetest.Began())
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %.300v, want %s named", what, err, c.names)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 800<<20 { // all that it asked for, one row of rowSize and its doublings with it
			t.Errorf("%s: it took %d MiB", what, took>>20)
		}
		sameFiles(t, what, was, found(t, dir))
	}
}
