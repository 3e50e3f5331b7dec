package ticket

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCut(t *testing.T) {
	for _, limit := range []int{3, 10, 80, 200, MaxNote} {
		for _, text := range []string{"", "short", strings.Repeat("é", limit), strings.Repeat("x", limit), strings.Repeat("x", limit+1), strings.Repeat("日", limit)} {
			got := Cut(text, limit)
			switch {
			case len(got) > limit:
				t.Errorf("Cut to %d left %d bytes", limit, len(got))
			case len(text) <= limit && got != text:
				t.Errorf("Cut(%q, %d) = %q, though it fits", text, limit, got)
			case len(text) > limit && !strings.Contains(got, "…"):
				t.Errorf("Cut(%d bytes, %d) = %q, without a mark", len(text), limit, got)
			case !utf8.ValidString(got):
				t.Errorf("Cut(…, %d) = %q, not UTF-8", limit, got)
			}
		}
	}
}

func TestCutKeepsDifferentTextsDifferent(t *testing.T) {
	long := strings.Repeat("x", 7<<20)
	a, b := Cut(long+"a", MaxLabelValue), Cut(long+"b", MaxLabelValue)
	if a == b {
		t.Errorf("two labels became one: %q", a[len(a)-40:])
	}
	if want := "…(7340033 bytes, "; !strings.Contains(a, want) {
		t.Errorf("the mark of %q does not say %q", a[len(a)-40:], want)
	}
}
