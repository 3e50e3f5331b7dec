package daemon

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// started is a daemon of the example on loopback, with the given server
// section.
func started(t *testing.T, server config.Server, change ...func([]byte) []byte) (*Daemon, *config.Config) {
	t.Helper()
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	t.Cleanup(world.Close)
	c := exampleConfig(t, world, change...)
	server.Listen, server.PublicURL = "127.0.0.1:0", ""
	c.Server = server
	d, err := New(t.Context(), Options{Config: c, Log: zaptest.NewLogger(t), Store: storetest.New(), Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d, c
}

// status asks for a path over a new connection. Headers are pairs.
func status(t *testing.T, method, url, token string, roots *x509.CertPool, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{"alerts": []}`))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Proto + " " + string(body)
}

// TestThePrivateAddressAloneAnswersWhatIsNotForTheInternet asks for everything at
// both addresses.
func TestThePrivateAddressAloneAnswersWhatIsNotForTheInternet(t *testing.T) {
	d, c := started(t, config.Server{PrivateListen: "127.0.0.1:0"})
	for _, tt := range []struct {
		method, path, token string
		public, private     int
	}{
		{"GET", "/metrics", "", 404, 200},
		{"GET", "/readyz", "", 404, 200},
		{"GET", "/api/v1/tickets", apiToken, 404, 200},
		{"GET", "/api/v1/tickets", "wrong", 404, 401},
		{"GET", "/api/v1/tickets", "", 401, 401},
		{"PUT", "/api/v1/tickets", apiToken, 404, 405},
		{"GET", "/api/v1/nothing", apiToken, 404, 404},
		{"GET", "/api/v1/openapi.json", "", 401, 200},
		{"GET", "/api/v1/openapi.json", apiToken, 404, 200},
		{"GET", "/api/v1/backup", apiToken, 404, 501},
		{"GET", "//metrics", "", 404, 200},
		{"GET", "/ingest/../metrics", "", 404, 200},
		{"GET", "/healthz", "", 200, 200},
		{"POST", "/ingest/prometheus", postToken, 202, 202},
		{"GET", "/a/nobody", "", 404, 404},
		{"POST", "/twilio/sms", "", 403, 403},
	} {
		for address, want := range map[string]int{d.Addr(): tt.public, d.PrivateAddr(): tt.private} {
			if got, body := status(t, tt.method, "http://"+address+tt.path, tt.token, nil); got != want {
				t.Errorf("%s %s with the token %q at %s: %d %s, want %d", tt.method, tt.path, tt.token, address, got, body, want)
			} else if strings.Contains(body, d.PrivateAddr()) {
				t.Errorf("%s: the answer names the private address: %s", tt.path, body)
			}
		}
	}
	public, private := d.Addr(), d.PrivateAddr()
	same := *c
	if err := d.Reload(t.Context(), &same); err != nil {
		t.Error(err)
	}
	for _, address := range []string{public, private} {
		if got, _ := status(t, "GET", "http://"+address+"/healthz", "", nil); got != http.StatusOK {
			t.Errorf("after a reload %s answers %d", address, got)
		}
	}
}

func TestOneAddressAnswersEverything(t *testing.T) {
	d, _ := started(t, config.Server{})
	for _, path := range []string{"/metrics", "/readyz", "/healthz", "/api/v1/tickets"} {
		if got, body := status(t, "GET", "http://"+d.Addr()+path, apiToken, nil); got != http.StatusOK {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
	if d.PrivateAddr() != "" {
		t.Errorf("there is a private address, %s", d.PrivateAddr())
	}
}

// TestAChangeOfAddressesNeedsARestart: such a reload is refused, and
// everything else goes on.
func TestAChangeOfAddressesNeedsARestart(t *testing.T) {
	d, c := started(t, config.Server{PrivateListen: "127.0.0.1:0"})
	for what, change := range map[string]func(*config.Server){
		"server.listen":         func(s *config.Server) { s.Listen = "127.0.0.1:1" },
		"server.private_listen": func(s *config.Server) { s.PrivateListen = "" },
		"server.tls":            func(s *config.Server) { s.TLS = &config.TLS{} },
	} {
		other := *c
		change(&other.Server)
		if err := d.Reload(t.Context(), &other); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "restart") {
			t.Errorf("%s has changed: %v", what, err)
		}
	}
}

// TestMaxConnectionsAreKept fills the public address. The private one must
// have its own room, even after a reload with another bound.
func TestMaxConnectionsAreKept(t *testing.T) {
	d, c := started(t, config.Server{PrivateListen: "127.0.0.1:0", MaxConnections: 16})
	open := func(n int) {
		t.Helper()
		for range n {
			conn, err := net.Dial("tcp", d.Addr())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
		}
	}
	want := func(most int) {
		t.Helper()
		_, body := status(t, "GET", "http://"+d.PrivateAddr()+"/metrics", "", nil)
		series := func(name string) (n int) {
			_, after, _ := strings.Cut(body, "\n"+name+" ")
			if _, err := fmt.Sscan(after, &n); err != nil {
				t.Errorf("no %s: %v", name, err)
			}
			return n
		}
		// The one that asked has gone again.
		if n := series(`astreinte_connections{listener="public"}`); n > most || n < most-1 {
			t.Errorf("%d public connections, want %d", n, most)
		}
		if n := series(`astreinte_connections{listener="private"}`); n != 1 {
			t.Errorf("%d private connections, want that of the scrape", n)
		}
		if n := series(`astreinte_connections_dropped_total{listener="public"}`); n < 40-most {
			t.Errorf("%d were told to have given way", n)
		}
	}
	open(40)
	if got, _ := status(t, "GET", "http://"+d.Addr()+"/healthz", "", nil); got != http.StatusOK {
		t.Errorf("at the full address: %d", got)
	}
	want(12)
	more := *c
	more.Server.MaxConnections = 24
	if err := d.Reload(t.Context(), &more); err != nil {
		t.Fatal(err)
	}
	open(40)
	if got, _ := status(t, "GET", "http://"+d.Addr()+"/healthz", "", nil); got != http.StatusOK {
		t.Errorf("at the full address: %d", got)
	}
	want(18)
}

// TestTLS: the public address speaks TLS, and only HTTP/1.1. So does the
// private one, unless it is loopback.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	roots := selfSigned(t, dir, 1)
	files := &config.TLS{Certificate: filepath.Join(dir, "a.crt"), Key: filepath.Join(dir, "a.key")}
	d, c := started(t, config.Server{PrivateListen: "127.0.0.1:0", TLS: files})
	if got, said := status(t, "GET", "https://"+d.Addr()+"/healthz", "", roots); got != http.StatusOK || !strings.HasPrefix(said, "HTTP/1.1 ") {
		t.Errorf("answered %d %s, want HTTP/1.1", got, said)
	}
	if got, said := status(t, "GET", "http://"+d.Addr()+"/healthz", "", nil); got != http.StatusBadRequest {
		t.Errorf("without TLS: %d %s", got, said)
	}
	_, metrics := status(t, "GET", "http://"+d.PrivateAddr()+"/metrics", "", nil)
	if want := "\nastreinte_tls_certificate_expires_seconds 4.294967296e+09\n"; !strings.Contains(metrics, want) {
		t.Errorf("no %s", want)
	}
	other := *c
	next := t.TempDir()
	other.Server.TLS = &config.TLS{Certificate: filepath.Join(next, "a.crt"), Key: filepath.Join(next, "a.key")}
	if err := d.Reload(t.Context(), &other); err == nil {
		t.Error("files that are not there were put in force")
	}
	roots = selfSigned(t, next, 2)
	if err := d.Reload(t.Context(), &other); err != nil {
		t.Error(err)
	}
	if got, said := status(t, "GET", "https://"+d.Addr()+"/healthz", "", roots); got != http.StatusOK {
		t.Errorf("with the other certificate: %d %s", got, said)
	}
}

// selfSigned writes a certificate for loopback to a.crt, and its key to a.key.
func selfSigned(t *testing.T, dir string, number int64) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	for name, block := range map[string]*pem.Block{"a.crt": {Type: "CERTIFICATE", Bytes: der}, "a.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		text := pem.EncodeToMemory(block)
		roots.AppendCertsFromPEM(text)
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return roots
}
