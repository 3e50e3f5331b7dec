package archive

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrateTimeout is how long a daemon waits for another one that migrates.
const migrateTimeout = 10 * time.Minute

// migrateTries is how often it is tried again.
const migrateTries = 3

// ready has the tables of this version, once. Where several daemons start, one
// makes them and the others wait. It refuses tables of a newer version.
func (a *Archive) ready(ctx context.Context) error {
	if a.opts.Meets != nil {
		if err := a.opts.Meets(); err != nil {
			return failed(err, "ask for it")
		}
	}
	a.mu.Lock()
	if a.migrated {
		a.mu.Unlock() // nobody who reads waits for one who writes, or for another's question
		if err := there(ctx, a.reader); err != nil {
			return failed(err, "ask for it")
		}
		return nil
	}
	defer a.mu.Unlock()
	p, err := a.migrator()
	if err != nil {
		return failed(err, "read the migrations")
	}
	if err := a.migrate(ctx, p); err != nil {
		return failed(err, "migrate")
	}
	a.migrated = true
	return nil
}

// begin begins to write.
func (a *Archive) begin(ctx context.Context) (*sql.Tx, error) {
	if err := there(ctx, a.writer); err != nil {
		return nil, err
	}
	return a.writer.BeginTx(ctx, nil) //nolint:wrapcheck // the caller says what it does
}

// there asks whether the database is there. Connections that were cut while nobody used
// them are noticed by this, and the next that is used is another.
func there(ctx context.Context, db *sql.DB) error {
	for {
		some := db.Stats().OpenConnections > 0
		err := db.PingContext(ctx)
		if !errors.Is(err, driver.ErrBadConn) || !some {
			return err //nolint:wrapcheck // the caller says what it does
		}
	}
}

func (a *Archive) migrator() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+a.dialect.name)
	if err != nil {
		return nil, err //nolint:wrapcheck // its caller does
	}
	options := []goose.ProviderOption{goose.WithVerbose(false), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(a.backfill()...)}
	if a.path == "" {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err //nolint:wrapcheck // its caller does
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(a.dialect.goose, a.writer, files, options...) //nolint:wrapcheck // likewise
}

func (a *Archive) migrate(ctx context.Context, p *goose.Provider) error {
	if err := a.known(ctx, p); err != nil {
		return err
	}
	if pending, err := p.HasPending(ctx); err != nil || !pending {
		return err //nolint:wrapcheck // the caller does
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), migrateTimeout) // a half is undone, and begun again
	defer cancel()
	_, err := p.Up(ctx)
	for tries := 0; err != nil && tries < migrateTries; tries++ {
		// Another one may have been faster, where no lock keeps them apart.
		if pending, again := p.HasPending(ctx); again == nil && !pending {
			break
		}
		_, err = p.Up(ctx)
	}
	if pending, again := p.HasPending(ctx); again != nil || pending {
		return errors.Join(err, again)
	}
	return a.known(ctx, p)
}

// known refuses tables of a newer version.
func (a *Archive) known(ctx context.Context, p *goose.Provider) error {
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	sources := p.ListSources()
	if len(sources) == 0 {
		return errors.New("there are none")
	}
	if knows := sources[len(sources)-1].Version; has > knows {
		return fmt.Errorf("its tables are of version %d, and this one knows %d: %w", has, knows, ErrNewer)
	}
	return nil
}
