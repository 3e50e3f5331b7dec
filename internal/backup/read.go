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
	"reflect"
	"regexp"
	"slices"
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

// rowSize is how long a row is at most. A timeline that is full, with nothing in it but what
// JSON writes as six bytes, is half as long.
const rowSize = 64 << 20

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
	is   Sum // what there is, without Rows
	last string
	rank int // of what was read last
}

// next is the next file, which is one that a backup has, at its place.
func (r *reader) next() (kind string, h *tar.Header, err error) {
	h, err = r.tar.Next()
	if err != nil {
		return "", nil, fmt.Errorf("%w: after %.200q (%w)", ErrTorn, r.last, err)
	}
	kind = kindOf(h.Name)
	rank := slices.Index(ranks, strings.Replace(kind, comingIn, filesIn, 1))
	first := r.last == ""
	switch {
	case rank < 0, h.Typeflag != tar.TypeReg, h.Size < 0, sparse(h):
		return "", nil, fmt.Errorf("%w: %.200q is none of its files", ErrTorn, h.Name)
	case first != (kind == nameHead), rank < r.rank, rank == r.rank && kind == nameStore:
		return "", nil, fmt.Errorf("%w: %.200q is not where it belongs", ErrTorn, h.Name)
	}
	r.last, r.rank = h.Name, rank
	return kind, h, nil
}

// sparse reports whether a file says that it is longer than what there is of it: nobody
// knows how long that would be read.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// ranks are what a backup has, in its order.
var ranks = []string{nameHead, rowsIn, nameStore, filesIn, nameEnd}

// all reads each file of a backup, and whether all of it is there as it was written.
func (r *reader) all(each func(kind string, h *tar.Header, body io.Reader) error) (Head, Sum, error) {
	sum, hash := Sum{}, sha256.New()
	for {
		kind, h, err := r.next()
		if err != nil {
			return r.head, sum, fmt.Errorf("backup: %w", err)
		}
		if kind == nameEnd {
			r.is.SHA256 = hex.EncodeToString(hash.Sum(nil))
			if err := r.json(&sum); err != nil || !r.isAll(&sum) {
				return r.head, sum, fmt.Errorf("backup: %w: it is not as it was written", ErrTorn)
			}
			return r.head, sum, nil
		}
		begins(hash, h.Name, h.Size)
		r.counts(kind, h.Size)
		body := io.TeeReader(r.tar, hash)
		if kind == nameHead {
			err = r.begin(body)
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
			return r.head, sum, fmt.Errorf("backup: %w", inPart(h.Name, err))
		}
	}
}

// partError is an error of a file of a backup.
type partError struct {
	name string
	err  error
}

// Error names the file.
func (e *partError) Error() string { return fmt.Sprintf("%.200q: %v", e.name, e.err) }

// Unwrap is what went wrong with it.
func (e *partError) Unwrap() error { return e.err }

// inPart is an error of a file, if it is not another's.
func inPart(name string, err error) error {
	if err == nil || errors.As(err, new(*partError)) {
		return err
	}
	return &partError{name, err}
}

// begin reads what it is.
func (r *reader) begin(body io.Reader) error {
	err := json.NewDecoder(io.LimitReader(body, jsonSize)).Decode(&r.head)
	switch {
	case err != nil:
		return fmt.Errorf("%w (%w)", ErrTorn, err)
	case r.head.Form > form:
		return ErrNewer
	case r.head.Form < 1 || r.head.Schema < 0:
		return ErrTorn
	}
	return nil
}

// counts counts a file.
func (r *reader) counts(kind string, size int64) {
	r.is.Bytes += size
	switch kind {
	case rowsIn:
		r.is.Archive += size
	case nameStore:
		r.is.Stored += size
	case filesIn, comingIn:
		r.is.Files++
		r.is.Filed += size
	}
}

// isAll reports whether a backup has what its end says, by which room is made for it.
func (r *reader) isAll(says *Sum) bool {
	is := r.is
	is.Rows = says.Rows // who takes them counts them
	return reflect.DeepEqual(&is, says)
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
	}
	for _, kind := range []string{filesIn, comingIn} {
		number, id, two := strings.Cut(strings.TrimPrefix(name, kind), "/")
		if strings.HasPrefix(name, kind) && two && !strings.Contains(id, "/") && isName(number) && isName(id) {
			return kind
		}
	}
	return ""
}

// isName reports whether a text is one in a folder.
func isName(text string) bool {
	return text != "" && text != "." && text != ".." && !strings.ContainsRune(text, 0)
}

// rows hands rows over to an archive that asks for one at a time.
type rows struct {
	ctx  context.Context
	to   *archive.Archive
	give chan row
	done chan error

	given map[string]int // how many were handed over, by table
	last  string         // the file of those that were handed over last
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
	r.last = name
	table := rowsName.FindStringSubmatch(name)[1]
	lines := bufio.NewReader(body)
	for {
		line, err := readRow(lines)
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

// errLongRow is of a row that no archive has.
var errLongRow = fmt.Errorf("%w: a row of it is longer than %d bytes", ErrTorn, rowSize)

// readRow reads a row with its line break.
func readRow(lines *bufio.Reader) (row []byte, err error) {
	for {
		part, err := lines.ReadSlice('\n')
		if len(row)+len(part) > rowSize {
			return nil, errLongRow
		}
		row = append(row, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return row, err //nolint:wrapcheck // the caller does
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
	return inPart(r.last, <-r.done)
}

// stop undoes what an error left half done.
func (r *rows) stop(cancel func()) {
	cancel()
	if r.give != nil {
		_ = <-r.done //nolint:staticcheck // it was undone
	}
}
