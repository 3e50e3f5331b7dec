package webpush

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Remember has the house keep its keys in a file too, which its owner alone may read,
// for a start while the store is away: the keys that the file has count until the
// store has answered. The error says that the file cannot be used; it is written anew
// when the store has answered.
func (h *House) Remember(path string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.path = path
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var is kept
	if err == nil {
		err = json.Unmarshal(text, &is)
	}
	if err == nil {
		h.remembered, err = is.keys()
	}
	if err != nil {
		return fmt.Errorf("webpush: the keys that were remembered: %w", err)
	}
	return nil
}

// remember writes the keys of the store down where the file has others, or none.
func (h *House) remember() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.path == "" || h.remembered != nil && h.remembered.kept() == h.keys.kept() {
		return nil
	}
	text, err := json.Marshal(h.keys.kept())
	if err == nil {
		err = replaceFile(h.path, text)
	}
	if err != nil {
		return fmt.Errorf("webpush: remember the keys of this house: %w", err)
	}
	h.remembered = h.keys
	return nil
}

// replaceFile writes a file whole or not at all, for its owner alone.
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
