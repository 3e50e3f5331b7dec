//go:build long

package upstreamtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/upstream"
)

// startsWithin is how long a real tool may take to start.
const startsWithin = 2 * time.Minute

// RealIcinga starts an Icinga 2 that has objects, in its own language, and an ApiUser with
// permissions ("actions/*"). It ends with the test.
func RealIcinga(t *testing.T, permissions []string, objects string) upstream.Options {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/*/icinga2/sbin/icinga2")
	if err != nil || len(found) != 1 {
		t.Fatalf("icinga2 is missing: apt-get install icinga2-bin icinga2-common (%v)", err)
	}
	dir := t.TempDir()
	in := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	args := []string{"daemon", "-c", in("icinga2.conf")}
	for name, folder := range map[string]string{"DataDir": "data", "CacheDir": "cache", "LogDir": "log", "InitRunDir": "run", "ConfigDir": "conf"} {
		if err := os.MkdirAll(in(folder, "certs"), 0o700); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D", "Configuration."+name+"="+in(folder))
	}
	for name, flag := range map[string]string{"RunAsUser": "-un", "RunAsGroup": "-gn"} {
		who, err := exec.Command("id", flag).Output()
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D", "Configuration."+name+"="+strings.TrimSpace(string(who)))
	}
	certificate, key := selfSigned(t)
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	for name, text := range map[string]string{
		"data/certs/ca.crt": certificate, "data/certs/node.crt": certificate, "data/certs/node.key": key,
		"icinga2.conf": fmt.Sprintf(`
const NodeName = "node"
object Endpoint "node" { }
object Zone "here" { endpoints = [ "node" ] }
object CheckerComponent "checker" { }
object ApiListener "api" { bind_host = "127.0.0.1", bind_port = %s }
object ApiUser "%s" { password = "%s", permissions = [ "%s" ] }
%s`, port, User, Password, strings.Join(permissions, `", "`), objects),
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	starts(t, exec.Command(found[0], args...), func() error {
		c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
		if err == nil {
			_ = c.Close()
		}
		return err
	})
	return upstream.Options{URL: "https://" + address, User: User, Password: Password, Roots: roots}
}

// RealAlertmanager starts an Alertmanager that tells nobody. It ends with the test.
func RealAlertmanager(t *testing.T) upstream.Options {
	t.Helper()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Fatalf("prometheus-alertmanager is missing: apt-get install prometheus-alertmanager: %v", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	command := exec.Command(program, "--config.file="+file, "--storage.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--cluster.listen-address=")
	starts(t, command, func() error {
		resp, err := http.Get("http://" + address + "/-/ready")
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("HTTP %d", resp.StatusCode)
		}
		return nil
	})
	return upstream.Options{URL: "http://" + address}
}

// starts starts a command and waits until it is ready. If the test fails it shows what the
// command said.
func starts(t *testing.T, command *exec.Cmd, ready func() error) {
	t.Helper()
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it may have children
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
		_ = said.Close()
		if text, err := os.ReadFile(said.Name()); t.Failed() && err == nil {
			t.Logf("%s", text)
		}
	})
	began := time.Now()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for err := ready(); err != nil; err = ready() {
		select {
		case <-again.C:
		case <-ended:
			t.Fatalf("%s ended: %v", command.Path, err)
		}
		if time.Since(began) > startsWithin {
			t.Fatalf("%s is not ready: %v", command.Path, err)
		}
	}
}

// freeAddress is one of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
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
