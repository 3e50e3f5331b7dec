package storetest_test

import (
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return storetest.New() })
}

// Memory cannot be reopened; a restored snapshot stands for that.
func TestMemoryDurable(t *testing.T) {
	storetest.RunDurable(t, func(*testing.T) (storetest.Store, func() storetest.Store) {
		m := storetest.New()
		return m, func() storetest.Store {
			m.Restore(m.Snapshot())
			return m
		}
	})
}
