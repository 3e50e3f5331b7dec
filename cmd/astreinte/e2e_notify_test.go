package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// heldUp is how long notify may hold a tool up, and a little for a machine that
// is busy.
const heldUp = 5*time.Second + 10*time.Second

// inbox is a daemon's door for notifications.
type inbox struct {
	*httptest.Server
	program, token, spool string

	mu     sync.Mutex
	status int
	heard  []string // host and type of what was taken, in order
}

func newInbox(t *testing.T, program string) *inbox {
	t.Helper()
	in := &inbox{program: program, status: http.StatusAccepted, spool: filepath.Join(t.TempDir(), "spool"), token: filepath.Join(t.TempDir(), "token")}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list []map[string]string
		err := json.NewDecoder(r.Body).Decode(&list)
		in.mu.Lock()
		defer in.mu.Unlock()
		if err != nil || r.URL.Path != "/ingest/tool" || r.Header.Get("Authorization") != "Bearer hush-hush" {
			t.Errorf("%s %v %v", r.URL, r.Header, err)
		}
		if in.status == http.StatusAccepted {
			for _, m := range list {
				in.heard = append(in.heard, m["host"]+" "+m["type"])
			}
		}
		w.WriteHeader(in.status)
	}))
	t.Cleanup(in.Close)
	if err := os.WriteFile(in.token, []byte("hush-hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *inbox) answers(status int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.status = status
}

func (in *inbox) taken() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.heard)
}

// notify runs the command as a tool does, and returns when nothing holds its
// output any more. The environment is the tool's alone.
func (in *inbox) notify(t *testing.T, environ []string, more ...string) (said string, took time.Duration, err error) {
	t.Helper()
	args := append([]string{"notify", "--url", in.URL, "--token-file", in.token, "--spool", in.spool}, more...)
	cmd := exec.CommandContext(t.Context(), in.program, append(args, "tool")...)
	cmd.Env = append([]string{"PATH=/usr/bin:/bin"}, environ...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "hush-hush") {
		t.Errorf("the token is told: %s", out)
	}
	return string(out), time.Since(began), err
}

func macros(host, kind string) []string {
	return []string{"NAGIOS_HOSTNAME=" + host, "NAGIOS_SERVICEDESC=http", "NAGIOS_NOTIFICATIONTYPE=" + kind, "NAGIOS_SERVICESTATE=CRITICAL", "HOSTNAME=monitor"}
}

// status is what `notify status --json` says.
func (in *inbox) stats(t *testing.T) (s struct{ Waiting, Refused int }) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), in.program, "notify", "--spool", in.spool, "status", "--json").Output()
	if err == nil {
		err = json.Unmarshal(out, &s)
	}
	if err != nil {
		t.Fatal(err, string(out))
	}
	return s
}

func awaitTrue(t *testing.T, what string, is func() bool) {
	t.Helper()
	await(t, what, func() error {
		if !is() {
			return errors.New("not yet")
		}
		return nil
	})
}

// TestNotify runs the real program as a tool's notification command.
func TestNotify(t *testing.T) {
	program := build(t)
	t.Run("sends", func(t *testing.T) {
		in := newInbox(t, program)
		said, took, err := in.notify(t, macros("srv", "PROBLEM"))
		if err != nil || said != "" || took > heldUp || !slices.Equal(in.taken(), []string{"srv PROBLEM"}) {
			t.Errorf("%q, %s, %v: %v", said, took, err, in.taken())
		}
		if said, _, err := in.notify(t, nil, "--field", "host=web", "--field", "state=DOWN", "--field", "type=RECOVERY"); err != nil || in.taken()[1] != "web RECOVERY" {
			t.Errorf("%q, %v: %v", said, err, in.taken())
		}
	})
	t.Run("goes on in the background", func(t *testing.T) {
		in := newInbox(t, program)
		in.answers(http.StatusServiceUnavailable)
		said, took, err := in.notify(t, macros("a", "PROBLEM"))
		if err != nil || took > heldUp || took < 4*time.Second || !strings.Contains(said, "is sent from the background") {
			t.Fatalf("%q, %s, %v", said, took, err)
		}
		for i, kind := range []string{"RECOVERY", "PROBLEM", "ACKNOWLEDGEMENT"} {
			if said, took, err := in.notify(t, macros(string(rune('b'+i)), kind)); err != nil || took > 4*time.Second {
				t.Errorf("while that one sends: %q, %s, %v", said, took, err)
			}
		}
		if in.stats(t).Waiting != 4 {
			t.Errorf("%+v", in.stats(t))
		}
		in.answers(http.StatusAccepted)
		awaitTrue(t, "what was kept never came", func() bool { return len(in.taken()) == 4 && in.stats(t).Waiting == 0 })
		if want := []string{"a PROBLEM", "b RECOVERY", "c PROBLEM", "d ACKNOWLEDGEMENT"}; !slices.Equal(in.taken(), want) {
			t.Errorf("%v, want %v", in.taken(), want)
		}
		if out, err := exec.CommandContext(t.Context(), program, "notify", "--spool", in.spool, "flush").CombinedOutput(); err != nil || len(out) > 0 && !strings.Contains(string(out), "another") {
			t.Errorf("%s, %v", out, err)
		}
	})
	t.Run("a storm", func(t *testing.T) { stormOfNotifications(t, program) })
	t.Run("what is wrong is said", func(t *testing.T) { wrongNotify(t, program) })
}

// stormOfNotifications is a hundred notifications at once while the daemon comes and goes.
// Whatever was said to be kept arrives. Who was held up for longer than a tool waits was
// told that nobody knows: a machine that is busy enough does that.
func stormOfNotifications(t *testing.T, program string) {
	in := newInbox(t, program)
	in.answers(http.StatusServiceUnavailable)
	var (
		all  sync.WaitGroup
		kept [100]bool
	)
	for i := range kept {
		all.Go(func() {
			said, _, err := in.notify(t, macros(fmt.Sprintf("srv%02d", i), "PROBLEM"))
			kept[i] = err == nil
			if err != nil && !strings.Contains(said, "nobody knows whether the notification is kept") {
				t.Errorf("%q, %v", said, err)
			}
		})
		if i == 50 {
			in.answers(http.StatusAccepted)
		}
		if i == 75 {
			in.answers(http.StatusServiceUnavailable)
		}
	}
	all.Wait()
	in.answers(http.StatusAccepted)
	awaitTrue(t, "the spool is never empty", func() bool { return in.stats(t).Waiting == 0 })
	heard := in.taken()
	for i, kept := range kept {
		if name := fmt.Sprintf("srv%02d PROBLEM", i); kept && !slices.Contains(heard, name) {
			t.Errorf("%s was kept, and never came", name)
		}
	}
	if !slices.Contains(kept[:], true) {
		t.Error("nothing was kept")
	}
}

func wrongNotify(t *testing.T, program string) {
	in := newInbox(t, program)
	for _, tt := range []struct {
		environ []string
		args    []string
		want    string
		code    int
	}{
		{nil, nil, "the tool named no host", 2},
		{[]string{"HOSTNAME=monitor"}, nil, "the tool named no host", 2},
		{[]string{"NAGIOS_HOSTNAME=srv"}, nil, "neither a type nor a state", 2},
		{macros("srv", "PROBLEM"), []string{"--field", "x"}, "is not NAME=VALUE", 2},
		{macros("srv", "PROBLEM"), []string{"--url", "ftp://x"}, "--url is no absolute address", 2},
		{macros("srv", "PROBLEM"), []string{"--token-file", in.token + "x"}, "token file " + in.token + "x cannot be read: no such file or directory", 1},
		{macros("srv", "PROBLEM"), []string{"--spool", in.token}, "the notification was sent, but while no daemon answers none can be kept", 1},
	} {
		said, took, err := in.notify(t, tt.environ, tt.args...)
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || exit.ExitCode() != tt.code || !strings.Contains(said, tt.want) || took > heldUp {
			t.Errorf("%v %v: %q, %s, %v; want %s", tt.environ, tt.args, said, took, err, tt.want)
		}
	}
	if err := os.WriteFile(in.token+"x", []byte("hush-hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	awaitTrue(t, "the token is there, and what waited for it does not come", func() bool { return in.stats(t).Waiting == 0 })
	in.answers(http.StatusBadRequest)
	if said, _, err := in.notify(t, macros("srv", "PROBLEM")); err == nil || !strings.Contains(said, "set aside in "+in.spool) || in.stats(t).Refused != 1 {
		t.Errorf("%q, %v, %+v", said, err, in.stats(t))
	}
}
