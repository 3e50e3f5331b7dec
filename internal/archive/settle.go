package archive

import (
	"context"
	"errors"
)

// Settle brings what is beside an archive's file, since its daemon was killed, into the
// file. Afterwards the file alone is the archive.
func Settle(ctx context.Context, path string) error {
	a, err := Open(Options{URL: "sqlite:" + path})
	if err != nil {
		return err
	}
	_, err = a.writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err = errors.Join(err, a.Close()); err != nil {
		return failed(err, "bring its journal into its file")
	}
	return nil
}
