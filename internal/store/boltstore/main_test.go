package boltstore

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The test binary runs itself as a second process if these variables are set.
const (
	childHolds  = "BOLTSTORE_CHILD_HOLDS"  // open this file and hold it
	childWrites = "BOLTSTORE_CHILD_WRITES" // and open tickets, naming each once it is durable
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(childHolds) != "":
		child(os.Getenv(childHolds), false)
	case os.Getenv(childWrites) != "":
		child(os.Getenv(childWrites), true)
	default:
		os.Exit(m.Run())
	}
}

// child is the second process: it ends when it is killed or its input ends.
func child(path string, writes bool) {
	s, err := Open(path, Options{})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println("open")
	for n := 1; writes; n++ {
		if err := openTicketTest(s, n); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(openingTest(n).Ticket.Number)
	}
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := s.Close(); err != nil {
		os.Exit(1)
	}
}

// process is a child as its parent sees it.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
}

func startTest(t *testing.T, variable, path string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), variable+"="+path)
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); p.killTest() })
	if line := p.lineTest(t); line != "open" {
		t.Fatalf("the other process says %q", line)
	}
	return p
}

func (p *process) lineTest(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatal("the other process ended")
	}
	return strings.TrimSpace(p.lines.Text())
}

// killTest ends the process as a crash does, and reads what it still said.
func (p *process) killTest() (rest []string) {
	if p.ProcessState != nil {
		return nil
	}
	_ = p.Process.Kill()
	for p.lines.Scan() {
		rest = append(rest, p.lines.Text())
	}
	_ = p.Wait()
	return rest
}
