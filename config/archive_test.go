package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEvidenceTo: addresses, each once; and where mails cannot go is said.
func TestEvidenceTo(t *testing.T) {
	const post = "\nstore: bolt:data/x.db\nmail: {from: pager@example.net, smtp: {address: \"127.0.0.1:25\", tls: none}}\n"
	for _, tt := range []struct {
		name, text       string
		errors, warnings []string
	}{
		{"two", post + "evidence_to: [audit@acme.example, preuves@example.net]", nil, nil},
		{"no address", post + "evidence_to: [\"Ada <ada@acme.example>\", 7]", []string{`evidence_to[0]: "Ada <ada@acme.example>" is no e-mail address`, "evidence_to[1]: a text wanted, not a number"}, nil},
		{"no list", post + "evidence_to: {to: ada@acme.example}", []string{"evidence_to: "}, nil},
		{"twice", post + "evidence_to: [ada@acme.example, ada@acme.example]", []string{"evidence_to[1]: ada@acme.example is there twice"}, nil},
		{"too many", post + "evidence_to: [a@x.example, b@x.example, c@x.example, d@x.example, e@x.example, f@x.example, g@x.example, h@x.example, i@x.example, j@x.example, k@x.example]", []string{"evidence_to: 10 at most"}, nil},
		{"no mail", "\nstore: bolt:data/x.db\nevidence_to: [ada@acme.example]", nil, []string{"evidence_to: no mail can go there: there is no mail.smtp"}},
		{"nothing leaves before its ticket without an archive", post + "archive: none\nretention: {pages: 40d, personal: 50d, audit: 60d}", nil, []string{"retention.pages: without an archive they leave with their ticket", "retention.personal: without an archive they leave with their ticket"}},
		{"no archive", post + "archive: none\nevidence_to: [ada@acme.example]", nil, []string{"evidence_to: nothing will go there: without an archive nothing is sealed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, report := parseText(t, doubtful(t)+tt.text, nil)
			wantErrors(t, report.Errors, tt.errors...)
			if tt.errors == nil {
				wantErrors(t, report.Warnings, tt.warnings...)
			}
			if tt.name == "two" && !slices.Equal(c.EvidenceTo, []string{"audit@acme.example", "preuves@example.net"}) {
				t.Errorf("%q", c.EvidenceTo)
			}
		})
	}
}

// TestTheArchivesAddress: a file beside a store that is one; none beside a Redis, which
// several daemons share; and no message has the password.
func TestTheArchivesAddress(t *testing.T) {
	const (
		bolt     = "\nstore: bolt:data/x.db\n"
		redis    = "\nstore: redis://127.0.0.1:6379/0\n"
		doubted  = "archive: an archive on another host whose certificate is not checked"
		unshared = "archive: store is a Redis, which several daemons share, and they cannot share a file"
	)
	for _, tt := range []struct {
		text, want    string // want: a path is of the configuration's folder
		fails, doubts string
	}{
		{"\n", "sqlite:data/archive.db", "", ""},
		{bolt, "sqlite:data/archive.db", "", ""},
		{"\nstore: bolt:other/x.db\n", "sqlite:other/archive.db", "", ""},
		{bolt + "archive: sqlite:past/./a.db", "sqlite:past/a.db", "", ""},
		{bolt + "archive: none", ArchiveNone, "", ""},
		{bolt + "archive: postgres://db.example.net/astreinte?sslmode=verify-full", "postgres://db.example.net/astreinte?sslmode=verify-full", "", ""},
		{redis, ArchiveNone, "", ""},
		{redis + "archive: none", ArchiveNone, "", ""},
		{redis + "archive: postgresql://db.example.net/astreinte?sslmode=verify-ca", "postgresql://db.example.net/astreinte?sslmode=verify-ca", "", ""},
		{redis + "archive: postgres://astreinte@db.example.net/astreinte", "postgres://astreinte@db.example.net/astreinte", "", doubted},
		{redis + "archive: postgres://db.example.net/astreinte?sslmode=require", "postgres://db.example.net/astreinte?sslmode=require", "", doubted},
		{redis + "archive: postgres://127.0.0.1:5432/astreinte", "postgres://127.0.0.1:5432/astreinte", "", ""},
		{redis + "archive: sqlite:data/archive.db", "", unshared, ""},
		{bolt + "archive: 'sqlite:'", "", "archive: sqlite: and the path of a file wanted", ""},
		{bolt + "archive: sqlite://data/archive.db", "", "archive: sqlite: and the path of a file wanted", ""},
		{bolt + "archive: mysql://db.example.net/astreinte", "", "archive: no such archive: sqlite:PATH, postgres://HOST/DATABASE or none wanted", ""},
		{bolt + "archive: data/archive.db", "", "archive: no such archive", ""},
		{bolt + "archive: postgres://refused.example.net/astreinte?sslmode=verify-full", "", "archive: the driver cannot read it", ""},
	} {
		dir := t.TempDir()
		cfg, report := Parse("x.yml", []byte(smallest+tt.text), dir, Options{Now: saturday, Archive: func(address string) error {
			if address == "postgres://refused.example.net/astreinte?sslmode=verify-full" {
				return errors.New("the driver cannot read it")
			}
			return nil
		}})
		if tt.fails != "" {
			wantErrors(t, report.Errors, tt.fails)
			continue
		}
		wantErrors(t, report.Errors)
		if tt.doubts == "" {
			wantErrors(t, report.Warnings)
		} else {
			wantErrors(t, report.Warnings, tt.doubts)
		}
		if path, file := strings.CutPrefix(tt.want, "sqlite:"); file {
			tt.want = "sqlite:" + filepath.Join(dir, path)
		}
		if cfg != nil && cfg.Archive != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, cfg.Archive, tt.want)
		}
	}
	path := filepath.Join(t.TempDir(), "x.yml")
	for _, address := range []string{"postgres://astreinte:hush@127.0.0.1/astreinte", "postgres://127.0.0.1/astreinte?password=hush"} {
		write(t, path, smallest+bolt+"archive: "+address)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		cfg, report := Load(path, Options{Now: saturday})
		if cfg == nil {
			t.Fatal(report.Errors)
		}
		wantErrors(t, report.Warnings, "archive: a secret in a file that others can read")
		if strings.Contains(fmt.Sprint(report), "hush") || strings.Contains(cfg.ArchiveName(), "hush") {
			t.Errorf("%v, by name %s", report, cfg.ArchiveName())
		}
	}
}
