package doorway

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAFormHasSoManyFields, and not one more. JSON has as many as it likes.
func TestAFormHasSoManyFields(t *testing.T) {
	form := func(n int) string { return strings.Repeat("a=b&", n-1) + "a=b" }
	for _, c := range []struct {
		kind, body string
		fits       bool
	}{
		{"application/x-www-form-urlencoded", form(MaxFields), true},
		{"application/x-www-form-urlencoded", form(MaxFields + 1), false},
		{"application/x-www-form-urlencoded; charset=utf-8", form(13000), false},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		BoundFields(r)
		if err := r.ParseForm(); errors.Is(err, ErrFields) == c.fits || len(r.PostForm["a"]) == 13000 {
			t.Errorf("%s of %d bytes: %v", c.kind, len(c.body), err)
		}
	}
	for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "Multipart/Form-Data; boundary=x"} { // what is in a file is no field
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"note": "`+form(5000)+`"}`))
		r.Header.Set("Content-Type", kind)
		BoundFields(r)
		if n, err := r.Body.Read(make([]byte, 8000)); n == 0 || err != nil {
			t.Errorf("%s: %d %v", kind, n, err)
		}
	}
}
