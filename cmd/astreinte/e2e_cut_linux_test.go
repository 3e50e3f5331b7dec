//go:build long

package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// The variables with which the test runs itself again, inside its own network.
const (
	insideEnv  = "ASTREINTE_TEST_INSIDE" // the program under test
	nearIP     = "10.99.0.1"
	farIP      = "10.99.0.2"
	nearMAC    = "02:00:00:00:00:01"
	farMAC     = "02:00:00:00:00:02"
	nobodysMAC = "02:00:00:00:00:99"
	cutFor     = 12 * time.Second
)

// TestNetworkCut cuts the network between two daemons and Redis. Packets go
// out and none arrive, as if a cable is pulled or a firewall drops them. It
// does so between network namespaces that it makes; if it cannot make them, it
// fails.
func TestNetworkCut(t *testing.T) {
	if program := os.Getenv(insideEnv); program != "" {
		networkCut(t, program)
		return
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestNetworkCut$", "-test.v", "-test.timeout=3m")
	cmd.Env = append(os.Environ(), insideEnv+"="+build(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	said, err := cmd.CombinedOutput()
	switch {
	case cmd.ProcessState == nil:
		t.Fatalf("no network namespace can be made here: run it as root, or allow user namespaces: %v", err)
	case err != nil:
		t.Fatalf("in a network of its own: %v\n%s", err, said)
	}
	t.Logf("%s", said)
}

// networkCut runs in its own namespace, as root there.
func networkCut(t *testing.T, program string) {
	run(t, "ip", "link", "set", "lo", "up")
	far := launch(t, "redis", exec.Command(installed(t, "unshare", "util-linux"), "-n", installed(t, "redis-server", "redis-server"),
		"--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", t.TempDir(), "--appendonly", "yes", "--appendfsync", "always", "--save", ""))
	pid := strconv.Itoa(far.cmd.Process.Pid)
	await(t, "the other namespace", func() error {
		own, err := os.Readlink("/proc/self/ns/net")
		if err != nil {
			return err
		}
		other, err := os.Readlink("/proc/" + pid + "/ns/net")
		if err == nil && own == other {
			err = fmt.Errorf("redis is still in %s", own)
		}
		return err
	})
	there := func(args ...string) { run(t, "nsenter", append([]string{"-t", pid, "-n", "ip"}, args...)...) }
	run(t, "ip", "link", "add", "near", "address", nearMAC, "type", "veth", "peer", "name", "far", "address", farMAC, "netns", pid)
	run(t, "ip", "addr", "add", nearIP+"/24", "dev", "near")
	run(t, "ip", "link", "set", "near", "up")
	there("link", "set", "lo", "up")
	there("addr", "add", farIP+"/24", "dev", "far")
	there("link", "set", "far", "up")
	// Each side sends to a link-layer address that nobody has, and gets no
	// answer.
	lead := func(toFar, toNear string) {
		run(t, "ip", "neigh", "replace", farIP, "lladdr", toFar, "dev", "near", "nud", "permanent")
		there("neigh", "replace", nearIP, "lladdr", toNear, "dev", "far", "nud", "permanent")
	}
	lead(farMAC, nearMAC)
	client := redistest.Impatient(t, farIP+":6379")
	await(t, "redis", func() error { return client.Ping(context.Background()).Err() })

	f := newFleet(t, program, "redis://"+farIP+":6379/0", "local", 2)
	outage(t, f, 200, func() {
		lead(nobodysMAC, nobodysMAC)
		if err := client.Ping(context.Background()).Err(); err == nil {
			t.Error("the network is not cut")
		}
		notReady(t, f.ships[0])
		began := time.Now()
		if status, _ := f.ships[1].post("prometheus", "srv-cut-off"); status != http.StatusServiceUnavailable || time.Since(began) > answers {
			t.Errorf("a post is answered %d after %s", status, time.Since(began))
		}
		nap(cutFor - time.Since(began))
		lead(farMAC, nearMAC)
	})
}

// run runs a command to its end.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if said, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("network namespaces cannot be made or joined here: %s %q: %v\n%s", name, args, err, said)
	}
}
