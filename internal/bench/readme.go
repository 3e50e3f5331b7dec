package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// The lines around the table in README.
const (
	tableBegins = "<!-- The table is written by: go run ./internal/bench -readme README.md -->\n\n"
	tableEnds   = "\n<!-- The table ends. -->\n"
)

// between finds the table in README's text.
func between(text []byte) (from, to int, err error) {
	i := bytes.Index(text, []byte(tableBegins))
	if i < 0 {
		return 0, 0, errors.New("there is no mark before the table")
	}
	from = i + len(tableBegins)
	n := bytes.Index(text[from:], []byte(tableEnds))
	if n < 0 {
		return 0, 0, errors.New("there is no mark after the table")
	}
	return from, from + n, nil
}

// intoReadme puts the table into a file, in place of the one there.
func (r *report) intoReadme(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the table for %s: %w", path, err)
	}
	from, to, err := between(text)
	if err != nil {
		return fmt.Errorf("the table for %s: %w", path, err)
	}
	var table bytes.Buffer
	r.markdown(&table)
	text = bytes.Join([][]byte{text[:from], table.Bytes(), text[to:]}, nil)
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // everybody reads it
		return fmt.Errorf("the table for %s: %w", path, err)
	}
	return nil
}
