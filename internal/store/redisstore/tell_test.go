package redisstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// TestWhoHearsStopsAtOnce: a daemon that ends does not wait for the next
// message.
func TestWhoHearsStopsAtOnce(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heard, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		s.Hear(ctx, func(said []byte) { heard <- string(said) }, func() {})
	}()
	for said := ""; said != "hello"; { // until it is subscribed
		if err := s.Tell(t.Context(), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		select {
		case said = <-heard:
		case <-time.After(50 * time.Millisecond):
		}
	}
	cancel()
	began := time.Now()
	<-ended
	if took := time.Since(began); took > 4*time.Second { // without a message it reads for five
		t.Errorf("it took %s to stop", took)
	}
}
