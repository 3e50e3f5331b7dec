package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// patience is how long a script waits for a condition.
const patience = 20 * time.Second

// eventually asks until the answer is yes. If it never is, it shows the file.
func eventually(ts *testscript.TestScript, what, file string, ask func() bool) {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for !ask() {
		select {
		case <-poll.C:
		case <-late.C:
			text, err := os.ReadFile(file)
			ts.Fatalf("waited %s for %s in vain; %s has (%v):\n%s", patience, what, filepath.Base(file), err, text)
		}
	}
}

// usage fails a script's command that is used wrongly.
func usage(ts *testscript.TestScript, neg bool, args []string, want int, text string) {
	if neg || len(args) < want {
		ts.Fatalf("usage: %s", text)
	}
}

// cmdStatus runs a program, which must end with that exit status: status N
// PROGRAM ARGS.
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "status N PROGRAM ARGS...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// worlds holds the phones of each script that has phones.
var worlds sync.Map // *testscript.TestScript → *phonetest.World

// cmdPhones starts stand-in providers at $PROVIDERS. The phones are on before
// anything is sent to them. It puts the secrets that the providers need into
// secrets/: phones [NUMBER...].
func cmdPhones(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "phones [NUMBER...]")
	w := phonetest.New(phonetest.Options{Number: "+33612345600", Patience: patience})
	ts.Defer(w.Close)
	for _, number := range args {
		w.Phone(number, number)
	}
	worlds.Store(ts, w)
	ts.Defer(func() { worlds.Delete(ts) })
	address, err := w.Start()
	ts.Check(err)
	credentials, err := w.Credentials()
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("secrets"), 0o700))
	ts.Check(os.WriteFile(ts.MkAbs("secrets/firebase.json"), credentials, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("secrets/twilio.token"), []byte(w.AuthToken()), 0o600))
	ts.Setenv("PROVIDERS", address)
	ts.Setenv("ACCOUNT", w.AccountSID())
	ts.Setenv("SENDER", w.Number())
}

// cmdSMS waits for an SMS with these words: sms NUMBER WORDS.
func cmdSMS(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "sms NUMBER WORDS...")
	w, ok := worlds.Load(ts)
	if !ok {
		ts.Fatalf("no phones: the script starts them with `phones`")
	}
	m := w.(*phonetest.World).Phone(args[0], args[0]).ExpectSMS(scriptTB{ts}, args[1:]...)
	ts.Logf("%s", m)
}

// scriptTB lets phonetest fail a script.
type scriptTB struct{ *testscript.TestScript }

// Helper marks nothing: a script names its own lines.
func (scriptTB) Helper() {}

// Context never ends: Options.Patience does.
func (scriptTB) Context() context.Context { return context.Background() }

var listening = regexp.MustCompile(`"msg":"listening".*"address":"([^"]+)"`)

// cmdReady waits until the daemon that logs into a file is ready, and sets
// $ASTREINTE_URL: ready LOG.
func cmdReady(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "ready LOG")
	var address string
	file := ts.MkAbs(args[0])
	eventually(ts, "the daemon to listen", file, func() bool {
		text, err := os.ReadFile(file)
		if found := listening.FindSubmatch(text); err == nil && found != nil {
			address = "http://" + string(found[1])
		}
		return address != ""
	})
	eventually(ts, "the daemon to be ready", file, func() bool {
		resp, err := http.Get(address + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	ts.Setenv("ASTREINTE_URL", address)
}

// cmdAwait waits until a file has a pattern: await PATTERN FILE.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "await PATTERN FILE")
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	file := ts.MkAbs(args[1])
	eventually(ts, args[0]+" in "+args[1], file, func() bool {
		text, err := os.ReadFile(file)
		return err == nil && pattern.Match(text)
	})
}

// cmdPost posts a file as a monitoring tool does, and sets $TICKET to the
// first ticket of the answer: post SOURCE TOKEN FILE.
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 3, "post SOURCE TOKEN FILE")
	address := ts.Getenv("ASTREINTE_URL") + "/ingest/" + args[0]
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(ts.ReadFile(args[2])))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[1])
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	ts.Check(err)
	var answer struct {
		Tickets []string `json:"tickets"`
	}
	ts.Check(json.NewDecoder(bytes.NewReader(data)).Decode(&answer))
	if resp.StatusCode != http.StatusAccepted || len(answer.Tickets) == 0 {
		ts.Fatalf("%s: %s", resp.Status, data)
	}
	ts.Setenv("TICKET", answer.Tickets[0])
}

var numbered = regexp.MustCompile(`\b[A-Z]\d{6}_\d{4,}\b`)

// cmdNumber sets $TICKET to the first ticket that the last command named: number.
func cmdNumber(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "number")
	found := numbered.FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("no ticket is named")
	}
	ts.Setenv("TICKET", found)
}

// cmdSignal sends a signal to the daemon in the background: signal HUP.
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "signal HUP|TERM|INT")
	which, ok := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM, "INT": syscall.SIGINT}[args[0]]
	running := ts.BackgroundCmds()
	if !ok || len(running) == 0 {
		ts.Fatalf("no signal %s, or nothing in the background", args[0])
	}
	ts.Check(running[len(running)-1].Process.Signal(which))
}

// cmdSystemd listens at $NOTIFY_SOCKET as systemd does and writes what it is
// told to a file: systemd FILE.
func cmdSystemd(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "systemd FILE")
	dir, err := os.MkdirTemp("", "astreinte") // a socket's path is short
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	ts.Check(err)
	told, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	var heard sync.WaitGroup
	heard.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, err := socket.Read(buf)
			if err != nil {
				return
			}
			if _, err := told.Write(append(buf[:n:n], '\n')); err != nil {
				return // `told` will miss it
			}
		}
	})
	ts.Defer(func() {
		socket.Close()
		heard.Wait()
		told.Close()
	})
	ts.Setenv("NOTIFY_SOCKET", path)
}

// cmdTold waits until a file has lines in this order: told FILE LINES.
func cmdTold(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "told FILE LINES...")
	file := ts.MkAbs(args[0])
	eventually(ts, strings.Join(args[1:], ", "), file, func() bool {
		text, err := os.ReadFile(file)
		left := args[1:]
		for line := range strings.Lines(string(text)) {
			if len(left) > 0 && strings.TrimSpace(line) == left[0] {
				left = left[1:]
			}
		}
		return err == nil && len(left) == 0
	})
}

// cmdHang begins a request to the daemon and leaves it unfinished.
func cmdHang(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "hang")
	address := strings.TrimPrefix(ts.Getenv("ASTREINTE_URL"), "http://")
	conn, err := net.Dial("tcp", address)
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	_, err = io.WriteString(conn, "POST /ingest/s HTTP/1.1\r\nHost: "+address+
		"\r\nAuthorization: Bearer s-hush\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
	ts.Check(err)
	answer := make([]byte, len("HTTP/1.1 100"))
	_, err = io.ReadFull(conn, answer) // the daemon reads now
	ts.Check(err)
	if string(answer) != "HTTP/1.1 100" {
		ts.Fatalf("the daemon answers %q", answer)
	}
}
