package phonetest

import (
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	for _, tt := range []struct {
		name     string
		body     string
		encoding string
		n        int
	}{
		{"empty", "", GSM7, 1},
		{"accents of GSM-7", "é è à ù ì ò É Ç", GSM7, 1},
		{"small c with cedilla", "ça", UCS2, 1},
		{"e with circumflex", "fenêtre", UCS2, 1},
		{"typographic quote", "l’astreinte", UCS2, 1},
		{"160 septets", strings.Repeat("a", 160), GSM7, 1},
		{"161 septets", strings.Repeat("a", 161), GSM7, 2},
		{"306 septets", strings.Repeat("a", 306), GSM7, 2},
		{"307 septets", strings.Repeat("a", 307), GSM7, 3},
		{"an extension character costs two", strings.Repeat("a", 158) + "€", GSM7, 1},
		{"and is one too many", strings.Repeat("a", 159) + "€", GSM7, 2},
		{"and is not split between parts", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), GSM7, 3},
		{"70 units", strings.Repeat("ê", 70), UCS2, 1},
		{"71 units", strings.Repeat("ê", 71), UCS2, 2},
		{"135 units", strings.Repeat("ê", 135), UCS2, 3},
		{"an emoji is two units", strings.Repeat("👍", 35), UCS2, 1},
		{"36 emoji", strings.Repeat("👍", 36), UCS2, 2},
		{"a pair is not split between parts", strings.Repeat("👍", 67), UCS2, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encoding, n := segments(tt.body)
			if encoding != tt.encoding || n != tt.n {
				t.Errorf("segments = %s, %d; want %s, %d", encoding, n, tt.encoding, tt.n)
			}
		})
	}
}
