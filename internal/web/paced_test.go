package web

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// takes is a reader of an answer that takes a time for each part of it.
type takes time.Duration

// Write implements io.Writer.
func (t takes) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(t))
	return len(p), nil
}

// TestAReaderHasAPace: who takes a little now and then is cut off; who goes on reading is
// not, however long we ourselves take, until all the time there is for an answer is over.
func TestAReaderHasAPace(t *testing.T) {
	for name, c := range map[string]struct {
		each, ours time.Duration // for a part of 16 KiB
		want       error
		least      time.Duration
		most       time.Duration
	}{
		"nearly none":      {29 * time.Second, 0, ErrSlow, 30 * time.Second, time.Minute},
		"a little less":    {260 * time.Millisecond, 0, ErrSlow, time.Minute, time.Hour},
		"enough":           {250 * time.Millisecond, 0, ErrLong, paceMost, paceMost + time.Second},
		"fast, and we not": {time.Millisecond, time.Minute, ErrLong, paceMost, paceMost + time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, end := newPaced(t.Context(), takes(c.each))
				defer end()
				began := time.Now()
				var err error
				for err == nil {
					time.Sleep(c.ours)
					_, err = out.Write(make([]byte, pacePart))
				}
				if took := time.Since(began); !errors.Is(err, c.want) || out.ctx.Err() == nil || took < c.least || took > c.most {
					t.Errorf("after %s: %v", took, err)
				}
				if why := out.why(context.Canceled); !errors.Is(why, c.want) {
					t.Errorf("it broke off for %v", why)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // one long write has its parts
		out, end := newPaced(t.Context(), takes(29*time.Second))
		defer end()
		if n, err := out.Write(make([]byte, 1<<20)); !errors.Is(err, ErrSlow) || n != 2*pacePart {
			t.Errorf("%d bytes: %v", n, err)
		}
	})
	for n, want := range map[int64]time.Duration{0: 30 * time.Second, 64 << 10: 31 * time.Second, 32 << 10: 30500 * time.Millisecond, 1 << 40: 30*time.Second + 16<<20*time.Second} {
		if got := mayTake(n); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}
