package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// daysPassBeside runs a test in which days pass in another process, without the
// race detector, and says whether it did. A daemon at rest wakes a dozen times a
// second, so that a day is a million turns: the race detector makes them seven
// times as slow, and has seen all that they do after the first minutes, which
// the other tests have too. --long runs them under it.
func daysPassBeside(t *testing.T) bool {
	t.Helper()
	t.Parallel()
	if !simRace || raceDays {
		return false
	}
	cmd := exec.CommandContext(t.Context(), plainBinary(t), "-test.run=^"+t.Name()+"$", "-test.v=true")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("without the race detector: %v\n%s", err, out)
	}
	return true
}

// plain is these tests without the race detector, built when first asked for.
var plain struct {
	once sync.Once
	dir  string
	err  error
}

func plainBinary(t *testing.T) string {
	t.Helper()
	if !simRace {
		return os.Args[0]
	}
	plain.once.Do(func() {
		if plain.dir, plain.err = os.MkdirTemp("", "daemon-tests"); plain.err != nil {
			return
		}
		out, err := exec.Command("go", "test", "-c", "-race=false", "-vet=off", "-o", filepath.Join(plain.dir, "daemon.test"), ".").CombinedOutput()
		if err != nil {
			plain.err = fmt.Errorf("build the tests without the race detector: %w\n%s", err, out)
		}
	})
	if plain.err != nil {
		t.Fatal(plain.err)
	}
	return filepath.Join(plain.dir, "daemon.test")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if plain.dir != "" {
		os.RemoveAll(plain.dir)
	}
	os.Exit(code)
}
