package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/matcher/parse"

	"github.com/astreinte/astreinte/internal/ticket"
)

// net10 is a network of the company's, as tests have it.
var net10 = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}

// nowhere is a machine without addresses.
func nowhere() ([]netip.Addr, error) { return nil, nil }

// night is when tests look.
func night() time.Time { return time.Date(2026, 11, 21, 3, 31, 0, 0, time.UTC) }

// house is a network of servers on this machine: the address that is dialled leads to
// one, and what was dialled is kept.
type house struct {
	names  map[string][]string // the answers to a name, one after the other
	doors  map[string]string   // what is dialled → a listener
	own    []netip.Addr        // of this machine
	mu     sync.Mutex
	asked  map[string]int
	dialed []string
}

func (h *house) guard(networks ...netip.Prefix) Guard {
	h.asked = map[string]int{}
	return Guard{
		Networks: networks, Own: func() ([]netip.Addr, error) { return h.own, nil },
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			answers := h.names[host]
			if len(answers) == 0 {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			n := min(h.asked[host], len(answers)-1)
			h.asked[host]++
			var all []netip.Addr
			for text := range strings.FieldsSeq(answers[n]) {
				all = append(all, netip.MustParseAddr(text))
			}
			return all, nil
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			h.mu.Lock()
			h.dialed = append(h.dialed, address)
			to := h.doors[address]
			h.mu.Unlock()
			if to == "" {
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", errors.New("nobody is there"))}
			}
			return (&net.Dialer{}).DialContext(ctx, network, to)
		},
	}
}

func spec(t *testing.T, kind, target string) *Spec {
	t.Helper()
	matchers, err := parse.Matchers(`alertname=~".+"`)
	if err != nil {
		t.Fatal(err)
	}
	s := &Spec{Matchers: matchers, Kind: kind, Timeout: 30 * time.Second}
	if s.Target, err = Parse(target); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return s
}

func (h *house) run(t *testing.T, s *Spec, labels map[string]string, change ...func(*Prober)) ticket.Finding {
	t.Helper()
	p := &Prober{Guard: h.guard(net10...), UserAgent: "astreinte/test", Now: night}
	for _, c := range change {
		c(p)
	}
	return p.Run(t.Context(), s, labels)
}

func served(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// TestHTTP finds a service that is well, and one that is not.
func TestHTTP(t *testing.T) {
	for status, want := range map[int]ticket.FindingState{200: ticket.FoundBack, 204: ticket.FoundBack, 503: ticket.FoundDown, 404: ticket.FoundDown, 304: ticket.FoundDown} {
		at := served(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("User-Agent") != "astreinte/test" || r.Host != "web" || r.URL.Path != "/health" {
				t.Errorf("%s %s %v", r.Host, r.URL, r.Header)
			}
			w.WriteHeader(status)
		})
		h := &house{names: map[string][]string{"web": {"10.0.0.5"}}, doors: map[string]string{"10.0.0.5:80": at}}
		f := h.run(t, spec(t, HTTP, "http://{{.instance}}/health"), map[string]string{"instance": "web"})
		if f.State != want || f.Text != fmt.Sprintf("HTTP %d", status) || f.By != "http" || f.At.IsZero() {
			t.Errorf("%d: %+v", status, f)
		}
	}
	at := served(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	h := &house{doors: map[string]string{"10.0.0.5:8443": at}}
	s := spec(t, HTTP, "http://{{host .instance}}:8443/")
	s.Expect = http.StatusUnauthorized
	if f := h.run(t, s, map[string]string{"instance": "10.0.0.5:9100"}); f.State != ticket.FoundBack {
		t.Errorf("a status that is expected: %+v", f)
	}
}

// TestRebinding: a name that leads somewhere else when it is asked again is judged
// again, and what is dialled is what was judged.
func TestRebinding(t *testing.T) {
	at := served(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://web/again", http.StatusFound)
	})
	for _, second := range []string{"169.254.169.254", "127.0.0.1", "::1", "fe80::1", "::ffff:10.0.0.9", "64:ff9b::a00:1", "192.0.2.1", "fd00:ec2::254"} {
		h := &house{names: map[string][]string{"web": {"10.0.0.5", second}}, doors: map[string]string{"10.0.0.5:80": at}}
		f := h.run(t, spec(t, HTTP, "http://{{.instance}}/"), map[string]string{"instance": "web"})
		if f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonForbidden || len(h.dialed) != 1 || h.dialed[0] != "10.0.0.5:80" {
			t.Errorf("then %s: %+v, dialled %v", second, f, h.dialed)
		}
	}
	h := &house{names: map[string][]string{"web": {"127.0.0.1 10.0.0.5 169.254.169.254"}}, doors: map[string]string{"10.0.0.5:25": at}}
	if f := h.run(t, spec(t, TCP, "{{.instance}}:25"), map[string]string{"instance": "web"}); f.State != ticket.FoundBack || len(h.dialed) != 1 {
		t.Errorf("of several addresses: %+v, dialled %v", f, h.dialed)
	}
}

// TestThisMachine: its own addresses are looked at only if the configuration names them by
// themselves, whatever leads there.
func TestThisMachine(t *testing.T) {
	own := []netip.Addr{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("2001:db8::7")}
	at := served(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "web" {
			http.Redirect(w, r, "http://10.0.0.7/", http.StatusFound)
		}
	})
	for host, dialled := range map[string]int{"10.0.0.7": 0, "2001:db8::7": 0, "here": 0, "both": 1, "web": 1, "turns": 0} {
		h := &house{
			own:   own,
			names: map[string][]string{"here": {"10.0.0.7 2001:db8::7"}, "both": {"10.0.0.7 10.0.0.5"}, "web": {"10.0.0.5"}, "turns": {"10.0.0.7", "10.0.0.5"}},
			doors: map[string]string{"10.0.0.5:80": at, "10.0.0.7:80": at, "[2001:db8::7]:80": at},
		}
		f := h.run(t, spec(t, HTTP, "http://{{.instance}}/"), map[string]string{"instance": host})
		if well := host == "both"; well != (f.State == ticket.FoundBack) || !well && f.Reason != ticket.ReasonForbidden || len(h.dialed) != dialled {
			t.Errorf("%s: %+v, dialled %v", host, f, h.dialed)
		}
		named := func(p *Prober) { p.Guard.Networks = append(slices.Clone(net10), netip.MustParsePrefix("10.0.0.7/32")) }
		f = h.run(t, spec(t, TCP, "{{.instance}}:80"), map[string]string{"instance": host}, named)
		if well := host != "2001:db8::7"; well != (f.State == ticket.FoundBack) {
			t.Errorf("%s, once 10.0.0.7 is named: %+v, dialled %v", host, f, h.dialed)
		}
		pinged := false
		h.run(t, spec(t, ICMP, "{{.instance}}"), map[string]string{"instance": "10.0.0.7"}, func(p *Prober) {
			p.Ping = func(context.Context, netip.Addr) (time.Duration, error) { pinged = true; return 0, nil }
		})
		if pinged {
			t.Error("this machine was pinged")
		}
	}
	unknown := func() ([]netip.Addr, error) { return nil, errors.New("the system does not say") }
	if g := (&Guard{Networks: net10, Own: unknown}); g.Allowed(netip.MustParseAddr("10.0.0.5")) {
		t.Error("whose an address is was not known, and it may be looked at")
	}
	all, err := interfaces()
	if err != nil || !slices.Contains(all, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("the system's: %v, %v", all, err)
	}
	g := &Guard{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	for _, a := range all {
		if g.Allowed(a) {
			t.Errorf("%s is this machine's, and may be looked at", a)
		}
	}
}

// TestRedirects: where one leads is judged as the first address was.
func TestRedirects(t *testing.T) {
	for target, want := range map[string]ticket.FindingState{
		"http://169.254.169.254/latest/meta-data/": ticket.FoundUnclear,
		"http://127.0.0.1:22/":                     ticket.FoundUnclear,
		"http://localhost/":                        ticket.FoundUnclear,
		"http://[::ffff:169.254.169.254]/":         ticket.FoundUnclear,
		"http://2852039166/":                       ticket.FoundUnclear,
		"http://user:secret@other/":                ticket.FoundUnclear,
		"file:///etc/passwd":                       ticket.FoundUnclear,
		"gopher://other/":                          ticket.FoundUnclear,
		"http://other/":                            ticket.FoundBack,
		"/there":                                   ticket.FoundBack,
		"/#/login":                                 ticket.FoundBack,
		"http://web/":                              ticket.FoundDown, // and on, and on
	} {
		first := true
		at := served(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Referer") != "" {
				t.Error("it says where it comes from")
			}
			if first || target == "http://web/" {
				first = false
				http.Redirect(w, r, target, http.StatusFound)
			}
		})
		h := &house{
			names: map[string][]string{"web": {"10.0.0.5"}, "other": {"10.0.0.6"}, "localhost": {"127.0.0.1"}, "2852039166": {"169.254.169.254"}},
			doors: map[string]string{"10.0.0.5:80": at, "10.0.0.6:80": at},
		}
		f := h.run(t, spec(t, HTTP, "http://{{.instance}}/"), map[string]string{"instance": "web"})
		if f.State != want {
			t.Errorf("to %s: %+v", target, f)
		}
		for _, address := range h.dialed {
			if !strings.HasPrefix(address, "10.0.0.") {
				t.Errorf("to %s: %s was dialled", target, address)
			}
		}
		if len(h.dialed) > ticket.MaxRedirects+2 {
			t.Errorf("to %s: %d dials", target, len(h.dialed))
		}
	}
}

// TestLabels: a label becomes a host name or a number and nothing else.
func TestLabels(t *testing.T) {
	s := spec(t, HTTP, "https://{{.instance}}/")
	for value, want := range map[string]string{
		"srv-db-01": "https://srv-db-01/", "10.0.0.5": "https://10.0.0.5/", "2001:db8::5": "https://[2001:db8::5]/", "a_b.example.net": "https://a_b.example.net/", "22": "https://22/",
	} {
		if got, err := s.Render(map[string]string{"instance": value}); err != nil || got != want {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
	for _, value := range []string{
		"", " ", "a b", "a\tb", "a\nb", "db:22", "10.0.0.5:22", "10.0.0.0/24", "10.0.0.5,10.0.0.6", "user@db", "user:secret@db", "db#x", "db?x=1", "db/x", "db%2fx",
		"http://169.254.169.254/", "//db", "équipe", "db。example", "ⓓⓑ", "-db", "db-", ".", "..", "a..b", ".db", "db.", "[::1]", "::1%eth0", "fe80::1%25eth0", "::ffff:127.0.0.1",
		"{{.other}}", "db\x00", strings.Repeat("a", 64), strings.Repeat("a.", 200) + "a",
	} {
		if got, err := s.Render(map[string]string{"instance": value}); err == nil || !errors.Is(err, ErrLabel) {
			t.Errorf("%q: %q, %v", value, got, err)
		}
		h := &house{}
		if f := h.run(t, s, map[string]string{"instance": value}); f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonLabel || len(h.dialed) != 0 {
			t.Errorf("%q: %+v", value, f)
		}
	}
	host := spec(t, TCP, "{{host .instance}}:{{.port}}")
	for value, want := range map[string]string{"db:9100": "db:25", "db": "db:25", "[2001:db8::5]:9100": "[2001:db8::5]:25", "2001:db8::5": "[2001:db8::5]:25"} {
		if got, err := host.Render(map[string]string{"instance": value, "port": "25"}); err != nil || got != want {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
	for _, port := range []string{"0", "65536", "ssh", "-1", "1-1024", ""} {
		if got, err := host.Render(map[string]string{"instance": "db", "port": port}); err == nil {
			t.Errorf("port %q: %q", port, got)
		}
	}
}

// TestTemplates: what is no address whatever the labels are is found before the night.
func TestTemplates(t *testing.T) {
	for _, text := range []string{"{{instance}}", "{{.a.b}}", "{{ printf .a }}", "{{.instance", "{{}}", "{{.équipe}}"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
	for target, kind := range map[string]string{
		"ftp://{{.a}}/": HTTP, "{{.a}}://db/": HTTP, "{{.a}}": HTTP, "https://": HTTP, "https://u:p@{{.a}}/": HTTP, "https://{{.a}}/#x": HTTP, "https://{{.a}}:0/": HTTP,
		"{{.a}}:": TCP, "{{.a}}:ssh": TCP, "https://{{.a}}:25": TCP, "{{.a}}:70000": TCP, "{{.a}}:1": ICMP, "{{.a}} x": ICMP,
	} {
		s := Spec{Kind: kind}
		var err error
		if s.Target, err = Parse(target); err == nil {
			err = s.Check()
		}
		if err == nil {
			t.Errorf("%s %s is taken", kind, target)
		}
	}
}

// TestNever: no configuration opens these, not even the one that names everything.
func TestNever(t *testing.T) {
	all := Guard{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, Own: nowhere}
	for _, text := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
		"::1", "::", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254",
	} {
		if all.Allowed(netip.MustParseAddr(text)) {
			t.Errorf("%s may be looked at", text)
		}
	}
	for _, text := range []string{"10.0.0.1", "192.168.1.1", "203.0.113.5", "2001:db8::1", "fd00::1"} {
		if !all.Allowed(netip.MustParseAddr(text)) {
			t.Errorf("%s may not be looked at", text)
		}
	}
	if none := (&Guard{}); none.Allowed(netip.MustParseAddr("10.0.0.1")) {
		t.Error("without a network")
	}
	for text, want := range map[string]bool{"127.0.0.0/8": true, "127.1.0.0/16": true, "169.254.169.254/32": true, "0.0.0.0/0": false, "10.0.0.0/8": false, "::1/128": true, "fe80::/64": true, "::/0": false} {
		if Never(netip.MustParsePrefix(text)) != want {
			t.Errorf("Never(%s) is not %v", text, want)
		}
	}
}

// TestTheRealResolver leads nowhere that may not be: localhost by the system's own
// resolver and dialler.
func TestTheRealResolver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := &Prober{Guard: Guard{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, Own: nowhere}, Now: night}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		f := p.Run(t.Context(), spec(t, TCP, "{{.instance}}:"+port), map[string]string{"instance": host})
		if f.Reason != ticket.ReasonForbidden {
			t.Errorf("%s: %+v", host, f)
		}
	}
}

// TestSlow: a server that never ends its headers, or its body, holds nobody for longer
// than the probe's time.
func TestSlow(t *testing.T) {
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	drip := func(first string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					_, _ = io.WriteString(conn, first)
					tick := time.NewTicker(20 * time.Millisecond)
					defer tick.Stop()
					for {
						select {
						case <-tick.C:
							if _, err := io.WriteString(conn, "x"); err != nil {
								return
							}
						case <-done:
							return
						}
					}
				}()
			}
		}()
		return l.Addr().String()
	}
	for name, first := range map[string]string{"headers": "HTTP/1.1 200 OK\r\nX: ", "body": "HTTP/1.1 200 OK\r\n\r\n", "nothing": ""} {
		h := &house{doors: map[string]string{"10.0.0.5:80": drip(first)}}
		s := spec(t, HTTP, "http://{{.instance}}/")
		s.Timeout = 300 * time.Millisecond
		f := h.run(t, s, map[string]string{"instance": "10.0.0.5"})
		if f.State != ticket.FoundDown || name != "nothing" && f.Reason != ticket.ReasonNoAnswer {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestEndless: of a body without an end so much is read.
func TestEndless(t *testing.T) {
	sent, stopped := 0, make(chan struct{})
	at := served(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(stopped)
		chunk := make([]byte, 32<<10)
		for {
			n, err := w.Write(chunk)
			if sent += n; err != nil {
				return
			}
		}
	})
	h := &house{doors: map[string]string{"10.0.0.5:80": at}}
	if f := h.run(t, spec(t, HTTP, "http://{{.instance}}/"), map[string]string{"instance": "10.0.0.5"}); f.State != ticket.FoundBack {
		t.Errorf("%+v", f)
	}
	<-stopped // the connection is given up
}

// TestTLS: a certificate of nobody, or of another name, is trouble.
func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = nil
	h := &house{
		names: map[string][]string{"example.com": {"10.0.0.5"}, "other.example": {"10.0.0.5"}},
		doors: map[string]string{"10.0.0.5:443": s.Listener.Addr().String()},
	}
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	look := spec(t, HTTP, "https://{{.instance}}/")
	trusting := func(p *Prober) { p.Roots = roots }
	if f := h.run(t, look, map[string]string{"instance": "example.com"}, trusting); f.State != ticket.FoundBack {
		t.Errorf("%+v", f)
	}
	if f := h.run(t, look, map[string]string{"instance": "other.example"}, trusting); f.State != ticket.FoundDown || f.Reason != ticket.ReasonTLS {
		t.Errorf("another name: %+v", f)
	}
	if f := h.run(t, look, map[string]string{"instance": "example.com"}); f.State != ticket.FoundDown || f.Reason != ticket.ReasonTLS {
		t.Errorf("nobody's: %+v", f)
	}
}

// TestTCPAndICMP find what is there and what is not.
func TestTCPAndICMP(t *testing.T) {
	at := served(t, func(http.ResponseWriter, *http.Request) {})
	h := &house{names: map[string][]string{"mx": {"10.0.0.5"}}, doors: map[string]string{"10.0.0.5:25": at}}
	s := spec(t, TCP, "{{.instance}}:25")
	if f := h.run(t, s, map[string]string{"instance": "mx"}); f.State != ticket.FoundBack || f.By != "tcp" {
		t.Errorf("%+v", f)
	}
	if f := h.run(t, s, map[string]string{"instance": "nowhere"}); f.State != ticket.FoundUnclear || f.Reason != ticket.ReasonUnresolved {
		t.Errorf("no name: %+v", f)
	}
	if f := h.run(t, s, map[string]string{"instance": "10.0.0.9"}); f.State != ticket.FoundDown {
		t.Errorf("nobody there: %+v", f)
	}
	if f := h.run(t, s, map[string]string{"instance": "192.0.2.7"}); f.Reason != ticket.ReasonForbidden {
		t.Errorf("elsewhere: %+v", f)
	}
	for want, err := range map[ticket.FindingState]error{ticket.FoundBack: nil, ticket.FoundDown: errNoEcho, ticket.FoundUnclear: errNoPing} {
		var to netip.Addr
		f := h.run(t, spec(t, ICMP, "{{.instance}}"), map[string]string{"instance": "mx"}, func(p *Prober) {
			p.Ping = func(_ context.Context, a netip.Addr) (time.Duration, error) {
				to = a
				return 420 * time.Microsecond, err
			}
		})
		if f.State != want || to.String() != "10.0.0.5" || f.By != "icmp" || err == nil && f.Text != "400µs" {
			t.Errorf("%v: %+v, %s", err, f, to)
		}
	}
}

// TestPing sends real echoes to this machine, which no Guard would: it tests the library
// and the kernel. Where the kernel lets the tests' group have no such socket, that is
// said.
func TestPing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	took, err := unprivileged(ctx, netip.MustParseAddr("127.0.0.1"))
	if err != nil && !errors.Is(err, errNoPing) || err == nil && took <= 0 {
		t.Error(took, err)
	}
	t.Log(took, err)
}
