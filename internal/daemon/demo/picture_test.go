package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// picture writes what the screen shows into the folder that a variable names.
func (p *page) picture(variable, name string) {
	p.t.Helper()
	to := os.Getenv(variable)
	if to == "" {
		return
	}
	shown, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, name+".png"), small(p.t, shown), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// colours is as many as a PNG of one byte a pixel has.
const colours = 256

// small is a picture in its commonest colours, which is a third of its bytes.
func small(t *testing.T, text []byte) []byte {
	t.Helper()
	shown, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	often, all := map[color.RGBA]int{}, shown.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(shown.At(x, y)).(color.RGBA) }
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			often[at(x, y)]++
		}
	}
	var palette color.Palette
	for _, c := range slices.SortedFunc(maps.Keys(often), func(a, b color.RGBA) int { return often[b] - often[a] })[:min(colours, len(often))] {
		palette = append(palette, c)
	}
	nearest, drawn := map[color.RGBA]uint8{}, image.NewPaletted(all, palette)
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			c := at(x, y)
			if _, known := nearest[c]; !known {
				nearest[c] = uint8(palette.Index(c))
			}
			drawn.SetColorIndex(x, y, nearest[c])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, drawn); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
