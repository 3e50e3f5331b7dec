package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/ticket"
)

const storeFile = "what a store's file has"

func open(t *testing.T, address string) *archive.Archive {
	t.Helper()
	a, err := archive.Open(archive.Options{URL: address, Careless: true, Now: func() time.Time { return storetest.At(0) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func folder(t *testing.T) *attachment.Folder {
	t.Helper()
	f := attachment.New(filepath.Join(t.TempDir(), "attachments"), func() int64 { return 0 })
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// house is an archive with tickets, a store, and a folder with a file in its place and one
// that is coming.
func house(t *testing.T, address string) (*backup.Source, string) {
	t.Helper()
	a := open(t, address)
	var changes []ticket.Changed
	for i := range 300 {
		c := storetest.Ticket("prometheus", "I261121_"+strings.Repeat("0", 3)+string(rune('A'+i%26))+strings.Repeat("x", i/26))
		c.Title = strings.Repeat("disque plein ", 10)
		c.OpenedAt = storetest.At(time.Duration(i) * time.Second)
		changes = append(changes, ticket.Changed{Source: c.Source, Number: c.Number, Version: int64(i + 1), Revision: 1, View: ticket.View{
			Ticket: c, Timeline: []ticket.Entry{storetest.Note(c.OpenedAt, strings.Repeat("note ", 3000))}, Pages: []ticket.Page{storetest.Page(&c, "alice")},
		}})
	}
	if err := a.Write(t.Context(), "", 0, 300, changes); err != nil {
		t.Fatal(err)
	}
	files := folder(t)
	taken, err := files.Take(t.Context(), "I261121_0001", strings.NewReader("a photo"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Keep("I261121_0001", taken.ID, storetest.At(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Take(t.Context(), "I261121_0002", strings.NewReader("it comes"), 100); err != nil {
		t.Fatal(err)
	}
	return &backup.Source{
		Archive: a, Files: files, Version: "1.0", Now: func() time.Time { return storetest.At(0) },
		Store: func(_ context.Context, to func(int64) io.Writer) error {
			_, err := io.WriteString(to(int64(len(storeFile))), storeFile)
			return err
		},
	}, taken.ID
}

// TestABackupIsPutBack: from either database to either, rows of many megabytes, the store
// and the files; twice too; and what was put back makes the same backup.
func TestABackupIsPutBack(t *testing.T) {
	server := archivetest.StartPostgres(t)
	for name, from := range map[string]string{"sqlite": archivetest.SQLite(t), "postgres": server.New(t)} {
		t.Run(name, func(t *testing.T) {
			source, id := house(t, from)
			var saved bytes.Buffer
			sum, err := backup.Write(t.Context(), &saved, source)
			if err != nil || sum.Rows["tickets"] != 300 || sum.Files != 2 || !backup.Is(saved.Bytes()) {
				t.Fatalf("%+v %v", sum, err)
			}
			for _, to := range []string{archivetest.SQLite(t), server.New(t)} {
				target := &backup.Target{Archive: open(t, to), Store: &bytes.Buffer{}, Files: folder(t)}
				head, read, err := backup.Read(t.Context(), bytes.NewReader(saved.Bytes()), target)
				if err != nil || read.SHA256 != sum.SHA256 || !head.Store || !head.Files || !head.At.Equal(storetest.At(0)) {
					t.Fatalf("%+v %+v %v", head, read, err)
				}
				if got := target.Store.(*bytes.Buffer).String(); got != storeFile {
					t.Errorf("the store is %q", got)
				}
				file, err := target.Files.Read("I261121_0001", id)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(file)
				if err := errors.Join(err, file.Close()); err != nil || string(text) != "a photo" {
					t.Errorf("%q %v", text, err)
				}
				if _, _, err := backup.Read(t.Context(), bytes.NewReader(saved.Bytes()), &backup.Target{Files: target.Files}); err != nil {
					t.Errorf("files that are there: %v", err)
				}
				again := *source
				again.Archive, again.Files = target.Archive, target.Files
				if is, err := backup.Write(t.Context(), io.Discard, &again); err != nil || is.SHA256 != sum.SHA256 {
					t.Errorf("it makes another backup: %+v, and it was %+v, %v", is, sum, err)
				}
				if _, _, err := backup.Read(t.Context(), bytes.NewReader(saved.Bytes()), target); !errors.Is(err, archive.ErrNotEmpty) {
					t.Errorf("into what is full: %v", err)
				}
			}
		})
	}
}

// TestATornBackup: wherever it ends, and whatever is changed in it, it is none; and nothing
// of it is in a database afterwards.
func TestATornBackup(t *testing.T) {
	source, _ := house(t, archivetest.SQLite(t))
	var saved bytes.Buffer
	if _, err := backup.Write(t.Context(), &saved, source); err != nil {
		t.Fatal(err)
	}
	whole := saved.Bytes()
	if _, _, err := backup.Check(bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole)-2048; n += len(whole) / 60 {
		if _, _, err := backup.Check(bytes.NewReader(whole[:n])); !errors.Is(err, backup.ErrTorn) {
			t.Errorf("the first %d of %d bytes: %v", n, len(whole), err)
		}
	}
	at := bytes.Index(whole, []byte("disque plein"))
	changed := bytes.Clone(whole)
	changed[at]++
	if _, _, err := backup.Check(bytes.NewReader(changed)); !errors.Is(err, backup.ErrTorn) {
		t.Errorf("a changed byte: %v", err)
	}
	for name, more := range map[string]int{"archive/000001-.jsonl": 0, "archive/../../etc/x": 0, "archive/000001-lanes.jsonl": 1} {
		if _, _, err := backup.Read(t.Context(), forged(t, whole, name, more), &backup.Target{Archive: open(t, archivetest.SQLite(t))}); !errors.Is(err, backup.ErrTorn) {
			t.Errorf("rows are in %s, and %d more are said to be there: %v", name, more, err)
		}
	}
	if _, _, err := backup.Read(t.Context(), forged(t, whole, "archive/000001-lanes.jsonl", 0), &backup.Target{Archive: open(t, archivetest.SQLite(t))}); err != nil {
		t.Errorf("forged without a change: %v", err)
	}
	address := archivetest.SQLite(t)
	if _, _, err := backup.Read(t.Context(), bytes.NewReader(whole[:len(whole)/3]), &backup.Target{Archive: open(t, address)}); !errors.Is(err, backup.ErrTorn) {
		t.Errorf("a third of it: %v", err)
	}
	if n, err := open(t, address).Count(t.Context()); err != nil || n != 0 {
		t.Errorf("it has %d tickets, %v", n, err)
	}
}

// forged is a backup whose first rows have another name, that says that it has so many more,
// and whose hash is right.
func forged(t *testing.T, whole []byte, name string, more int) io.Reader {
	t.Helper()
	var out bytes.Buffer
	from, to, hash := tar.NewReader(bytes.NewReader(whole)), tar.NewWriter(&out), sha256.New()
	renamed := false
	for {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		body, again := io.ReadAll(from)
		if err := errors.Join(err, again); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(h.Name, "archive/") && !renamed {
			h.Name, renamed = name, true
		}
		if h.Name == "end.json" {
			var sum backup.Sum
			if err := json.Unmarshal(body, &sum); err != nil {
				t.Fatal(err)
			}
			sum.Rows["lanes"] += more
			sum.SHA256 = hex.EncodeToString(hash.Sum(nil))
			if body, err = json.Marshal(sum); err != nil {
				t.Fatal(err)
			}
			h.Size = int64(len(body))
		} else {
			fmt.Fprintf(hash, "%q %d\n", h.Name, h.Size)
			hash.Write(body)
		}
		if err := to.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	return &out
}
