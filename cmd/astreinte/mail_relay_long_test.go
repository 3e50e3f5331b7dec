//go:build long

package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// relayConfig is postfix's main.cf: docs/sources/mail.md, and what makes an
// instance of its own of it that tries again soon.
const relayConfig = `
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file_prefixes = DIR
maillog_file = DIR/log
myhostname = relay.tools.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
relay_domains = pager.test
transport_maps = inline:{pager.test=smtp:[127.0.0.1]:PORT}
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
`

const relayServices = `
smtp unix - - n - - smtp
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// relay is a postfix of the test's own.
type relay struct{ dir string }

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	postfix := installed(t, "postfix", "postfix")
	dir, err := os.MkdirTemp("/var/tmp", "relay") // its users have to reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_, port, err := net.SplitHostPort(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := exec.CommandContext(t.Context(), "chown", "postfix", filepath.Join(dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	write(t, filepath.Join(dir, "main.cf"), strings.NewReplacer("DIR", dir, "PORT", port).Replace(relayConfig))
	write(t, filepath.Join(dir, "master.cf"), relayServices)
	if err := os.Chmod(filepath.Join(dir, "main.cf"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := &relay{dir}
	t.Cleanup(func() {
		if said, err := exec.Command(postfix, "-c", dir, "stop").CombinedOutput(); err != nil {
			t.Errorf("postfix stop: %v\n%s", err, said)
		}
		if t.Failed() {
			t.Log(r.log())
		}
	})
	if said, err := exec.CommandContext(t.Context(), postfix, "-c", dir, "start").CombinedOutput(); err != nil {
		t.Fatalf("postfix start: %v\n%s\n%s", err, said, r.log())
	}
	return r
}

func (r *relay) log() string {
	said, _ := os.ReadFile(filepath.Join(r.dir, "log")) // it may have said nothing
	return string(said)
}

// sends hands a mail to postfix as a tool on its machine does.
func (r *relay) sends(t *testing.T, subject string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), installed(t, "sendmail", "postfix"), "-C", r.dir, "-f", "monitor@tools.test", "tool@pager.test")
	cmd.Stdin = strings.NewReader("Subject: " + subject + "\nTo: tool@pager.test\n\ntext\n.\nmore\n")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sendmail: %v\n%s", err, said)
	}
}

// TestMailsByARelay: a real mail server brings a tool's mail. While the store is
// away it keeps it, and tries again: one page comes of it.
func TestMailsByARelay(t *testing.T) {
	redis := redistest.Single(t)
	s := newSiteWith(t, build(t), redis.URL(), mailConfig)
	r := newRelay(t, s.mailDoor(t))
	r.sends(t, "CRITICAL: srv-relay-1")
	s.alice.ExpectSMS(t, "srv-relay-1")
	redis.Kill()
	r.sends(t, "CRITICAL: srv-relay-2")
	awaitTrue(t, "postfix to be told 451", func() bool { return strings.Contains(r.log(), "status=deferred (host 127.0.0.1[127.0.0.1] said: 451 ") })
	redis.Restart()
	// It tries again by itself, but now and then not within half a minute, where a run of
	// its queue met the first try: it is asked to.
	awaitTrue(t, "postfix to be told 250", func() bool {
		_ = exec.CommandContext(t.Context(), installed(t, "postqueue", "postfix"), "-c", r.dir, "-f").Run() // as it can
		return strings.Count(r.log(), "status=sent (250 ") == 2
	})
	s.alice.ExpectSMS(t, "srv-relay-2")
	if n := len(s.numbers(t)); n != 2 {
		t.Errorf("two mails are %d tickets", n)
	}
	r.sends(t, "OK: srv-relay-2")
	await(t, "the end of the second", func() error {
		for _, number := range s.numbers(t) {
			if s.ticket(t, number).State == "resolved" {
				return nil
			}
		}
		return fmt.Errorf("nothing is resolved")
	})
}
