package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// command is the daemon's package.
const command = "github.com/astreinte/astreinte/cmd/astreinte"

// build makes the daemon's program.
func build(ctx context.Context, dir string, stderr io.Writer) (string, error) {
	program := filepath.Join(dir, "astreinte")
	fmt.Fprintln(stderr, "building", command)
	said, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, command).CombinedOutput() //nolint:gosec // our own folder
	if err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", command, err, said)
	}
	return program, nil
}

// machine describes the computer and the programs of a measurement.
type machine struct {
	Go           string `json:"go"`
	Alertmanager string `json:"alertmanager"`
	Redis        string `json:"redis"`
	Kernel       string `json:"kernel"`
	CPU          string `json:"cpu"`
	Cores        int    `json:"cores"`
}

// The programs with which the daemon is compared, by their names in Debian.
const (
	alertmanagerProgram = "prometheus-alertmanager"
	redisProgram        = "redis-server"
)

// describe names the machine and the versions of everything.
func describe(ctx context.Context) (machine, error) {
	m := machine{Go: runtime.Version(), Cores: runtime.NumCPU(), CPU: cpuModel()}
	for _, about := range []struct {
		into    *string
		program string
		args    []string
		before  string // the version is the word after this
	}{
		{&m.Alertmanager, alertmanagerProgram, []string{"--version"}, "version"},
		{&m.Redis, redisProgram, []string{"--version"}, "v="},
		{&m.Kernel, "uname", []string{"-r"}, ""},
	} {
		said, err := exec.CommandContext(ctx, about.program, about.args...).CombinedOutput() //nolint:gosec // one of the three above
		if err != nil {
			return m, fmt.Errorf("%s is wanted (apt-get install redis-server prometheus-alertmanager): %w", about.program, err)
		}
		_, rest, _ := strings.Cut(string(said), about.before)
		if words := strings.Fields(rest); len(words) > 0 {
			*about.into = strings.Trim(words[0], ",")
		}
	}
	return m, nil
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// String is the machine on one line.
func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, Linux %s; %s, Alertmanager %s (in memory, group_wait 0s), Redis %s (appendfsync always)",
		m.CPU, m.Cores, m.Kernel, m.Go, m.Alertmanager, m.Redis)
}
