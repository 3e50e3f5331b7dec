package words

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// foreign reports whether a text has letters that GSM-7 cannot write, even
// without their accents.
func foreign(s string) bool {
	return strings.ContainsFunc(norm.NFC.String(s), func(r rune) bool {
		_, ok := plain(r)
		return unicode.IsLetter(r) && !ok && !gsmBasic(r) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited)
	})
}

// wide writes s for UCS-2, on one line. It keeps letters with their marks,
// digits and signs of any script. It leaves out emoji and invisible
// characters.
func wide(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "")) {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		case r >= firstPicture && unicode.Is(unicode.So, r), unicode.In(r, unicode.Variation_Selector, unicode.Me, unicode.Sk):
		case unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S):
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// spelt is a character of another script in Latin letters. It is empty for
// emoji, and if there is no such spelling.
func spelt(r rune) string {
	if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P) {
		return ""
	}
	var b strings.Builder
	for _, c := range unidecode.Unidecode(string(r)) {
		if s, ok := plain(c); ok {
			b.WriteString(s)
		} else if gsmBasic(c) && c != '?' && c != '\r' && c != '\n' {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// firstPicture is the first sign that is a picture: arrows, dingbats, emoji.
const firstPicture = 0x2190

// otherScript reports whether r is a letter or a mark of a script other than
// Latin.
func otherScript(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.L, unicode.M) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited)
}

// greekWords writes Greek words in Latin letters if GSM-7 lacks one of a
// word's letters. In such a word it also replaces the letters that GSM-7 has
// (capitals): no word is half of each.
func greekWords(s string) string {
	lacks := func(r rune) bool { return unicode.Is(unicode.Greek, r) && !gsmBasic(r) && r != 'μ' }
	if !strings.ContainsFunc(s, lacks) {
		return s
	}
	var b, word strings.Builder
	end := func() {
		for _, r := range word.String() {
			if strings.ContainsFunc(word.String(), lacks) && unicode.Is(unicode.Greek, r) {
				b.WriteString(spelt(r))
				continue
			}
			b.WriteRune(r)
		}
		word.Reset()
	}
	for _, r := range s {
		if unicode.In(r, unicode.L, unicode.M) {
			word.WriteRune(r)
			continue
		}
		end()
		b.WriteRune(r)
	}
	end()
	return b.String()
}
