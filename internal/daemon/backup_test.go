package daemon

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/boltstore"
)

// checked is a store that only answers Check.
type checked struct {
	Store
	err error
}

// Check implements escalation.Store.
func (c checked) Check(context.Context) error { return c.err }

// A full disk is no reason for a restart. A store that cannot be reached is
// one.
func TestAlive(t *testing.T) {
	for _, tt := range []struct{ check, want error }{
		{nil, nil},
		{fmt.Errorf("write: %w", boltstore.ErrFull), nil},
		{context.DeadlineExceeded, context.DeadlineExceeded},
	} {
		d := &Daemon{store: checked{err: tt.check}}
		if err := d.Alive(t.Context()); !errors.Is(err, tt.want) {
			t.Errorf("%v: alive %v", tt.check, err)
		}
		if err := d.Check(t.Context()); !errors.Is(err, tt.check) {
			t.Errorf("%v: check %v", tt.check, err)
		}
	}
}

func TestRestoreOfRedis(t *testing.T) {
	if _, err := Restore(t.Context(), &config.Config{Store: "redis://127.0.0.1:1/0"}, "saved.db", storetest.Began()); err == nil {
		t.Error("a file was restored to Redis")
	}
}
