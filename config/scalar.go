package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/calendar"
)

// scalar is the text of a value whose tag is one of tags, with its variables
// replaced. A text that came from a variable may be of any type. It is false
// if the value is not given or was reported.
func (v value) scalar(want string, tags ...string) (string, bool) {
	v.note(noteType, want)
	if v.n == nil {
		return "", false
	}
	fits := v.n.kind == scalar && strings.Contains(v.n.text, "${") && v.n.tag == "!!str"
	for _, tag := range tags {
		fits = fits || v.n.kind == scalar && v.n.tag == tag
	}
	if !fits {
		advice := ""
		if v.n.kind == scalar && !v.null() && tags[0] == "!!str" {
			advice = ": put it in quotes"
		}
		v.errorf("%s wanted, not %s%s", want, v.what(), advice)
		return "", false
	}
	return v.expand(v.n.text)
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces ${NAME} by the environment's value, and $$ by a dollar. Any
// other dollar stays as it is: matchers may end in one.
func (v value) expand(text string) (string, bool) {
	var b strings.Builder
	ok := true
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), ok
		}
		switch {
		case strings.HasPrefix(rest, "$"):
			b.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{"):
			name, after, closed := strings.Cut(rest[1:], "}")
			text = after
			if !closed || !envName.MatchString(name) {
				v.errorf("a ${ that is not ${NAME}; a dollar itself is written $$")
				ok = false
				continue
			}
			env, set := v.r.opts.Getenv(name)
			if !set {
				v.errorf("the environment variable %s is not set", name)
				ok = false
			}
			b.WriteString(env)
		default:
			b.WriteByte('$')
			text = rest
		}
	}
}

// text reads a text. It reports an empty one.
func (v value) text() (string, bool) {
	text, ok := v.scalar("a text", "!!str")
	if ok && strings.TrimSpace(text) == "" {
		v.errorf("it is empty")
		return "", false
	}
	return text, ok
}

// textOr is the text. If none is given, it is other.
func (v value) textOr(other string) string {
	v.note(noteDefault, other)
	if text, ok := v.text(); ok {
		return text
	}
	return other
}

// texts reads a list of texts.
func (v value) texts() []string {
	var list []string
	for _, item := range v.list() {
		if text, ok := item.text(); ok {
			list = append(list, text)
		}
	}
	return list
}

// flag reads true or false.
func (v value) flag(otherwise bool) bool {
	v.note(noteDefault, strconv.FormatBool(otherwise))
	text, ok := v.scalar("true or false", "!!bool")
	if !ok {
		return otherwise
	}
	b, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		v.errorf("true or false wanted")
		return otherwise
	}
	return b
}

// integer reads a number from least up.
func (v value) integer(otherwise, least int) int {
	v.note(noteDefault, strconv.Itoa(otherwise))
	v.note(noteType, fmt.Sprintf("a number, %d or more", least))
	text, ok := v.scalar("a whole number", "!!int")
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > math.MaxInt32 {
		v.errorf("a whole number wanted, not %q", text)
		return otherwise
	}
	if n < least {
		v.errorf("%d is too little: %d or more", n, least)
		return otherwise
	}
	return n
}

// rate reads a number that is not negative.
func (v value) rate(otherwise float64) float64 {
	v.note(noteDefault, strconv.FormatFloat(otherwise, 'g', -1, 64))
	v.note(noteType, "a number, fractions too")
	text, ok := v.scalar("a number", "!!float", "!!int")
	if !ok {
		return otherwise
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		v.errorf("a number from 0 up wanted, not %q", text)
		return otherwise
	}
	return f
}

// duration reads a length of time, at least least: 0, or positive for what
// takes time.
func (v value) duration(otherwise, least time.Duration) time.Duration {
	v.note(noteDefault, model.Duration(otherwise).String())
	if least > 0 {
		v.note(noteType, "a duration, more than 0s")
	}
	text, ok := v.scalar("a duration like 15m", "!!str", "!!int", "!!float")
	if !ok {
		return otherwise
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		v.errorf("%q is no duration: write 90s, 15m, 1h30m, 2d or 1w", text)
		return otherwise
	}
	if time.Duration(d) < least {
		v.errorf("%s is too short: more than 0s wanted", text)
		return otherwise
	}
	return time.Duration(d)
}

// positive is the shortest duration for what takes time.
const positive = time.Millisecond

var (
	sizeForm  = regexp.MustCompile(`^([0-9]{1,15}) ?([A-Za-z]*)$`)
	sizeUnits = map[string]int64{
		"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000,
		"m": 1 << 20, "mib": 1 << 20, "mb": 1000_000, "g": 1 << 30, "gib": 1 << 30, "gb": 1000_000_000,
	}
)

const (
	maxSize = 1 << 30 // the largest sensible size of a request
	maxRoom = 1 << 44 // … and of what a disk keeps free
)

// size reads the size of a request: 8MiB, 500kB, 65536.
func (v value) size(otherwise int64) int64 {
	return v.bytes(otherwise, maxSize, "a request: from 1 byte to 1GiB")
}

// room reads how much of a disk is kept free.
func (v value) room(otherwise int64) int64 {
	return v.bytes(otherwise, maxRoom, "room on a disk: from 1 byte to 16TiB")
}

// sizeText is a size as somebody writes it.
func sizeText(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%dGiB", bytes>>30)
	}
	return fmt.Sprintf("%dMiB", bytes>>20)
}

// bytes reads a number of bytes.
func (v value) bytes(otherwise, most int64, what string) int64 {
	v.note(noteDefault, sizeText(otherwise))
	text, ok := v.scalar("a size like 8MiB", "!!str", "!!int")
	if !ok {
		return otherwise
	}
	n, err := parseSize(text, most, what)
	if err != nil {
		v.errorf("%v", err)
		return otherwise
	}
	return n
}

func parseSize(text string, most int64, what string) (int64, error) {
	found := sizeForm.FindStringSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("%q is no size: write 8MiB or a number of bytes", text)
	}
	unit, ok := sizeUnits[strings.ToLower(found[2])]
	n, err := strconv.ParseInt(found[1], 10, 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("%q is no size: write 8MiB or a number of bytes", text)
	}
	if n == 0 || n > most/unit {
		return 0, fmt.Errorf("%s is no size for %s", text, what)
	}
	return n * unit, nil
}

// date reads a day, 2026-05-15.
func (v value) date() (calendar.Date, bool) {
	text, ok := v.scalar("a date like 2026-05-15", "!!str", "!!timestamp")
	if !ok {
		return calendar.Date{}, false
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		v.errorf("%q is no date like 2026-05-15", text)
		return calendar.Date{}, false
	}
	return d, true
}

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)

// clock reads a time of day, 09:00.
func (v value) clock(hour, minute int) (h, m int) {
	v.note(noteDefault, fmt.Sprintf("%02d:%02d", hour, minute))
	text, ok := v.scalar("a time like \"09:00\"", "!!str")
	if !ok {
		return hour, minute
	}
	found := clockForm.FindStringSubmatch(text)
	if found == nil {
		v.errorf("%q is no time of day like 09:00", text)
		return hour, minute
	}
	h, _ = strconv.Atoi(found[1])
	m, _ = strconv.Atoi(found[2])
	return h, m
}
