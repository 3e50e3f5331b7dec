package web

import (
	"html/template"
	"io/fs"
	"net/http"

	"github.com/astreinte/astreinte/internal/lang"
)

// Frame is the console's layout, for packages that have pages of their own.
type Frame interface {
	// Show puts a page into the layout.
	Show(w http.ResponseWriter, r *http.Request, by Token, status int, title string, body template.HTML) error
	// Fail says on a page what went wrong.
	Fail(w http.ResponseWriter, r *http.Request, by Token, status int)
	// Words are those of whoever reads a page.
	Words(r *http.Request, by Token) *lang.Words
}

// Pages are the templates of such a package, from its folder pages. They fill words in
// by fill.
func Pages(files fs.FS) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"fill": lang.Fill}).ParseFS(files, "pages/*.html"))
}
