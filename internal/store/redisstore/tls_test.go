package redisstore_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// If the system does not know a Redis' certificate, ca_file makes it trusted.
func TestOwnAuthority(t *testing.T) {
	cert, key := selfSigned(t)
	server := redistest.Single(t)
	client := server.Client()
	port := server.Port
	for name, value := range map[string]string{"tls-cert-file": cert, "tls-key-file": key, "tls-ca-cert-file": cert, "tls-auth-clients": "no"} {
		if err := client.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatalf("redis-server without TLS: %v", err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, secure, err := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil || secure == strconv.Itoa(port) {
		t.Fatal(secure, err)
	}
	if err := client.ConfigSet(t.Context(), "tls-port", secure).Err(); err != nil {
		t.Fatal(err)
	}
	url := "rediss://127.0.0.1:" + secure + "/0"
	life(t, opened(t, url+"?ca_file="+cert), "prometheus")
	for wrong, want := range map[string]string{
		url:                               "certificate",
		url + "?ca_file=" + key:           "no certificate in",
		url + "?ca_file=/nowhere/ca.pem":  "ca_file: open /nowhere/ca.pem",
		url + "?ca_file=ca.pem":           "not an absolute path",
		server.URL() + "?ca_file=" + cert: "ca_file with rediss",
	} {
		s, err := redisstore.Open(t.Context(), wrong, redisstore.Options{})
		if err == nil {
			closed(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", wrong, err, want)
		}
	}
}

// selfSigned writes a certificate of 127.0.0.1 and its key.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return file("redis.crt", "CERTIFICATE", der), file("redis.key", "PRIVATE KEY", own)
}
