package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// explain says what is wrong with a body that is not JSON, and where.
func explain(data []byte) error {
	if len(bytes.TrimSpace(data[:min(len(data), 64)])) == 0 {
		return errors.New("the body is empty")
	}
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(data, new(nothing)), &syntax) {
		return fmt.Errorf("the body is not JSON: %w, at %s", syntax, position(data, syntax.Offset))
	}
	return errors.New("the body is not JSON that can be read")
}

// nothing lets encoding/json check only the form of a body.
type nothing struct{}

// UnmarshalJSON accepts any JSON and keeps nothing.
func (*nothing) UnmarshalJSON([]byte) error { return nil }

// position says where a byte is, as people count: lines and columns from 1.
func position(data []byte, offset int64) string {
	offset = min(max(offset, 0), int64(len(data)))
	before := data[:offset]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf("line %d, column %d (byte %d)", line, max(column, 1), offset)
}
