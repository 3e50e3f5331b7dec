package mailin

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/netip"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// store takes alerts, or does not.
type store struct {
	mu     sync.Mutex
	err    error
	alerts []ticket.Alert
	asked  int
	begun  chan struct{} // is told that taking began, which then waits for it again; nil: it does not
}

func (s *store) Take(_ context.Context, b ticket.Batch) (ingest.Taken, error) {
	if s.begun != nil {
		s.begun <- struct{}{}
		<-s.begun
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.err != nil {
		return ingest.Taken{}, s.err
	}
	s.alerts = append(s.alerts, b.Alerts...)
	return ingest.Taken{Accepted: len(b.Alerts)}, nil
}

func (s *store) titles() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.alerts {
		all = append(all, s.alerts[i].Title())
	}
	return all
}

const to = "nagios@astreinte.example.net"

var (
	relays = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	quiet  = log.New(io.Discard, "", 0)
)

// world is a server with its store.
type world struct {
	store   *store
	server  *Server
	handler *ingest.Handler
	address string
}

func start(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{store: &store{}}
	w.handler = ingest.New(ingest.Options{Taker: w.store, Sources: []ingest.Source{
		{Name: "nagios", Type: ingest.TypeMail},
		{Name: "other", Type: ingest.TypeMail, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		{Name: "posts", Type: ingest.TypeAlertmanager, Token: "x"},
	}})
	o := Options{House: w.handler, Registerer: prometheus.NewRegistry(), Peers: quiet, Settings: Settings{
		MaxSize: 1 << 20, Relays: relays,
		To: map[string]string{to: "nagios", "other@astreinte.example.net": "other", "posts@astreinte.example.net": "posts"},
	}}
	for _, f := range change {
		f(&o)
	}
	w.server = New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.address = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := w.server.Shutdown(ctx); err != nil && ctx.Err() != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return w
}

// client is who brings mails.
type client struct {
	t    testing.TB
	conn net.Conn
	text *textproto.Conn
}

func (w *world) dial(t testing.TB) *client {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	context.AfterFunc(ctx, func() { conn.Close() }) // a test that hangs ends
	return &client{t, conn, textproto.NewConn(conn)}
}

// answer is the code of the next answer; 0: the connection has ended.
func (c *client) answer() int {
	code, _, err := c.text.ReadResponse(0)
	if err != nil && code == 0 {
		return 0
	}
	return code
}

func (c *client) says(line string, want int) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, line+"\r\n"); err != nil && want != 0 {
		c.t.Fatal(err)
	}
	if got := c.answer(); got != want {
		c.t.Fatalf("%.60q: %d, want %d", line, got, want)
	}
}

// begins says everything before a mail.
func (c *client) begins(receivers ...string) {
	c.t.Helper()
	if got := c.answer(); got != 220 {
		c.t.Fatalf("greeted by %d", got)
	}
	c.says("EHLO relay.example.net", 250)
	c.mail(receivers...)
}

func (c *client) mail(receivers ...string) {
	c.t.Helper()
	c.says("MAIL FROM:<monitor@example.net>", 250)
	for _, r := range receivers {
		c.says("RCPT TO:<"+r+">", 250)
	}
	c.says("DATA", 354)
}

const down = "From: monitor@example.net\r\nSubject: DOWN: srv\r\n\r\ntext\r\n"

// TestAMailIsAnswered when its alert is durable, and not before.
func TestAMailIsAnswered(t *testing.T) {
	w := start(t)
	c := w.dial(t)
	c.begins(strings.ToUpper(to), to)
	c.says(down+".", 250)
	if got := w.store.titles(); len(got) != 1 || got[0] != "DOWN: srv" {
		t.Fatalf("%q", got)
	}
	w.store.err = errors.New("away")
	c.mail(to)
	c.says(down+".", 451)
	w.store.err = nil
	c.mail(to)
	c.says(down+".", 250)
	if got := w.store.alerts; len(got) != 2 || got[0].Fingerprint != got[1].Fingerprint {
		t.Errorf("a mail that comes again is not the same: %+v", got)
	}
	c.mail(to)
	c.says("\r\n.", 554) // neither a header nor a text
	c.says("QUIT", 221)
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/ingest/nagios", strings.NewReader("{}"))
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	if answer.Code != 401 {
		t.Errorf("a source of mails takes a request: %d", answer.Code)
	}
}

// TestWhoIsHeard and for whom.
func TestWhoIsHeard(t *testing.T) {
	w := start(t)
	c := w.dial(t)
	if got := c.answer(); got != 220 {
		t.Fatal(got)
	}
	c.says("MAIL FROM:<>", 502)
	c.says("EHLO relay", 250)
	c.says("AUTH PLAIN AGEAYg==", 523)
	c.says("MAIL FROM:<>", 250) // a report of a mail server is a mail too
	for _, r := range []string{"nobody@astreinte.example.net", "nagios@example.net", "postmaster", "posts@astreinte.example.net"} {
		c.says("RCPT TO:<"+r+">", map[bool]int{true: 550, false: 501}[strings.Contains(r, "@")])
	}
	c.says("DATA", 502)
	c.says("RCPT TO:<other@astreinte.example.net>", 250)
	c.says("DATA", 354)
	c.says(down+".", 554) // the source is heard from elsewhere
	if w.store.asked != 0 {
		t.Error("it was taken")
	}
	s := *w.server.settings.Load()
	s.Relays = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	w.server.SetSettings(s)
	if got := w.dial(t).answer(); got != 554 {
		t.Errorf("a stranger is greeted by %d", got)
	}
	if got := testutil.ToFloat64(w.server.refused.WithLabelValues("relay")); got != 1 {
		t.Errorf("%g strangers were counted", got)
	}
}

// TestWhatIsNoEndOfAMail: a dot that is not between two CRLF ends no mail, and
// the mail is refused.
func TestWhatIsNoEndOfAMail(t *testing.T) {
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n"} {
		w := start(t)
		c := w.dial(t)
		c.begins(to)
		c.says("Subject: a\r\n\r\nx"+end+"MAIL FROM:<evil@example.net>\r\nRCPT TO:<"+to+">\r\nDATA\r\nSubject: smuggled\r\n\r\n.", 554)
		if w.store.asked != 0 {
			t.Errorf("%q: %q", end, w.store.titles())
		}
		c.says("NOOP", 250)
	}
	w := start(t)
	c := w.dial(t)
	c.begins(to)
	c.says("Subject: a\r\n\r\n..\r\n...\r\nx\ny\r\n.", 250)
	if got := w.store.alerts[0].Annotations["description"]; got != ".\n..\nx\ny" {
		t.Errorf("%q", got)
	}
}

// TestWhatIsTooMuch is refused, and costs little.
func TestWhatIsTooMuch(t *testing.T) {
	big := strings.Repeat(strings.Repeat("x", 998)+"\r\n", 1100)
	for _, c := range []struct {
		name string
		does func(w *world, c *client)
	}{
		{"said before", func(_ *world, c *client) { c.says("MAIL FROM:<a@example.net> SIZE=99999999", 552) }},
		{"a mail", func(w *world, c *client) {
			c.mail(to)
			c.says("Subject: a\r\n\r\n"+big+".", 552)
			c.mail(to)
			c.says(down+".", 250)
		}},
		{"a mail without an end", func(_ *world, c *client) {
			c.mail(to)
			for range 10 {
				if _, err := io.WriteString(c.conn, big); err != nil {
					return
				}
			}
			if got := c.answer(); got != 0 {
				c.t.Errorf("it goes on after %d", got)
			}
		}},
		{"a line of a mail", func(_ *world, c *client) {
			c.mail(to)
			c.says("Subject: a\r\n\r\n"+strings.Repeat("x", 2*ticket.MaxMailLine), 554)
		}},
		{"a line of a command", func(_ *world, c *client) { c.says("NOOP "+strings.Repeat("x", 2*ticket.MaxMailLine), 500) }},
		{"commands", func(w *world, c *client) {
			for i := 0; ; i++ {
				if _, err := io.WriteString(c.conn, "NOOP\r\n"); err != nil {
					return
				}
				if got := c.answer(); got != 250 {
					return
				}
				if i > 2*ticket.MaxMailAnswers {
					c.t.Fatal("it says NOOP for ever")
				}
			}
		}},
		{"receivers", func(_ *world, c *client) {
			c.says("MAIL FROM:<a@example.net>", 250)
			for range ticket.MaxMailTo {
				c.says("RCPT TO:<"+to+">", 250)
			}
			c.says("RCPT TO:<"+to+">", 452)
			c.says("DATA", 354)
			c.says(down+".", 250)
		}},
		{"connections", func(w *world, c *client) {
			for range ticket.MaxMailPeers/2 - 1 {
				if got := w.dial(c.t).answer(); got != 220 {
					c.t.Fatal(got)
				}
			}
			if got := w.dial(c.t).answer(); got != 421 {
				c.t.Errorf("one more is greeted by %d", got)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t)
			who := w.dial(t)
			if got := who.answer(); got != 220 {
				t.Fatal(got)
			}
			who.says("EHLO relay", 250)
			c.does(w, who)
		})
	}
}

// TestNoRoom: while the bodies in flight take all memory, a mail waits at its
// mail server.
func TestNoRoom(t *testing.T) {
	w := start(t)
	room := w.handler.MailRoom("nagios")
	if !room.Grow(ingest.DefaultMemory / 4 * 3 / 10) {
		t.Fatal("no room")
	}
	c := w.dial(t)
	c.begins(to)
	c.says(down+".", 452)
	room.End()
	c.mail(to)
	c.says(down+".", 250)
}

// TestChunks: a mail may come by BDAT. One that is cut off is no mail.
func TestChunks(t *testing.T) {
	w := start(t)
	c := w.dial(t)
	if got := c.answer(); got != 220 {
		t.Fatal(got)
	}
	c.says("EHLO relay", 250)
	c.says("MAIL FROM:<a@example.net>", 250)
	c.says("RCPT TO:<"+to+">", 250)
	first, second := down[:40], down[40:]
	if _, err := fmt.Fprintf(c.conn, "BDAT %d\r\n%s", len(first), first); err != nil {
		t.Fatal(err)
	}
	if got := c.answer(); got != 250 || w.store.asked != 0 {
		t.Fatalf("%d after half a mail, %d were taken", got, w.store.asked)
	}
	if _, err := fmt.Fprintf(c.conn, "BDAT %d LAST\r\n%s", len(second), second); err != nil {
		t.Fatal(err)
	}
	if got := c.answer(); got != 250 || len(w.store.titles()) != 1 {
		t.Fatalf("%d after a whole mail, %q", got, w.store.titles())
	}
	c.says("MAIL FROM:<a@example.net>", 250)
	c.says("RCPT TO:<"+to+">", 250)
	if _, err := fmt.Fprintf(c.conn, "BDAT %d LAST\r\n%s", len(down), first); err != nil {
		t.Fatal(err)
	}
	if err := c.conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := c.answer(); got != 451 || len(w.store.titles()) != 1 {
		t.Errorf("%d after a part of a mail, %q", got, w.store.titles())
	}
}

// TestSTARTTLS protects what follows it.
func TestSTARTTLS(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	w := start(t, func(o *Options) {
		o.TLS = &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}
	})
	c := w.dial(t)
	if got := c.answer(); got != 220 {
		t.Fatal(got)
	}
	c.says("EHLO relay", 250)
	c.says("MAIL FROM:<a@example.net>", 250)
	c.says("STARTTLS\r\nRCPT TO:<"+to+">\r\nDATA", 220)                 // what is said before the handshake is not heard after it
	secure := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true}) // whose certificate it is does not matter here
	c.conn, c.text = secure, textproto.NewConn(secure)
	c.says("DATA", 502)
	c.says("EHLO relay", 250)
	c.mail(to)
	c.says(down+".", 250)
	if got := w.store.titles(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestShutdown: a mail that is on its way is answered; nobody else is waited
// for.
func TestShutdown(t *testing.T) {
	w := start(t)
	w.store.begun = make(chan struct{})
	idle, busy := w.dial(t), w.dial(t)
	if got := idle.answer(); got != 220 {
		t.Fatal(got)
	}
	busy.begins(to)
	if _, err := io.WriteString(busy.conn, down+".\r\n"); err != nil {
		t.Fatal(err)
	}
	<-w.store.begun
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		stopped <- w.server.Shutdown(ctx)
	}()
	if got := idle.answer(); got != 421 {
		t.Errorf("who has no mail is told %d", got)
	}
	w.store.begun <- struct{}{}
	if got := busy.answer(); got != 250 {
		t.Errorf("the mail on its way is answered %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", w.address); err == nil {
		if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			t.Errorf("it greets after its end: %s", line)
		}
		conn.Close()
	}
}

// TestDots: what a line with a dot alone may be between.
func TestDots(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, ".": false, ".\r\n": false, "x\r\n.\r\ny": false, "x\n.x\n": false, "x\n..\n": false, "\r\n.\r\n.\r\n": false, "x\r\ry": false,
		"x\n.\n": true, "x\n.\r\n": true, "x\r\n.\n": true, "x\r.\ry": true, "x\r\n\n": false, "x\r.\r\n": true, "x\r\n.\ry": true, ".\n": true,
	} {
		var whole, pieces dots
		whole.look([]byte(text))
		for i := range len(text) {
			pieces.look([]byte{text[i]})
		}
		if whole.found != want || pieces.found != want {
			t.Errorf("%q: %t, in pieces %t", text, whole.found, pieces.found)
		}
	}
}

// BenchmarkMail is what taking a mail costs, from MAIL to 250, by a store that
// costs nothing.
func BenchmarkMail(b *testing.B) {
	w := start(b)
	c := w.dial(b)
	if got := c.answer(); got != 220 {
		b.Fatal(got)
	}
	c.says("EHLO relay", 250)
	b.ReportAllocs()
	for b.Loop() {
		c.mail(to)
		c.says(down+".", 250)
	}
}
