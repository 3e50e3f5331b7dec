package attachment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"
)

// Tickets says what tickets name.
type Tickets interface {
	// Attached lists the IDs of a ticket's files; known is false if there is no
	// such ticket, wherever tickets are kept. An error says that nobody could be
	// asked.
	Attached(ctx context.Context, number string) (ids []string, known bool, err error)
}

// settled is how long whoever moves a file may take. It is much longer than a
// request.
const settled = time.Hour

// Swept is what Sweep did.
type Swept struct {
	Kept    int // files that had not come to their place
	Removed int // files that no ticket names
	Tickets int // tickets that are gone, with all their files
}

// Nothing reports whether it did nothing.
func (s Swept) Nothing() bool { return s == Swept{} }

// Sweep ends what a daemon that died left half done, and removes the files of
// tickets that are gone. Of the latter it looks at a part each time. keep is how
// long a ticket is kept: files that are younger stay whatever the tickets say,
// for a store may have lost them or come back from a backup; zero: they stay for
// ever. Calls follow each other.
func (f *Folder) Sweep(ctx context.Context, tickets Tickets, now time.Time, keep time.Duration) (s Swept, err error) {
	if f.held.Load() > 0 {
		return s, nil
	}
	root, err := f.root(false)
	if errors.Is(err, ErrNotFound) {
		return s, nil // no file has ever come
	}
	if err != nil {
		return s, err
	}
	their, err := clock(root)
	if err != nil {
		return s, err
	}
	errs := []error{
		entries(ctx, root, partIncoming, their, func(number, id string, named bool) error {
			if named {
				s.Kept++
				return f.Keep(number, id, now)
			}
			s.Removed++
			return f.Drop(number, id)
		}, tickets),
		entries(ctx, root, partLeaving, their, func(number, id string, named bool) error {
			if named {
				return failed("unmark", root.Remove(leaving(number, id)))
			}
			s.Removed++
			return f.Drop(number, id)
		}, tickets),
	}
	if keep > 0 {
		n, err := gone(ctx, root, shardOf(f.shard), tickets, now.Add(-keep))
		f.shard++
		s.Tickets += n
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// clock is the time on the disk, which may be another machine's.
func clock(root *os.Root) (time.Time, error) {
	const name = ".clock"
	if err := root.WriteFile(name, []byte("written to tell the time\n"), 0o600); err != nil {
		return time.Time{}, failed("write", err)
	}
	info, err := root.Stat(name)
	if err != nil {
		return time.Time{}, failed("look at", err)
	}
	return info.ModTime(), nil
}

// entries does what is to be done with each entry of a part that has been there
// for long.
func entries(ctx context.Context, root *os.Root, part string, now time.Time, do func(number, id string, named bool) error, tickets Tickets) error {
	list, err := fs.ReadDir(root.FS(), part)
	if err != nil {
		return failed("list", err)
	}
	var errs []error
	for _, e := range list {
		info, err := e.Info()
		number, id, ours := entryOf(e.Name())
		if err != nil || !ours || !info.Mode().IsRegular() || now.Sub(info.ModTime()).Abs() < settled {
			continue // it is gone, nobody's, or somebody is at it
		}
		ids, _, err := tickets.Attached(ctx, number)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("attachment: of ticket %s: %w", number, err))...)
		}
		errs = append(errs, do(number, id, slices.Contains(ids, id)))
	}
	return errors.Join(errs...)
}

// gone removes the folders of tickets that are nowhere, and whose files are all
// older than before.
func gone(ctx context.Context, root *os.Root, shard string, tickets Tickets, before time.Time) (removed int, err error) {
	list, err := fs.ReadDir(root.FS(), shard)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, failed("list", err)
	}
	for _, e := range list {
		number, ours := read(e.Name())
		if !ours || !e.IsDir() || !older(root, path.Join(shard, e.Name()), before) {
			continue
		}
		_, known, err := tickets.Attached(ctx, number)
		if err != nil {
			return removed, fmt.Errorf("attachment: of ticket %s: %w", number, err)
		}
		if known {
			continue
		}
		if err := root.RemoveAll(path.Join(shard, e.Name())); err != nil {
			return removed, failed("remove", err)
		}
		removed++
	}
	return removed, nil
}

// older reports whether all files of a folder are older.
func older(root *os.Root, folder string, before time.Time) bool {
	list, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return false
	}
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			return false
		}
	}
	return true
}
