package client

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestBackup(t *testing.T) {
	c, got := answering(t, http.StatusOK, "application/octet-stream", "the store")
	var saved bytes.Buffer
	size, err := c.Backup(t.Context(), &saved)
	if err != nil || size != 9 || saved.String() != "the store" {
		t.Errorf("%d bytes %q, %v", size, saved.String(), err)
	}
	if got.method != "GET" || got.path != "/pager/api/v1/backup" || got.header.Get("Authorization") != "Bearer "+secret {
		t.Errorf("asked %s %s with %v", got.method, got.path, got.header)
	}
}

func TestBackupRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		want       string
	}{
		"Redis":     {http.StatusNotImplemented, "application/json", `{"error":{"code":"unsupported","message":"by Redis"}}`, "by Redis"},
		"elsewhere": {http.StatusOK, "text/html", "<h1>Sign in</h1>", "that is not Astreinte's API"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := answering(t, tt.status, tt.kind, tt.body)
			var saved bytes.Buffer
			var refused *Error
			if _, err := c.Backup(t.Context(), &saved); !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || saved.Len() > 0 {
				t.Errorf("got %v, %q", err, saved.String())
			}
		})
	}
}

// What breaks off is an error, whoever breaks it.
func TestBackupBreaksOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "the")
	}))
	t.Cleanup(server.Close)
	c, err := New(Options{URL: server.URL, Token: secret})
	if err != nil {
		t.Fatal(err)
	}
	if size, err := c.Backup(t.Context(), io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) || size != 3 {
		t.Errorf("%d bytes, %v", size, err)
	}
	if _, err := c.Backup(t.Context(), brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("no room")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
