package config

import (
	"bytes"
	"strings"
)

// bareVariable is the first line, starting at from, on which a ${NAME} without
// quotes stands between { and } or [ and ]; 0 if there is none. YAML takes its
// brace for one more table, and names an earlier line in its error.
func bareVariable(data []byte, from int) int {
	depth, quote := 0, byte(0)
	for i, line := range bytes.Split(data, []byte("\n")) {
		if i+1 < from {
			continue
		}
		before := byte(' ') // the character before, except blanks where a quote may follow
		for k := 0; k < len(line); k++ {
			c := line[k]
			switch {
			case quote == '"' && c == '\\':
				k++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '#' && (k == 0 || line[k-1] == ' ' || line[k-1] == '\t'):
				k = len(line)
			case (c == '"' || c == '\'') && strings.IndexByte(" ,:-{[", before) >= 0:
				quote = c
			case c == '$' && k+1 < len(line) && line[k+1] == '{' && depth > 0:
				return i + 1
			case c == '$' && k+1 < len(line) && line[k+1] == '{':
				k++ // in a text without quotes
			case c == '{' || c == '[':
				depth++
			case (c == '}' || c == ']') && depth > 0:
				depth--
			}
			if c != ' ' && c != '\t' {
				before = c
			}
		}
	}
	return 0
}
