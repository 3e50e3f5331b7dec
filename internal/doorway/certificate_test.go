package doorway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/internal/doorway"
)

// pair makes a certificate with that number, and its key, in PEM form.
func pair(t *testing.T, number int64) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), DNSNames: []string{"localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(number<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// drawer is a folder with a certificate and its key.
type drawer struct {
	t                *testing.T
	certificate, key string
}

func newDrawer(t *testing.T, number int64) *drawer {
	dir := t.TempDir()
	d := &drawer{t, filepath.Join(dir, "a.crt"), filepath.Join(dir, "a.key")}
	d.put(pair(t, number))
	return d
}

func (d *drawer) put(certificate, key []byte) {
	d.t.Helper()
	for name, data := range map[string][]byte{d.certificate: certificate, d.key: key} {
		if data == nil {
			continue
		}
		// Another file under the name, as those who renew certificates do.
		if err := os.WriteFile(name+".new", data, 0o600); err != nil {
			d.t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			d.t.Fatal(err)
		}
	}
}

// shown is the number of the certificate that a handshake shows.
func shown(t *testing.T, c *doorway.Certificate, most uint16) (int64, error) {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tls.Server(theirs, c.Config()).Handshake()
		_ = theirs.Close()
	}()
	client := tls.Client(ours, &tls.Config{InsecureSkipVerify: true, MaxVersion: most, MinVersion: tls.VersionTLS10})
	err := client.Handshake()
	_ = ours.Close()
	<-done
	if err != nil {
		return 0, err
	}
	return client.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

func TestACertificateIsReadAgain(t *testing.T) {
	d := newDrawer(t, 1)
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.InfoLevel)
		c, err := doorway.OpenCertificate(d.certificate, d.key, zap.New(core))
		if err != nil {
			t.Fatal(err)
		}
		want := func(what string, number int64, lines int) {
			t.Helper()
			time.Sleep(3 * time.Second)
			for range 3 {
				if got, err := shown(t, c, 0); got != number || err != nil {
					t.Errorf("%s: certificate %d was shown, %v, want %d", what, got, err, number)
				}
				time.Sleep(3 * time.Second)
			}
			if n := logs.Len(); n != lines {
				t.Errorf("%s: %d lines were logged, want %d: %v", what, n, lines, logs.All())
			}
		}
		want("as it was opened", 1, 0)
		certificate, key := pair(t, 2)
		d.put(certificate, nil)
		want("another certificate, whose key has not come yet", 1, 1)
		d.put(nil, key)
		want("both", 2, 2)
		if got := c.Expires().Unix(); got != 2<<32 {
			t.Errorf("it expires at %d", got)
		}
		d.put([]byte("nonsense"), nil)
		want("no certificate", 2, 3)
		if err := os.Remove(d.key); err != nil {
			t.Fatal(err)
		}
		want("no key", 2, 4)
		d.put(certificate, key)
		want("mended", 2, 5)
	})
}

func TestOldTLSIsRefused(t *testing.T) {
	d := newDrawer(t, 1)
	c, err := doorway.OpenCertificate(d.certificate, d.key, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shown(t, c, tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
	if _, err := shown(t, c, tls.VersionTLS12); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
}

func TestACertificateThatIsNoneIsNotOpened(t *testing.T) {
	one, two := newDrawer(t, 1), newDrawer(t, 2)
	for what, files := range map[string][2]string{
		"another's key": {one.certificate, two.key}, "no certificate": {one.key, one.key}, "no file": {one.certificate + "x", one.key},
	} {
		if _, err := doorway.OpenCertificate(files[0], files[1], zap.NewNop()); err == nil {
			t.Errorf("%s: opened", what)
		}
	}
	c, err := doorway.OpenCertificate(one.certificate, one.key, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetFiles(one.certificate, two.key); err == nil {
		t.Error("another's key was taken")
	}
	if got, err := shown(t, c, 0); got != 1 || err != nil {
		t.Errorf("certificate %d is shown, %v, want the first still", got, err)
	}
	if err := c.SetFiles(two.certificate, two.key); err != nil {
		t.Error(err)
	}
	if got, err := shown(t, c, 0); got != 2 || err != nil {
		t.Errorf("certificate %d is shown, %v, want the second", got, err)
	}
}
