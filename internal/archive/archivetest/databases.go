package archivetest

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/astreinte/astreinte/internal/postgrestest"
)

// SQLite is the address of a new file.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "archive.db")
}

// Postgres is a server for several tests, each with a database of its own.
type Postgres struct {
	*postgrestest.Server
	databases int
}

// StartPostgres starts one. It ends with the test.
func StartPostgres(tb testing.TB) *Postgres {
	tb.Helper()
	return &Postgres{Server: postgrestest.Start(tb, "astreinte")}
}

// New is the address of a new database.
func (p *Postgres) New(tb testing.TB) string {
	tb.Helper()
	p.databases++
	name := fmt.Sprintf("test%d", p.databases)
	postgrestest.Run(tb, nil, p.PSQL("postgres", "-c", "CREATE DATABASE "+name))
	postgrestest.Run(tb, nil, p.PSQL(name, "-c", "CREATE SCHEMA other"))
	return p.URL(name)
}
