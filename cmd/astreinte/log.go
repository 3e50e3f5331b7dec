package main

import (
	"fmt"
	"io"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"
)

// logFlags are how the daemon's log is written.
type logFlags struct{ format, level string }

// logger writes to w: for people where that is a terminal, else JSON, unless
// the flags say.
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
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level)), nil
}
