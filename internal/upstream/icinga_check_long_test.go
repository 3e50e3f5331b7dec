//go:build long

package upstream

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestIcingaChecksForReal has a real Icinga 2 check a service that is down, and one that
// is well by then.
func TestIcingaChecksForReal(t *testing.T) {
	found, err := filepath.Glob("/usr/lib/*/icinga2/sbin/icinga2")
	if err != nil || len(found) != 1 {
		t.Fatalf("icinga2 is missing: apt-get install icinga2-bin icinga2-common (%v)", err)
	}
	dir := t.TempDir()
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	keep := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"daemon", "-c", in("icinga2.conf")}
	for name, folder := range map[string]string{"DataDir": "data", "CacheDir": "cache", "LogDir": "log", "InitRunDir": "run", "ConfigDir": "conf"} {
		if err := os.MkdirAll(in(folder), 0o700); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D", "Configuration."+name+"="+in(folder))
	}
	if err := os.MkdirAll(in("data", "certs"), 0o700); err != nil {
		t.Fatal(err)
	}
	certificate, key := selfSigned(t)
	keep("data/certs/ca.crt", certificate)
	keep("data/certs/node.crt", certificate)
	keep("data/certs/node.key", key)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	keep("state", "2")
	keep("icinga2.conf", fmt.Sprintf(`
const NodeName = "node"
object Endpoint "node" { }
object Zone "here" { endpoints = [ "node" ] }
object CheckerComponent "checker" { }
object ApiListener "api" { bind_host = "127.0.0.1", bind_port = %d }
object ApiUser "astreinte" { password = "secret", permissions = [ "actions/reschedule-check", "objects/query/Host", "objects/query/Service" ] }
object CheckCommand "file" { command = [ "/bin/sh", "-c", "echo \"1 %% free\"; exit $$(cat %s)" ] }
object Host "srv-db-01" { check_command = "file", enable_active_checks = false }
object Service "Disk /var" { host_name = "srv-db-01", check_command = "file", check_interval = 1h, retry_interval = 1h }
`, port, in("state")))
	name, err := exec.Command("id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	group, err := exec.Command("id", "-gn").Output()
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "-D", "Configuration.RunAsUser="+strings.TrimSpace(string(name)), "-D", "Configuration.RunAsGroup="+strings.TrimSpace(string(group)))
	said, err := os.Create(in("said"))
	if err != nil {
		t.Fatal(err)
	}
	icinga := exec.Command(found[0], args...)
	icinga.Stdout, icinga.Stderr = said, said
	icinga.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has children
	if err := icinga.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-icinga.Process.Pid, syscall.SIGKILL)
		_ = icinga.Wait()
		_ = said.Close()
		if text, err := os.ReadFile(in("said")); t.Failed() && err == nil {
			t.Logf("%s", text)
		}
	}()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	api := NewIcinga(Options{URL: "https://127.0.0.1:" + strconv.Itoa(port), User: "astreinte", Password: "secret", Roots: roots})
	alert := &ticket.Alert{Labels: map[string]string{"instance": "srv-db-01", "service": "Disk /var"}}
	ask := func() ticket.Finding {
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
		defer cancel()
		return IcingaCheck{API: api}.Ask(ctx, alert)
	}
	f := ask()
	for range 60 {
		if f.Reason != ticket.ReasonToolAway {
			break
		}
		rests(t.Context(), time.Second)
		f = ask()
	}
	if f.State != ticket.FoundDown || f.Text != "1 % free" || f.At.IsZero() {
		t.Errorf("%+v", f)
	}
	keep("state", "0")
	began := time.Now()
	if f = ask(); f.State != ticket.FoundBack || f.Since.IsZero() {
		t.Errorf("%+v", f)
	}
	t.Logf("%+v after %s", f, time.Since(began))
	other := &ticket.Alert{Labels: map[string]string{"instance": "srv-db-01", "service": "none"}}
	if f := (IcingaCheck{API: api}).Ask(t.Context(), other); f.Reason != ticket.ReasonToolUnknown {
		t.Errorf("%+v", f)
	}
	api = NewIcinga(Options{URL: "https://127.0.0.1:" + strconv.Itoa(port), User: "astreinte", Password: "wrong", Roots: roots})
	if f := ask(); f.Reason != ticket.ReasonToolRefuses {
		t.Errorf("%+v", f)
	}
}

// selfSigned is a certificate of this machine for Icinga's node, and its key.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "node"}, DNSNames: []string{"node"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", text)
}
