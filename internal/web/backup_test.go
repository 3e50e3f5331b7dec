package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/store/boltstore"
)

func TestBackup(t *testing.T) {
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "astreinte.db"), boltstore.Options{Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := newDesk(t, func(o *Options) { o.Backup = store.Backup })
	for role, want := range map[string]int{
		"": http.StatusUnauthorized, "reader": http.StatusForbidden, "technician": http.StatusForbidden,
		"manager": http.StatusForbidden, "admin": http.StatusOK,
	} {
		if w := d.call(role, http.MethodGet, "/api/v1/backup", ""); w.Code != want {
			t.Errorf("%q: %d, want %d", role, w.Code, want)
		}
	}
	w := d.call("admin", http.MethodGet, "/api/v1/backup", "")
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="astreinte-20261121T021200Z.db"` {
		t.Errorf("it is called %s", got)
	}
	size, err := boltstore.Save(filepath.Join(t.TempDir(), "saved.db"), false, func(to io.Writer) error {
		_, err := w.Body.WriteTo(to)
		return err
	})
	if err != nil || size == 0 {
		t.Errorf("%d bytes: %v", size, err)
	}
	if w := d.call("admin", http.MethodHead, "/api/v1/backup", ""); w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestNoBackup(t *testing.T) {
	d := newDesk(t)
	w := d.call("admin", http.MethodGet, "/api/v1/backup", "")
	if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "docs/OPERATIONS.md") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d = newDesk(t, func(o *Options) {
		o.Backup = func(context.Context, func(int64) io.Writer) error { return errors.New("no") }
	})
	if w := d.call("admin", http.MethodGet, "/api/v1/backup", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a store that does not answer: %d", w.Code)
	}
}

// A reader sees that a backup broke off.
func TestBackupBreaksOff(t *testing.T) {
	d := newDesk(t, func(o *Options) {
		o.Backup = func(_ context.Context, to func(int64) io.Writer) error {
			_, err := to(1000).Write(make([]byte, 400))
			return errors.Join(err, errors.New("the disk is gone"))
		}
	})
	server := httptest.NewServer(d.server.Handler())
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/backup", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer secret-admin")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) || len(data) != 400 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// While one is read there is no second.
func TestOneBackupAtATime(t *testing.T) {
	reading, done := make(chan struct{}), make(chan struct{})
	d := newDesk(t, func(o *Options) {
		o.Backup = func(_ context.Context, to func(int64) io.Writer) error {
			_, err := to(3).Write([]byte("abc"))
			reading <- struct{}{}
			<-done
			return err
		}
	})
	first := make(chan int)
	go func() { first <- d.call("admin", http.MethodGet, "/api/v1/backup", "").Code }()
	<-reading
	w := d.call("admin", http.MethodGet, "/api/v1/backup", "")
	if w.Code != http.StatusConflict || w.Header().Get("Retry-After") != "30" {
		t.Errorf("a second one: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	close(done)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first: %d", code)
	}
	go func() { <-reading }()
	if w := d.call("admin", http.MethodGet, "/api/v1/backup", ""); w.Code != http.StatusOK {
		t.Errorf("after it: %d", w.Code)
	}
}
