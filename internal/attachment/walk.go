package attachment

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// Stored is a file as Walk finds it.
type Stored struct {
	Number, ID string
	Incoming   bool // it had not come to its place: maybe no ticket names it
	Size       int64
	At         time.Time
}

// Hold keeps every file that is there, until release: what is to be removed meanwhile is
// marked, and Sweep removes it afterwards.
func (f *Folder) Hold() (release func()) {
	f.held.Add(1)
	return func() { f.held.Add(-1) }
}

// Walk opens each file that is there, one after the other. One that comes or goes meanwhile
// may be among them; one that moves may be there twice.
func (f *Folder) Walk(ctx context.Context, each func(s Stored, file io.Reader) error) error {
	root, err := f.root(false)
	if errors.Is(err, ErrNotFound) {
		return nil // no file has ever come
	}
	if err != nil {
		return err
	}
	list, err := fs.ReadDir(root.FS(), partIncoming)
	if err != nil {
		return failed("list", err)
	}
	for _, e := range list {
		if number, id, ours := entryOf(e.Name()); ours {
			if err := visit(ctx, root, path.Join(partIncoming, e.Name()), Stored{Number: number, ID: id, Incoming: true}, each); err != nil {
				return err
			}
		}
	}
	for n := range shards {
		if err := walkShard(ctx, root, shardOf(n), each); err != nil {
			return err
		}
	}
	return nil
}

func walkShard(ctx context.Context, root *os.Root, shard string, each func(s Stored, file io.Reader) error) error {
	folders, err := fs.ReadDir(root.FS(), shard)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("list", err)
	}
	for _, folder := range folders {
		number, ours := read(folder.Name())
		if !ours || !folder.IsDir() {
			continue
		}
		files, err := fs.ReadDir(root.FS(), path.Join(shard, folder.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed("list", err)
		}
		for _, e := range files {
			if id, ours := read(e.Name()); ours {
				if err := visit(ctx, root, path.Join(shard, folder.Name(), e.Name()), Stored{Number: number, ID: id}, each); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func visit(ctx context.Context, root *os.Root, at string, s Stored, each func(s Stored, file io.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's
	}
	file, err := root.Open(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed("open", err)
	}
	defer func() { _ = file.Close() }() // it was read
	info, err := file.Stat()
	if err != nil {
		return failed("look at", err)
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	s.Size, s.At = info.Size(), info.ModTime()
	return each(s, io.LimitReader(file, s.Size)) // one that comes just now grows
}

// Put puts back a file that Walk found. One that is there stays as it is.
func (f *Folder) Put(ctx context.Context, s Stored, from io.Reader) (err error) {
	root, err := f.root(true)
	if err != nil {
		return err
	}
	at, above := kept(s.Number, s.ID), folderOf(s.Number)
	if s.Incoming {
		at, above = incoming(s.Number, s.ID), partIncoming
	}
	if info, err := root.Stat(at); err == nil && info.Size() == s.Size {
		return nil
	}
	if err := mkdir(root, above); err != nil {
		return err
	}
	part := path.Join(partIncoming, ".put") // no entry: a sweep passes over it
	out, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return failed("make", err)
	}
	defer func() {
		if err != nil {
			_ = root.Remove(part)
		}
	}()
	copied := copying{ctx: ctx, folder: f, most: s.Size}
	err = copied.all(out, from)
	if err == nil && copied.size != s.Size {
		err = ErrBroken
	}
	if err == nil {
		err = failed("sync", out.Sync())
	}
	if closed := failed("close", out.Close()); err == nil {
		err = closed
	}
	if err == nil {
		err = failed("date", root.Chtimes(part, s.At, s.At))
	}
	if err == nil {
		err = failed("keep", root.Rename(part, at))
	}
	if err != nil {
		return err
	}
	return settle(root, above)
}
