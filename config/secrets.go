package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// secret reads key, or the content of the file that key_file names, without
// spaces and line ends around it. Exactly one of the two must be given.
func (t *table) secret(key string) Secret {
	inline, file := t.get(key), t.get(key+"_file")
	inline.note(noteNeeded, "")
	inline.note(noteType, "secret")
	file.note(noteNeeded, "")
	file.note(noteType, "file")
	switch {
	case inline.given() && file.given():
		file.errorf("%s is given too: only one of them can be", key)
	case inline.given():
		inline.inline()
		if text, ok := inline.text(); ok {
			return NewSecret(strings.TrimSpace(text))
		}
	case file.given():
		return file.secretFile()
	default:
		inline.errorf("%s or %s_file wanted", key, key)
	}
	return Secret{}
}

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

func (v value) secretFile() Secret {
	path, ok := v.text()
	if !ok {
		return Secret{}
	}
	data, err := os.ReadFile(v.r.resolve(path))
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // we name the path ourselves
		}
		v.errorf("cannot read the secret file %s: %v", path, err)
		return Secret{}
	}
	v.warnExposed(path)
	text := strings.TrimSpace(strings.TrimPrefix(string(data), byteOrderMark))
	if v.r.opts.Thorough {
		v.warnLeftover(text)
	}
	if text == "" {
		v.errorf("the secret file %s is empty", path)
	}
	return NewSecret(text)
}

// token reads a secret that callers send. It has one line, and no two tokens
// are the same.
func (t *table) token(key string) Secret {
	s := t.secret(key)
	text := s.Reveal()
	if text == "" {
		return s
	}
	v := t.child(key)
	if !v.given() {
		v = t.child(key + "_file")
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		v.errorf("a token is one line without control characters")
	}
	v.warnShort(text)
	if first, twice := t.r.secrets[text]; twice {
		v.warnf("the same secret as %s: whoever knows one can pose as the other", first)
	} else {
		t.r.secrets[text] = v.path
	}
	return s
}
