package stack_test

import (
	"sync"
	"testing"
	"unsafe"

	"github.com/astreinte/astreinte/internal/stack"
)

// deep needs about 16 KiB of stack, step by step.
//
//go:noinline
func deep(n int) byte {
	var frame [256]byte
	frame[n] = 1
	if n == 0 {
		return frame[1]
	}
	return deep(n-1) + frame[n/2]
}

// moved tells whether a fresh goroutine's stack was copied by a deep call after
// begin.
func moved(begin func()) bool {
	var before, after uintptr
	var one sync.WaitGroup
	one.Go(func() {
		var here byte
		begin()
		before = uintptr(unsafe.Pointer(&here))
		deep(60)
		after = uintptr(unsafe.Pointer(&here))
	})
	one.Wait()
	return before != after
}

// A stack that was grown is not copied again. (One that was not is, as a rule:
// the runtime may begin with larger ones.)
func TestGrow(t *testing.T) {
	if moved(stack.Grow) {
		t.Error("a stack that was grown is copied all the same")
	}
}

// BenchmarkGrow is a goroutine that calls deep, with and without room made first.
func BenchmarkGrow(b *testing.B) {
	for name, begin := range map[string]func(){"as it comes": func() {}, "grown": stack.Grow} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var one sync.WaitGroup
				one.Go(func() {
					begin()
					deep(60)
				})
				one.Wait()
			}
		})
	}
}
