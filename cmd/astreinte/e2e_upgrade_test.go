//go:build long

package main_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// upgrade replaces three daemons that know the layout of before one after the other, under
// load: the others refuse everything from their next look on, none of them starts again,
// and every alert that was answered 2xx is paged.
func upgrade(t *testing.T, program string) {
	server := redistest.Single(t)
	f := newFleet(t, olderBuild(t), server.URL(), "local", 3)
	for _, ship := range f.ships {
		ship.door.slow(100 * time.Millisecond)
	}
	s := newStorm(f)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.blow("up", 300, 4, 400*time.Millisecond, time.Now().Add(2*patience))
	}()
	await(t, "the older ones to work", func() error {
		for _, ship := range f.ships {
			if n := len(ship.door.calls()); n < 5 {
				return errTooFew(n)
			}
		}
		return nil
	})
	if layout := server.Client().Get(t.Context(), "astreinte:layout").Val(); layout != "1.0" {
		t.Fatalf("the layout of before is %q", layout)
	}
	began := time.Now()
	first := f.ships[0]
	if !first.end() {
		t.Error("an older daemon does not stop")
	}
	first.program = program
	first.again(t)
	if waited := time.Since(began); waited < redisstore.Leave {
		t.Errorf("it began after %s, while older ones could still write", waited)
	}
	t.Logf("the first of the new ones was ready after %s", time.Since(began).Round(time.Millisecond))
	const want = "a newer version of astreinte wrote there: layout 2.0, this one knows 1.0"
	for _, ship := range f.ships[1:] {
		if status, said, _ := ship.ready(); status != http.StatusServiceUnavailable || !strings.Contains(said, want) {
			t.Errorf("an older one goes on: %d %s", status, said)
		}
		if status, _ := ship.post("prometheus", "srv-older"); status != http.StatusServiceUnavailable {
			t.Errorf("… and answers %d", status)
		}
	}
	for _, ship := range f.ships[1:] {
		if !ship.end() {
			t.Error("an older daemon does not stop")
		}
		late := ship.command(ship.address)
		if said, err := late.CombinedOutput(); err == nil || !strings.Contains(string(said), want) {
			t.Errorf("an older one starts again: %v\n%s", err, said)
		}
		ship.program = program
		ship.again(t)
	}
	<-done
	again, latest := s.settled(t)
	f.quiet(t)
	if len(s.taken) != 300 || again > 2*inHand {
		t.Errorf("%d taken, %d pages again", len(s.taken), again)
	}
	if most := redisstore.Leave + patience; latest > most {
		t.Errorf("the latest page came %s after its 2xx, want %s", latest, most)
	}
	t.Logf("%d requests refused meanwhile, %d pages again, the latest page %s after its 2xx", s.refused, again, latest.Round(time.Millisecond))
}

// olderBuild is this program, but that it knows the layout of before alone.
func olderBuild(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir, of := t.TempDir(), filepath.Join(root, "internal", "store", "redisstore", "version.go")
	text, err := os.ReadFile(of)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(text), "layoutMajor = 2", "layoutMajor = 1", 1)
	if older == string(text) {
		t.Fatal("the layout's number is nowhere: does it have another name?")
	}
	program, file, overlay := filepath.Join(dir, "astreinte"), filepath.Join(dir, "version.go"), filepath.Join(dir, "overlay.json")
	write(t, file, older)
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{of: file}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, overlay, string(replace))
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	return program
}
