package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"syscall"
	"time"
)

const (
	readyWithin = 60 * time.Second
	stopsWithin = 10 * time.Second
	logTail     = 4 << 10
)

// process is a program that runs beside this one.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string        // the file of its output
	done chan struct{} // closed when it has ended
}

// launch starts a program. Its output goes to a file in dir. It runs until end
// or kill ends it.
func launch(name, dir, program string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...) //nolint:gosec,noctx // the caller named it; a context would only kill it
	p := &process{name: name, cmd: cmd, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, withParent()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		close(p.done)
	}()
	return p, nil
}

// withParent ends a process when this one ends, in whatever way, if the system
// can do that. It also keeps a terminal's Ctrl-C from it: end ends it in
// order.
func withParent() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if signal := reflect.ValueOf(attr).Elem().FieldByName("Pdeathsig"); signal.IsValid() {
		signal.SetInt(int64(syscall.SIGKILL))
	}
	return attr
}

// end asks the process to end. If it does not in time, end kills it.
func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	late := time.NewTimer(stopsWithin)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		p.kill()
	}
}

// kill ends the process as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// ready waits until a check passes. The error has the end of the process's
// output.
func (p *process) ready(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	var last error
	err := every(ctx, 2*time.Millisecond, func() bool {
		last = check(ctx)
		return last == nil || p.ended()
	})
	if err == nil && last == nil {
		return nil
	}
	said, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s did not become ready: %w\n%s", p.name, errors.Join(err, last), said[max(0, len(said)-logTail):])
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// every asks again and again until so is true, or ctx ends.
func every(ctx context.Context, pause time.Duration, so func() bool) error {
	for !so() {
		if err := rest(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

// rest waits.
func rest(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// freeAddress is an address of loopback at which nobody listens.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

// healthy is an error if a URL does not answer 200.
func healthy(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}
