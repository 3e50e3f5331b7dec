//go:build !race || long

package config

import (
	"slices"
	"strings"
	"testing"
)

// TestMangled removes lines of the example, or puts other types in their
// place. Nothing panics, and what is accepted is complete.
func TestMangled(t *testing.T) {
	dir := exampleDir(t)
	for _, text := range []string{string(Example()), desk, gatewayText("", "")} {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			key, _, _ := strings.Cut(line, ":")
			for _, with := range []string{"", key + ":", key + ": []", key + ": {}", key + ": [{}]", key + ": {a: [b]}", key + ": 7", key + ": ''"} {
				mangled := slices.Clone(lines)
				mangled[i] = with
				cfg, report := Parse("x.yml", []byte(strings.Join(mangled, "\n")), dir, Options{Now: saturday})
				if (cfg == nil) != (len(report.Errors) > 0) {
					t.Errorf("line %d as %q: Config %v with %v", i+1, with, cfg != nil, report.Errors)
				}
				if cfg != nil && (cfg.Rules.Route == nil || cfg.Rules.Directory == nil) {
					t.Errorf("line %d as %q: accepted, and incomplete", i+1, with)
				}
				for _, p := range report.Errors {
					if p.Line < 1 || strings.Contains(p.Message, "%!") || strings.Contains(p.Message, "\n") {
						t.Errorf("line %d as %q: %+v", i+1, with, p)
					}
				}
			}
		}
	}
}
