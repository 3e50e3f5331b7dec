package console

import (
	"net/http"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// Fail says on a page what went wrong, for packages whose pages are in this layout.
func (c *Console) Fail(w http.ResponseWriter, r *http.Request, by web.Token, status int) {
	c.fail(w, r, by, status)
}

// Words are those of whoever reads a page: by the person's setting, else the
// browser's, else the desk's.
func (c *Console) Words(r *http.Request, by web.Token) *lang.Words { return c.reader(r, by).words }

// Asset is the address of a file of the console's, as people reach it.
func (c *Console) Asset(name string) string { return c.house.Own(c.assets[name].path) }
