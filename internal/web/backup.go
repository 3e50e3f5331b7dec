package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"
)

// Backup writes a copy of all that is stored, as it is at one moment, to the
// writer that to returns for a copy of that many bytes.
type Backup func(ctx context.Context, to func(size int64) io.Writer) error

// backupStall is how long a reader of a backup may take nothing: while it is
// read the store cannot use its free room.
const backupStall = 30 * time.Second

// backUp streams a backup. Where it breaks off its reader gets fewer bytes than
// Content-Length says.
func (s *Server) backUp(w http.ResponseWriter, r *http.Request, by Token) error {
	if s.backup == nil {
		return refusef(http.StatusNotImplemented, "unsupported",
			"the daemon's store is Redis: back it up by Redis' own means (docs/OPERATIONS.md, \"Backup and restore\")")
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", backupType)
		return nil
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Time{}) // not possible in a test: the server's for requests stays
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	out := &paced{w: w, conn: conn}
	err := s.backup(r.Context(), func(size int64) io.Writer {
		out.size = size
		w.Header().Set("Content-Type", backupType)
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		w.Header().Set("Content-Disposition",
			fmt.Sprintf("attachment; filename=%q", "astreinte-"+s.engine.Now().UTC().Format("20060102T150405Z")+".db"))
		return out
	})
	if err != nil && out.size == 0 {
		return fmt.Errorf("web: back up: %w", err)
	}
	fields := []zap.Field{zap.String("token", by.Name), zap.Int64("bytes", out.written), zap.Int64("of", out.size)}
	if err != nil {
		s.log.Error("a backup broke off", append(fields, zap.Error(err))...)
	} else {
		s.log.Info("backed up", fields...)
	}
	return nil
}

const backupType = "application/octet-stream"

// paced is an answer whose reader must go on reading.
type paced struct {
	w             io.Writer
	conn          *http.ResponseController
	size, written int64
}

// Write implements io.Writer.
func (p *paced) Write(b []byte) (int, error) {
	_ = p.conn.SetWriteDeadline(time.Now().Add(backupStall)) // not possible in a test
	n, err := p.w.Write(b)
	p.written += int64(n)
	return n, err
}
