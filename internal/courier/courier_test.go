package courier

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// daemon is what answers at the other end.
type daemon struct {
	*httptest.Server
	token string

	mu     sync.Mutex
	status int
	hosts  []string // of what was taken, in order
	posts  int
}

func newDaemon(t *testing.T, status int) *daemon {
	t.Helper()
	d := &daemon{status: status}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list []map[string]string
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
			t.Error(err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.posts++
		status := d.status
		if r.Header.Get("Authorization") != "Bearer tok" {
			status = http.StatusUnauthorized
		}
		for _, m := range list {
			if m["host"] == "bad" && status == http.StatusAccepted {
				status = http.StatusBadRequest
			}
		}
		if status == http.StatusAccepted {
			for _, m := range list {
				d.hosts = append(d.hosts, m["host"])
			}
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"error": {"message": "because"}}`))
	}))
	t.Cleanup(d.Close)
	d.token = filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(d.token, []byte("tok\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *daemon) answers(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

func (d *daemon) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.hosts)
}

func (d *daemon) message(host string) Message {
	return Message{URL: d.URL + "/ingest/nagios", TokenFile: d.token, Fields: map[string]string{"host": host}}
}

func open(t *testing.T) *Spool {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stats(t *testing.T, s *Spool) Stats {
	t.Helper()
	said, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return said
}

const short = 100 * time.Millisecond

func TestWhatIsTakenLeavesTheSpool(t *testing.T) {
	d, s := newDaemon(t, http.StatusAccepted), open(t)
	if err := Bring(t.Context(), s, d.message("a"), Options{}); err != nil {
		t.Fatal(err)
	}
	if said := stats(t, s); said != (Stats{}) || len(d.heard()) != 1 {
		t.Errorf("%+v, %v", said, d.heard())
	}
}

// TestTheOldestGoesFirst whatever was kept while no daemon answered, many in one
// request.
func TestTheOldestGoesFirst(t *testing.T) {
	d, s := newDaemon(t, http.StatusServiceUnavailable), open(t)
	kept := (*Kept)(nil)
	if err := Bring(t.Context(), s, d.message("0"), Options{Hold: short}); !errors.As(err, &kept) || kept.Sent || !strings.Contains(err.Error(), "answers 503 because") {
		t.Fatal(err)
	}
	var want []string
	for i := range 250 {
		want = append(want, fmt.Sprint(i))
		m := d.message(fmt.Sprint(i))
		if i == 0 {
			continue
		}
		if _, err := s.Keep(&m); err != nil {
			t.Fatal(err)
		}
	}
	if said := stats(t, s); said.Waiting != 250 || said.Oldest.IsZero() || said.LastError == "" {
		t.Errorf("%+v", said)
	}
	d.answers(http.StatusAccepted)
	d.posts = 0
	left, _, other, err := Flush(t.Context(), s)
	if err != nil || left != 0 || other || !slices.Equal(d.heard(), want) || d.posts != 3 {
		t.Errorf("%d left, %v, %d posts: %v", left, err, d.posts, d.heard())
	}
}

// TestWhatIsRefusedForGood is set aside with the reason; what is right goes
// through, and what may change is tried again.
func TestWhatIsRefusedForGood(t *testing.T) {
	d, s := newDaemon(t, http.StatusServiceUnavailable), open(t)
	for _, host := range []string{"a", "bad", "b"} {
		m := d.message(host)
		if _, err := s.Keep(&m); err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range []int{401, 403, 404, 408, 429, 500, 503, 302} {
		d.answers(status)
		if left, _, _, err := Flush(t.Context(), s); left != 3 || err == nil || !strings.Contains(err.Error(), fmt.Sprint(status)) {
			t.Errorf("%d: %d left, %v", status, left, err)
		}
	}
	d.answers(http.StatusAccepted)
	left, refused, _, err := Flush(t.Context(), s)
	if err != nil || left != 0 || len(refused) != 1 || !slices.Equal(d.heard(), []string{"a", "b"}) {
		t.Errorf("%d left, %v refused, %v: %v", left, refused, err, d.heard())
	}
	for name := range refused {
		data, err := os.ReadFile(s.path(refusedName, name))
		if err != nil || !strings.Contains(string(data), `"reason": "400 because"`) || !strings.Contains(string(data), `"host": "bad"`) {
			t.Errorf("%s, %v", data, err)
		}
	}
	err = Bring(t.Context(), s, d.message("bad"), Options{})
	if err == nil || !strings.Contains(err.Error(), "400 because") || !strings.Contains(err.Error(), s.Dir()) {
		t.Error(err)
	}
	for i := range MaxRefused + 5 {
		if err := os.WriteFile(s.path(refusedName, fmt.Sprintf("%020d.json", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_ = Bring(t.Context(), s, d.message("bad"), Options{})
	if said := stats(t, s); said.Refused != MaxRefused {
		t.Errorf("%d are kept", said.Refused)
	}
}

// TestAnAddressThatDoesNotAnswer holds up nothing that goes elsewhere.
func TestAnAddressThatDoesNotAnswer(t *testing.T) {
	gone, d, s := newDaemon(t, http.StatusNotFound), newDaemon(t, http.StatusAccepted), open(t)
	for _, m := range []Message{gone.message("a"), d.message("b"), gone.message("c"), d.message("d")} {
		if _, err := s.Keep(&m); err != nil {
			t.Fatal(err)
		}
	}
	if left, _, _, err := Flush(t.Context(), s); left != 2 || err == nil || !slices.Equal(d.heard(), []string{"b", "d"}) {
		t.Errorf("%d left, %v: %v", left, err, d.heard())
	}
}

// TestASpoolThatTakesNothing: the message is posted once all the same, and the
// error says both.
func TestASpoolThatTakesNothing(t *testing.T) {
	d, s := newDaemon(t, http.StatusAccepted), open(t)
	for i := range MaxWaiting {
		if err := os.WriteFile(s.path(queueName, fmt.Sprintf("%020d.json", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := Bring(t.Context(), s, d.message("full"), Options{})
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "was sent") || !slices.Equal(d.heard(), []string{"full"}) {
		t.Errorf("%v: %v", err, d.heard())
	}
	d.answers(http.StatusServiceUnavailable)
	if err := Bring(t.Context(), s, d.message("full"), Options{Hold: short}); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "is lost") {
		t.Error(err)
	}
	if left, _ := s.list(newName); len(left) > 0 {
		t.Errorf("%v stay", left)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.answers(http.StatusAccepted)
	_, err = Open(file)
	if err == nil {
		t.Fatal("a file is a spool")
	}
	if said := Once(t.Context(), d.message("file"), err); !strings.Contains(said.Error(), "was sent") || len(d.heard()) != 2 {
		t.Errorf("%v: %v", said, d.heard())
	}
}

// TestATokenThatCannotBeRead is said at once, and the message waits for it.
func TestATokenThatCannotBeRead(t *testing.T) {
	d, s := newDaemon(t, http.StatusAccepted), open(t)
	m := d.message("a")
	for _, text := range []string{"", "two words", "two\nlines"} {
		if err := os.WriteFile(d.token, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Bring(t.Context(), s, m, Options{}); err == nil || !strings.Contains(err.Error(), "token file "+d.token) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := os.Remove(d.token); err != nil {
		t.Fatal(err)
	}
	token := (*TokenError)(nil)
	if err := Bring(t.Context(), s, m, Options{}); !errors.As(err, &token) || !strings.Contains(err.Error(), "no such file") || stats(t, s).Waiting != 4 {
		t.Error(err)
	}
}

// TestManyAtOnce: one sends, and nothing is lost, or is left behind by one who
// saw another send.
func TestManyAtOnce(t *testing.T) {
	d, s := newDaemon(t, http.StatusAccepted), open(t)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if err := Bring(t.Context(), s, d.message(fmt.Sprint(i)), Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	hosts := d.heard()
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) != 100 || stats(t, s).Waiting != 0 {
		t.Errorf("%d of 100 arrived, %+v", len(hosts), stats(t, s))
	}
}

// TestWhoStays ends when the spool is empty, and sends at once what comes while
// it waits.
func TestWhoStays(t *testing.T) {
	d, s := newDaemon(t, http.StatusServiceUnavailable), open(t)
	m := d.message("a")
	if _, err := s.Keep(&m); err != nil {
		t.Fatal(err)
	}
	held, err := s.Hold()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- Stay(t.Context(), s, held) }()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for stats(t, s).LastError == "" {
		<-look.C
	}
	kept := (*Kept)(nil)
	if err := Bring(t.Context(), s, d.message("b"), Options{}); !errors.As(err, &kept) || !kept.Sent {
		t.Errorf("while another sends: %v", err)
	}
	if _, _, other, err := Flush(t.Context(), s); !other || err != nil || !stats(t, s).Sending {
		t.Errorf("while another sends: %v", err)
	}
	d.answers(http.StatusAccepted)
	if err := <-done; err != nil || !slices.Equal(d.heard(), []string{"a", "b"}) || stats(t, s) != (Stats{}) {
		t.Errorf("%v: %v, %+v", err, d.heard(), stats(t, s))
	}
}

// TestDamagedFiles are set aside, and what is right goes through.
func TestDamagedFiles(t *testing.T) {
	d, s := newDaemon(t, http.StatusAccepted), open(t)
	for name, text := range map[string]string{"0.json": "{", "1.json": `{"version": 2}`, "2.json": ""} {
		if err := os.WriteFile(s.path(queueName, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Bring(t.Context(), s, d.message("a"), Options{}); err != nil {
		t.Error(err)
	}
	if said := stats(t, s); said.Refused != 3 || said.Waiting != 0 || len(d.heard()) != 1 {
		t.Errorf("%+v, %v", said, d.heard())
	}
}

// TestWhatIsDropped goes to the refused ones with the reason, and what else waits is sent.
func TestWhatIsDropped(t *testing.T) {
	gone, d, s := newDaemon(t, http.StatusNotFound), newDaemon(t, http.StatusServiceUnavailable), open(t)
	for _, m := range []Message{gone.message("a"), d.message("b"), gone.message("c"), d.message("d")} {
		if _, err := s.Keep(&m); err != nil {
			t.Fatal(err)
		}
	}
	waits, err := s.Waits()
	if err != nil || len(waits) != 4 || waits[1].Fields["host"] != "b" {
		t.Fatalf("%+v, %v", waits, err)
	}
	if n, err := s.Drop(nil, gone.URL+"/ingest/nagios", "dropped by root"); n != 2 || err != nil {
		t.Errorf("%d dropped, %v", n, err)
	}
	if n, err := s.Drop([]string{waits[3].Name}, "", "dropped by root"); n != 1 || err != nil {
		t.Errorf("%d dropped, %v", n, err)
	}
	if said := stats(t, s); said.Waiting != 1 || said.Refused != 3 {
		t.Errorf("%+v", said)
	}
	data, err := os.ReadFile(filepath.Join(s.Refused(), waits[0].Name+".json"))
	if err != nil || !strings.Contains(string(data), `"reason": "dropped by root"`) {
		t.Errorf("%s, %v", data, err)
	}
	d.answers(http.StatusAccepted)
	if left, _, _, err := Flush(t.Context(), s); left != 0 || err != nil || !slices.Equal(d.heard(), []string{"b"}) {
		t.Errorf("%d left, %v: %v", left, err, d.heard())
	}
	if err := s.done("gone.json"); err != nil {
		t.Errorf("what was dropped while it was sent: %v", err)
	}
}
