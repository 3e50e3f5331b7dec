// Package postgrestest starts a PostgreSQL for tests: Debian's, on a port of its
// own, in a folder that goes with it. Nothing of it outlives the test, so it
// waits for no disk.
package postgrestest

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL that runs.
type Server struct {
	Port string
	User string

	bin, data, log string
	settings       []string
	cmd            *exec.Cmd
	done           chan struct{}
}

// Start starts a server whose only user is a superuser of that name. The
// settings are of the form name=value. It ends with the test.
func Start(tb testing.TB, user string, settings ...string) *Server {
	tb.Helper()
	s := &Server{User: user, Port: freePort(tb), bin: binaries(tb), log: filepath.Join(tb.TempDir(), "postgres.log"), settings: settings}
	// The folder of a test is its user's alone, and PostgreSQL does not run as root.
	dir, err := os.MkdirTemp("", "postgrestest")
	if err != nil {
		tb.Fatalf("postgrestest: %v", err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	s.data = filepath.Join(dir, "data")
	if os.Getuid() == 0 {
		Run(tb, nil, exec.Command("chown", "postgres", dir))
	}
	Run(tb, nil, asPostgres(filepath.Join(s.bin, "initdb"), "--pgdata", s.data, "--username", user, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"))
	s.Restart(tb)
	tb.Cleanup(func() {
		s.Stop()
		if tb.Failed() {
			tb.Logf("postgres said:\n%s", s.said())
		}
	})
	return s
}

// Restart starts the server, which has ended, and waits until it answers.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		tb.Fatalf("postgrestest: %v", err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	args := []string{"-D", s.data, "-F", "-h", "127.0.0.1", "-p", s.Port, "-k", ""}
	for _, setting := range slices.Concat([]string{"synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB"}, s.settings) {
		args = append(args, "-c", setting)
	}
	s.cmd, s.done = asPostgres(filepath.Join(s.bin, "postgres"), args...), make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Dir = log, log, "/"
	if err := s.cmd.Start(); err != nil {
		tb.Fatalf("postgrestest: %v", err)
	}
	cmd, done := s.cmd, s.done
	go func() {
		_ = cmd.Wait() // how it ended is seen in its log
		close(done)
	}()
	for s.PSQL("postgres", "-c", "SELECT 1").Run() != nil {
		select {
		case <-s.done:
			tb.Fatalf("postgrestest: it ended:\n%s", s.said())
		case <-tb.Context().Done():
			tb.Fatal("postgrestest: it does not answer")
		case <-time.NewTimer(50 * time.Millisecond).C:
		}
	}
}

// Stop ends the server at once, as a crash of its machine does not: what was
// committed stays.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // fast: it breaks all connections; it may have ended
	<-s.done
}

// URL is the address of a database.
func (s *Server) URL(database string) string {
	return "postgres://" + s.User + "@127.0.0.1:" + s.Port + "/" + database + "?sslmode=disable"
}

// PSQL is a call of psql on a database.
func (s *Server) PSQL(database string, more ...string) *exec.Cmd {
	return exec.Command(filepath.Join(s.bin, "psql"), slices.Concat([]string{
		"-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", s.Port, "-U", s.User, "-d", database,
	}, more)...)
}

func (s *Server) said() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.ToValidUTF8(text[max(0, len(text)-4096):], []byte("?")))
}

// binaries is the folder of the newest PostgreSQL here.
func binaries(tb testing.TB) string {
	tb.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		tb.Fatalf("postgrestest: PostgreSQL is missing: apt-get install postgresql (%v)", err)
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

// Run runs a command to its end.
func Run(tb testing.TB, input io.Reader, cmd *exec.Cmd) {
	tb.Helper()
	cmd.Stdin, cmd.Dir = input, "/"
	if said, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("postgrestest: %s: %v\n%s", cmd, err, said[max(0, len(said)-4096):])
	}
}

func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("postgrestest: a port: %v", err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatalf("postgrestest: a port: %v", err)
	}
	return port
}
