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
	driver, at := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, at = "sqlite", path
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		return fmt.Errorf("archivetest: %w", err)
	}
	_, err = db.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("archivetest: %w", err)
	}
	return nil
}
