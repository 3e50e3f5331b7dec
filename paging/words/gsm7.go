package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What one SMS holds (GSM 03.38 and 03.40): in one segment, and in each of
// several, which lose room to a header.
const (
	GsmSingle  = 160
	gsmPart    = 153
	ucs2Single = 70
	ucs2Part   = 67
)

// gsmExtension are the characters that GSM-7 writes as two septets.
const gsmExtension = "\f^{}\\[~]|€"

// gsmBasic reports whether a character is one septet of GSM-7's basic set.
func gsmBasic(r rune) bool {
	if r < 0x80 {
		switch r {
		case '[', '\\', ']', '^', '`', '{', '|', '}', '~':
			return false
		}
		return r == '\n' || r == '\r' || (r >= ' ' && r < 0x7f)
	}
	return strings.ContainsRune("£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", r)
}

// Septets is how many septets s takes in GSM-7. If s has a character that
// GSM-7 cannot write, ok is false, and n is 0.
func Septets(s string) (n int, ok bool) {
	for _, r := range s {
		switch {
		case gsmBasic(r):
			n++
		case strings.ContainsRune(gsmExtension, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// Segments is how many SMS a text takes: in GSM-7 if that can write all of it,
// otherwise in UCS-2. An empty text takes one.
func Segments(s string) int {
	if n, ok := Septets(s); ok {
		return segments(s, n, GsmSingle, gsmPart, func(r rune) bool { return !gsmBasic(r) })
	}
	wide := func(r rune) bool { return r > 0xffff }
	n := 0
	for _, r := range s {
		n += width(r, wide)
	}
	return segments(s, n, ucs2Single, ucs2Part, wide)
}

// segments fills parts one after the other. It never splits an escape from its
// character, nor a surrogate pair.
func segments(s string, total, single, part int, wide func(rune) bool) int {
	if total <= single {
		return 1
	}
	parts, used := 1, 0
	for _, r := range s {
		w := width(r, wide)
		if used+w > part {
			parts, used = parts+1, 0
		}
		used += w
	}
	return parts
}

func width(r rune, wide func(rune) bool) int {
	if wide(r) {
		return 2
	}
	return 1
}

// Transliterate writes s on one line in GSM-7's basic set, one septet a
// character. What is in the set stays (é, è, à, ù, ì, ò, ä, ñ, É and so on).
// Other Latin letters lose their accent. Other scripts are written in Latin
// letters. Typographic signs become plain ones. Control characters and runs of
// spaces become one space. Emoji, and characters without a Latin spelling, are
// left out, so the result can be empty. Nothing becomes a question mark that
// was none.
func Transliterate(s string) string {
	var b strings.Builder
	space := false
	for _, r := range greekWords(norm.NFC.String(strings.ToValidUTF8(s, ""))) {
		for _, c := range transliterated(r) {
			if c == ' ' {
				space = true
				continue
			}
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(c)
		}
	}
	return b.String()
}

func transliterated(r rune) string {
	switch {
	case unicode.IsSpace(r) || unicode.IsControl(r):
		return " "
	case gsmBasic(r):
		return string(r)
	}
	if s, ok := plain(r); ok {
		return s
	}
	if s := spelt(r); s != "" && otherScript(r) {
		return s
	}
	var b strings.Builder
	for _, c := range norm.NFKD.String(string(r)) {
		if gsmBasic(c) {
			b.WriteRune(c)
		} else if s, ok := plain(c); ok {
			b.WriteString(s)
		} else {
			b.WriteString(spelt(c))
		}
	}
	return b.String()
}

// plain is the spelling of a character that is not in the basic set, and that
// Unicode does not take apart into characters of the set.
func plain(r rune) (string, bool) {
	switch r {
	case '‘', '’', '‚', '‛', '‹', '›', '`', '´', '′', 'ʼ':
		return "'", true
	case '“', '”', '„', '‟', '«', '»', '″':
		return `"`, true
	case '‐', '‑', '‒', '–', '—', '―', '−', '~', '^', '•', '¬':
		return "-", true
	case '[', '{':
		return "(", true
	case ']', '}':
		return ")", true
	case '\\', '|', '¦', '⁄', '÷':
		return "/", true
	case '·':
		return ".", true
	}
	s, ok := plainLetters[r]
	return s, ok
}

var plainLetters = map[rune]string{
	'€': "EUR", '¢': "c", '©': "(c)", '®': "(r)", 'μ': "u", '×': "x", '±': "+-",
	'→': "->", '←': "<-", '⇒': "=>", '≤': "<=", '≥': ">=", '≠': "!=", '≈': "=",
	'œ': "oe", 'Œ': "OE", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D",
	'þ': "th", 'Þ': "Th", 'ħ': "h", 'Ħ': "H", 'ŧ': "t", 'Ŧ': "T", 'ı': "i", 'ŋ': "n", 'Ŋ': "N",
	'ĸ': "k", 'ƒ': "f", 'ẞ': "SS", 'ə': "e", 'Ə': "E",
}
