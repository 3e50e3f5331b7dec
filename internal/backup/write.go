package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
)

// The names in a backup.
const (
	nameHead  = "backup.json"
	nameEnd   = "end.json"
	nameStore = "store.db"
	rowsIn    = "archive/"
	filesIn   = "attachments/"
	comingIn  = "incoming/"
)

// form is the version of this form.
const form = 1

// partSize is about how many bytes of rows are together.
const partSize = 4 << 20

// Head says what a backup is.
type Head struct {
	Form    int       `json:"form"`
	At      time.Time `json:"at"`
	Version string    `json:"version"`          // of the program
	Schema  int64     `json:"schema,omitempty"` // of the archive's tables; 0: it has no archive
	Store   bool      `json:"store"`            // it has the store's file
	Files   bool      `json:"attachments"`
}

// Sum is what a backup has.
type Sum struct {
	SHA256  string         `json:"sha256"`
	Bytes   int64          `json:"bytes"` // of what it has, unpacked
	Rows    map[string]int `json:"rows"`  // of the archive, by table
	Archive int64          `json:"archive_bytes"`
	Stored  int64          `json:"store_bytes"`
	Files   int            `json:"files"`
	Filed   int64          `json:"file_bytes"`
}

// Source is what is written. Each part may be nil.
type Source struct {
	Archive *archive.Archive
	// Store writes the store's file as it is at one moment, whose size to gets.
	Store   func(ctx context.Context, to func(size int64) io.Writer) error
	Files   *attachment.Folder
	Version string
	Now     func() time.Time
}

// Write writes a backup, and says what it has.
func Write(ctx context.Context, to io.Writer, s *Source) (sum Sum, err error) {
	w := &writer{ctx: ctx, tar: tar.NewWriter(to), hash: sha256.New(), sum: Sum{Rows: map[string]int{}}}
	if err := w.all(s); err != nil {
		return w.sum, fmt.Errorf("backup: %w", err)
	}
	return w.sum, nil
}

type writer struct {
	ctx  context.Context
	tar  *tar.Writer
	hash hash.Hash
	sum  Sum

	part  bytes.Buffer // rows of table that are not written yet
	table string
	parts int
}

func (w *writer) all(s *Source) error {
	head := Head{Form: form, At: s.Now().UTC().Truncate(time.Second), Version: s.Version, Store: s.Store != nil, Files: s.Files != nil}
	var err error
	if s.Archive != nil {
		if head.Schema, err = s.Archive.Schema(w.ctx); err != nil {
			return err //nolint:wrapcheck // it names itself
		}
	}
	if err := w.json(nameHead, head); err != nil {
		return err
	}
	if s.Archive != nil {
		if err := errors.Join(s.Archive.Dump(w.ctx, w.row), w.flush()); err != nil {
			return err
		}
	}
	if s.Store != nil {
		if err := w.store(s); err != nil {
			return err
		}
	}
	if s.Files != nil {
		if err := s.Files.Walk(w.ctx, w.file); err != nil {
			return err //nolint:wrapcheck // it names itself
		}
	}
	w.sum.SHA256 = hex.EncodeToString(w.hash.Sum(nil))
	if err := w.json(nameEnd, w.sum); err != nil {
		return err
	}
	return w.tar.Close() //nolint:wrapcheck // the caller does
}

// begin begins a file in the backup; what is written to it must be of that size.
func (w *writer) begin(name string, size int64, at time.Time) (io.Writer, error) {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: at, Format: tar.FormatPAX}); err != nil {
		return nil, err //nolint:wrapcheck // the caller does
	}
	begins(w.hash, name, size)
	w.sum.Bytes += size
	return io.MultiWriter(w.tar, w.hash), nil
}

// begins tells a hash of a file that begins.
func begins(h hash.Hash, name string, size int64) { fmt.Fprintf(h, "%q %d\n", name, size) }

func (w *writer) whole(name string, data []byte) error {
	out, err := w.begin(name, int64(len(data)), time.Time{})
	if err == nil {
		_, err = out.Write(data)
	}
	return err
}

func (w *writer) json(name string, of any) error {
	data, err := json.MarshalIndent(of, "", "  ")
	if err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	return w.whole(name, append(data, '\n'))
}

func (w *writer) row(table string, line []byte) error {
	if err := w.ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's
	}
	if table != w.table || w.part.Len() >= partSize {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.table = table
	w.sum.Rows[table]++
	w.sum.Archive += int64(len(line))
	w.part.Write(line)
	return nil
}

func (w *writer) flush() error {
	if w.part.Len() == 0 {
		return nil
	}
	w.parts++
	err := w.whole(fmt.Sprintf("%s%06d-%s.jsonl", rowsIn, w.parts, w.table), w.part.Bytes())
	w.part.Reset()
	return err
}

func (w *writer) store(s *Source) error {
	var size int64
	counted := counting{}
	err := s.Store(w.ctx, func(n int64) io.Writer {
		size = n
		counted.w, counted.err = w.begin(nameStore, n, time.Time{})
		return &counted
	})
	w.sum.Stored = size
	return errors.Join(err, counted.err)
}

// counting hands on what is written, unless there was an error.
type counting struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (c *counting) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	return c.w.Write(p) //nolint:wrapcheck // the caller does
}

func (w *writer) file(s attachment.Stored, from io.Reader) error {
	in := filesIn
	if s.Incoming {
		in = comingIn
	}
	if strings.Contains(s.Number+s.ID, "/") {
		return nil // none of ours
	}
	out, err := w.begin(in+s.Number+"/"+s.ID, s.Size, s.At)
	if err != nil {
		return err
	}
	w.sum.Files++
	w.sum.Filed += s.Size
	n, err := io.Copy(out, from)
	if err == nil && n != s.Size {
		err = fmt.Errorf("a file of ticket %s became shorter meanwhile", s.Number)
	}
	return err
}
