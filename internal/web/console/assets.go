package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/web"
)

//go:embed assets
var assetFiles embed.FS

// foreign are the assets that others made, as they released them. Their licence
// texts are beside them. axe-core is a tool of tests: no program has it in it.
var foreign = []struct {
	file, name, version, licence, text string // text: the licence's file
	sha256                             string
}{
	{"htmx.min.js", "htmx.org", "4.0.1", "0BSD", "htmx.LICENSE.txt", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"},
	{"hx-sse.min.js", "htmx.org", "4.0.1", "0BSD", "htmx.LICENSE.txt", "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103"},
	{"tinykeys.umd.js", "tinykeys", "4.0.0", "MIT", "tinykeys.LICENSE.txt", "8cdf09a4c872f915b36095ffd7277651a2c3b3b1235960d231a2a17014ab3560"},
	{"../../browsertest/testdata/axe.min.js", "axe-core", "4.14.1", "MPL-2.0", "../../browsertest/testdata/axe.LICENSE.txt", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"},
}

// asset is a file that pages name by the checksum of what is in it, so that
// browsers may keep it for good.
type asset struct {
	path, kind   string
	text, packed []byte
}

var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// assets are by name. A process packs each file once.
var assets = sync.OnceValue(readAssets)

func readAssets() map[string]*asset {
	all := map[string]*asset{}
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, f := range files {
		kind := assetKinds[path.Ext(f.Name())]
		if kind == "" {
			continue // a licence
		}
		text, err := assetFiles.ReadFile("assets/" + f.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(text)
		var packed bytes.Buffer
		to, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is one of its own
		_, _ = to.Write(text)                                       // into memory
		_ = to.Close()
		all[f.Name()] = &asset{
			path: "/assets/" + hex.EncodeToString(sum[:6]) + "/" + f.Name(), kind: kind, text: text, packed: packed.Bytes(),
		}
	}
	return all
}

// serveAsset answers what a page of this version names, for good. What is named
// by an older page is not there any more: the page is read again.
func (c *Console) serveAsset(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	a := c.assets[r.PathValue("name")]
	if a == nil || a.path != "/assets/"+r.PathValue("hash")+"/"+r.PathValue("name") {
		return escalation.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	text := a.text
	if takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		text = a.packed
	}
	_, _ = w.Write(text) // the peer may have gone
	return nil
}

// takesGzip reports whether the browser takes gzip; one that puts a weight on it
// is served plain text.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(part) == "gzip" {
			return true
		}
	}
	return false
}
