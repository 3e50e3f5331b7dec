package config

import (
	"fmt"
	"io"
)

const hidden = "***"

// Secret is a text that every format and every encoder shows as "***". Only
// [Secret.Reveal] gives it out. The zero Secret is empty.
type Secret struct {
	text *string // a pointer: a format that reaches the field prints an address
}

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{text: &s} }

// Reveal is the text itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String is "***".
func (Secret) String() string { return hidden }

// GoString is "***".
func (Secret) GoString() string { return hidden }

// Format prints "***" whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText writes "***".
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON writes "***".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalYAML writes "***".
func (Secret) MarshalYAML() (any, error) { return hidden, nil }
