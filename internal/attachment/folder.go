package attachment

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/internal/disk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The parts of a folder.
const (
	partIncoming = "incoming"
	partKept     = "kept"
	partLeaving  = "leaving"
)

// The errors of a Folder, besides disk.ErrNoRoom.
var (
	ErrNotFound = errors.New("attachment: there is no such file")
	ErrLarge    = fmt.Errorf("attachment: a file has %d MiB at most", ticket.MaxAttachment>>20)
	// ErrBroken: the file did not come to its end.
	ErrBroken = errors.New("attachment: the file did not come to its end")
	// ErrChanged: the file is not the one that was attached.
	ErrChanged = errors.New("attachment: the file is not the one that was attached: its SHA-256 is another")
)

// Folder keeps files. It is safe for concurrent use, by several daemons too.
// It is made when the first file comes.
type Folder struct {
	dir   string
	free  func() int64 // bytes that the disk keeps for others
	shard int          // the next that Sweep looks at
	held  atomic.Int32 // by how many (Hold)

	mu     sync.Mutex
	opened *os.Root // nil: not yet
}

// New makes a Folder of a path. free is server.min_free, as it is now.
func New(dir string, free func() int64) *Folder { return &Folder{dir: dir, free: free} }

// root opens the folder. If anew is set, it makes it where it is not there;
// otherwise that is ErrNotFound.
func (f *Folder) root(anew bool) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != nil {
		return f.opened, nil
	}
	if anew {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return nil, failed("make the folder of", err)
		}
	}
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, failed("open the folder of", err)
	}
	for _, part := range []string{partIncoming, partKept, partLeaving} {
		if err := mkdir(root, part); err != nil {
			return nil, errors.Join(err, root.Close())
		}
	}
	f.opened = root
	return root, nil
}

// Close closes it.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened == nil {
		return nil
	}
	err := f.opened.Close()
	f.opened = nil
	return failed("close the folder of", err)
}

// Room returns disk.ErrNoRoom if the folder may not grow by so many bytes.
func (f *Folder) Room(more int64) error {
	dir := f.dir
	for { // what is not made yet will be where the first folder above is
		err := disk.Leaves(dir, f.free(), more)
		if above := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && above != dir {
			dir = above
			continue
		}
		return err //nolint:wrapcheck // it names itself
	}
}

// Taken is a file that came whole.
type Taken struct {
	ID     string
	Size   int64
	Type   string // sniffed
	SHA256 string // in hex
}

// Take writes a file for a ticket and has it on the disk when it returns nil.
// The ticket does not name it yet: then Keep, or Drop. most is how many bytes
// it may have; a file that has more is ErrLarge. The error is ErrBroken if the
// file could not be read to its end.
func (f *Folder) Take(ctx context.Context, number string, from io.Reader, most int64) (t Taken, err error) {
	if err := f.Room(0); err != nil {
		return t, err
	}
	t.ID = strings.ToLower(rand.Text()[:16])
	at := incoming(number, t.ID)
	root, err := f.root(true)
	if err != nil {
		return t, err
	}
	out, err := root.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return t, failed("make", err)
	}
	defer func() {
		if err != nil {
			_ = root.Remove(at) // Sweep removes what is left
		}
	}()
	copied := copying{ctx: ctx, folder: f, most: most}
	err = copied.all(out, from)
	if err == nil {
		err = failed("sync", out.Sync())
	}
	if closed := failed("close", out.Close()); err == nil {
		err = closed
	}
	if err == nil {
		err = settle(root, partIncoming)
	}
	t.Size, t.Type, t.SHA256 = copied.size, typeOf(copied.head), hex.EncodeToString(copied.sum)
	return t, err
}

// copying is one file on its way to the disk, a part at a time.
type copying struct {
	ctx    context.Context
	folder *Folder
	most   int64
	size   int64
	head   []byte
	sum    []byte
}

const (
	// partSize is how much of a file is in memory at a time.
	partSize = 32 << 10
	// roomEvery is after how many bytes it is asked again whether there is room.
	roomEvery = 4 << 20
)

func (c *copying) all(to io.Writer, from io.Reader) error {
	hash, part := sha256.New(), make([]byte, partSize)
	asked := int64(0)
	for {
		n, err := from.Read(part)
		if c.size += int64(n); c.size > c.most {
			return ErrLarge
		}
		if left := sniffed - len(c.head); left > 0 {
			c.head = append(c.head, part[:min(n, left)]...)
		}
		hash.Write(part[:n])
		if _, err := to.Write(part[:n]); err != nil {
			return failed("write", err)
		}
		if c.size-asked >= roomEvery {
			asked = c.size
			if err := c.folder.Room(0); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			c.sum = hash.Sum(nil)
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", ErrBroken, err)
		case c.ctx.Err() != nil:
			return fmt.Errorf("%w: %w", ErrBroken, c.ctx.Err())
		}
	}
}

// Keep moves a file to its place, once its ticket names it. It is found either
// way. now is its date from then on.
func (f *Folder) Keep(number, id string, now time.Time) error {
	root, err := f.root(false)
	if err != nil {
		return err
	}
	if err := mkdir(root, folderOf(number)); err != nil {
		return err
	}
	from, to := incoming(number, id), kept(number, id)
	if err = root.Chtimes(from, now, now); err == nil {
		err = root.Rename(from, to)
	}
	if errors.Is(err, fs.ErrNotExist) { // Sweep was faster, or another try was
		return nil
	}
	if err != nil {
		return failed("keep", err)
	}
	return errors.Join(settle(root, folderOf(number)), settle(root, partIncoming))
}

// Leave marks a file that its ticket is about to name no more. Then Drop it, or
// have Sweep find out.
func (f *Folder) Leave(number, id string) error {
	root, err := f.root(true)
	if err != nil {
		return err
	}
	mark, err := root.OpenFile(leaving(number, id), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return failed("mark", err)
	}
	if err := mark.Close(); err != nil {
		return failed("mark", err)
	}
	return settle(root, partLeaving)
}

// Drop removes a file, wherever it is, and its mark. While somebody holds the folder the
// file stays, with its mark, and Sweep removes it later.
func (f *Folder) Drop(number, id string) error {
	if f.held.Load() > 0 {
		return f.Leave(number, id)
	}
	root, err := f.root(false)
	if err != nil {
		return err
	}
	for _, at := range []string{kept(number, id), incoming(number, id), leaving(number, id)} {
		if err := root.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed("remove", err)
		}
	}
	return nil
}

// Read opens a file; ErrNotFound if there is none.
func (f *Folder) Read(number, id string) (*os.File, error) {
	root, err := f.root(false)
	if err != nil {
		return nil, err
	}
	for _, at := range []string{kept(number, id), incoming(number, id), kept(number, id)} { // it may move meanwhile
		file, err := root.Open(at)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, failed("open", err)
		}
	}
	return nil, ErrNotFound
}

// Unchanged reads a file to its end, a part at a time, and is at its beginning again if it
// has a hash; else it fails with ErrChanged.
func Unchanged(file io.ReadSeeker, sha string) error {
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, struct{ io.Reader }{file}, make([]byte, partSize)); err != nil {
		return failed("read", err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != sha {
		return ErrChanged
	}
	_, err := file.Seek(0, io.SeekStart)
	return failed("read", err)
}

// Check looks whether a file is there, and is the one that was attached: ErrNotFound,
// ErrChanged.
func (f *Folder) Check(number, id, sha string) error {
	file, err := f.Read(number, id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was read
	return Unchanged(file, sha)
}

// failed says what could not be done with a file; nil stays nil.
func failed(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case disk.Full(err):
		return fmt.Errorf("attachment: %s a file: %w: %w", what, disk.ErrNoRoom, err)
	}
	return fmt.Errorf("attachment: %s a file: %w", what, err)
}

// mkdir makes a folder and those above it, and has what it made on the disk.
func mkdir(root *os.Root, name string) error {
	above := path.Dir(name)
	err := root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := mkdir(root, above); err != nil {
			return err
		}
		err = root.Mkdir(name, 0o700)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return failed("make the folder of", err)
	}
	return settle(root, above)
}

// settle has a folder's entries on the disk.
func settle(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return failed("sync", err)
	}
	defer func() { _ = folder.Close() }() // it was read
	return failed("sync", folder.Sync())
}
