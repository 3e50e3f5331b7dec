package courier

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Waiting is a message that waits, by its name in the spool.
type Waiting struct {
	Name string `json:"name"`
	Message
}

// Waits are the messages that wait, the oldest first. One that cannot be read is left
// out.
func (s *Spool) Waits() ([]Waiting, error) {
	names, err := s.Waiting()
	if err != nil {
		return nil, err
	}
	all := make([]Waiting, 0, len(names))
	for _, name := range names {
		if m, err := s.read(name); err == nil {
			all = append(all, Waiting{strings.TrimSuffix(name, suffix), m})
		}
	}
	return all, nil
}

// Drop gives up messages that wait, by their names, or all that go to an address. They
// go to the refused ones with the reason. It says how many there were.
func (s *Spool) Drop(names []string, to, reason string) (dropped int, err error) {
	waits, err := s.Waits()
	if err != nil {
		return 0, err
	}
	for i := range waits {
		w := &waits[i]
		if !slices.Contains(names, w.Name) && w.URL != to {
			continue
		}
		switch err := s.refuse(w.Name+suffix, &w.Message, reason); {
		case errors.Is(err, fs.ErrNotExist): // it was sent meanwhile
		case err != nil:
			return dropped, fmt.Errorf("courier: drop %s: %w", w.Name, err)
		default:
			dropped++
		}
	}
	return dropped, nil
}
