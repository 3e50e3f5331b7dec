package words

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestTransliterate(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"srv-db-01 HostDown", "srv-db-01 HostDown"},
		{"é è à ù ì ò É Ç Ä Ö Ñ Ü å æ ø ß ñ ö ü ä", "é è à ù ì ò É Ç Ä Ö Ñ Ü å æ ø ß ñ ö ü ä"},
		{"ç ê â î ô û ë ï œ Œ À È Ê Ù", "c e a i o u e i oe OE A E E U"},
		{"Łódź Dvořák ệ Å", "Lodz Dvorak e Å"},
		{"e\u0301te\u0301 a\u0302ge", "été age"}, // decomposed, as macOS writes it
		{"“a” ‘b’ «c» d’e „f“", `"a" 'b' "c" d'e "f"`},
		{"a–b—c…d\u00a0e\u202ff", "a-b-c...d e f"},
		{"10 € [x] {y} a~b ^ c\\d | e `f`", "10 EUR (x) (y) a-b - c/d / e 'f'"},
		{"down 🔥🔥 now 👍🏽", "down now"},
		{"サーバー停止", "sabaTing Zhi"},
		{"日本 srv", "Ri Ben srv"},
		{"Ошибка сервера", "Oshibka servera"},
		{"Σφάλμα βάσης, ΔΙΣΚΟΣ", "Sphalma bases, DISKOS"},
		{"Δ 5 µs", "Δ 5 us"},
		{"خطأ ٣؟", "khT' 3"},
		{"서버 오류", "seobeo oryu"},
		{"a\u0301\u0323b o\u0332k", "ab ok"}, // marks that make no letter of the set
		{"\u0301x", "x"},
		{"👨\u200d👩\u200d👧 1\ufe0f\u20e3 🇫🇷", "1"},
		{"a\r\n\tb\x00\x1b\x7fc\u2028d", "a b c d"},
		{"  a   b  ", "a b"},
		{"a\u200bb\u00adc\ufeff", "abc"},
		{"ＦＵＬＬ１２ ﬁn ½ ² ™ µs 5≥4 → x", "FULL12 fin 1/2 2 TM us 5>=4 -> x"},
		{"bad \xff\xfe utf", "bad utf"},
		{"disk �full", "disk full"},
		{"85°C", "85C"},
		{"why?", "why?"},
		{"Ω Δ", "Ω Δ"},
		{"", ""},
	} {
		if got := Transliterate(c.in); got != c.want {
			t.Errorf("Transliterate(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSeptets(t *testing.T) {
	for _, c := range []struct {
		in string
		n  int
		ok bool
	}{
		{"", 0, true},
		{"abc\né", 5, true},
		{"€", 2, true},
		{"a[b]~", 8, true},
		{"ç", 0, false},
		{"’", 0, false},
		{"👍", 0, false},
	} {
		if n, ok := Septets(c.in); n != c.n || ok != c.ok {
			t.Errorf("Septets(%q) = %d, %v, want %d, %v", c.in, n, ok, c.n, c.ok)
		}
	}
	basic := 0
	for r := rune(0); r < 0x10000; r++ {
		if gsmBasic(r) {
			basic++
		}
	}
	if basic != 127 { // 128 positions, one of which is the escape
		t.Errorf("the basic set has %d characters, want 127", basic)
	}
}

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int
	}{
		{"", 1},
		{strings.Repeat("a", 160), 1},
		{strings.Repeat("a", 161), 2},
		{strings.Repeat("a", 306), 2},
		{strings.Repeat("a", 307), 3},
		{strings.Repeat("€", 80), 1},
		{strings.Repeat("€", 153), 3}, // 76 to a part, never half of one
		{strings.Repeat("ç", 70), 1},
		{strings.Repeat("ç", 71), 2},
		{strings.Repeat("👍", 35), 1},
		{strings.Repeat("👍", 67), 3}, // 33 to a part
	} {
		if got := Segments(c.in); got != c.want {
			t.Errorf("Segments(%d × %.4q) = %d, want %d", utf8.RuneCountInString(c.in), c.in, got, c.want)
		}
	}
}

func FuzzTransliterate(f *testing.F) {
	for _, s := range []string{"", "été [x] 👍", "日本\n\x00", "…½", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Transliterate(s)
		n, ok := Septets(got)
		if !ok || n != utf8.RuneCountInString(got) || strings.ContainsAny(got, "\r\n") {
			t.Fatalf("Transliterate(%q) = %q: not in the basic set on one line", s, got)
		}
		if strings.Contains(got, "?") && !strings.Contains(norm.NFKD.String(s), "?") {
			t.Fatalf("Transliterate(%q) = %q: a question mark that was none", s, got)
		}
		if again := Transliterate(got); again != got {
			t.Fatalf("Transliterate(%q) = %q, and again %q", s, got, again)
		}
	})
}
