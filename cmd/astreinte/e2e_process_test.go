package main_test

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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// patience is how long a test waits for a condition. It is generous: what is
	// late on a busy machine is not wrong.
	patience = 30 * time.Second
	// stopsWithin is the time that a stop may take (docs/REFERENCE.md#commands), and
	// as much again for a machine that is busy.
	stopsWithin = 20 * time.Second
	// logTail is how much of a process's log a failed test shows, in bytes.
	logTail = 16 << 10
)

// built makes the program under test in TestMain's folder. Linking it takes seconds.
var built = sync.OnceValues(func() (program string, err error) {
	program = filepath.Join(os.Getenv("ASTREINTE_TEST_SHARED"), "astreinte")
	if said, err := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return program, nil
})

// build makes the program under test, once for all who run it.
func build(t *testing.T) string {
	t.Helper()
	installed(t, "go", "golang")
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// installed finds a program that Debian has in a package.
func installed(t *testing.T, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: apt-get install %s: %v", program, debian, err)
	}
	return path
}

// process is a program that runs beside the test.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string        // the file of what it says
	done chan struct{} // closed when it has ended
}

// launch starts a command. If the test fails, it shows the command's output.
// The command ends with the test at the latest.
func launch(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{name: name, cmd: cmd, log: filepath.Join(t.TempDir(), "log"), done: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the process has its own
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, withParent()
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	go func() {
		_ = cmd.Wait() // cmd.ProcessState tells how it ended
		close(p.done)
	}()
	t.Cleanup(func() {
		p.end()
		if said := p.said(t); t.Failed() {
			t.Logf("%s said:\n%s", name, said[max(0, len(said)-logTail):])
		}
	})
	return p
}

// withParent ends a process when the test's process ends, in whatever way, if
// the system can do that.
func withParent() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	if signal := reflect.ValueOf(attr).Elem().FieldByName("Pdeathsig"); signal.IsValid() {
		signal.SetInt(int64(syscall.SIGKILL))
	}
	return attr
}

// ended says whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// end asks the process to end. If it does not in time, end kills it and
// returns false.
func (p *process) end() bool {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	late := time.NewTimer(stopsWithin)
	defer late.Stop()
	select {
	case <-p.done:
		return true
	case <-late.C:
		p.kill()
		return false
	}
}

// kill ends the process as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// said is what the process has written until now.
func (p *process) said(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Errorf("%s: %v", p.name, err)
	}
	return string(text)
}

// listen starts a server on a loopback port that the kernel chose. It returns
// when its readiness path answers 200. If another process takes the port
// first, the server ends, and gets another port.
func listen(t *testing.T, name, readiness string, command func(address string) *exec.Cmd) (p *process, address string) {
	t.Helper()
	for range 3 {
		address = freeAddress(t)
		p = launch(t, name, command(address))
		if p.becomes(t, func() error { return healthy("http://" + address + readiness) }) {
			return p, address
		}
		if !strings.Contains(p.said(t), "address already in use") {
			break
		}
	}
	t.Fatalf("%s did not start", name)
	return nil, ""
}

// becomes waits until a process is ready; false if it ended.
func (p *process) becomes(t *testing.T, ready func() error) bool {
	t.Helper()
	await(t, p.name+" to be ready", func() error {
		if p.ended() {
			return nil
		}
		return ready()
	})
	return !p.ended()
}

// given are the addresses that freeAddress gave: no two servers of these tests wait for
// the same one, and find the other ready there.
var given sync.Map

func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close() // the server takes it
		if _, had := given.LoadOrStore(address, true); !had {
			return address
		}
	}
}

// healthy is an error if a URL does not answer 200.
func healthy(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(url + ": " + strconv.Itoa(resp.StatusCode))
	}
	return nil
}

// await asks until there is no error.
func await(t *testing.T, what string, ask func() error) {
	t.Helper()
	if err := poll(patience, func() (bool, error) {
		err := ask()
		return err == nil, err
	}); err != nil {
		t.Fatalf("waited %s for %s: %v", patience, what, err)
	}
}

// holds asks for some time; no answer may be an error.
func holds(t *testing.T, d time.Duration, ask func() error) {
	t.Helper()
	var broken error
	_ = poll(d, func() (bool, error) { // the time is up: so it should be
		broken = ask()
		return broken != nil, errors.New("it held")
	})
	if broken != nil {
		t.Fatal(broken)
	}
}

// poll asks until it is done or the time is up. Then it returns the last
// error.
func poll(d time.Duration, ask func() (done bool, err error)) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(d)
	defer late.Stop()
	for {
		done, err := ask()
		if done {
			return nil
		}
		select {
		case <-tick.C:
		case <-late.C:
			return fmt.Errorf("time is up: %w", err)
		}
	}
}
