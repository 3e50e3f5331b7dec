package paging

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/words"
)

// A test page says that it is a test, in each language, in one part of GSM-7.
func TestWordsOfATestPage(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	seen := map[string]bool{}
	for _, language := range []string{"fr", "it", "en", "de"} {
		title, body := testWords(language, at)
		text := title + "\n" + body
		if title != "TEST Astreinte 03:12" {
			t.Errorf("%s: %q", language, title)
		}
		if n, ok := words.Septets(text); !ok || n > 160 {
			t.Errorf("%s: %q is %d characters, GSM-7: %v", language, text, n, ok)
		}
		seen[body] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d languages", len(seen))
	}
}
