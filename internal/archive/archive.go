package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver sqlite
)

// None is the address of no archive.
const None = "none"

const sqliteScheme = "sqlite:"

// Errors of an archive. Any other error means that it could not be asked.
var (
	ErrNotFound = errors.New("the archive has no such ticket")
	// ErrNewer: a newer version has changed the archive's tables.
	ErrNewer = errors.New("a newer astreinte wrote the archive, and it was left as it is: run that version")
	// ErrFull: there is less room on the disk than is kept free for pages.
	ErrFull = errors.New("there is too little room on the disk: the archive does not grow")
	// ErrScope: whoever reads did not say whose tickets.
	ErrScope = errors.New("whose tickets may be read is not said")
	// ErrMoved: another daemon copies.
	errMoved = errors.New("another daemon was faster")
)

// CheckURL says what is wrong with an address. It does not ask the database,
// and does not quote the address, which may hold a password.
func CheckURL(address string) error {
	if address == None {
		return nil
	}
	if path, ok := strings.CutPrefix(address, sqliteScheme); ok {
		if path == "" || strings.HasPrefix(path, "//") {
			return errors.New("sqlite: and the path of a file wanted, like sqlite:data/archive.db")
		}
		return nil
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("no such archive: sqlite:PATH, postgres://HOST/DATABASE, or none wanted")
	}
	if _, err := pgx.ParseConfig(address); err != nil {
		return errors.New("it is no address of a PostgreSQL: postgres://USER@HOST/DATABASE?sslmode=verify-full wanted")
	}
	return nil
}

// Options are an archive's settings.
type Options struct {
	// URL is sqlite:FILE or postgres://….
	URL string
	// MinFree is how many bytes of the disk stay free. It holds for a file only.
	MinFree int64
	// Free says how many bytes of a folder's disk are free; nil: the system is
	// asked.
	Free func(dir string) (int64, error)
	// Careless has writes to a file wait for no disk.
	Careless bool
	// Now says on which day a seal is made; nil: time.Now.
	Now func() time.Time
	// Meets is asked before each call, which fails with its error; nil: none does.
	Meets func() error
}

// Archive is an archive. It is safe for concurrent use. It need not be there
// when it is opened: each call that finds it tries again.
type Archive struct {
	dialect *dialect
	path    string // of the file; empty: it is a server
	opts    Options

	writer, reader *sql.DB

	mu       sync.Mutex
	migrated bool
}

// Open opens an archive. It asks nothing of a server.
func Open(opts Options) (*Archive, error) {
	if err := CheckURL(opts.URL); err != nil || opts.URL == None {
		return nil, fmt.Errorf("archive: %w", errors.Join(err, errNone(opts.URL)))
	}
	if opts.Free == nil {
		opts.Free = free
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	a := &Archive{opts: opts}
	if path, ok := strings.CutPrefix(opts.URL, sqliteScheme); ok {
		return a, a.openFile(path)
	}
	config, err := pgx.ParseConfig(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", CheckURL(opts.URL))
	}
	a.dialect = postgres
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "astreinte"
	}
	a.writer = stdlib.OpenDB(*config)
	a.writer.SetMaxOpenConns(2)
	a.reader = stdlib.OpenDB(*config)
	a.reader.SetMaxOpenConns(8)
	for _, db := range []*sql.DB{a.writer, a.reader} {
		db.SetConnMaxIdleTime(5 * time.Minute)
	}
	return a, nil
}

func errNone(address string) error {
	if address == None {
		return errors.New("none is configured")
	}
	return nil
}

func (a *Archive) openFile(path string) error {
	a.dialect, a.path = sqlite, path
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	synchronous := "synchronous(full)"
	if a.opts.Careless {
		synchronous = "synchronous(off)"
	}
	pragmas := url.Values{"_pragma": {"journal_mode(wal)", synchronous, "busy_timeout(10000)", "foreign_keys(on)", "cache_size(-16000)", "journal_size_limit(67108864)"}}
	open := func(more url.Values) (*sql.DB, error) {
		for name, values := range pragmas {
			more[name] = append(more[name], values...)
		}
		return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+more.Encode())
	}
	if a.writer, err = open(url.Values{"_txlock": {"immediate"}}); err == nil {
		a.reader, err = open(url.Values{})
	}
	if err != nil {
		return fmt.Errorf("archive: open %s: %w", path, err)
	}
	a.writer.SetMaxOpenConns(1)
	a.reader.SetMaxOpenConns(4)
	a.reader.SetMaxIdleConns(4)
	return nil
}

// Close closes the archive.
func (a *Archive) Close() error {
	if err := errors.Join(a.writer.Close(), a.reader.Close()); err != nil {
		return fmt.Errorf("archive: close: %w", err)
	}
	return nil
}

// Check returns an error if the archive cannot be written now.
func (a *Archive) Check(ctx context.Context) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	return a.roomy()
}

// roomy returns an error if the archive may not grow.
func (a *Archive) roomy() error {
	if a.path == "" || a.opts.MinFree <= 0 {
		return nil
	}
	left, err := a.opts.Free(filepath.Dir(a.path))
	switch {
	case err != nil:
		return fmt.Errorf("archive: ask how much room is left: %w", err)
	case left < a.opts.MinFree:
		return fmt.Errorf("archive: %d MiB are free, and %d stay free: %w", left>>20, a.opts.MinFree>>20, ErrFull)
	}
	return nil
}

// failed says what was tried.
func failed(err error, what string) error {
	return fmt.Errorf("archive: %s: %w", what, err)
}
