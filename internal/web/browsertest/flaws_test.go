package browsertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFlawsAreFound: a page that has one of each is told of each, and one that has
// none is not.
func TestFlawsAreFound(t *testing.T) {
	pages := map[string]string{
		"/good": `<!doctype html><html lang="en"><head><title>Good</title><meta name="viewport" content="width=device-width"></head><body><main><h1>Good</h1></main></body></html>`,
		"/bad": `<!doctype html><html><head><meta name="viewport" content="width=device-width"></head><body><main><h1>Bad</h1>
			<p style="color: #bbb; background: #fff">hardly to be read</p><input>
			<p style="line-height: 1"><button style="width: 9px; height: 9px; padding: 0; border: 0"></button><button style="width: 9px; height: 9px; padding: 0; border: 0"></button></p>
			<div style="width: 900px">too wide</div><p style="font-size: 26px; line-height: 18px">two<br>lines</p><script>nothing.here()</script></main></body></html>`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(pages[r.URL.Path]))
	}))
	t.Cleanup(server.Close)
	tab := Open(t).Tab(t)
	tab.Screen(390, 844, "light")
	tab.Open(server.URL + "/good")
	if found := tab.Flaws(); len(found) > 0 {
		t.Errorf("nothing is wrong with it: %q", found)
	}
	tab.Open(server.URL + "/bad")
	found := strings.Join(tab.Flaws(), "\n")
	for _, want := range []string{
		"no title", "no language", "its lines overlap", "wider than the screen", "too small for a thumb", "error: Uncaught ReferenceError",
		"color-contrast:", "button-name:", "label:", "html-has-lang:", "target-size:",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("%q is not found in\n%s", want, found)
		}
	}
}
