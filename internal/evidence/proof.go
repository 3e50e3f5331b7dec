package evidence

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
)

// Proof shows of a ticket that it is as it was sealed, to whoever has the head of a day.
type Proof struct {
	Number string `json:"number"`
	Lines  []Line `json:"lines"`
	Rest   Rest   `json:"rest"`
	Days   []Day  `json:"days"` // on which it was sealed, the first one first
	// Before are its timelines as they were before the store lost a part of them.
	Before [][]Line `json:"before,omitempty"`
}

// Line is a line of the timeline: its canonical form, what that hides, and its link.
type Line struct {
	Form   string  `json:"form"`
	Salt   string  `json:"salt"`
	Hidden []Value `json:"hidden"`
	Link   string  `json:"link"`
}

// Day is what a ticket's last seal of a day was made of, and the day's head with what that
// was made of. Without a head the day is not over.
type Day struct {
	Day string `json:"day"` // UTC, 2026-11-21
	Sealed
	Before string   `json:"before,omitempty"` // the head of the day before
	Seals  []string `json:"seals,omitempty"`  // of all tickets of that day
	Head   string   `json:"head,omitempty"`
}

//go:embed proof.html proof.js proof.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "proof.html"))

// Shown is what a proof's page tells in words, beside the proof itself.
type Shown struct {
	Language string // of the words: fr, en or it
	Title    string
	Facts    [][2]string // names and values
	Timeline []string    // in words, a line for each of the proof's
	Clock    []string    // in words, and then each part of its time
	Words    map[string]string
}

// WritePage writes a page that shows a ticket and checks the proof by itself, in any browser
// and without us.
func WritePage(w io.Writer, p *Proof, s *Shown) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("evidence: write a proof: %w", err)
	}
	script, err := files.ReadFile("proof.js")
	if err != nil {
		return fmt.Errorf("evidence: write a proof: %w", err)
	}
	style, err := files.ReadFile("proof.css")
	if err != nil {
		return fmt.Errorf("evidence: write a proof: %w", err)
	}
	words, err := json.Marshal(s.Words)
	if err != nil {
		return fmt.Errorf("evidence: write a proof: %w", err)
	}
	if err := page.Execute(w, map[string]any{
		"Shown": s, "Number": p.Number, "Proof": template.JS(data), "Words": template.JS(words), //nolint:gosec // JSON that encoding/json escaped for a script
		"Script": template.JS(script), "Style": template.CSS(style), //nolint:gosec // our own files
	}); err != nil {
		return fmt.Errorf("evidence: write a proof: %w", err)
	}
	return nil
}
