package redisstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// stamp writes a time as microseconds since 1970. A finer time gets three
// decimals. Redis takes it as a number for a score or a script, and unstamp
// reads it back exactly. The zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := strconv.FormatInt(t.UnixMicro(), 10)
	if nanos := t.Nanosecond() % 1000; nanos != 0 {
		text += fmt.Sprintf(".%03d", nanos)
	}
	return text
}

// unstamp reads what stamp wrote.
func unstamp(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	whole, part, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: %w", text, err)
	}
	nanos := 0
	if part != "" {
		if nanos, err = strconv.Atoi((part + "00")[:3]); err != nil {
			return time.Time{}, fmt.Errorf("time %q: %w", text, err)
		}
	}
	return time.UnixMicro(micros).Add(time.Duration(nanos)).UTC(), nil
}

// sooner is the earlier of two times. The zero time stands for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func encode(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write %T: %w", v, err)
	}
	return string(text), nil
}

func decode[T any](text string) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("read %T: %w", v, err)
	}
	return v, nil
}
