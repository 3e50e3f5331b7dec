package mailin

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestShutdownBeforeServe: a daemon that stops while it starts waits for nothing.
func TestShutdownBeforeServe(t *testing.T) {
	s := New(Options{Registerer: prometheus.NewRegistry(), Peers: quiet})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Error("it serves after its end")
		_ = l.Close()
	}
	if _, err := l.Accept(); err == nil {
		t.Error("it listens still")
	}
}
