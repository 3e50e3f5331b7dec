package zabbixtest

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/postgrestest"
)

// shipped is where Debian puts what a new database begins with, in this order.
const shipped = "/usr/share/zabbix-server-pgsql"

var files = []string{"schema.sql.gz", "images.sql.gz", "data.sql.gz"}

// together is how many statements the database gets at once. One by one they
// take twice as long.
const together = 500

// database is a PostgreSQL with Zabbix' tables.
type database struct{ port string }

func startDatabase(tb testing.TB) *database {
	tb.Helper()
	server := postgrestest.Start(tb, "zabbix", "autovacuum=off")
	postgrestest.Run(tb, nil, server.PSQL("postgres", "-c", "CREATE DATABASE zabbix"))
	for _, name := range files {
		file, err := os.Open(filepath.Join(shipped, name))
		if err != nil {
			tb.Fatalf("zabbixtest: apt-get install zabbix-server-pgsql: %v", err)
		}
		content, err := gzip.NewReader(file)
		if err != nil {
			tb.Fatalf("zabbixtest: %s: %v", name, err)
		}
		postgrestest.Run(tb, batched(content), server.PSQL("zabbix", "-f", "-"))
		_ = file.Close() // it was read
	}
	return &database{port: server.Port}
}

// batched has a file's rows go to the database many at once: psql sends what
// ends with "\;" with what comes next.
func batched(file io.Reader) io.Reader {
	from, to := io.Pipe()
	go func() {
		lines, rows := bufio.NewReader(file), 0
		for {
			line, err := lines.ReadString('\n')
			if row, ok := strings.CutSuffix(line, ");\n"); ok && strings.HasPrefix(line, "INSERT INTO ") {
				if rows++; rows%together > 0 {
					line = row + ")\\;\n"
				}
			}
			if _, failed := io.WriteString(to, line); failed != nil || err != nil {
				_ = to.CloseWithError(err) // nobody reads any more, or it is the end
				return
			}
		}
	}()
	return from
}
