package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong or doubtful.
type Problem struct {
	Path    string `json:"path"`           // policies.round-the-clock[1].page; empty for the file as a whole
	Line    int    `json:"line"`           // from 1; 0 if no line can be named
	File    string `json:"file,omitempty"` // of an included file, as its include found it; empty for the main one
	Message string `json:"message"`        // never holds a secret
}

// String is the problem in one line: path, message, and where it is.
func (p Problem) String() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	if where := strings.TrimPrefix(p.where(), ", "); where != "" {
		b.WriteString(" (" + where + ")")
	}
	return b.String()
}

func (p Problem) where() string {
	where := ""
	if p.File != "" {
		where += ", " + p.File
	}
	if p.Line > 0 {
		where += fmt.Sprintf(", line %d", p.Line)
	}
	return where
}

// Report is everything that was found, in order of file (the main one first)
// and line. `check --json` prints its JSON. Neither list is ever null.
type Report struct {
	Errors   []Problem `json:"errors"`
	Warnings []Problem `json:"warnings"`
}

// sorted sorts problems, and leaves out those that are there twice.
func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	seen := map[Problem]bool{}
	kept := make([]Problem, 0, len(problems))
	for _, p := range problems {
		if !seen[p] {
			seen[p] = true
			kept = append(kept, p)
		}
	}
	return kept
}
