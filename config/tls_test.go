package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTLS: files that cannot be used are errors. A certificate that has ended
// is a warning.
func TestTLS(t *testing.T) {
	one, two, ended := certificate(t, saturday.AddDate(1, 0, 0)), certificate(t, saturday.AddDate(1, 0, 0)), certificate(t, saturday.AddDate(0, 0, -1))
	for _, tt := range []struct{ certificate, key, fails, doubts string }{
		{one + ".crt", one + ".key", "", ""},
		{ended + ".crt", ended + ".key", "", "server.tls.certificate: the certificate ended on 2026-11-20"},
		{one + ".crt", two + ".key", "server.tls: certificate and key cannot be used: private key does not match public key", ""},
		{one + ".key", one + ".key", "server.tls: certificate and key cannot be used: ", ""},
	} {
		text := strings.Replace(desk, "{public_url: ", "{tls: {certificate: "+tt.certificate+", key: "+tt.key+"}, public_url: ", 1)
		cfg, report := parseText(t, text, nil)
		if tt.fails == "" {
			wantErrors(t, report.Errors)
			if want := (TLS{tt.certificate, tt.key}); *cfg.Server.TLS != want {
				t.Errorf("%+v, want %+v", cfg.Server.TLS, want)
			}
		} else if cfg != nil || !strings.HasPrefix(report.Errors[0].String(), tt.fails) {
			t.Errorf("%v, want %s", report.Errors, tt.fails)
		}
		var doubts strings.Builder
		for _, p := range report.Warnings {
			if strings.HasPrefix(p.Path, "server.tls") {
				doubts.WriteString(p.String())
			}
		}
		if got := doubts.String(); (tt.doubts == "") != (got == "") || !strings.HasPrefix(got, tt.doubts) {
			t.Errorf("doubts %q, want %q", got, tt.doubts)
		}
	}
}

// certificate writes a certificate that ends at that time, and its key. The
// files are path with .crt and .key at its end.
func certificate(t *testing.T, ends time.Time) (path string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "a")
	for name, block := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path+name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}
