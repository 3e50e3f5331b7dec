package doorway

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
)

// lookEvery is how often a certificate's files are looked at, at most.
const lookEvery = 2 * time.Second

// Certificate is a certificate and its key, in two files in PEM form. It is
// safe for concurrent use.
type Certificate struct {
	log *zap.Logger

	mu     sync.Mutex
	files  [2]string // the certificate's with those of its chain, the key's
	seen   [2]os.FileInfo
	pair   *tls.Certificate
	looked time.Time
	said   string // what was last logged of files that are no good
}

// OpenCertificate reads the files.
func OpenCertificate(certificate, key string, log *zap.Logger) (*Certificate, error) {
	c := &Certificate{log: log, files: [2]string{certificate, key}, looked: time.Now()}
	return c, c.read()
}

// SetFiles names other files; an error leaves all as it was.
func (c *Certificate) SetFiles(certificate, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := &Certificate{files: [2]string{certificate, key}}
	if err := other.read(); err != nil {
		return err
	}
	c.files, c.seen, c.pair, c.said = other.files, other.seen, other.pair, ""
	return nil
}

// Config is TLS with the certificate as it is at each handshake.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(time.Now()), nil },
	}
}

// Expires is when the certificate in use ends.
func (c *Certificate) Expires() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pair.Leaf.NotAfter
}

// current is the pair in use, read again if the files have changed. Files
// that are no good leave the old one in use.
func (c *Certificate) current(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) < lookEvery {
		return c.pair
	}
	c.looked = now
	if c.said == "" && !c.changed() {
		return c.pair
	}
	err := c.read()
	switch {
	case err == nil:
		c.said = ""
		c.log.Info("the certificate was read again", zap.Time("expires", c.pair.Leaf.NotAfter))
	case err.Error() != c.said:
		c.said = err.Error()
		c.log.Error("the certificate that is there now cannot be used: the one before it stays in use", zap.Error(err))
	}
	return c.pair
}

func (c *Certificate) changed() bool {
	for i, name := range c.files {
		is, err := os.Stat(name)
		was := c.seen[i]
		if err != nil || !os.SameFile(is, was) || !is.ModTime().Equal(was.ModTime()) || is.Size() != was.Size() {
			return true
		}
	}
	return false
}

// read looks at the files before it reads them: what changes meanwhile is read
// again.
func (c *Certificate) read() error {
	var seen [2]os.FileInfo
	for i, name := range c.files {
		var err error
		if seen[i], err = os.Stat(name); err != nil {
			return fmt.Errorf("doorway: certificate: %w", err)
		}
	}
	pair, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		return fmt.Errorf("doorway: certificate %s and key %s: %w", c.files[0], c.files[1], err)
	}
	c.seen, c.pair = seen, &pair
	return nil
}
