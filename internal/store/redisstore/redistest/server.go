package redistest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience is how long a server may take to do what a test waits for.
const patience = 30 * time.Second

// Server is one running redis-server.
type Server struct {
	Port int
	// Secret is the password that a client has to give; empty if none is asked
	// for.
	Secret string

	tb   testing.TB
	dir  string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

// Single starts one server that writes every commit to disk. args are further
// arguments of redis-server ("--maxmemory", "10mb").
func Single(tb testing.TB, args ...string) *Server {
	tb.Helper()
	base := []string{"--appendonly", "yes", "--appendfsync", "always", "--save", ""}
	return launch(tb, func(int) []string { return append(base, args...) })
}

// launch starts a server with arguments that may depend on its port. If
// another process takes the port first, launch tries another port.
func launch(tb testing.TB, args func(port int) []string) *Server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		tb.Fatalf("redistest: redis-server is missing: apt-get install redis-server: %v", err)
	}
	var err error
	for range 5 {
		port := freePort(tb)
		s := &Server{Port: port, tb: tb, dir: tb.TempDir()}
		s.args = append(args(port), "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", s.dir)
		s.Secret = argument(s.args, "--requirepass")
		if err = s.start(); err == nil {
			tb.Cleanup(s.Kill)
			return s
		}
		s.Kill()
	}
	tb.Fatalf("redistest: %v", err)
	return nil
}

func argument(args []string, name string) string {
	for i, a := range args {
		if a == name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// freePort asks the kernel for a port that is free.
func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("redistest: a port: %v", err)
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("redistest: a port: %v is no TCP address", l.Addr())
	}
	return addr.Port
}

// Addr is host:port.
func (s *Server) Addr() string { return "127.0.0.1:" + strconv.Itoa(s.Port) }

// URL is the server's address, as Open takes it.
func (s *Server) URL() string {
	if s.Secret != "" {
		return "redis://:" + s.Secret + "@" + s.Addr() + "/0"
	}
	return "redis://" + s.Addr() + "/0"
}

// Client is a plain client of the server. It is closed with the test.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), Password: s.Secret, Protocol: 2, DisableIdentity: true})
	s.tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Impatient is a plain client of a server that somebody else started. It gives
// up after a second, and does not try again.
func Impatient(tb testing.TB, addr string) *redis.Client {
	tb.Helper()
	c := redis.NewClient(&redis.Options{
		Addr: addr, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second, ReadTimeout: time.Second,
	})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill ends the server as kill -9 does, and returns when it is gone.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may be gone already
	<-s.done
}

// Restart ends the server if it runs, and starts it again on the same port and
// data.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.tb.Fatalf("redistest: restart: %v", err)
	}
}

// Stop freezes the server: it keeps its connections and answers nothing.
func (s *Server) Stop() { s.signal(syscall.SIGSTOP) }

// Continue lets a stopped server go on.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatalf("redistest: %v: %v", sig, err)
	}
}

// start returns when the server answers. If the server ended, the error is
// what it said.
func (s *Server) start() error {
	log := &bytes.Buffer{}
	s.cmd = exec.Command("redis-server", s.args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, log, log
	s.cmd.SysProcAttr = withParent()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("redis-server: %w", err)
	}
	cmd, done := s.cmd, make(chan struct{})
	s.done = done
	go func() {
		_ = cmd.Wait() // killed, as it should be
		close(done)
	}()
	client := redis.NewClient(&redis.Options{Addr: s.Addr(), Password: s.Secret, Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1})
	defer client.Close()
	err := await(func(ctx context.Context) error {
		select {
		case <-done:
			return errEnded
		default:
		}
		if err := s.listens(ctx); err != nil {
			return err
		}
		return client.Ping(ctx).Err()
	})
	if errors.Is(err, errEnded) {
		return fmt.Errorf("redis-server on port %d: %w: %s", s.Port, err, log)
	}
	return err
}

// listens waits until the server's port is open. The client logs what it
// cannot reach, so it should not ask before.
func (s *Server) listens(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return err
	}
	return conn.Close()
}

var errEnded = errors.New("it ended")

// await asks until there is no error. It gives up when the server has ended.
func await(ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil || errors.Is(err, errEnded) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v: %w", patience, err)
		case <-tick.C:
		}
	}
}

// write puts a file beside the server's data.
func write(tb testing.TB, lines ...string) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "redis.conf")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatalf("redistest: %v", err)
	}
	return name
}
