package courier

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a spool.
const (
	MaxWaiting = 10_000    // messages that wait
	MaxRefused = 1000      // messages that were refused and are kept to be looked at
	MaxMessage = 256 << 10 // bytes of one
)

// Names in the folder.
const (
	queueName   = "queue"   // messages that wait, each a file named by its turn
	newName     = "new"     // messages that are being written
	refusedName = "refused" // messages that a daemon will not take, with its reason
	namingName  = "naming.lock"
	sendingName = "sending.lock"
	wordName    = "last-error"
)

// ErrFull says that as many messages wait as may.
var ErrFull = errors.New("the spool is full")

// Message is what waits to be sent.
type Message struct {
	Version   int               `json:"version"`
	At        time.Time         `json:"at"`
	URL       string            `json:"url"`        // where it is posted
	TokenFile string            `json:"token_file"` // its source's token, read when it is sent
	Fields    map[string]string `json:"fields"`     // as package nagios names them
	Reason    string            `json:"reason,omitempty"`
}

const version = 1

// Spool is a folder of messages.
type Spool struct{ dir string }

// Open takes a folder, and makes it if it does not exist.
func Open(dir string) (*Spool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("courier: the spool %s: %w", dir, err)
	}
	s := &Spool{dir: dir}
	for _, name := range []string{queueName, newName, refusedName} {
		if err := os.MkdirAll(s.path(name), 0o700); err != nil {
			return nil, fmt.Errorf("courier: the spool cannot be made: %w", err)
		}
	}
	return s, nil
}

// Dir is the folder.
func (s *Spool) Dir() string { return s.dir }

func (s *Spool) path(names ...string) string {
	return filepath.Join(append([]string{s.dir}, names...)...)
}

// Keep puts a message behind all that wait. When it returns a name, the message
// is on the disk.
func (s *Spool) Keep(m *Message) (name string, err error) {
	m.Version = version
	data, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("courier: keep a message: %w", err)
	}
	if len(data) > MaxMessage {
		return "", fmt.Errorf("courier: keep a message: it has %d bytes, %d at most", len(data), MaxMessage)
	}
	fresh := s.path(newName, strconv.Itoa(os.Getpid())+"-"+rand.Text())
	if err = writeFile(fresh, data); err == nil {
		name, err = s.file(fresh)
	}
	if err != nil {
		_ = os.Remove(fresh) // it may not be there
		return "", fmt.Errorf("courier: keep a message in %s: %w", s.dir, err)
	}
	return name, nil
}

// file gives a written message its turn. The turns of the messages of all
// processes rise, whatever the clock does.
func (s *Spool) file(fresh string) (name string, err error) {
	naming, err := s.lock(namingName, true)
	if err != nil {
		return "", err
	}
	defer func() { _ = naming.Close() }() // nothing is written to it
	names, err := s.Waiting()
	if err != nil {
		return "", err
	}
	if len(names) >= MaxWaiting {
		return "", fmt.Errorf("%w: %d messages wait", ErrFull, len(names))
	}
	turn := time.Now().UnixNano()
	if len(names) > 0 {
		if last, err := strconv.ParseInt(strings.TrimSuffix(names[len(names)-1], suffix), 10, 64); err == nil {
			turn = max(turn, last+1)
		}
	}
	name = fmt.Sprintf("%020d%s", turn, suffix)
	if err := os.Rename(fresh, s.path(queueName, name)); err != nil {
		return "", err
	}
	return name, syncFolder(s.path(queueName))
}

const suffix = ".json"

// Waiting are the names of the messages that wait, the oldest first.
func (s *Spool) Waiting() ([]string, error) { return s.list(queueName) }

func (s *Spool) list(folder string) ([]string, error) {
	entries, err := os.ReadDir(s.path(folder))
	if err != nil {
		return nil, fmt.Errorf("courier: look into the spool: %w", err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// read reads a message that waits. What is no message goes to the refused ones.
func (s *Spool) read(name string) (m Message, err error) {
	data, err := os.ReadFile(s.path(queueName, name))
	if err == nil {
		err = json.Unmarshal(data, &m)
		if err == nil && m.Version > version {
			err = fmt.Errorf("a newer astreinte wrote it (version %d)", m.Version)
		}
		if err == nil {
			return m, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	return m, errors.Join(err, os.Rename(s.path(queueName, name), s.path(refusedName, name)))
}

// Refused is the folder of what was refused, or dropped.
func (s *Spool) Refused() string { return s.path(refusedName) }

// done forgets a message that was taken. It may have been dropped meanwhile.
func (s *Spool) done(name string) error {
	if err := os.Remove(s.path(queueName, name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// refuse puts a message to those that no daemon takes. If there are too many of
// these, the oldest go.
func (s *Spool) refuse(name string, m *Message, reason string) error {
	m.Reason = reason
	data, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = writeFile(s.path(newName, name), append(data, '\n'))
	}
	if err == nil {
		err = os.Rename(s.path(newName, name), s.path(refusedName, name))
	}
	if err != nil { // a full disk: the message without the reason
		if err := os.Rename(s.path(queueName, name), s.path(refusedName, name)); err != nil {
			return fmt.Errorf("courier: set a refused message aside: %w", err)
		}
	} else if err := s.done(name); err != nil {
		return fmt.Errorf("courier: set a refused message aside: %w", err)
	}
	refused, err := s.list(refusedName)
	for i := 0; err == nil && i < len(refused)-MaxRefused; i++ {
		err = os.Remove(s.path(refusedName, refused[i]))
	}
	return err
}

// Stats say what a spool holds.
type Stats struct {
	Waiting   int       `json:"waiting"`
	Oldest    time.Time `json:"oldest,omitzero"` // when it was kept
	Refused   int       `json:"refused"`
	Sending   bool      `json:"sending"`              // a process sends now
	LastError string    `json:"last_error,omitempty"` // why nothing went out; empty: it did
}

// Stats looks what the spool holds.
func (s *Spool) Stats() (Stats, error) {
	waiting, err := s.Waiting()
	refused, err2 := s.list(refusedName)
	if err := cmp.Or(err, err2); err != nil {
		return Stats{}, err
	}
	stats := Stats{Waiting: len(waiting), Refused: len(refused)}
	if len(waiting) > 0 {
		if turn, err := strconv.ParseInt(strings.TrimSuffix(waiting[0], suffix), 10, 64); err == nil {
			stats.Oldest = time.Unix(0, turn).UTC()
		}
		word, _ := os.ReadFile(s.path(wordName)) // there may be none
		stats.LastError = strings.TrimSpace(string(word))
	}
	held, err := s.lock(sendingName, false)
	if stats.Sending = errors.Is(err, errHeld); err == nil {
		_ = held.Close() // nothing was written to it
	}
	return stats, nil
}

// note keeps why nothing goes out, for Stats.
func (s *Spool) note(why error) {
	if why == nil {
		_ = os.Remove(s.path(wordName)) // there may be none
		return
	}
	_ = os.WriteFile(s.path(wordName), []byte(why.Error()+"\n"), 0o600) // a full disk: then nobody knows why
}

// writeFile writes a new file, on the disk when it returns.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes sure of a file's name.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
