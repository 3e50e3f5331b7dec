package archive_test

import (
	"testing"

	"github.com/astreinte/astreinte/internal/archive/archivetest"
)

func TestSQLite(t *testing.T) { archivetest.Run(t, archivetest.SQLite) }

func TestPostgres(t *testing.T) { archivetest.Run(t, archivetest.StartPostgres(t).New) }
