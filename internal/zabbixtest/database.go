package zabbixtest

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shipped is where Debian puts what a new database begins with, in this order.
const shipped = "/usr/share/zabbix-server-pgsql"

var files = []string{"schema.sql.gz", "images.sql.gz", "data.sql.gz"}

// together is how many statements the database gets at once. One by one they
// take twice as long.
const together = 500

// database is a PostgreSQL with Zabbix' tables. Nothing of it outlives the test,
// so it waits for no disk.
type database struct{ port string }

func startDatabase(tb testing.TB) *database {
	tb.Helper()
	bin := binaries(tb)
	// The folder of a test is its user's alone, and PostgreSQL does not run as root.
	dir, err := os.MkdirTemp("", "zabbixtest")
	if err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	if os.Getuid() == 0 {
		run(tb, nil, exec.Command("chown", "postgres", dir))
	}
	run(tb, nil, asPostgres(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "zabbix", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"))
	db := &database{port: freePort(tb)}
	server := launch(tb, "postgres", asPostgres(filepath.Join(bin, "postgres"), "-D", data, "-F", "-h", "127.0.0.1", "-p", db.port, "-k", "",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=4GB", "-c", "autovacuum=off"))
	psql := func(database string, more ...string) *exec.Cmd {
		return exec.Command(filepath.Join(bin, "psql"), slices.Concat([]string{
			"-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", db.port, "-U", "zabbix", "-d", database,
		}, more)...)
	}
	server.await(tb, func() error { return psql("postgres", "-c", "SELECT 1").Run() })
	run(tb, nil, psql("postgres", "-c", "CREATE DATABASE zabbix"))
	for _, name := range files {
		file, err := os.Open(filepath.Join(shipped, name))
		if err != nil {
			tb.Fatalf("zabbixtest: apt-get install zabbix-server-pgsql: %v", err)
		}
		content, err := gzip.NewReader(file)
		if err != nil {
			tb.Fatalf("zabbixtest: %s: %v", name, err)
		}
		run(tb, batched(content), psql("zabbix", "-f", "-"))
		_ = file.Close() // it was read
	}
	return db
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

// binaries is the folder of the newest PostgreSQL here.
func binaries(tb testing.TB) string {
	tb.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		tb.Fatalf("zabbixtest: PostgreSQL is missing: apt-get install postgresql (%v)", err)
	}
	return filepath.Dir(slices.Max(found))
}

// asPostgres is a command that runs as the user postgres if this is root, and
// ends with this process.
func asPostgres(program string, args ...string) *exec.Cmd {
	if os.Getuid() != 0 {
		return exec.Command(program, args...)
	}
	return exec.Command("setpriv", append([]string{"--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=TERM", program}, args...)...)
}

// run runs a command to its end.
func run(tb testing.TB, input io.Reader, cmd *exec.Cmd) {
	tb.Helper()
	cmd.Stdin, cmd.Dir = input, "/"
	if said, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("zabbixtest: %s: %v\n%s", cmd, err, said[max(0, len(said)-4096):])
	}
}
