package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/boltstore"
)

// twoPolicies pages the first server's alerts each second, the others' once.
var twoPolicies = strings.NewReplacer(
	"route: {receiver: once, group_by: [instance]}",
	`route: {receiver: once, group_by: [instance], routes: [{receiver: again, matchers: ['instance="`+firstServer+`"']}]}`,
	"policies:\n", "policies:\n  again:\n    steps: [{page: on-call, by: [sms], repeat: 1s}]\n",
)

const (
	firstServer = "srv-000000"
	diskSize    = 24 << 20
)

// TestFullDisk fills the disk under a daemon. What is new is refused, what was
// accepted goes on, and everything works again once there is room.
func TestFullDisk(t *testing.T) {
	disk := newDisk(t, diskSize)
	s := newSiteWith(t, build(t), "bolt:"+filepath.Join(disk.dir, "astreinte.db"), twoPolicies.Replace(onceConfig), disk.inside...)
	s.summary = strings.Repeat("a long story ", 800)
	number, err := s.alert(firstServer)
	if err != nil {
		t.Fatal(err)
	}
	posts := newPoster(s)
	ended := posts.run(t)
	defer ended()
	await(t, "alerts to be accepted", func() error {
		if n := len(posts.accepted()); n < 10 {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})

	disk.fill(t)
	refusedOne, another := "", 0
	await(t, "an alert to be refused", func() error {
		another++
		refusedOne = fmt.Sprintf("srv-9%05d", another)
		var refused *refusal
		if _, err := s.alert(refusedOne); !errors.As(err, &refused) {
			return errors.Join(errors.New("it was accepted"), err)
		} else if refused.status != http.StatusServiceUnavailable || !strings.Contains(refused.answer, "could not be written down: send them again") {
			t.Fatal(refused)
		}
		return nil
	})
	s.unready(t)
	s.goesOn(t, number)
	s.daemon.kill() // in the middle of it
	s.daemon = launch(t, "astreinte, on a full disk", s.serve(s.address))
	s.goesOn(t, number)
	s.unready(t)
	full := posts.accepted()

	disk.free(t)
	await(t, "alerts to be accepted again", func() error {
		if n := len(posts.accepted()) - len(full); n < 10 {
			return fmt.Errorf("%d are", n)
		}
		return s.ready()
	})
	if _, err := s.alert(refusedOne); err != nil {
		t.Error("what was refused, posted again: ", err)
	}
	ended()
	posts.settled.Wait()
	k := &killing{site: s, posts: posts}
	k.paged(t)
	if !s.daemon.end() {
		t.Fatal("it does not stop")
	}
	disk.whole(t, posts.accepted())
}

// unready checks that the probe says that the disk is full.
func (s *site) unready(t *testing.T) {
	t.Helper()
	await(t, "the probe to tell of the disk", func() error {
		var probe struct{ Reasons []string }
		if err := s.try(http.MethodGet, "/readyz", nil, http.StatusServiceUnavailable, &probe); err != nil {
			return err
		}
		if said := strings.Join(probe.Reasons, ", "); !strings.Contains(said, "the disk is full") || !strings.Contains(said, "no space left on device") {
			t.Fatalf("the reasons are %s", said)
		}
		return nil
	})
}

// goesOn checks that the ticket has two more rounds, on time, and takes a
// note.
func (s *site) goesOn(t *testing.T, number string) {
	t.Helper()
	began := time.Now()
	await(t, "pages in spite of the full disk", func() error {
		rounds := 0
		for _, m := range s.world.Messages() {
			if m.Accepted.After(began) && strings.Contains(m.Body, firstServer) {
				rounds++
			}
		}
		if rounds < 3 {
			return fmt.Errorf("%d rounds", rounds)
		}
		return nil
	})
	if took := time.Since(began); took > resumesWithin {
		t.Errorf("three rounds, one a second, took %s", took)
	}
	var now shown
	s.ask(t, http.MethodPost, "/api/v1/tickets/"+number+"/note", map[string]string{"text": "the disk is full"}, http.StatusOK, &now)
}

// smallDisk is a separate file system, in a separate name space.
type smallDisk struct {
	dir    string   // its path inside
	inside []string // the command that runs another command inside
	root   string   // the inside's root, seen from outside
}

// newDisk makes a file system of that many bytes, as root or in a name space
// of users.
func newDisk(t *testing.T, size int) *smallDisk {
	t.Helper()
	installed(t, "nsenter", "util-linux")
	dir := t.TempDir()
	var tried []string
	for _, asUser := range []bool{false, true} {
		d, err := mounted(t, dir, size, asUser)
		if err == nil {
			return d
		}
		tried = append(tried, err.Error())
	}
	t.Fatalf("no small file system can be made: run the tests as root, or allow user name spaces: %s", strings.Join(tried, "; "))
	return nil
}

func mounted(t *testing.T, dir string, size int, asUser bool) (*smallDisk, error) {
	t.Helper()
	holder := exec.Command("sh", "-c", `mount -t tmpfs -o size=$1,mode=700 tmpfs "$0" && echo mounted && exec cat`, dir, strconv.Itoa(size))
	holder.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	enter := []string{"-m"}
	if asUser {
		holder.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		holder.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		holder.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		enter = append(enter, "-U", "--preserve-credentials")
	}
	var said strings.Builder
	holder.Stderr = &said
	in, err := holder.StdinPipe() // its end is the holder's
	if err != nil {
		return nil, err
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := holder.Start(); err != nil {
		return nil, fmt.Errorf("a name space of mounts: %w", err)
	}
	end := func() {
		_ = in.Close()
		_ = holder.Wait()
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "mounted\n" {
		end()
		return nil, fmt.Errorf("mount: %s", strings.TrimSpace(said.String()))
	}
	t.Cleanup(end)
	pid := strconv.Itoa(holder.Process.Pid)
	return &smallDisk{
		dir: dir, inside: append([]string{"nsenter", "-t", pid}, append(enter, "--")...), root: "/proc/" + pid + "/root",
	}, nil
}

// fill writes until there is no more room.
func (d *smallDisk) fill(t *testing.T) {
	t.Helper()
	f, err := os.Create(d.root + filepath.Join(d.dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, block := range []int{1 << 20, 1 << 12} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, block))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

func (d *smallDisk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.root + filepath.Join(d.dir, "filler")); err != nil {
		t.Fatal(err)
	}
}

// whole checks that the file is in order and has everything that was accepted.
func (d *smallDisk) whole(t *testing.T, accepted map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "after.db")
	from, err := os.Open(d.root + filepath.Join(d.dir, "astreinte.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	store, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for instance, number := range accepted {
		if view, err := store.View(t.Context(), number); err != nil || !strings.Contains(view.Ticket.Title, instance) {
			t.Errorf("ticket %s of %s: %v", number, instance, err)
		}
	}
}
