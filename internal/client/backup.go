package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// errStalled ends a backup of which nothing came for a while.
var errStalled = fmt.Errorf("nothing came for %s", timeout)

// Backup writes the daemon's backup to w and answers its size in bytes. If
// the daemon's store has no backups of its own, the error's Status is 501.
func (c *Client) Backup(ctx context.Context, w io.Writer) (size int64, err error) {
	return c.backup(ctx, "/api/v1/backup", "application/octet-stream", w)
}

// WholeBackup is Backup of store, archive and attachments, as package backup reads it. Its
// end says whether it is whole.
func (c *Client) WholeBackup(ctx context.Context, w io.Writer) (size int64, err error) {
	return c.backup(ctx, "/api/v1/backup?of=everything", "application/x-tar", w)
}

func (c *Client) backup(ctx context.Context, path, wanted string, w io.Writer) (size int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(timeout, func() { cancel(errStalled) })
	defer stalled.Stop()
	req, err := c.request(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, fmt.Errorf("client: GET %s: %w", path, err)
	}
	patient := *c.http
	patient.Timeout = 0
	resp, err := patient.Do(req)
	if err != nil {
		return 0, unreachable(c.base, errors.Join(err, context.Cause(ctx)))
	}
	defer func() { _ = resp.Body.Close() }()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // no type is a wrong one
	if resp.StatusCode != http.StatusOK || kind != wanted {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
		if err != nil {
			return 0, unreachable(c.base, err)
		}
		return 0, refused(resp, data)
	}
	size, err = io.Copy(w, &lively{resp.Body, func() { stalled.Reset(timeout) }})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		return size, fmt.Errorf("client: the backup broke off after %d bytes: %w", size, err)
	}
	return size, nil
}

// lively is a reader that tells of each read.
type lively struct {
	io.Reader
	came func()
}

// Read implements io.Reader.
func (l *lively) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if n > 0 {
		l.came()
	}
	return n, err
}
