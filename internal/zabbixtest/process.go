package zabbixtest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	// patience is how long anything may take that a test waits for.
	patience = 2 * time.Minute
	// stops is how long a process has to end before it is killed.
	stops = 20 * time.Second
	// shown is how much of what a process said a failed test shows, in bytes.
	shown = 4 << 10
)

// process runs beside the test. Its log is a file, not a pipe: children of the
// process may outlive it, and keep a pipe open.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
}

// launch starts a process, which ends with the test.
func launch(tb testing.TB, name string, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{name: name, cmd: cmd, log: filepath.Join(tb.TempDir(), "log"), done: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, "/"
	if err := cmd.Start(); err != nil {
		tb.Fatalf("zabbixtest: %s: %v", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is seen in its log
		close(p.done)
	}()
	tb.Cleanup(func() {
		p.end()
		if tb.Failed() {
			tb.Logf("%s said:\n%s", name, p.said())
		}
	})
	return p
}

func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	late := time.NewTimer(stops)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		_ = p.cmd.Process.Kill() // as above
		<-p.done
	}
}

func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.ToValidUTF8(text[max(0, len(text)-shown):], []byte("?")))
}

// await waits until a process does what it is for.
func (p *process) await(tb testing.TB, ask func() error) {
	tb.Helper()
	Await(tb, p.name, func() error {
		select {
		case <-p.done:
			tb.Fatalf("zabbixtest: %s ended", p.name)
		default:
		}
		return ask()
	})
}

// Await asks again and again until there is no error. After two minutes it
// fails the test.
func Await(tb testing.TB, what string, ask func() error) {
	tb.Helper()
	tick, late := time.NewTicker(100*time.Millisecond), time.NewTimer(patience)
	defer tick.Stop()
	defer late.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-late.C:
			tb.Fatalf("zabbixtest: waited %s for %s: %v", patience, what, err)
		}
	}
}

// freePort asks the kernel for a port.
func freePort(tb testing.TB) string {
	tb.Helper()
	port, err := listens("127.0.0.1:0")
	if err != nil {
		tb.Fatalf("zabbixtest: a port: %v", err)
	}
	return port
}

// lowPort is a free port below those that the kernel gives: Zabbix' server takes
// none above 32767.
func lowPort(tb testing.TB) string {
	tb.Helper()
	var err error
	for range 100 {
		var port string
		if port, err = listens("127.0.0.1:" + strconv.Itoa(20000+rand.IntN(12000))); err == nil {
			return port
		}
	}
	tb.Fatalf("zabbixtest: a port: %v", err)
	return ""
}

// listens finds out whether one can listen there, and at which port that is.
func listens(address string) (port string, err error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", err
	}
	_, port, err = net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// program finds a program that Debian has in a package.
func program(tb testing.TB, name, debian string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		tb.Fatalf("zabbixtest: apt-get install %s: %v", debian, err)
	}
	return path
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
}
