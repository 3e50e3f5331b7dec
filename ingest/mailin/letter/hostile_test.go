//go:build !race || long

package letter

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestNoMailCostsMuch: neither memory nor time, however it is made.
func TestNoMailCostsMuch(t *testing.T) {
	for name, raw := range hostile(3 << 20) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		var k Keeper
		for at := 0; at < len(raw); at += 32 << 10 {
			_, _ = k.Write(raw[at:min(at+32<<10, len(raw))])
		}
		kept := k.Len()
		l, err := k.Letter()
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.HasPrefix(l.Subject, "a") && name != "one field" {
			t.Errorf("%s: the subject is %q", name, l.Subject)
		}
		if most := ticket.MaxLetterKept + 2*ticket.MaxLetterHeader + longestLine; kept > most {
			t.Errorf("%s: %d bytes are kept", name, kept)
		}
		all := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d KiB kept, %d MiB, %s", name, kept>>10, all>>20, took.Round(time.Millisecond))
		if all > 80<<20 || took > 30*time.Second {
			t.Errorf("%s: %d MiB, %s", name, all>>20, took)
		}
	}
}

// TestKeepingTwiceKeepsTheSame: what is kept is a mail of which all is kept.
func TestKeepingTwiceKeepsTheSame(t *testing.T) {
	for name, raw := range hostile(3 << 19) {
		var first, second Keeper
		_, _ = first.Write(raw)
		once := bytes.Clone(first.Bytes())
		_, _ = second.Write(once)
		if !bytes.Equal(once, second.Bytes()) {
			t.Errorf("%s: %d bytes, then %d", name, len(once), len(second.Bytes()))
		}
	}
}
