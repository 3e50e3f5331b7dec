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

// shortestToken is how many characters a token has at least, before anybody
// can guess it.
const shortestToken = 16

// warnShort doubts a token that can be guessed.
func (v value) warnShort(token string) {
	if utf8.RuneCountInString(token) < shortestToken {
		v.warnf("a token of less than %d characters can be guessed: `openssl rand -hex 32` makes one", shortestToken)
	}
}

// warnExposed doubts a file of a secret that others can read.
func (v value) warnExposed(path string) {
	if mode, ok := exposed(v.r.resolve(path)); ok {
		v.warnf("others can read the secret file %s (mode %04o): chmod 600, or 640 where root owns it", path, mode)
	}
}

// inline notes a secret that stands in the configuration itself. What comes of
// the environment does not.
func (v value) inline() {
	if v.n == nil || strings.Contains(v.n.text, "${") {
		return
	}
	if first, ok := v.r.inlines[v.file]; !ok || v.line < first.line {
		v.r.inlines[v.file] = v
	}
}

// warnInlines doubts a configuration that holds secrets and that others can
// read, at the first secret of each file.
func (r *reader) warnInlines() {
	for _, file := range slices.Sorted(maps.Keys(r.inlines)) {
		path := r.path
		if file != "" {
			path = r.resolve(file)
		}
		if path == "" {
			continue // it was never a file
		}
		if mode, ok := exposed(path); ok {
			r.inlines[file].warnf("a secret in a file that others can read (mode %04o): chmod 600, or 640 where root owns it, or give each secret a file of its own", mode)
		}
	}
}

// exposed says that somebody beside its owner can read or change a file, and
// come to it through its folder. The group of a file of root's may read it: so
// a service is given what it may not change.
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
