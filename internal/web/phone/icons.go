package phone

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"sync"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/web"
)

// icon is one of the application's pictures, drawn at the first request.
type icon struct {
	name    string
	size    int
	shape   shape
	purpose string // in the manifest; empty: it is not there
}

func (i *icon) sizes() string { return fmt.Sprintf("%dx%d", i.size, i.size) }

// shape is what is around the moon.
type shape int

const (
	rounded shape = iota // a square with round corners
	full                 // to the edge: the phone cuts it (maskable)
	alone                // nothing: white on what is there
)

var iconList = []icon{
	{"icon-192.png", 192, rounded, "any"},
	{"icon-512.png", 512, rounded, "any"},
	{"maskable-192.png", 192, full, "maskable"},
	{"maskable-512.png", 512, full, "maskable"},
	{"apple-touch-icon.png", 180, full, ""},
	{"badge-96.png", 96, alone, ""},
}

// drawIcons draws them all, once.
func drawIcons() func() map[string][]byte {
	return sync.OnceValue(func() map[string][]byte {
		all := map[string][]byte{}
		for i := range iconList {
			var text bytes.Buffer
			if err := png.Encode(&text, iconList[i].draw()); err != nil {
				panic(err) // into memory
			}
			all[iconList[i].name] = text.Bytes()
		}
		return all
	})
}

func (a *App) serveIcon(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	text := a.icons()[r.PathValue("name")]
	if text == nil {
		return escalation.ErrNotFound
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(text) // the peer may have gone
	return nil
}

var (
	night = color.NRGBA{0x20, 0x45, 0x6e, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	lamp  = color.NRGBA{0xf2, 0xb8, 0x60, 0xff}
)

// draw draws a moon and a lamp that burns, in a square of 1 by 1. What a maskable
// icon must show stays within the circle of 0.4 around its middle (W3C, Web App
// Manifest, "maskable").
func (i *icon) draw() image.Image {
	im := image.NewNRGBA(image.Rect(0, 0, i.size, i.size))
	for y := range i.size {
		for x := range i.size {
			px, py := (float64(x)+.5)/float64(i.size), (float64(y)+.5)/float64(i.size)
			c := color.NRGBA{}
			switch i.shape {
			case full:
				c = night
			case rounded:
				c = over(c, night, i.cover(box(px, py, .04, .2)))
			case alone:
			}
			moon := math.Min(disc(px, py, .46, .52, .27), -disc(px, py, .58, .43, .22))
			c = over(c, white, i.cover(moon))
			spot := lamp
			if i.shape == alone {
				spot = white
			}
			c = over(c, spot, i.cover(disc(px, py, .63, .38, .075)))
			im.SetNRGBA(x, y, c)
		}
	}
	return im
}

// cover is how much of a pixel is inside, by how far inside its middle is.
func (i *icon) cover(inside float64) float64 {
	return math.Max(0, math.Min(1, inside*float64(i.size)+.5))
}

// disc is how far inside a circle a point is.
func disc(x, y, cx, cy, r float64) float64 { return r - math.Hypot(x-cx, y-cy) }

// box is how far inside a square with round corners a point is.
func box(x, y, margin, r float64) float64 {
	half := .5 - margin - r
	dx, dy := math.Max(math.Abs(x-.5)-half, 0), math.Max(math.Abs(y-.5)-half, 0)
	return r - math.Hypot(dx, dy)
}

// over lays a colour over another, so much of it.
func over(under, top color.NRGBA, much float64) color.NRGBA {
	if much <= 0 {
		return under
	}
	a := float64(under.A) / 255 * (1 - much)
	sum := much + a
	mix := func(u, t uint8) uint8 { return uint8(math.Round((float64(t)*much + float64(u)*a) / sum)) }
	return color.NRGBA{mix(under.R, top.R), mix(under.G, top.G), mix(under.B, top.B), uint8(math.Round(sum * 255))}
}
