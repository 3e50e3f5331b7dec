package standby

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/paging"
)

// knownName is the file in the spool's folder that holds what was last known
// of the store.
const knownName = "known.json"

// known is what a daemon that starts while the store is away has to know of
// it.
type known struct {
	// Offset is the store's clock minus the machine's, to the tenth of a second.
	Offset  time.Duration   `json:"offset"`
	Devices []paging.Device `json:"devices"`
	// Replacements are those that hold, or will.
	Replacements []duty.Replacement `json:"replacements,omitempty"`
	// Calendars are what duty that is kept elsewhere said last.
	Calendars *imported.Kept `json:"calendars,omitempty"`
}

// recall reads what was remembered last. There is nothing if there is no such
// file.
func recall(path string, log *zap.Logger) (k known) {
	text, err := os.ReadFile(filepath.Clean(path))
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		log.Warn("what was known of the store cannot be read: without it no device can be pushed to", zap.Error(err))
	}
	return k
}

// known is what is known of the store.
func (s *Standby) known() known {
	k := known{Offset: s.main.Clock.Offset().Round(100 * time.Millisecond), Devices: s.kept.Devices, Replacements: s.kept.Replacements, Calendars: s.kept.Calendars}
	if devices, known := s.main.Pager.Devices(); known {
		k.Devices = devices
	}
	if s.main.Calendars != nil {
		if kept := s.main.Calendars(); kept != nil {
			k.Calendars = kept
		}
	}
	if s.main.Replacements != nil {
		if list, known := s.main.Replacements(); known {
			k.Replacements = list
		}
	}
	return k
}

// remember writes down what is known of the store, if that has changed.
func (s *Standby) remember() {
	k := s.known()
	now, err := json.Marshal(k)
	was, err2 := json.Marshal(s.kept)
	if err = errors.Join(err, err2); err == nil && bytes.Equal(now, was) {
		return
	}
	if err == nil {
		err = replaceFile(filepath.Join(s.dir, knownName), now)
	}
	if err != nil {
		s.log.Warn("what is known of the store cannot be written down", zap.Error(err))
		return
	}
	s.kept = k
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, text []byte) error {
	f, err := os.OpenFile(filepath.Clean(path+".new"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
