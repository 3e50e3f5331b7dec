package daemon

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// log writes a daemon's warnings into the story, if somebody reads it. A fault
// that the daemon survived is a problem all the same.
func (s *sim) log(l *simLife) *zap.Logger { return zap.New(&storyCore{s: s, l: l}) }

type storyCore struct {
	s *sim
	l *simLife
}

func (c *storyCore) Enabled(level zapcore.Level) bool {
	return level >= zapcore.ErrorLevel || level >= zapcore.WarnLevel && *simSeed != 0
}
func (c *storyCore) With([]zapcore.Field) zapcore.Core { return c }
func (c *storyCore) Sync() error                       { return nil }
func (c *storyCore) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return ce.AddCore(e, c)
	}
	return ce
}

func (c *storyCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	text := ""
	for _, f := range fields {
		if f.Key == "fault" {
			c.s.problem("the program was at fault", "%s: %s", e.Message, f.String)
		}
		if err, ok := f.Interface.(error); ok {
			text += " " + err.Error()
		}
	}
	select {
	case <-c.l.dead:
	default:
		c.s.tell("  log of %d: %s%s", c.l.node.id, e.Message, text)
	}
	return nil
}
