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

// While a backup is read the store cannot use the room that becomes free: one
// is read at a time, and its reader takes backupRate bytes a second at least,
// reckoned from its beginning, with backupGrace to begin.
const (
	backupGrace = 30 * time.Second
	backupRate  = 64 << 10
)

// backUp streams a backup. If it breaks off its reader gets fewer bytes than
// Content-Length says.
func (s *Server) backUp(w http.ResponseWriter, r *http.Request, by Token) error {
	whole := false
	switch of := r.URL.Query().Get("of"); of {
	case "", "store":
	case "everything":
		whole = true
	default:
		return refusef(http.StatusBadRequest, "bad_request", "of: store or everything wanted")
	}
	if whole && s.whole == nil || !whole && s.backup == nil {
		return refusef(http.StatusNotImplemented, "unsupported",
			"the daemon's store is Redis: back it up by Redis' own means (docs/OPERATIONS.md, \"Backup and restore\")")
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", map[bool]string{true: wholeType, false: backupType}[whole])
		return nil
	}
	select {
	case s.backups <- struct{}{}:
		defer func() { <-s.backups }()
	default:
		return &refusal{
			status: http.StatusConflict, code: "busy", after: backupGrace,
			message: "a backup is being read; there can be one at a time",
		}
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Time{}) // not possible in a test: the server's for requests stays
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	out := &paced{w: w, conn: conn}
	if whole {
		return s.backUpWhole(w, r, by, out)
	}
	err := s.backup(r.Context(), func(size int64) io.Writer {
		out.size, out.began = size, time.Now()
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

// backUpWhole streams everything. Who reads sees by its end whether it is whole.
func (s *Server) backUpWhole(w http.ResponseWriter, r *http.Request, by Token, out *paced) error {
	out.began = time.Now()
	w.Header().Set("Content-Type", wholeType)
	w.Header().Set("Content-Disposition",
		fmt.Sprintf("attachment; filename=%q", "astreinte-"+s.engine.Now().UTC().Format("20060102T150405Z")+".tar"))
	err := s.whole(r.Context(), out)
	if err != nil && out.written == 0 {
		w.Header().Del("Content-Disposition")
		return fmt.Errorf("web: back up: %w", err)
	}
	fields := []zap.Field{zap.String("token", by.Name), zap.Int64("bytes", out.written)}
	if err != nil {
		s.log.Error("a backup broke off", append(fields, zap.Error(err))...)
		panic(http.ErrAbortHandler) // its reader sees it at once
	}
	s.log.Info("backed up", fields...)
	return nil
}

const wholeType = "application/x-tar"

const backupType = "application/octet-stream"

// paced is an answer whose reader must go on reading.
type paced struct {
	w             io.Writer
	conn          *http.ResponseController
	began         time.Time
	size, written int64
}

// Write implements io.Writer.
func (p *paced) Write(b []byte) (int, error) {
	_ = p.conn.SetWriteDeadline(p.began.Add(mayTake(p.written + int64(len(b))))) // not possible in a test
	n, err := p.w.Write(b)
	p.written += int64(n)
	return n, err
}

// mayTake is how long n bytes of a backup may take their reader.
func mayTake(n int64) time.Duration {
	return backupGrace + time.Duration(n)*time.Second/backupRate
}
