package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/astreinte/astreinte/config"
)

// TestMain lets the scripts run this very program as `astreinte`.
func TestMain(m *testing.M) {
	testscript.Main(allTests{m}, map[string]func(){"astreinte": main})
}

// allTests have a folder for what they share. ASTREINTE_TEST_SHARED says where it is.
type allTests struct{ *testing.M }

func (all allTests) Run() int {
	folder, err := os.MkdirTemp("", "astreinte-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if err := os.Setenv("ASTREINTE_TEST_SHARED", folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return all.M.Run()
}

// soon is the program as it is built for everybody, in TestMain's folder.
var soon = sync.OnceValues(func() (program string, err error) {
	program = filepath.Join(os.Getenv("ASTREINTE_TEST_SHARED"), "astreinte-soon")
	if said, err := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, said)
	}
	return program, nil
})

// startsSoon has scripts run the program as it is built for everybody, and this very one for
// what runs for long alone. The race detector has nothing to see in a command that asks the
// API and ends, and hundreds of them would start under it.
func startsSoon(env *testscript.Env) error {
	program, err := soon()
	if err != nil {
		return err
	}
	watched, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
	bin := filepath.Join(env.WorkDir, ".bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	text := fmt.Sprintf("#!/bin/sh\ncase $1 in serve | demo) exec '%s/astreinte' \"$@\" ;; esac\nexec '%s' \"$@\"\n", watched, program)
	return os.WriteFile(filepath.Join(bin, "astreinte"), []byte(text), 0o755)
}

// TestScripts runs testdata: each script has the reference example, complete
// with its secrets, in example/.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "Europe/Paris")
			if err := startsSoon(env); err != nil {
				return err
			}
			return writeExample(filepath.Join(env.WorkDir, "example"))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status":  cmdStatus,
			"phones":  cmdPhones,
			"sms":     cmdSMS,
			"ready":   cmdReady,
			"await":   cmdAwait,
			"post":    cmdPost,
			"number":  cmdNumber,
			"hang":    cmdHang,
			"signal":  cmdSignal,
			"systemd": cmdSystemd,
			"told":    cmdTold,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func writeExample(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "secrets"), 0o700); err != nil {
		return err
	}
	errs := []error{os.WriteFile(filepath.Join(dir, "astreinte.yml"), config.Example(), 0o600)}
	for name, text := range map[string]string{
		"prometheus.token": "prometheus-hush-hush", "bellac.token": "bellac-hush-hush", "twilio.token": "twilio-hush",
		"api.token": "api-hush-hush-hush", "firebase.json": `{"type": "service_account", "project_id": "x"}`,
	} {
		errs = append(errs, os.WriteFile(filepath.Join(dir, "secrets", name), []byte(text+"\n"), 0o600))
	}
	return errors.Join(errs...)
}
