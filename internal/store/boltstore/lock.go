package boltstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// holder is the note beside the file that says which process holds it. The
// lock itself is the system's, on the file, and ends with the process. The
// note is read only while somebody holds the lock, so an old note misleads
// nobody.
type holder struct {
	path string
	mine bool
}

type heldBy struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// errLocked is the error of lockFile if another process holds the lock.
var errLocked = errors.New("locked")

// hold locks the file and writes the note.
func (h *holder) hold(f *os.File, now time.Time) error {
	if err := lockFile(f); errors.Is(err, errLocked) {
		return h.held()
	} else if err != nil {
		return err
	}
	h.mine = true
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	note, err := json.Marshal(heldBy{PID: os.Getpid(), Host: host, Since: now.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.path, append(note, '\n'), 0o600); err != nil {
		_ = os.Remove(h.path) // a full disk keeps nobody from paging
	}
	return nil
}

// held is the error that names the process that holds the file.
func (h *holder) held() error {
	var by heldBy
	note, err := os.ReadFile(h.path)
	if err == nil {
		err = json.Unmarshal(note, &by)
	}
	if err != nil || by.PID == 0 {
		return errors.New("held by another process; stop it or use another file")
	}
	return fmt.Errorf("held by process %d on %s since %s; stop it or use another file",
		by.PID, by.Host, by.Since.Format(time.RFC3339))
}

// release removes the note, if it is this process's, before the lock is given
// up.
func (h *holder) release() {
	if h.mine {
		h.mine = false
		_ = os.Remove(h.path) // nobody reads it once the lock is free
	}
}
