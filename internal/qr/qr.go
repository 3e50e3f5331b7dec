// Package qr draws QR codes, for screens (SVG) and terminals.
package qr

import (
	"fmt"
	"strings"

	code "github.com/skip2/go-qrcode"
)

// Code is a QR code with its quiet zone: rows of modules, of which the dark ones are
// true.
type Code [][]bool

// Of is the code of a text, an error if that is too long for one.
func Of(text string) (Code, error) {
	c, err := code.New(text, code.Medium)
	if err != nil {
		return nil, fmt.Errorf("qr: a code of %d bytes: %w", len(text), err)
	}
	return c.Bitmap(), nil
}

// SVG draws it black on white, whatever is around it: one path, without a style of
// its own.
func (c Code) SVG(label string) string {
	var path strings.Builder
	for y, row := range c {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return fmt.Sprintf(`<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="280" height="280" role="img" aria-label="%s" shape-rendering="crispEdges">`+
		`<rect width="100%%" height="100%%" fill="#ffffff"/><path d="%s" fill="#000000"/></svg>`, len(c), len(c), attribute.Replace(label), path.String())
}

var attribute = strings.NewReplacer("&", "&amp;", `"`, "&#34;", "<", "&lt;", ">", "&gt;")

// Terminal draws it in half blocks, two rows a line, for a dark screen: what is
// light is drawn.
func (c Code) Terminal() string {
	var out strings.Builder
	for y := 0; y < len(c); y += 2 {
		for x := range c[y] {
			upper, lower := !c[y][x], y+1 >= len(c) || !c[y+1][x]
			switch {
			case upper && lower:
				out.WriteString("█")
			case upper:
				out.WriteString("▀")
			case lower:
				out.WriteString("▄")
			default:
				out.WriteString(" ")
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}
