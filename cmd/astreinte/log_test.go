package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
)

// The lines about tickets in one second are bounded, whatever happens.
// Warnings are all written.
func TestTheLogIsBounded(t *testing.T) {
	var to bytes.Buffer
	core := bounded(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level"}), zapcore.AddSync(&to), zapcore.InfoLevel)
	write := func(level zapcore.Level, message string, at time.Time, times int) {
		for range times {
			e := zapcore.Entry{Level: level, Message: message, Time: at}
			if c := core.Check(e, nil); c != nil {
				c.Write()
			}
		}
	}
	second := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	write(zapcore.DebugLevel, "below", second, 3)
	write(zapcore.InfoLevel, "ticket", second, linesWhole+10*linesEvery)
	write(zapcore.InfoLevel, "page", second, 3)
	write(zapcore.WarnLevel, "refused", second, 2*linesWhole)
	write(zapcore.InfoLevel, "ticket", second.Add(61*time.Second), linesWhole+1)
	for line, want := range map[string]int{"below": 0, "ticket": 2*linesWhole + 10, "page": 3, "refused": 2 * linesWhole} {
		if got := strings.Count(to.String(), `"msg":"`+line+`"`); got != want {
			t.Errorf("%s: %d lines, want %d", line, got, want)
		}
	}
	if got := strings.Count(to.String(), "leaves lines out"); got != 2 {
		t.Errorf("it says %d times that lines were left out, want 2", got)
	}
}
