package qr

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// TestBothDrawingsAreTheCode reads the SVG and the terminal's text back: each module
// is there, and nothing else.
func TestBothDrawingsAreTheCode(t *testing.T) {
	c, err := Of("https://astreinte.example.net/enrol/ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if err != nil {
		t.Fatal(err)
	}
	drawn := make([][]bool, len(c))
	for y := range drawn {
		drawn[y] = make([]bool, len(c))
	}
	svg := c.SVG(`a "code" <b>`)
	for _, m := range run.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			drawn[y][x+i] = true
		}
	}
	lines := strings.Split(c.Terminal(), "\n")
	for y := range c {
		line := []rune(lines[y/2])
		for x := range c[y] {
			if drawn[y][x] != c[y][x] {
				t.Fatalf("the SVG has %v at %d, %d", drawn[y][x], x, y)
			}
			light := strings.ContainsRune("█▀", line[x])
			if y%2 == 1 {
				light = strings.ContainsRune("█▄", line[x])
			}
			if light == c[y][x] {
				t.Fatalf("the terminal has %q at %d, %d", line[x], x, y)
			}
		}
	}
	if !strings.Contains(svg, `aria-label="a &#34;code&#34; &lt;b&gt;"`) || strings.Contains(svg, "style") {
		t.Errorf("%.300s", svg)
	}
	if _, err := Of(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that no code can have has one")
	}
}
