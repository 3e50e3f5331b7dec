package archivetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Raise has a database look as if a newer version had changed its tables.
func Raise(ctx context.Context, url string) error {
	db, err := database(url)
	if err != nil {
		return fmt.Errorf("archivetest: %w", err)
	}
	_, err = db.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("archivetest: %w", err)
	}
	return nil
}

// database opens an archive's database, for who changes it behind the archive's back.
func database(url string) (*sql.DB, error) {
	driver, at := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, at = "sqlite", path
	}
	return sql.Open(driver, at) //nolint:wrapcheck // its callers do
}

func (b *bench) database() *sql.DB {
	b.Helper()
	db, err := database(b.url)
	b.ok(err)
	b.Cleanup(func() { b.ok(db.Close()) })
	return db
}
