package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"
)

// logFlags say how to write the daemon's log.
type logFlags struct{ format, level string }

// logger writes to w. Unless the flags say otherwise, it writes for people if
// w is a terminal, and JSON if not.
func (f logFlags) logger(w io.Writer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(f.level)
	if err != nil {
		return nil, fmt.Errorf("--log-level %q is none of debug, info, warn, error", f.level)
	}
	file, isFile := w.(*os.File)
	var encoder zapcore.Encoder
	switch {
	case f.format == "console", f.format == "" && isFile && term.IsTerminal(int(file.Fd())):
		c := zap.NewDevelopmentEncoderConfig()
		c.EncodeTime = zapcore.TimeEncoderOfLayout("2006-01-02 15:04:05.000")
		encoder = zapcore.NewConsoleEncoder(c)
	case f.format == "json", f.format == "":
		c := zap.NewProductionEncoderConfig()
		c.TimeKey, c.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
		encoder = zapcore.NewJSONEncoder(c)
	default:
		return nil, fmt.Errorf("--log-format %q is neither json nor console", f.format)
	}
	return zap.New(bounded(encoder, zapcore.Lock(zapcore.AddSync(w)), level)), nil
}

// How many lines of one message below a warning are written within a second:
// first linesWhole, then each linesEvery-th.
const (
	linesWhole = 500
	linesEvery = 100
)

// bounded writes all warnings and errors: the code that logs them bounds them.
// Of the lines about each ticket and page it writes only so many that
// no source fills the disk. A line a minute says how many were left out. The
// timelines have them.
func bounded(encoder zapcore.Encoder, w zapcore.WriteSyncer, level zapcore.Level) zapcore.Core {
	grave := zapcore.NewCore(encoder, w, max(level, zapcore.WarnLevel))
	light := zapcore.NewCore(encoder, w, zap.LevelEnablerFunc(func(l zapcore.Level) bool {
		return l >= level && l < zapcore.WarnLevel
	}))
	left := &leftOut{log: zap.New(grave)}
	return zapcore.NewTee(grave, zapcore.NewSamplerWithOptions(light, time.Second, linesWhole, linesEvery,
		zapcore.SamplerHook(left.hear)))
}

// leftOut counts the lines that are not written.
type leftOut struct {
	log *zap.Logger

	mu    sync.Mutex
	lines int
	told  time.Time
}

func (l *leftOut) hear(e zapcore.Entry, d zapcore.SamplingDecision) {
	if d&zapcore.LogDropped == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	if e.Time.Sub(l.told) < time.Minute {
		return
	}
	l.log.Warn("the log leaves lines out: there are too many at once", zap.Int("lines", l.lines), zap.String("message", e.Message))
	l.lines, l.told = 0, e.Time
}
