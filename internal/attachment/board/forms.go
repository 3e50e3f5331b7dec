package board

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// viaConsole is by which way the timeline says that somebody acted on a page.
const viaConsole = "console"

// done says in an address what came of a form, by the code of what was refused.
var done = map[string]string{
	"too_large": "file_large", "too_many": "file_full", "no_room": "file_room", "timeout": "file_slow", "busy": "file_busy", "bad_request": "file_broken",
	"forbidden": "forbidden", "state": "file_closed", "not_found": "file_gone",
}

func (b *Board) addForm(w http.ResponseWriter, r *http.Request, by web.Token) error {
	_, err := b.take(r, by, viaConsole)
	return b.back(w, r, "attach", err)
}

func (b *Board) removeForm(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return b.back(w, r, "detach", b.drop(r, by, viaConsole))
}

// back leads to the ticket's page, which says what came of it. An error that is no
// answer to the person is returned.
func (b *Board) back(w http.ResponseWriter, r *http.Request, said string, err error) error {
	if err != nil {
		code, known := done[web.CodeOf(err)]
		if !known || errors.Is(err, escalation.ErrNotFound) {
			return err
		}
		said = code
		if said != done["bad_request"] { // a browser reads no answer before it has sent its form
			_, _ = io.CopyN(io.Discard, r.Body, ticket.MaxUpload)
		}
	}
	w.Header().Set("Location", b.House.Own("/tickets/"+url.PathEscape(r.PathValue("number"))+"?"+url.Values{"done": {said}}.Encode()))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
