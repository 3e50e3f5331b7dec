package config

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// shortestToken is how many characters a token needs at least. A shorter one
// can be guessed.
const shortestToken = 16

// warnShort warns of a token that can be guessed.
func (v value) warnShort(token string) {
	if utf8.RuneCountInString(token) < shortestToken {
		v.warnf("a token of less than %d characters can be guessed: `openssl rand -hex 32` makes one", shortestToken)
	}
}

// warnExposed warns of a secret's file that others can read.
func (v value) warnExposed(path string) {
	if mode, ok := exposed(v.r.resolve(path)); ok {
		v.warnf("others can read the secret file %s (mode %04o): chmod 600, or 640 where root owns it", path, mode)
	}
}

// inline notes a secret that is written in the configuration itself. A secret
// from the environment is not noted.
func (v value) inline() {
	if v.n == nil || strings.Contains(v.n.text, "${") {
		return
	}
	if first, ok := v.r.inlines[v.file]; !ok || v.line < first.line {
		v.r.inlines[v.file] = v
	}
}

// warnInlines warns of a configuration that holds secrets and that others can
// read. It names the first secret of each file.
func (r *reader) warnInlines() {
	for _, file := range slices.Sorted(maps.Keys(r.inlines)) {
		path := r.path
		if file != "" {
			path = r.resolve(file)
		}
		if path == "" {
			continue // it was never in a file
		}
		if mode, ok := exposed(path); ok {
			r.inlines[file].warnf("a secret in a file that others can read (mode %04o): chmod 600, or 640 where root owns it, or give each secret a file of its own", mode)
		}
	}
}

// exposed says that somebody besides a file's owner can read or change it, and
// can reach it through its folder. If root owns the file, its group may read
// it: so a service gets what it may not change.
func exposed(path string) (fs.FileMode, bool) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0, false
	}
	file, err := os.Stat(path)
	if err != nil || !file.Mode().IsRegular() {
		return 0, false
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return 0, false
	}
	mode, way := file.Mode().Perm(), folder.Mode().Perm()
	others := mode&0o006 != 0 && way&0o001 != 0
	group := mode&0o060 != 0 && way&0o010 != 0 && (mode&0o020 != 0 || !ofRoot(file))
	return mode, hasModes && (others || group)
}
