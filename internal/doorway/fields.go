package doorway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// MaxFields is how many fields a form has at most. One of 64 KiB may have ten thousand,
// which take fifty times its length while whoever sent it waits.
const MaxFields = ticket.MaxFormFields

// ErrFields is of a form that has more.
var ErrFields = errors.New("doorway: the form has too many fields")

// BoundFields has the reading of a request's body fail if that is a form of more than
// MaxFields fields. JSON is none, whatever it is made of. A form with files is made of
// parts, of which package multipart reads a thousand at most; what is in a file is no
// field.
func BoundFields(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "application/json") && !strings.HasPrefix(kind, "multipart/form-data") {
		r.Body = &form{ReadCloser: r.Body}
	}
}

// form is a body whose fields are counted.
type form struct {
	io.ReadCloser
	fields int
}

// Read implements io.Reader.
func (f *form) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if f.fields += bytes.Count(p[:n], []byte("&")); f.fields >= MaxFields {
		return 0, ErrFields
	}
	return n, err //nolint:wrapcheck // a reader passes errors on as they are, io.EOF among them
}
