package boltstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// layout is the record of a file's version.
type layout struct {
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
}

var layoutKey = []byte("layout")

// errDamaged says what to do with a file that cannot be read.
var errDamaged = errors.New("the file is damaged or no data file of astreinte, and was left as it is: " +
	"put the latest backup in its place with `astreinte restore BACKUP`, which keeps this one beside it")

// errEmpty says what to do with an empty file. A store never leaves one
// behind.
var errEmpty = errors.New("the file is empty: remove it if this is to be a new store, " +
	"else put the latest backup in its place with `astreinte restore BACKUP`")

// Damaged reports whether an error of Open says that the file cannot be read.
func Damaged(err error) bool { return errors.Is(err, errDamaged) }

// Open opens the file. It makes the file and its folder if they do not exist.
// It refuses a file that another process holds, and says which process. It
// refuses a file that a newer version wrote, and an empty or damaged file; to
// find damage it reads what lives (verifyLive). It does not change a file that
// it refuses. It opens a file on a full disk all the same, and refuses what
// grows it (ErrFull).
func Open(path string, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.FlushEvery <= 0 {
		opts.FlushEvery = time.Second
	}
	if opts.Spare == 0 {
		opts.Spare = spareRoom
	}
	s := &Store{
		path: path, now: opts.Now, flushEvery: opts.FlushEvery, spare: opts.Spare, logs: opts.Log,
		ops: make(chan *op, 4*maxWeight), lastOps: make(chan *op, 4*maxWeight), flushes: make(chan chan error),
		closing: make(chan struct{}), stopped: make(chan struct{}), moved: make(chan struct{}),
		numbers: numbers{sequences: map[string]*sequence{}}, ix: &index{},
	}
	s.DeviceBook = paging.NewDeviceBook(s.Records(), func(r records.Record, err error) { s.noteRecord(r.Home, r.Kind, r.Key, err) })
	if err := s.open(opts.compact); err != nil {
		return nil, fmt.Errorf("boltstore: open %s: %w", path, err)
	}
	go s.work()
	return s, nil
}

func (s *Store) open(when compacting) (err error) {
	dir := filepath.Dir(s.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := create(s.path, s.now()); err != nil {
		return fmt.Errorf("make it: %w", err)
	}
	s.who = &holder{path: s.path + ".lock"}
	if s.db, err = s.openFile(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.who.release()
			err = errors.Join(err, s.closeJournal())
			if s.db != nil {
				err = errors.Join(err, s.db.Close())
			}
		}
	}()
	if err := prepare(s.db, s.now()); err != nil {
		return err
	}
	if err := s.openJournal(); err != nil {
		return err
	}
	if err := s.moveDevices(); err != nil {
		return err
	}
	if err := s.compact(when); err != nil {
		return err
	}
	if s.ix, s.applied, err = s.load(); err != nil {
		return fmt.Errorf("%w (%w)", errDamaged, err)
	}
	if s.spare <= 0 {
		return nil
	}
	if err = s.keepSpare(); isFull(err) { // what is there can be paged all the same
		s.short.Store(&shortage{err: err, next: s.now().Add(s.flushEvery)})
		return nil
	}
	return err
}

// initialMap is how much address space the file gets at once. To grow beyond
// it stops readers for a moment and waits for a backup, and all pages wait
// with it. The address space takes no memory, but on Windows it would make the
// file as large.
func initialMap() int {
	if runtime.GOOS == "windows" || math.MaxInt == math.MaxInt32 {
		return 0
	}
	return 1 << 34
}

// options are bbolt's options. open opens the file.
func options(open func(name string, flag int, mode os.FileMode) (*os.File, error)) *bolt.Options {
	return &bolt.Options{
		Timeout:         100 * time.Millisecond,
		NoFreelistSync:  true, // listFree writes the list if that is worth it
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: initialMap(),
		OpenFile:        open,
	}
}

// openAs has bbolt open a file that is open already, locked and checked.
func openAs(f *os.File) (*bolt.DB, error) {
	return bolt.Open(f.Name(), 0o600, options(func(string, int, os.FileMode) (*os.File, error) { return f, nil }))
}

// openFile has bbolt open the file after it was locked and checked. Content
// that cannot be read ends in an error, not in a panic.
func (s *Store) openFile() (db *bolt.DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", errDamaged, r)
			if file != nil {
				s.who.release()
				err = errors.Join(err, file.Close())
			}
		}
	}()
	db, err = bolt.Open(s.path, 0o600, options(func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		if err != nil || file != nil {
			return f, err
		}
		file = f
		if err = s.who.hold(f, s.now()); err == nil {
			err = errors.Join(isAt(f, s.path), verifyLive(f))
		}
		if err != nil {
			s.who.release()
			return nil, errors.Join(err, f.Close())
		}
		s.file = f
		return f, nil
	}))
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, s.who.held()
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: the file must belong to the user that the daemon runs as", err)
	case errors.Is(err, syscall.EISDIR):
		return nil, fmt.Errorf("%w: name a file in it", err)
	}
	return db, err
}

// makeLog makes the bucket of the log of changes in a file that was made before the
// sixth layout had it.
func makeLog(db *bolt.DB) error {
	has := false
	err := db.View(func(tx *bolt.Tx) error {
		has = in(tx, inLog) != nil
		return nil
	})
	if err != nil || has {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket(inLog.name())
		return err
	})
}

// prepare makes the buckets of a new file, and refuses a file of another
// layout.
func prepare(db *bolt.DB, now time.Time) error {
	var found layout
	err := db.View(func(tx *bolt.Tx) error {
		meta := in(tx, inMeta)
		if meta == nil {
			if k, _ := tx.Cursor().First(); k != nil {
				return fmt.Errorf("it has a bucket %q: %w", k, errDamaged)
			}
			return nil
		}
		if err := json.Unmarshal(meta.Get(layoutKey), &found); err != nil {
			return fmt.Errorf("its version cannot be read (%w): %w", err, errDamaged)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case found.Version > layoutVersion:
		return fmt.Errorf("a newer astreinte wrote it (layout %d, this one knows %d), and it was left as it is: "+
			"run that version, or put a backup made before it in its place with `astreinte restore BACKUP`", found.Version, layoutVersion)
	case found.Version == layoutVersion:
		return makeLog(db)
	}
	return db.Update(func(tx *bolt.Tx) error {
		for b := range buckets {
			if _, err := tx.CreateBucketIfNotExists(b.name()); err != nil {
				return err
			}
		}
		record, err := json.Marshal(layout{Version: layoutVersion, Made: now.UTC()})
		if err != nil {
			return err
		}
		return errors.Join(in(tx, inMeta).Put(layoutKey, record), in(tx, inMeta).Put(journalKey, identity(newIdentity(), 0)))
	})
}
