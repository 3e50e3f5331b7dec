package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// printJSON writes a value as indented JSON.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// printRaw writes JSON as it came.
func printRaw(w io.Writer, raw json.RawMessage) error {
	_, err := fmt.Fprintln(w, strings.TrimRight(string(raw), "\n"))
	return err
}

// tableOr prints rows below their headings; if there are none, what to say of that.
func tableOr(w io.Writer, none string, head []string, rows [][]string) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, none)
		return err
	}
	if len(head) > 0 {
		rows = append([][]string{head}, rows...)
	}
	return table(w, "", rows)
}

// table writes rows in aligned columns. It leaves no spaces at the end of a
// line whose last cells are empty.
func table(w io.Writer, indent string, rows [][]string) error {
	var aligned strings.Builder
	t := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plain(cell)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(aligned.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(indent+line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// plain is text that a tool or a person wrote, without what a terminal would
// obey.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
}

// count is "1 error", "2 errors".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// stamp is a time as people read it, in the place's zone; empty if there is
// none.
func stamp(t time.Time, place *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(place).Format("Mon 2006-01-02 15:04")
}

// short writes a duration as the configuration does: 1h, 1h30m, 3m.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// place is customer/site, or whichever of the two is known.
func place(customer, site string) string {
	return strings.Trim(customer+"/"+site, "/")
}

// orDash is the text, or a dash if it is empty.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
