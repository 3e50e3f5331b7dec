package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
)

// Errors of reading.
var (
	// ErrTorn: it is no backup, or not all of one.
	ErrTorn = errors.New("this is no whole backup")
	// ErrNewer: a newer version wrote it.
	ErrNewer = errors.New("a newer astreinte wrote the backup: use that version")
)

// jsonSize is how long backup.json and end.json are at most.
const jsonSize = 1 << 20

// Is reports whether a file begins as a backup does.
func Is(begin []byte) bool { return strings.HasPrefix(string(begin), nameHead+"\x00") }

// Check reads all of a backup and says what it is and what it has, or ErrTorn.
func Check(from io.Reader) (Head, Sum, error) {
	r := &reader{tar: tar.NewReader(from)}
	return r.all(func(string, *tar.Header, io.Reader) error { return nil })
}

// Target is where a backup goes. Each part may be nil: then it is passed over.
type Target struct {
	Archive *archive.Archive // an empty one
	Store   io.Writer
	Files   *attachment.Folder
}

// Read puts the parts of a backup where they go. If it fails, what was put is of no use.
func Read(ctx context.Context, from io.Reader, to *Target) (Head, Sum, error) {
	r := &reader{tar: tar.NewReader(from)}
	filling, cancel := context.WithCancel(ctx)
	rows := &rows{ctx: filling, to: to.Archive, given: map[string]int{}}
	defer rows.stop(cancel)
	head, sum, err := r.all(func(kind string, h *tar.Header, body io.Reader) error {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller's
		}
		if kind != rowsIn {
			if err := rows.end(); err != nil {
				return err
			}
		}
		switch kind {
		case rowsIn:
			return rows.part(r.head.Schema, h.Name, body)
		case nameStore:
			if to.Store != nil {
				_, err := io.Copy(to.Store, body)
				return err //nolint:wrapcheck // the caller does
			}
		case filesIn, comingIn:
			if to.Files != nil {
				number, id, _ := strings.Cut(strings.TrimPrefix(h.Name, kind), "/")
				return to.Files.Put(ctx, attachment.Stored{Number: number, ID: id, Incoming: kind == comingIn, Size: h.Size, At: h.ModTime}, body) //nolint:wrapcheck // it names itself
			}
		}
		return nil
	})
	if err == nil && rows.to != nil && !maps.Equal(rows.given, sum.Rows) {
		err = fmt.Errorf("backup: %w: it has %v rows, and says %v", ErrTorn, rows.given, sum.Rows)
	}
	if err == nil {
		err = rows.end()
	}
	return head, sum, err
}

type reader struct {
	tar  *tar.Reader
	head Head
}

// all reads each file of a backup, and whether all of it is there as it was written.
func (r *reader) all(each func(kind string, h *tar.Header, body io.Reader) error) (Head, Sum, error) {
	sum, hash := Sum{}, sha256.New()
	for n := 0; ; n++ {
		h, err := r.tar.Next()
		if err != nil {
			return r.head, sum, fmt.Errorf("backup: %w (%w)", ErrTorn, err)
		}
		kind := kindOf(h.Name)
		if kind == "" || h.Typeflag != tar.TypeReg || (n == 0) != (kind == nameHead) {
			return r.head, sum, fmt.Errorf("backup: %w: %q", ErrTorn, h.Name)
		}
		if kind == nameEnd {
			is := hex.EncodeToString(hash.Sum(nil))
			if err := r.json(&sum); err != nil || sum.SHA256 != is {
				return r.head, sum, fmt.Errorf("backup: %w: it is not as it was written", ErrTorn)
			}
			return r.head, sum, nil
		}
		begins(hash, h.Name, h.Size)
		body := io.TeeReader(r.tar, hash)
		if kind == nameHead {
			err = json.NewDecoder(io.LimitReader(body, jsonSize)).Decode(&r.head)
			if err == nil && r.head.Form > form {
				err = ErrNewer
			}
		} else {
			err = each(kind, h, body)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, body)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w (%w)", ErrTorn, err)
		}
		if err != nil {
			return r.head, sum, fmt.Errorf("backup: %w", err)
		}
	}
}

func (r *reader) json(of any) error {
	return json.NewDecoder(io.LimitReader(r.tar, jsonSize)).Decode(of) //nolint:wrapcheck // the caller does
}

// rowsName are names of files of rows, with the table.
var rowsName = regexp.MustCompile(`^` + rowsIn + `\d+-([a-z_]+)\.jsonl$`)

func kindOf(name string) string {
	switch {
	case name == nameHead, name == nameEnd, name == nameStore:
		return name
	case rowsName.MatchString(name):
		return rowsIn
	case strings.HasPrefix(name, filesIn) && strings.Count(name, "/") == 2:
		return filesIn
	case strings.HasPrefix(name, comingIn) && strings.Count(name, "/") == 2:
		return comingIn
	}
	return ""
}

// rows hands rows over to an archive that asks for one at a time.
type rows struct {
	ctx  context.Context
	to   *archive.Archive
	give chan row
	done chan error

	given map[string]int // how many were handed over, by table
}

type row struct {
	table string
	line  []byte
}

// part hands over the rows of a file.
func (r *rows) part(schema int64, name string, body io.Reader) error {
	if r.to == nil {
		return nil
	}
	if r.give == nil {
		r.begin(schema)
	}
	table := rowsName.FindStringSubmatch(name)[1]
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return err //nolint:wrapcheck // the caller does
		}
		select {
		case r.give <- row{table, line}:
			r.given[table]++
		case err := <-r.done:
			r.give, r.to = nil, nil
			return errors.Join(err, r.ctx.Err())
		}
	}
}

func (r *rows) begin(schema int64) {
	r.give, r.done = make(chan row), make(chan error, 1)
	give, done, to := r.give, r.done, r.to
	go func() {
		done <- to.Fill(r.ctx, schema, func() (string, []byte, error) {
			select {
			case next := <-give: // the zero row, once it is closed: the end
				return next.table, next.line, nil
			case <-r.ctx.Done():
				return "", nil, r.ctx.Err()
			}
		})
	}()
}

// end waits until all rows are written.
func (r *rows) end() error {
	if r.give == nil {
		return nil
	}
	close(r.give)
	r.give = nil
	return <-r.done
}

// stop undoes what an error left half done.
func (r *rows) stop(cancel func()) {
	cancel()
	if r.give != nil {
		_ = <-r.done //nolint:staticcheck // it was undone
	}
}
