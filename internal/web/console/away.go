package console

import (
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
)

// Away is what is known of a store that is away.
type Away struct {
	Since  time.Time // zero: it is there
	Kept   int       // requests of monitoring tools that wait for it
	Paging bool      // they are paged, and can be seen
}

// missing says why a page cannot be shown, and what can be; nothing if the store is
// there.
func (r *reader) missing(a Away) (t trouble) {
	if a.Since.IsZero() {
		return t
	}
	words := &r.words.Away
	t = trouble{Title: words.Title, Text: lang.Fill(words.Text, "at", r.viewer().At(a.Since))}
	switch {
	case a.Paging:
		t.Text, t.Now = t.Text+" "+words.Paging, r.words.Console.Now
	case a.Kept > 0:
		t.Text += " " + lang.Fill(words.Kept, "n", strconv.Itoa(a.Kept))
	}
	return t
}

// banner says what pages do not show that show what is paged meanwhile.
func (r *reader) banner(a Away) string {
	if a.Since.IsZero() {
		return ""
	}
	return lang.Fill(r.words.Away.Banner, "at", r.viewer().At(a.Since))
}
