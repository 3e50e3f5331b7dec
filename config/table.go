package config

import (
	"slices"
	"strings"
)

// table is keys with values. The keys that are asked for are the keys that it
// may have.
type table struct {
	value
	asked   []string
	refused map[string]string // what to say of a key that is known but not read
}

// notYet is the error for keys of later versions.
const notYet = "this version cannot do that yet"

// table reads keys with values. An empty value is a table without keys.
func (v value) table() *table {
	v.note(noteTable, "")
	t := &table{value: v, refused: map[string]string{}}
	if v.n != nil && v.n.kind != mapping && !v.null() {
		v.errorf("keys with values wanted, not %s", v.what())
		t.n, t.quiet = nil, true
	}
	return t
}

// get is the value of a key.
func (t *table) get(key string) value {
	t.asked = append(t.asked, key)
	v := t.child(key)
	v.note(noteKey, "")
	return v
}

// need is the value of a key that must be given. what says what it is for.
func (t *table) need(key, what string) value {
	v := t.get(key)
	v.note(noteNeeded, "")
	if !v.given() {
		v.errorf("%s wanted", what)
	}
	return v
}

// refuse sets the error for keys that are known but not read.
func (t *table) refuse(message string, keys ...string) {
	for _, key := range keys {
		t.refused[key] = message
	}
}

// done reports the keys that nobody asked for. It must be called last.
func (t *table) done() {
	if t.n == nil {
		return
	}
	for _, f := range t.n.fields {
		if slices.Contains(t.asked, f.key) {
			continue
		}
		at := value{r: t.r, path: join(t.path, f.key), file: f.file, line: f.line, quiet: t.quiet}
		if why, ok := t.refused[f.key]; ok {
			at.errorf("%s", why)
			continue
		}
		at.errorf("unknown key%s", t.advise(f.key))
	}
}

// advise names the key that was probably meant. If there are few keys, it
// names all.
func (t *table) advise(key string) string {
	if s := suggest(key, t.asked); s != "" || len(t.asked) > 8 {
		return s
	}
	return ": " + either(t.asked) + " wanted"
}

// suggest is ", did you mean …?" if one of the words is close.
func suggest(given string, words []string) string {
	best, distance := "", 3
	if n := len([]rune(given)); n < 6 {
		distance = (n + 1) / 2
	}
	for _, w := range words {
		if d := edits(strings.ToLower(given), strings.ToLower(w)); d < distance {
			best, distance = w, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean \"" + best + "\"?"
}

// edits is how many letters have to be added, dropped, changed, or swapped
// with the next to make second of first. Words longer than keys count as far
// apart.
func edits(first, second string) int {
	a, b := []rune(first), []rune(second)
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := range a {
		for j := range b {
			change := rows[i][j]
			if a[i] != b[j] {
				change++
			}
			d := min(change, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(a)][len(b)]
}
