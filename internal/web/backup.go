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
			status: http.StatusConflict, code: "busy", after: paceGrace,
			message: "a backup is being read; there can be one at a time",
		}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not possible in a test: the server's for requests stays
	out, end := newPaced(r.Context(), w)
	defer end()
	if whole {
		return s.backUpWhole(w, by, out)
	}
	of := int64(0)
	err := s.backup(out.ctx, func(size int64) io.Writer { //nolint:contextcheck // it comes from the request
		of = size
		w.Header().Set("Content-Type", backupType)
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		w.Header().Set("Content-Disposition",
			fmt.Sprintf("attachment; filename=%q", "astreinte-"+s.engine.Now().UTC().Format("20060102T150405Z")+".db"))
		return out
	})
	if err != nil && of == 0 {
		return fmt.Errorf("web: back up: %w", err)
	}
	fields := []zap.Field{zap.String("token", by.Name), zap.Int64("bytes", out.written), zap.Int64("of", of)}
	if err != nil {
		s.log.Error("a backup broke off", append(fields, zap.Error(out.why(err)))...)
	} else {
		s.log.Info("backed up", fields...)
	}
	return nil
}

// backUpWhole streams everything. Who reads sees by its end whether it is whole.
func (s *Server) backUpWhole(w http.ResponseWriter, by Token, out *paced) error {
	w.Header().Set("Content-Type", wholeType)
	w.Header().Set("Content-Disposition",
		fmt.Sprintf("attachment; filename=%q", "astreinte-"+s.engine.Now().UTC().Format("20060102T150405Z")+".tar"))
	err := s.whole(out.ctx, out)
	if err != nil && out.written == 0 {
		w.Header().Del("Content-Disposition")
		return fmt.Errorf("web: back up: %w", err)
	}
	fields := []zap.Field{zap.String("token", by.Name), zap.Int64("bytes", out.written)}
	if err != nil {
		s.log.Error("a backup broke off", append(fields, zap.Error(out.why(err)))...)
		panic(http.ErrAbortHandler) // its reader sees it at once
	}
	s.log.Info("backed up", fields...)
	return nil
}

const wholeType = "application/x-tar"

const backupType = "application/octet-stream"
