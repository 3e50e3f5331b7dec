package phone

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

//go:embed worker
var workerFiles embed.FS

// workerText is the service worker but for where it is: its files, in their order,
// after the words of all languages. It is one file, for browsers ask each time
// whether it has changed.
func workerText() []byte {
	words := map[string]*lang.WorkerWords{}
	for _, w := range lang.All() {
		words[w.Tag] = &w.PhoneApp.Worker
	}
	told, err := json.Marshal(words)
	if err != nil {
		panic(err) // they are texts
	}
	var all bytes.Buffer
	all.WriteString("const words = " + string(told) + ";\n")
	files, err := workerFiles.ReadDir("worker")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, f := range files {
		text, err := workerFiles.ReadFile("worker/" + f.Name())
		if err != nil {
			panic(err)
		}
		all.Write(text)
	}
	return all.Bytes()
}

// workerPolicy is what the worker may do: ask the daemon.
const workerPolicy = "default-src 'none'; connect-src 'self'"

// serveWorker answers the worker, whose scope is the whole application. Browsers ask
// for it anew each time.
func (a *App) serveWorker(w http.ResponseWriter, _ *http.Request, _ web.Token) error {
	base, err := json.Marshal(a.House.Own(""))
	if err != nil {
		return err //nolint:wrapcheck // a path is a text
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", workerPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_, _ = w.Write([]byte("\"use strict\";\nconst base = " + string(base) + ";\n"))
	_, _ = w.Write(a.worker) // the peer may have gone
	return nil
}

// manifest is a Web App Manifest (W3C).
type manifest struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	ShortName   string         `json:"short_name"`
	StartURL    string         `json:"start_url"`
	Scope       string         `json:"scope"`
	Display     string         `json:"display"`
	Background  string         `json:"background_color"`
	Theme       string         `json:"theme_color"`
	Categories  []string       `json:"categories"`
	Icons       []manifestIcon `json:"icons"`
	Orientation string         `json:"orientation"`
}

type manifestIcon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

func (a *App) serveManifest(w http.ResponseWriter, _ *http.Request, _ web.Token) error {
	m := manifest{
		ID: a.House.Own("/"), Name: "Astreinte", ShortName: "Astreinte", StartURL: a.House.Own("/now"), Scope: a.House.Own("/"),
		Display: "standalone", Background: "#0d0f12", Theme: "#20456e", Categories: []string{"business", "utilities"}, Orientation: "any",
	}
	for _, i := range iconList {
		if i.purpose != "" {
			m.Icons = append(m.Icons, manifestIcon{a.House.Own("/icons/" + i.name), i.sizes(), "image/png", i.purpose})
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err //nolint:wrapcheck // it is texts
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(text) // the peer may have gone
	return nil
}
